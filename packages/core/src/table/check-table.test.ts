import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ConfigError } from "../errors.ts";
import { checkTable, compileTable } from "./compile.ts";

const clusters = { a: { endpoints: ["h:1"] }, b: { endpoints: ["h:2"] } };
const complete = { clusters, defaultCluster: "a", localCluster: "b" };

/** Findings as `severity path: message`. */
function found(spec: unknown, separator?: number): string[] {
  return checkTable(spec, separator === undefined ? {} : { levelSeparator: separator }).map(
    ({ severity, path, message }) => `${severity} ${path.join(".")}: ${message}`,
  );
}

function foundIn(...routes: unknown[]): string[] {
  return found({ ...complete, routes });
}

/** The findings must be these, each given by its beginning. */
function assertFound(findings: readonly string[], ...beginnings: string[]): void {
  assert.equal(findings.length, beginnings.length, findings.join("\n"));
  beginnings.forEach((beginning, i) => {
    assert.ok(findings[i]?.startsWith(beginning), `${findings[i]}\n  should begin\n${beginning}`);
  });
}

describe("a table without faults", () => {
  it("has no finding", () => {
    assertFound(
      found({
        ...complete,
        protocol: "model",
        options: { x: 1 },
        listen: "h:1",
        limits: {},
        timeouts: {},
        tls: {},
        auth: {},
        admin: {},
        routes: [
          { key: "user1", cluster: "b" },
          { prefix: "alert:", cluster: "b" },
          { prefix: "alert:x", cluster: "a" },
          { range: ["a", "n"], cluster: "a" },
          { range: ["n", "z"], cluster: "b" },
          { prefix: "x:", hash: "ketama", over: ["a", "b"], names: { a: "h:1" }, tag: "$$" },
          { hash: "crc16-slots", slots: { a: ["0-16000"], b: ["16001-16382", 16383] } },
        ],
      }),
    );
  });
});

describe("shape", () => {
  it("is checked at every level, all at once", () => {
    const spec = {
      routs: [],
      clusters: { a: { endpoints: ["h:1"], weight: 1 } },
      defaultCluster: "a",
      routes: [{ key: "x", cluster: "a", extra: 1 }, { key: 1, cluster: "a" }, "x", {}],
    };
    assertFound(
      found(spec),
      "error routs: unknown key; known here: protocol,",
      "error routes.0.extra: unknown key",
      "error routes.1.key: must be a text, not a number; put it in quotes",
      "error routes.2: must be a map, not a string",
      "error routes.3: needs key, prefix, filter, range or hash",
      "error routes.3.cluster: is missing",
      "error clusters.a.weight: unknown key",
    );
    assert.throws(
      () => compileTable(spec, { hashTag: null }),
      (error) => {
        assert.ok(error instanceof ConfigError);
        assert.equal(error.code, "bad-table");
        assert.equal(error.findings.length, 7);
        assert.deepEqual(error.findings[2]?.path, ["routes", 1, "key"]);
        assert.match(error.message, /^bad routing table: routs: unknown key/);
        return true;
      },
    );
  });

  it("of the root, lists and maps", () => {
    assertFound(found(null), "error : must be a map, not empty");
    assertFound(found([]), "error : must be a map, not a list");
    assertFound(found({}), "error clusters: no cluster");
    assertFound(
      found({ ...complete, routes: {}, options: 1, protocol: 2 }),
      "error protocol: must be a text",
      "error routes: must be a list",
      "error options: must be a map",
    );
  });

  it("of keys, prefixes and ranges", () => {
    assertFound(
      foundIn(
        { key: "a", prefix: "b", cluster: "a" },
        { key: { hex: "0" }, cluster: "a" },
        { key: { hex: "00", text: "" }, cluster: "a" },
        { range: ["a"], cluster: "a" },
        { range: ["a", 1], cluster: "a" },
        { range: ["a", "b"], hash: "jump", over: ["a"] },
        { prefix: "a", cluster: "a", over: ["a"] },
        { prefix: "a", cluster: "a", hash: "jump", over: ["a"] },
      ),
      "error routes.0: has key and prefix",
      "error routes.1.key.hex: must be pairs",
      "error routes.2.key.text: unknown key",
      "error routes.3.range: must be two ends",
      "error routes.4.range.1: must be a text, not a number",
      "error routes.5.range: a hash rule may stand under a prefix or filter only",
      "error routes.6.over: belongs to a hash rule",
      "error routes.7.cluster: stands beside hash",
    );
  });

  it("of the map form", () => {
    assertFound(
      found({
        ...complete,
        routes: [],
        routingTable: { x: { type: "range", cluster: "a" }, y: { type: "key" } },
      }),
      "error routingTable: stands beside routes",
      "error routingTable.x.type: must be key or prefix",
      "error routingTable.y.cluster: is missing",
    );
  });
});

describe("clusters", () => {
  it("must be known wherever they are named", () => {
    assertFound(
      found({
        clusters,
        defaultCluster: "c",
        localCluster: "d",
        routes: [
          { key: "x", cluster: "e" },
          { prefix: "p", hash: "jump", over: { f: 1 } },
          { prefix: "q", hash: "jump", over: ["a", "g"] },
          { hash: "crc16-slots", slots: { b: ["0-1"], h: ["2-16383"] } },
        ],
      }),
      "error routes.0.cluster: unknown cluster e; known: a, b",
      "error routes.1.over.f: unknown cluster f",
      "error routes.2.over.1: unknown cluster g",
      "error routes.3.slots.h: unknown cluster h",
      "error defaultCluster: unknown cluster c",
      "error localCluster: unknown cluster d",
    );
  });

  it("need good names and addresses, and owners need keys", () => {
    assertFound(
      found({
        clusters: { "a b": { endpoints: ["h:1"] }, c: { endpoints: [] }, d: {} },
        defaultCluster: "c",
        localCluster: "d",
      }),
      'error clusters.a b: bad cluster name "a b"',
      "error clusters.c.endpoints: needs at least one address",
      "error clusters.d.endpoints: must be a list, not missing",
    );
    const addresses = [
      "h:0",
      "h",
      "h:65536",
      "::1:80",
      "[::1]:80",
      "unix:/x",
      "unix:x",
      "h:1",
      "a.b-c:6379",
    ];
    assertFound(
      found({ clusters: { c: { endpoints: addresses } }, defaultCluster: "c" }),
      "error clusters.c.endpoints.0: bad address",
      "error clusters.c.endpoints.1: bad address",
      "error clusters.c.endpoints.2: bad address",
      "error clusters.c.endpoints.3: bad address",
      "error clusters.c.endpoints.6: bad address",
    );
    assertFound(
      found({ clusters: { ...clusters, b: { endpoints: ["h:1"] } }, defaultCluster: "a" }),
      "warning clusters.b.endpoints.0: h:1 already belongs to cluster a",
      "warning clusters.b: owns no key",
    );
  });

  it("must not be there twice", () => {
    const entry = { name: "a", endpoints: ["h:1"] };
    assertFound(
      found({
        clusters: [entry, { ...entry, endpoints: ["h:2"] }, { endpoints: ["h:3"] }],
        defaultCluster: "a",
      }),
      "error clusters.1.name: cluster a is there twice",
      "error clusters.2.name: is missing",
    );
  });
});

describe("hash rules", () => {
  it("need a known hash, members and weights from 1", () => {
    assertFound(
      foundIn(
        { hash: "crc", over: ["a"] },
        { prefix: "1", hash: "jump", over: { a: 0, b: 1.5 } },
        { prefix: "2", hash: "jump", over: { a: "1", b: 65_536 } },
        { prefix: "3", hash: "jump", over: [] },
        { prefix: "4", hash: "jump", over: ["a", "a"] },
        { prefix: "5", hash: "jump" },
        { prefix: "6", hash: "jump", over: ["a"], tag: "{" },
        { prefix: "7", hash: "jump", over: ["a"], function: "md5" },
        { prefix: "8", hash: "jump", slots: {} },
      ),
      "error routes.0.hash: unknown hash; known: crc16-slots, ketama, rendezvous, jump, maglev",
      "error routes.1.over.a: a weight must be a whole number from 1",
      "error routes.1.over.b: a weight must be a whole number from 1",
      "error routes.1.over: needs at least one cluster",
      "error routes.2.over.a: a weight must be a whole number from 1",
      "error routes.2.over.b: a weight must be at most 65535",
      "error routes.2.over: needs at least one cluster",
      "error routes.3.over: needs at least one cluster",
      "error routes.4.over.1: cluster a is there twice",
      "error routes.5.over: must be a map, not missing",
      "error routes.6.tag: must be two ASCII characters",
      "error routes.7.function: belongs to hash: ketama",
      "error routes.8.slots: belongs to hash: crc16-slots",
      "error routes.8.slots: no cluster has slots 0-16383",
    );
  });

  it("of rings need a known function and names of members", () => {
    assertFound(
      foundIn(
        { prefix: "1", hash: "ketama", over: ["a"], function: "sha1" },
        { prefix: "2", hash: "ketama", over: ["a", "b"], names: { a: "x", b: "x", c: "y" } },
        { prefix: "3", hash: "ketama", over: ["a"], function: "crc32" },
      ),
      "error routes.0.function: unknown hash function; known: one_at_a_time,",
      'error routes.1.names.b: "x" is there twice',
      "error routes.1.names.c: is not in over",
      "warning routes.2.function: crc32 has 15 bits here",
    );
  });

  it("must give every slot once", () => {
    assertFound(
      foundIn(
        { prefix: "1", hash: "crc16-slots", slots: { a: ["0-100"], b: ["100-16383"] } },
        { prefix: "2", hash: "crc16-slots", slots: { a: ["0-100"], b: ["102-16383"] } },
        { prefix: "3", hash: "crc16-slots", slots: { a: ["0-16384", "5-4", -1, "x", null] } },
        { prefix: "4", hash: "crc16-slots", slots: { a: ["0-16382"] }, over: ["a"] },
      ),
      "error routes.0.slots.b.0: slot 100 already belongs to a",
      "error routes.1.slots: no cluster has slots 101-101",
      "error routes.2.slots.a.0: must be a slot or a range",
      "error routes.2.slots.a.1: must be",
      "error routes.2.slots.a.2: must be",
      "error routes.2.slots.a.3: must be",
      "error routes.2.slots.a.4: must be",
      "error routes.3.over: stands beside slots",
      "error routes.3.slots: no cluster has slots 16383-16383",
    );
  });

  it("warn of shares that are too small for a key", () => {
    assertFound(
      foundIn({ hash: "crc16-slots", over: { a: 60_000, b: 1 } }),
      "warning routes.0: b owns no key",
    );
  });
});

describe("rules against each other", () => {
  it("equal keys and prefixes", () => {
    assertFound(
      foundIn(
        { key: "x", cluster: "a" },
        { key: { hex: "78" }, cluster: "b" },
        { prefix: "p", cluster: "a" },
        { prefix: "p", cluster: "a" },
        { prefix: "p", hash: "jump", over: ["a"] },
      ),
      'error routes.1: ambiguous: the key "x" stands in routes[0] already, with another owner',
      'warning routes.3: never matches: the prefix "p" stands in routes[2] already, with the same owner',
      'error routes.4: ambiguous: the prefix "p" stands in routes[3]',
    );
  });

  it("ranges", () => {
    assertFound(
      foundIn(
        { range: ["n", "z"], cluster: "a" },
        { range: ["a", "o"], cluster: "b" },
        { range: ["x", null], cluster: "a" },
        { range: ["y", "y"], cluster: "a" },
        { range: ["zz", "zzz"], cluster: "a" },
      ),
      "error routes.0: ambiguous: overlaps the range of routes[1]",
      "error routes.2: ambiguous: overlaps the range of routes[0]",
      "error routes.3.range: holds no key",
      "error routes.4: ambiguous: overlaps the range of routes[2]",
    );
  });

  it("a range that prefixes and keys take whole", () => {
    assertFound(
      foundIn(
        { range: ["ab", "b"], cluster: "b" },
        { range: ["b", "c\u0000"], cluster: "b" },
        { range: ["d", "e"], cluster: "b" },
        { prefix: "a", cluster: "a" },
        { prefix: "b", cluster: "a" },
        { key: "c", cluster: "a" },
        { prefix: "d1", cluster: "a" },
      ),
      "warning routes.0: never matches: key and prefix rules take the whole range",
      "warning routes.1: never matches",
    );
  });

  it("a hash rule behind rules that take everything, and a second one", () => {
    assertFound(
      foundIn({ prefix: "", cluster: "a" }, { hash: "jump", over: ["b"] }),
      "warning routes.1: never matches: rules of higher precedence take every key",
    );
    assertFound(
      foundIn(
        { range: ["", "m"], cluster: "a" },
        { range: ["m", null], cluster: "b" },
        { hash: "jump", over: ["b"] },
      ),
      "warning routes.2: never matches",
    );
    assertFound(
      foundIn({ hash: "jump", over: ["b"] }, { hash: "jump", over: ["a"] }),
      "error routes.1: a second hash rule without prefix; the first is routes[0]",
    );
  });

  it("a prefix whose keys all belong to longer rules", () => {
    const routes = [
      { prefix: "s", cluster: "a" },
      { prefix: "s/", cluster: "b" },
      { key: "s", cluster: "b" },
    ];
    assertFound(found({ ...complete, routes }));
    assertFound(
      found({ ...complete, routes }, 0x2f),
      "warning routes.0: never matches: keys and longer prefixes take all of it",
    );
  });

  it("keys without an owner", () => {
    const named = { clusters: { a: clusters.a } };
    assertFound(
      found({ ...named, routes: [{ prefix: "x", cluster: "a" }] }),
      "warning : keys that no rule matches have no owner",
    );
    assertFound(found({ ...named, routes: [{ hash: "jump", over: ["a"] }] }));
    assertFound(found({ ...named, routes: [{ range: ["", null], cluster: "a" }] }));
  });
});

describe("any input", () => {
  it("gives findings or a table, and nothing else", () => {
    const part = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom<unknown>(
        "a",
        "crc16-slots",
        ["a", null],
        { a: 1 },
        { hex: "61" },
        { a: ["0-16383"] },
      ),
    );
    const rule = fc.record(
      { key: part, prefix: part, range: part, cluster: part, hash: part, over: part, slots: part },
      { requiredKeys: [] },
    );
    const spec = fc.record(
      {
        clusters: fc.oneof(part, fc.constant(clusters)),
        routes: fc.oneof(part, fc.array(rule)),
        routingTable: part,
        defaultCluster: part,
        options: part,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(spec, fc.jsonValue()), (input) => {
        const errors = checkTable(input).filter((finding) => finding.severity === "error");
        try {
          compileTable(input, { hashTag: null });
          assert.deepEqual(errors, []);
        } catch (error) {
          assert.ok(error instanceof ConfigError, String(error));
          assert.ok(error.findings.length > 0);
          assert.deepEqual(error.findings, errors);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
