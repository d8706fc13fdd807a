import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError } from "@echarde/core";
import fc from "fast-check";
import { matches } from "./filter.ts";
import { TopicMap } from "./topic-map.ts";
import type { TopicOwner, TopicRule } from "./topic-rules.ts";

const bytesOf = (topic: string): Uint8Array => new Uint8Array(Buffer.from(topic, "utf8"));

function ownerOf(map: TopicMap, topic: string): number {
  // Inside a larger buffer: bounds must be kept.
  const bytes = bytesOf(`#/${topic}/+`);
  return map.owner(bytes, 2, bytes.length - 2);
}

const cluster = (index: number): TopicOwner => ({ type: "cluster", cluster: index });
const rule = (match: TopicRule["match"], text: string, index: number): TopicRule => {
  return { match, text, owner: cluster(index) };
};

const A = 0;
const C = 1;
const D = 2;
const table = new TopicMap([rule("prefix", "site/a", A), rule("prefix", "site/a/cam", C)], D);

const filters: [string, number[]][] = [
  ["site/a", [A]],
  ["site/a/cam/1", [C]],
  ["site/a/#", [A, C]],
  ["site/+/cam", [C, D]],
  ["+/a/temp", [A, D]],
  ["#", [A, C, D]],
  ["+/x", [D]],
  ["$SYS/#", [D]],
  ["$share/g/site/a/#", [A, C]],
  ["site/+", [A, D]],
  ["site/a/+", [A, C]],
  ["site/a/cam", [C]],
  ["site/ab/#", [D]],
  ["site/a/cam/#", [C]],
];
for (const [filter, expected] of filters) {
  test(`clusters of ${filter}`, () => {
    assert.deepEqual(table.clusters(filter), expected);
    assert.deepEqual([...table.witnesses(filter).keys()], expected);
  });
}

const topics: [string, number][] = [
  ["site/a", A],
  ["site/a/", A],
  ["site/a/x", A],
  ["site/ab", D],
  ["site", D],
  ["site/a/cam", C],
  ["site/a/cam/1", C],
  ["site/a/camera", A],
  ["/site/a", D],
  ["$SYS/broker", D],
  ["site//a", D],
];
for (const [topic, expected] of topics) {
  test(`owner of ${topic}`, () => assert.equal(ownerOf(table, topic), expected));
}

test("precedence: at each level, leftmost first, literal before + before #", () => {
  const map = new TopicMap(
    [
      rule("filter", "site/+/alert/#", 1),
      rule("prefix", "site/a", 2),
      rule("exact", "site/b/alert/1", 3),
      rule("filter", "+/c/#", 4),
      rule("filter", "site/c/+/x", 5),
      rule("filter", "site/#", 6),
    ],
    0,
  );
  assert.equal(ownerOf(map, "site/a/alert"), 2);
  assert.equal(ownerOf(map, "site/b/alert/1"), 3);
  assert.equal(ownerOf(map, "site/b/alert/2"), 1);
  assert.equal(ownerOf(map, "site/b"), 6);
  assert.equal(ownerOf(map, "site"), 6);
  assert.equal(ownerOf(map, "site/c/1/x"), 5);
  // Back from site/c/+/x, which does not end here, to the + of the second level, and to site/#.
  assert.equal(ownerOf(map, "site/c/alert"), 1);
  assert.equal(ownerOf(map, "site/c/other"), 6);
  assert.equal(ownerOf(map, "x/c"), 4);
});

test("a prefix with / at its end owns what is below, an empty one all but $", () => {
  const map = new TopicMap([rule("prefix", "a/", 1), rule("prefix", "", 2)], 0);
  assert.equal(ownerOf(map, "a"), 2);
  assert.equal(ownerOf(map, "a/"), 1);
  assert.equal(ownerOf(map, "a/b/c"), 1);
  assert.equal(ownerOf(map, "$SYS/a"), 0);
});

test("$ topics go to the rest unless a rule names them [MQTT-4.7.2-1]", () => {
  const map = new TopicMap([rule("filter", "+/a", 1), rule("prefix", "$SYS/x", 2)], 0);
  assert.equal(ownerOf(map, "$SYS/a"), 0);
  assert.equal(ownerOf(map, "$SYS/x/y"), 2);
  assert.deepEqual(map.clusters("$SYS/#"), [0, 2]);
  assert.deepEqual(map.clusters("+/a"), [1]);
});

test("the empty topic is none: it makes nobody the owner of a filter [MQTT-4.7.3-1]", () => {
  const map = new TopicMap([rule("filter", "/#", 1)], 0);
  assert.deepEqual(map.clusters("+"), [0]);
  assert.deepEqual(map.clusters("#"), [0, 1]);
  assert.deepEqual(map.clusters("/#"), [1]);
});

test("no rest: nobody owns what no rule matches", () => {
  const map = new TopicMap([rule("exact", "a", 3)], -1);
  assert.equal(ownerOf(map, "b"), -1);
  assert.deepEqual(map.clusters("#"), [3]);
  assert.deepEqual(map.clusters("b/#"), []);
});

test("rules that are wrong are all named", () => {
  const rules = [
    rule("exact", "a/+", 0),
    rule("exact", "", 0),
    rule("filter", "a#", 0),
    rule("filter", "$share/g/a", 0),
    rule("prefix", "a", 0),
    rule("filter", "a/#", 1),
    rule("exact", "x/".repeat(128), 0),
  ];
  assert.throws(
    () => new TopicMap(rules, 0),
    (error) => {
      assert.equal(error instanceof ConfigError, true);
      assert.deepEqual(
        (error as ConfigError).findings.map(({ path }) => path[0]),
        [0, 1, 2, 3, 5, 6],
      );
      return true;
    },
  );
});

test("a filter of 65,535 levels, and a table of 20,000 rules", () => {
  const rules = Array.from({ length: 20_000 }, (_, i) =>
    rule("prefix", `s/${i % 200}/${i}`, i % 3),
  );
  const map = new TopicMap(rules, 2);
  assert.deepEqual(map.clusters("/".repeat(65_534)), [2]);
  assert.deepEqual(map.clusters(`${"+/".repeat(30_000)}#`), [0, 1, 2]);
  assert.deepEqual(map.clusters("s/7/207"), [0]);
  assert.equal(ownerOf(map, "/".repeat(65_534)), 2);
});

test("a tangled table is given up, and every cluster taken", () => {
  // At each level "a" and any other text lead to another set of places: 2^40 of them, and none ends.
  const rules = Array.from({ length: 40 }, (_, i) =>
    rule("filter", `${"+/".repeat(i)}a/${"+/".repeat(40 - i)}z`, 1),
  );
  const map = new TopicMap([...rules, rule("exact", "b", 4)], 0);
  assert.deepEqual(map.clusters(`${"+/".repeat(41)}y`), [0, 1, 4]);
  assert.deepEqual([...map.witnesses(`${"+/".repeat(41)}y`).keys()], [0, 1, 4]);
  assert.deepEqual(map.clusters("b"), [4]);
});

/** Sums bytes: few clusters, easily reached. */
const hashed = (level: number | null, ...clusters: number[]): TopicOwner => ({
  type: "hash",
  level,
  clusters,
  pick: (bytes, from, to) => {
    let sum = 0;
    for (let i = from; i < to; i++) sum += bytes[i] as number;
    return clusters[sum % clusters.length] as number;
  },
});

test("hash over a level: fixed by the filter one cluster, free all of them", () => {
  const map = new TopicMap([{ match: "prefix", text: "dev", owner: hashed(1, 1, 2, 3) }], 0);
  const one = ownerOf(map, "dev/7/temp");
  assert.equal(ownerOf(map, "dev/7"), one);
  assert.equal(ownerOf(map, "dev/7/x/y"), one);
  assert.deepEqual(map.clusters("dev/7/#"), [one]);
  assert.deepEqual(map.clusters("dev/7/+"), [one]);
  assert.deepEqual(map.clusters("dev/+/temp"), [1, 2, 3]);
  assert.deepEqual(map.clusters("dev/#"), [1, 2, 3]);
  assert.deepEqual(map.clusters("dev"), [ownerOf(map, "dev")]);
});

test("hash over the whole topic: only a filter without wildcards has one cluster", () => {
  const map = new TopicMap([{ match: "prefix", text: "dev", owner: hashed(null, 1, 2) }], 0);
  assert.deepEqual(map.clusters("dev/7"), [ownerOf(map, "dev/7")]);
  assert.deepEqual(map.clusters("dev/+"), [1, 2]);
});

const LEVELS = ["", "a", "b", "$s"];
const level = fc.constantFrom(...LEVELS);
const plusLevel = fc.oneof(
  { arbitrary: level, weight: 2 },
  { arbitrary: fc.constant("+"), weight: 1 },
);
const filterText = fc
  .tuple(fc.array(plusLevel, { maxLength: 4 }), fc.boolean())
  .map(([levels, hash]) => (hash || levels.length === 0 ? [...levels, "#"] : levels).join("/"))
  .filter((text) => text !== "");
const plainText = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join("/"));
const owners = fc.oneof(
  { arbitrary: fc.nat(4).map(cluster), weight: 4 },
  {
    arbitrary: fc.option(fc.nat(3), { nil: null }).map((at) => hashed(at, 1, 2, 5)),
    weight: 1,
  },
);
const anyRule: fc.Arbitrary<TopicRule> = fc.oneof(
  fc.record({ match: fc.constant("filter" as const), text: filterText, owner: owners }),
  fc.record({ match: fc.constant("prefix" as const), text: plainText, owner: owners }),
  fc.record({
    match: fc.constant("exact" as const),
    text: plainText.filter((text) => text !== ""),
    owner: owners,
  }),
);

/** The same rule as a filter. */
function asFilter({ match, text }: TopicRule): string {
  if (match !== "prefix") return text;
  if (text === "") return "#";
  return text.endsWith("/") ? `${text}+/#` : `${text}/#`;
}

const anyMap = fc
  .uniqueArray(anyRule, { maxLength: 8, selector: asFilter })
  .map((rules) => ({ rules, map: new TopicMap(rules, 0) }));

/** Every topic of up to five levels over the alphabet and one text that is in no rule. */
const everyTopic: readonly string[] = (() => {
  const all: string[] = [];
  let last: string[] = [...LEVELS, "z"];
  for (let i = 0; i < 5; i++) {
    all.push(...last);
    if (i < 4) last = last.flatMap((topic) => [...LEVELS, "z"].map((next) => `${topic}/${next}`));
  }
  return all.filter((topic) => topic !== "");
})();

/** Rank of a rule's filter: literal, +, then #, level by level. */
function better(a: string, b: string): number {
  const rank = (text: string | undefined): number =>
    text === undefined ? 0 : text === "#" ? 3 : text === "+" ? 2 : 1;
  const left = a.split("/");
  const right = b.split("/");
  for (let i = 0; ; i++) {
    const difference = rank(left[i]) - rank(right[i]);
    if (difference !== 0 || left[i] === undefined) return difference;
  }
}

test("owner: the best of the rules that match, as filters do", () => {
  fc.assert(
    fc.property(anyMap, fc.nat(everyTopic.length - 1), ({ rules, map }, index) => {
      const topic = everyTopic[index] as string;
      const best = rules
        .map((each, i) => ({ filter: asFilter(each), i }))
        .filter(({ filter }) => matches(filter, topic))
        .sort((a, b) => better(a.filter, b.filter))[0];
      const bytes = bytesOf(topic);
      assert.equal(map.rule(bytes, 0, bytes.length), best?.i ?? -1);
    }),
    { numRuns: 3000 },
  );
});

test("soundness: the owner of every topic that a filter matches is among its clusters", () => {
  fc.assert(
    fc.property(anyMap, filterText, ({ map }, filter) => {
      const clusters = map.clusters(filter);
      for (const topic of everyTopic) {
        if (!matches(filter, topic)) continue;
        const owner = ownerOf(map, topic);
        assert.equal(clusters.includes(owner), true, `${topic} is ${owner}'s, not in ${clusters}`);
      }
    }),
    { numRuns: 300 },
  );
});

test("tightness: each cluster of a filter owns a topic that the filter matches", () => {
  fc.assert(
    fc.property(anyMap, filterText, ({ map }, filter) => {
      const witnesses = map.witnesses(filter);
      assert.deepEqual([...witnesses.keys()], map.clusters(filter));
      for (const [owner, topic] of witnesses) {
        assert.equal(matches(filter, topic), true, `${filter} does not match ${topic}`);
        assert.equal(ownerOf(map, topic), owner, topic);
      }
    }),
    { numRuns: 3000 },
  );
});
