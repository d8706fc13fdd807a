/**
 * Cost of one look-up against the number of rules. Run it with
 * `node --conditions=source --import tsx packages/core/bench/table.bench.ts`.
 *
 * Keys have the same lengths whatever the number of rules, half of them hit a
 * rule. Two readings of each table: a hot set of 64 keys (the cost of the
 * algorithm, caches warm) and 8,192 keys in random order (with the cache
 * misses that a large table brings on any algorithm).
 */
import { bench, do_not_optimize, group, run } from "mitata";
import { compileTable } from "../src/table/compile.ts";
import { braceTag } from "../src/table/hash-tag.ts";
import type { RoutingTable } from "../src/table/table.ts";

const SEED = 20_230_401;
const SIZES = [10, 100, 1000, 10_000, 100_000];
const tag = braceTag(0x7b, 0x7d);

/** Numerical Recipes' generator: the same keys in every run. */
function generator(): () => number {
  let state = SEED;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}

/** Sixteen characters, scattered over the key space. */
function word(i: number): string {
  const mixed = Math.imul(i + 1, 0x9e3779b1) >>> 0;
  return `${mixed.toString(16).padStart(8, "0")}:${String(i).padStart(7, "0")}`;
}

const kinds: Record<string, (count: number) => object[]> = {
  key: (count) => list(count, (i) => ({ key: word(i), cluster: name(i) })),
  prefix: (count) => list(count, (i) => ({ prefix: word(i).slice(0, 14), cluster: name(i) })),
  range: (count) =>
    list(count, (i) => i)
      .sort((a, b) => (word(a) < word(b) ? -1 : 1))
      .map((i) => ({ range: [word(i), `${word(i)}~`], cluster: name(i) })),
  mixed: (count) => [
    ...list(count / 2, (i) => ({ key: word(2 * i), cluster: name(i) })),
    ...list(count / 2, (i) => ({ prefix: word(2 * i + 1), cluster: name(i) })),
    { hash: "crc16-slots", over: ["c0", "c1", "c2"] },
  ],
};

function list<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

function name(i: number): string {
  return `c${i % 7}`;
}

/** `count` keys end to end, 16 bytes each; every other one is a rule's own. */
function keysFor(rules: number, count: number): Uint8Array {
  const random = generator();
  const bytes = new Uint8Array(16 * count);
  for (let k = 0; k < count; k++) {
    const i = random() % rules;
    const key = k % 2 === 0 ? word(i) : word(i + 2_000_000);
    for (let j = 0; j < 16; j++) bytes[16 * k + j] = key.charCodeAt(j);
  }
  return bytes;
}

function measure(table: RoutingTable, rules: number, count: number): () => void {
  const keys = keysFor(rules, count);
  let at = 0;
  return () => {
    at = at + 16 === keys.length ? 0 : at + 16;
    do_not_optimize(table.route(keys, at, at + 16));
  };
}

console.log(`seed ${SEED}`);
const medians = new Map<string, number[]>();
for (const [kind, rulesOf] of Object.entries(kinds)) {
  group(kind, () => {
    for (const size of SIZES) {
      const routes = rulesOf(size);
      const table = compileTable({ defaultCluster: "c0", routes }, { hashTag: tag });
      bench(`${kind}, ${size} rules, 64 keys`, measure(table, size, 64)).gc("once");
      bench(`${kind}, ${size} rules, 8192 keys`, measure(table, size, 8192)).gc("once");
    }
  });
}
const result = await run({ format: process.argv.includes("--quiet") ? "quiet" : "mitata" });
for (const { alias, runs } of result.benchmarks) {
  const [kind = "", , keys = ""] = alias.split(", ");
  const p50 = runs[0]?.stats?.p50;
  if (p50 === undefined) continue;
  const label = `${kind}, ${keys}`;
  medians.set(label, [...(medians.get(label) ?? []), p50]);
}
console.log(`\nmedian ns for ${SIZES.join(", ")} rules; last : first`);
for (const [label, values] of medians) {
  const ratio = (values.at(-1) ?? Number.NaN) / (values[0] ?? Number.NaN);
  console.log(`${label}: ${values.map((v) => v.toFixed(1)).join("  ")}  ratio ${ratio.toFixed(2)}`);
}
