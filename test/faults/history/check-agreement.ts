import type { Item } from "./resource.ts";
import { DELETED, isChat, parentOf } from "./resource.ts";
import type { Scene } from "./scene.ts";
import type { Violation, ViolationKind } from "./violation.ts";

/** The database, the search index and the counts agree with what the API shows. */
export function checkAgreement(scene: Scene): Violation[] {
  const { shown, rows, indexed } = scene.stored;
  const live = shown.filter(({ name, state }) => !isChat(name) && state !== DELETED);
  return [
    ...compare(
      "the database",
      shown,
      rows.filter(({ name }) => scene.exists(parentOf(name))),
    ),
    ...compare("the search index", live, indexed),
    ...checkCounts(scene),
  ];
}

function compare(where: string, shown: readonly Item[], others: readonly Item[]): Violation[] {
  const known = new Map(shown.map((item) => [item.name, item]));
  const found = new Map(others.map((item) => [item.name, item]));
  const differing = [...new Set([...known.keys(), ...found.keys()])].flatMap((name): Violation[] => {
    const [wanted, other] = [known.get(name), found.get(name)];
    if (wanted && other && wanted.state === other.state && wanted.origin === other.origin) return [];
    const kind: ViolationKind = other ? "duplicated" : "lost";
    return [
      { kind: wanted && other ? "lost" : kind, text: `${name} is ${describe(wanted)}, in ${where} ${describe(other)}` },
    ];
  });
  if (found.size === others.length) return differing;
  return [...differing, { kind: "duplicated", text: `${others.length - found.size} are in ${where} twice` }];
}

function describe(item: Item | undefined): string {
  return item ? `${item.origin} with ${item.state}` : "nothing";
}

function checkCounts({ stored }: Scene): Violation[] {
  const children = new Map<string, number>();
  for (const { name } of stored.shown) children.set(parentOf(name), (children.get(parentOf(name)) ?? 0) + 1);
  return stored.counts
    .filter(({ name, count }) => count !== (children.get(name) ?? 0))
    .map(({ name, count }) => ({
      kind: count < (children.get(name) ?? 0) ? "lost" : "duplicated",
      text: `${name} says that it has ${count}, but has ${children.get(name) ?? 0}`,
    }));
}
