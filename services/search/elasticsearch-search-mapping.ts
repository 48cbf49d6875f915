import type { estypes } from "@elastic/elasticsearch";

/** Goes up with every change of the mapping, or of how texts are folded or cut: then an index has to be made anew. */
const MAPPING_VERSION = 2;

const keyword = { type: "keyword", doc_values: false } as const;
const tokens = { type: "text", analyzer: "whitespace", norms: false, index_options: "docs" } as const;
const tokensInPlaces = { ...tokens, index_options: "positions" } as const;

/**
 * The fields of a document, as elasticsearch-search-document.ts makes them. Of texts there is what is needed to find
 * them, cut up by Parley; the texts themselves are in the database alone.
 */
const MAPPINGS: estypes.MappingTypeMapping = {
  dynamic: "strict",
  _routing: { required: true },
  _source: { enabled: false },
  properties: {
    chat: keyword,
    number: { type: "integer" },
    author: keyword,
    internal: { type: "boolean", doc_values: false },
    create_time: { type: "long" },
    characters: tokens,
    parts: tokensInPlaces,
    units: tokensInPlaces,
    removed_from: keyword,
  },
};

/** Ends the alias of an index that is being made. */
export const NEXT_SUFFIX = "_next";

/** The names of what an installation has in Elasticsearch. No installation has a `_` in its name. */
export type SearchIndexNames = {
  /** The alias of the index that is searched. It has the version, so that no program meets an index of another one. */
  current: string;
  /** The alias of the index that is being made. */
  next: string;
  /** All indices of this version; their names begin with `prefix`. */
  pattern: string;
  prefix: string;
  /** All indices, of other versions too. */
  everyVersion: string;
  /** A component template that the operator may make, for shards and the like. */
  custom: string;
};

/** The names of an installation. */
export function searchIndexNames(installation: string): SearchIndexNames {
  const current = `${installation}_messages_v${MAPPING_VERSION}`;
  return {
    current,
    next: current + NEXT_SUFFIX,
    prefix: `${current}_index_`,
    pattern: `${current}_index_*`,
    everyVersion: `${installation}_messages_v*`,
    custom: `${installation}_messages@custom`,
  };
}

/** The template of an installation's indices. An index is never made by a write to one that is gone. */
export function searchIndexTemplate({
  current,
  pattern,
  custom,
}: SearchIndexNames): estypes.IndicesPutIndexTemplateRequest {
  return {
    name: current,
    index_patterns: [pattern],
    composed_of: [custom],
    ignore_missing_component_templates: [custom],
    allow_auto_create: false,
    priority: 500,
    template: {
      // Given, so that an index that is seldom searched is refreshed too, and no search has to wait for that.
      settings: { refresh_interval: "1s", auto_expand_replicas: "0-1" },
      mappings: MAPPINGS,
    },
  };
}
