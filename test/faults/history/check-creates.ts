import { type Attempted, toldItems } from "./attempts.ts";
import { originOf } from "./resource.ts";
import type { Scene } from "./scene.ts";
import type { Violation } from "./violation.ts";

/** Every answered create is there, once, under the numbers told; every other is there as a whole, once, or not at all. */
export function checkCreates(scene: Scene): Violation[] {
  return [
    ...scene.creates.flatMap((create) => [...findLost(scene, create), ...findSplit(scene, create)]),
    ...findClashes(scene.creates),
    ...findTwins(scene),
    ...findStrangers(scene),
  ];
}

function findLost(scene: Scene, create: Attempted): Violation[] {
  const { shownByName, removals, deadLetters } = scene;
  return toldItems(create).flatMap(({ name, origin }) => {
    if (shownByName.get(name)?.origin === origin || deadLetters.has(origin)) return [];
    if (removals.explain(name, create.start)) return [];
    const there = shownByName.get(name)?.origin ?? "nothing";
    return [{ kind: "lost", text: `${name} was answered to be ${origin}, but there is ${there}` }];
  });
}

/** A batch without an answer that is there in part; one that was refused and is there. */
function findSplit({ shownByOrigin }: Scene, { create, parent, states, outcome }: Attempted): Violation[] {
  if (outcome === "ok") return [];
  const found = states.filter((_, index) => shownByOrigin.has(originOf(create, index)));
  if (found.length === 0) return [];
  if (outcome === "failed") {
    return [{ kind: "duplicated", text: `the create ${create} in ${parent} was refused, but is there` }];
  }
  if (found.length === states.length) return [];
  return [
    { kind: "lost", text: `of the batch ${create} in ${parent} only ${found.length} of ${states.length} are there` },
  ];
}

/** A number that two creates were told, or two numbers that one create was told. */
function findClashes(creates: readonly Attempted[]): Violation[] {
  const violations: Violation[] = [];
  const owners = new Map<string, string>();
  for (const create of creates) {
    for (const { name, origin } of toldItems(create)) {
      const owner = owners.get(name) ?? origin;
      if (owner !== origin)
        violations.push({ kind: "duplicated", text: `${name} was given to ${owner} and ${origin}` });
      owners.set(name, owner);
    }
    for (const { outcome, numbers } of create.attempts) {
      if (outcome !== "ok" || String(numbers) === String(create.numbers)) continue;
      const text = `the create ${create.create} in ${create.parent} was told ${create.numbers} and then ${numbers}`;
      violations.push({ kind: "duplicated", text });
    }
  }
  return violations;
}

/** What is stored under two numbers, and numbers that are stored twice. */
function findTwins({ stored, shownByOrigin }: Scene): Violation[] {
  const byName = Map.groupBy(stored.shown, ({ name }) => name);
  const sameNumber = [...byName].filter(([, items]) => items.length > 1).map(([name]) => `${name} is there twice`);
  const sameOrigin = [...shownByOrigin].flatMap(([origin, items]) => {
    const names = [...new Set(items.map(({ name }) => name))];
    return names.length > 1 ? [`${origin} is there as ${names.join(" and ")}`] : [];
  });
  return [...sameNumber, ...sameOrigin].map((text) => ({ kind: "duplicated", text }));
}

/** What is there and nobody asked for. */
function findStrangers({ creates, stored }: Scene): Violation[] {
  const asked = new Set(creates.flatMap(({ create, states }) => states.map((_, index) => originOf(create, index))));
  return stored.shown
    .filter(({ origin }) => !asked.has(origin))
    .map(({ name, origin }) => ({ kind: "duplicated", text: `${name} is ${origin}, which nobody created` }));
}
