import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ascii } from "../bytes/ascii.ts";
import { formatHex } from "../bytes/hex.ts";
import { encodeUtf8 } from "../bytes/utf8.ts";
import { compileTable } from "./compile.ts";
import { braceTag } from "./hash-tag.ts";
import type { RoutingTable } from "./table.ts";

const braces = braceTag(0x7b, 0x7d);
const clusters = {
  west: { endpoints: ["127.0.0.1:7001"] },
  east: { endpoints: ["127.0.0.1:7002"] },
  north: { endpoints: ["[::1]:7003", "unix:/run/north"] },
};

function compile(spec: object): RoutingTable {
  return compileTable({ clusters, ...spec }, { hashTag: braces });
}

function explain(table: RoutingTable, key: string): string {
  const { cluster, rule, because } = table.explain(encodeUtf8(key));
  return `${cluster} ${rule} ${because}`;
}

describe("a compiled table", () => {
  const table = compile({
    protocol: "model",
    defaultCluster: "west",
    localCluster: "north",
    options: { deep: { list: [1] } },
    routes: [
      { key: "user1", cluster: "east" },
      { prefix: "user", cluster: "north" },
      { prefix: "user:", hash: "crc16-slots", over: { west: 1, east: 1 } },
      { range: ["a", "n"], cluster: "east" },
      { prefix: { hex: "00ff" }, cluster: "north" },
      { key: "é", cluster: "north" },
      { range: ["x", null], cluster: "north" },
    ],
  });

  it("explains every kind of rule by the precedence", () => {
    assert.equal(explain(table, "user1"), 'east 0 key "user1"');
    assert.equal(explain(table, "user12"), 'north 1 prefix "user"');
    assert.equal(
      explain(table, "user:{bar}"),
      'east 2 prefix "user:", hash crc16-slots, slot 5061, tag "bar"',
    );
    assert.equal(explain(table, "a"), 'east 3 range ["a", "n")');
    assert.equal(explain(table, "m\uffff"), 'east 3 range ["a", "n")');
    assert.equal(explain(table, "n"), "west -1 default cluster");
    assert.equal(explain(table, "é"), 'north 5 key "é"');
    assert.equal(explain(table, "z"), 'north 6 range ["x", no end)');
    assert.equal(table.explain(Uint8Array.of(0, 255, 7)).because, "prefix hex 00ff");
  });

  it("says that nothing owns a key", () => {
    const bare = compile({ routes: [{ key: "a", cluster: "west" }] });
    assert.equal(explain(bare, "b"), "null -1 no rule and no default");
    assert.equal(bare.route(ascii("b"), 0, 1), -1);
    assert.equal(bare.defaultCluster, -1);
    assert.equal(bare.clusters[bare.localCluster]?.name, "east");
  });

  it("puts a hash rule without prefix before the default", () => {
    const hashed = compile({ defaultCluster: "west", routes: [{ hash: "jump", over: ["north"] }] });
    assert.equal(explain(hashed, "any"), "north 0 hash jump, bucket 0 of 1");
  });

  it("has its clusters by name, and its own indexes right", () => {
    assert.deepEqual(
      table.clusters.map((cluster) => cluster.name),
      ["east", "north", "west"],
    );
    assert.deepEqual(table.clusters[1]?.endpoints, ["[::1]:7003", "unix:/run/north"]);
    assert.equal(table.localCluster, 1);
    assert.equal(table.defaultCluster, 2);
    assert.equal(table.protocol, "model");
  });

  it("cannot be changed, nor follows its input", () => {
    const options = { list: [1] };
    const made = compile({ options });
    options.list.push(2);
    assert.deepEqual(made.options, { list: [1] });
    for (const value of [
      made,
      made.clusters,
      made.clusters[0],
      made.clusters[0]?.endpoints,
      made.options,
    ]) {
      assert.ok(Object.isFrozen(value));
    }
    assert.ok(Object.isFrozen(made.options["list"]));
  });

  it("routes a key inside other bytes", () => {
    const bytes = ascii("xxuser1yy");
    assert.equal(table.route(bytes, 2, 7), 0);
    assert.equal(table.route(bytes, 2, 8), 1);
  });

  it("takes prefixes by whole levels where keys have levels", () => {
    const levels = compileTable(
      {
        defaultCluster: "none",
        routes: [
          { prefix: "site/a", cluster: "a" },
          { prefix: "site/a/x/", cluster: "x" },
          { prefix: "site", cluster: "site" },
        ],
      },
      { hashTag: null, levelSeparator: 0x2f },
    );
    const to = (key: string): string | null => levels.explain(ascii(key)).cluster;
    assert.deepEqual(
      ["site/a", "site/a/", "site/a/b", "site/ab", "site/a/x", "site/a/x/y", "sites", "site"].map(
        to,
      ),
      ["a", "a", "a", "site", "a", "x", "none", "site"],
    );
  });

  it("takes the map form, clusters unnamed", () => {
    const routingTable = {
      user1: { type: "key", cluster: "b" },
      "alert:": { type: "prefix", cluster: "c" },
    };
    const made = compileTable(
      { routingTable, defaultCluster: "a", localCluster: "c" },
      { hashTag: null },
    );
    assert.deepEqual(made.clusters, [
      { name: "a", endpoints: [] },
      { name: "b", endpoints: [] },
      { name: "c", endpoints: [] },
    ]);
    assert.equal(explain(made, "user1"), 'b 0 key "user1"');
    assert.equal(explain(made, "alert:x"), 'c 1 prefix "alert:"');
    assert.equal(explain(made, "x"), "a -1 default cluster");
    assert.equal(made.localCluster, 2);
  });
});

describe("the version", () => {
  const base = {
    defaultCluster: "west",
    routes: [
      { prefix: "a", cluster: "east" },
      { hash: "maglev", over: { west: 1, east: 1 } },
    ],
  };

  it("is a fixed value for a fixed table", () => {
    assert.equal(compile(base).version, "c3a358706e93df92");
  });

  it("does not depend on how the same table is written", () => {
    const { version } = compile(base);
    const same = [
      { ...base, clusters: Object.fromEntries(Object.entries(clusters).reverse()) },
      { ...base, clusters: Object.entries(clusters).map(([name, entry]) => ({ name, ...entry })) },
      { ...base, localCluster: "west", options: {}, listen: "0.0.0.0:1" },
      {
        ...base,
        routes: [
          { prefix: { hex: "61" }, cluster: "east" },
          { hash: "maglev", over: ["west", "east"] },
        ],
      },
    ];
    for (const spec of same) assert.equal(compile(spec).version, version);
    const map = { routingTable: { k: { type: "key", cluster: "east" } } };
    assert.equal(
      compile(map).version,
      compile({ routes: [{ key: "k", cluster: "east" }] }).version,
    );
  });

  it("changes with anything that matters", () => {
    const others = [
      base,
      { ...base, protocol: "model" },
      { ...base, defaultCluster: "east" },
      { ...base, localCluster: "east" },
      { ...base, options: { a: 1 } },
      { ...base, clusters: { ...clusters, west: { endpoints: ["127.0.0.1:7009"] } } },
      { ...base, routes: [{ prefix: "b", cluster: "east" }, base.routes[1]] },
      { ...base, routes: [{ key: "a", cluster: "east" }, base.routes[1]] },
      { ...base, routes: [base.routes[0], { hash: "maglev", over: { west: 2, east: 1 } }] },
      {
        ...base,
        routes: [base.routes[0], { hash: "maglev", over: { west: 1, east: 1 }, tag: "" }],
      },
      { ...base, routes: [base.routes[0], { hash: "jump", over: ["east", "west"] }] },
      { ...base, routes: [base.routes[0], { hash: "jump", over: ["west", "east"] }] },
    ];
    assert.equal(new Set(others.map((spec) => compile(spec).version)).size, others.length);
  });
});

describe("routing", () => {
  const alphabet = [0x00, 0x61, 0x62, 0x7b, 0x7d, 0xff];
  const bytes = fc
    .array(fc.constantFrom(...alphabet), { maxLength: 5 })
    .map((list) => Uint8Array.from(list));
  const cluster = fc.constantFrom("east", "north", "west");
  const hash = fc.constantFrom("crc16-slots", "ketama", "rendezvous", "jump");
  const unique = fc.uniqueArray(bytes, { maxLength: 12, selector: formatHex });
  const tables = fc
    .record({
      keys: unique,
      prefixes: unique,
      bounds: unique,
      open: fc.boolean(),
      rest: fc.boolean(),
      fallback: fc.boolean(),
      owners: fc.infiniteStream(cluster),
      hashes: fc.infiniteStream(fc.option(hash)),
      separator: fc.constantFrom(-1, 0x62),
    })
    .map(({ keys, prefixes, bounds, open, rest, fallback, owners, hashes, separator }) => {
      const hex = (value: Uint8Array): object => ({ hex: formatHex(value) });
      const pick = (): string => owners.next().value as string;
      const ends = bounds.map((bound) => formatHex(bound)).sort();
      const routes: Rule[] = keys.map((key) => ({ key: hex(key), cluster: pick() }));
      for (const prefix of prefixes) {
        const kind = hashes.next().value;
        const owner = kind ? { hash: kind, over: { east: 1, north: 2 } } : { cluster: pick() };
        routes.push({ prefix: hex(prefix), ...owner });
      }
      for (let i = 0; i + 1 < ends.length; i += ends.length % 3 === 0 ? 1 : 2) {
        routes.push({ range: [{ hex: ends[i] }, { hex: ends[i + 1] }], cluster: pick() });
      }
      const last = ends.at(-1);
      if (open && last !== undefined)
        routes.push({ range: [{ hex: last }, null], cluster: pick() });
      if (rest) routes.push({ hash: hashes.next().value ?? "jump", over: ["east", "west"] });
      const spec = { clusters, routes, ...(fallback ? { defaultCluster: "north" } : {}) };
      return { spec, separator };
    });

  interface Rule {
    key?: object;
    prefix?: object;
    range?: [object, object | null];
    cluster?: string;
    hash?: string;
    over?: unknown;
  }

  /** The rule that decides, found by looking at each of them: -1 = none. */
  function naive(routes: readonly Rule[], key: Uint8Array, separator: number): number {
    const text = formatHex(key);
    const of = (value: object | null | undefined): string => (value as { hex: string }).hex;
    const exact = routes.findIndex((rule) => rule.key !== undefined && of(rule.key) === text);
    if (exact >= 0) return exact;
    let best = -1;
    routes.forEach((rule, i) => {
      if (rule.prefix === undefined) return;
      const prefix = of(rule.prefix);
      const mark = separator < 0 ? "" : formatHex(Uint8Array.of(separator));
      const begins = text.startsWith(prefix);
      const level =
        text === prefix || prefix === "" || prefix.endsWith(mark) || text.startsWith(prefix + mark);
      if (!begins || !level) return;
      if (best < 0 || prefix.length > of(routes[best]?.prefix).length) best = i;
    });
    if (best >= 0) return best;
    const range = routes.findIndex(
      ({ range }) =>
        range !== undefined && of(range[0]) <= text && (range[1] === null || text < of(range[1])),
    );
    if (range >= 0) return range;
    return routes.findIndex((rule) => rule.hash !== undefined && rule.prefix === undefined);
  }

  it("equals looking at every rule, at any offset, and explanations agree", () => {
    fc.assert(
      fc.property(
        tables,
        fc.array(bytes, { minLength: 1, maxLength: 20 }),
        bytes,
        ({ spec, separator }, keys, around) => {
          const table = compileTable(spec, { hashTag: braces, levelSeparator: separator });
          for (const key of keys) {
            const said = table.explain(key);
            const rule = naive(spec.routes, key, separator);
            assert.equal(said.rule, rule);
            const route = spec.routes[rule];
            const hashed = route?.hash !== undefined;
            if (!hashed) assert.equal(said.cluster, route?.cluster ?? spec.defaultCluster ?? null);
            const framed = Uint8Array.from([...around, ...key, ...around]);
            const index = table.route(framed, around.length, around.length + key.length);
            assert.equal(table.clusters[index]?.name ?? null, said.cluster);
            if (!hashed) continue;
            // A hash rule alone must place the part in braces where the whole table does.
            const { prefix: _, ...alone } = route as Rule;
            const single = compileTable({ clusters, routes: [alone] }, { hashTag: braces });
            braces.find(key, 0, key.length);
            const part = key.slice(braces.from, braces.to);
            assert.equal(table.clusters[single.route(part, 0, part.length)]?.name, said.cluster);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it("is the same for two tables compiled from one input", () => {
    fc.assert(
      fc.property(tables, fc.array(bytes, { maxLength: 10 }), ({ spec, separator }, keys) => {
        const options = { hashTag: braces, levelSeparator: separator };
        const [one, other] = [
          compileTable(spec, options),
          compileTable(structuredClone(spec), options),
        ];
        assert.equal(one.version, other.version);
        for (const key of keys) assert.deepEqual(one.explain(key), other.explain(key));
      }),
      { numRuns: 50 },
    );
  });

  it("builds deep chains of prefixes without recursion", () => {
    const routes = Array.from({ length: 1000 }, (_, i) => ({
      prefix: "a".repeat(i + 1),
      cluster: "west",
    }));
    const table = compile({ routes });
    assert.equal(table.explain(ascii("a".repeat(700))).rule, 699);
    assert.equal(table.explain(ascii("a".repeat(9000))).rule, 999);
  });
});
