/** Routes by who opens the session: which rule counts, what is refused, what a table without the clusters leaves. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ConfigError, compileTable, encodeUtf8, type RouterContext } from "@echarde/core";
import { topicKeyMap } from "../filters/topic-key-map.ts";
import { clustersOf, SourcedRouter, SourceTables } from "./source-tables.ts";

const clustersNamed = (names: string): object =>
  Object.fromEntries([...names].map((name, i) => [name, { endpoints: [`127.0.0.1:${i + 1}`] }]));
const routes = [{ prefix: "alert", cluster: "b" }];

function contextOf(sessions: unknown, names = "abcd"): RouterContext {
  const spec = {
    clusters: clustersNamed(names),
    defaultCluster: "a",
    routes,
    options: { sessions },
  };
  const table = compileTable(spec, { hashTag: null, keyMap: topicKeyMap });
  return { table, limits: {}, security: {}, keep: (bytes: Uint8Array) => bytes } as never;
}

function ownerOf({ table }: RouterContext, topic: string): string | null {
  const bytes = encodeUtf8(topic);
  return table.clusters[table.route(bytes, 0, bytes.length)]?.name ?? null;
}

function findingsOf(sessions: unknown): readonly string[] {
  try {
    new SourceTables(contextOf(sessions));
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.findings.map(({ path, message }) => `${path.slice(1).join(".")}: ${message}`);
  }
  return [];
}

describe("routes of a session", () => {
  const rules = [
    { clientId: "cam-1", user: "ann", cluster: "d" },
    { clientId: { prefix: "cam-" }, routes: [{ prefix: "video", cluster: "c" }] },
    { user: { prefix: "tenant/" }, routes: [], defaultCluster: "b" },
  ];

  test("the first rule that fits counts; both parts of one must fit", () => {
    const tables = new SourceTables(contextOf(rules));
    const owners = (clientId: string, user: string | null): (string | null)[] =>
      ["video/1", "alert/1", "x"].map((topic) => ownerOf(tables.routerFor(clientId, user), topic));
    assert.deepEqual(owners("cam-1", "ann"), ["d", "d", "d"]);
    assert.deepEqual(
      owners("cam-1", "bob"),
      ["c", "a", "a"],
      "the table's default, not its routes",
    );
    assert.deepEqual(owners("cam-1", null), ["c", "a", "a"]);
    assert.deepEqual(owners("pump", "tenant/x"), ["b", "b", "b"]);
    assert.deepEqual(owners("pump", null), ["a", "b", "a"], "nobody's rule: the table");
    assert.deepEqual(owners("cam", "tenant"), ["a", "b", "a"]);
  });

  test("links go to the clusters of the session's routes alone", () => {
    const tables = new SourceTables(contextOf(rules));
    assert.deepEqual(clustersOf(tables.routerFor("cam-1", "ann")), ["d"]);
    assert.deepEqual(clustersOf(tables.routerFor("cam-2", null)), ["a", "c"]);
    assert.deepEqual(clustersOf(tables.routerFor("pump", null)), ["a", "b", "c", "d"]);
  });

  test("a new table is heeded; one without a rule's cluster leaves its topics nobody's", () => {
    const context = contextOf(rules);
    const tables = new SourceTables(context);
    const router = tables.routerFor("cam-1", "ann");
    assert.ok(router instanceof SourcedRouter, "a rule is for it");
    assert.equal(router.words, 'sessions[0]: client id "cam-1", user "ann"');
    assert.equal(ownerOf(router, "x"), "d");
    Object.assign(context, { table: contextOf([], "abcdz").table });
    assert.equal(ownerOf(router, "x"), "d");
    assert.deepEqual(
      router.table.clusters.map(({ name }) => name),
      ["a", "b", "c", "d", "z"],
    );
    Object.assign(context, { table: contextOf([], "ab").table });
    assert.equal(ownerOf(router, "x"), null);
    assert.deepEqual(clustersOf(router), []);
  });

  test("rules of another table count for sessions that begin then, wrong ones change nothing", () => {
    const context = contextOf(rules);
    const tables = new SourceTables(context);
    const before = tables.routerFor("cam-1", "ann");
    const next = contextOf([{ user: "ann", cluster: "c" }]).table;
    tables.adopt(next);
    Object.assign(context, { table: next });
    assert.equal(ownerOf(before, "x"), "d", "a session that stands keeps its rule");
    assert.equal(ownerOf(tables.routerFor("cam-1", "ann"), "x"), "c");
    assert.equal(ownerOf(tables.routerFor("cam-1", "bob"), "x"), "a", "nobody's rule any more");
    assert.throws(
      () => tables.adopt(contextOf([{ user: "ann", cluster: "d" }], "ab").table),
      ConfigError,
    );
    assert.equal(ownerOf(tables.routerFor("cam-1", "ann"), "x"), "c");
  });

  test("what is wrong is said, with its place", () => {
    const wrong: readonly (readonly [unknown, RegExp])[] = [
      [{}, /^sessions: must be a list/],
      [[1], /^sessions\.0: must be a map/],
      [[{ cluster: "a" }], /^sessions\.0: names neither clientId nor user/],
      [[{ user: "x" }], /^sessions\.0: needs `cluster` or `routes`/],
      [[{ user: "x", cluster: "a", routes: [] }], /^sessions\.0: needs `cluster` or `routes`/],
      [[{ user: "x", cluster: "a", defaultCluster: "b" }], /^sessions\.0\.defaultCluster: stands/],
      [[{ user: 1, cluster: "a" }], /^sessions\.0\.user: must be a text/],
      [[{ user: { prefix: "a", key: "b" }, cluster: "a" }], /^sessions\.0\.user: must be a text/],
      [[{ clientId: { key: "b" }, cluster: "a" }], /^sessions\.0\.clientId: must be a text/],
      [[{ user: "x", custer: "a", cluster: "a" }], /^sessions\.0\.custer: unknown key; known here/],
      [[{ payload: "x", user: "x", cluster: "a" }], /^sessions\.0\.payload: a session is known by/],
      [[{ user: "x", cluster: "q" }], /^sessions\.0\.cluster: unknown cluster q/],
      [[{ user: "x", routes: [], defaultCluster: "q" }], /^sessions\.0\.defaultCluster: unknown/],
      [
        [{ user: "x", routes: [{ payload: "x", cluster: "a" }] }],
        /^sessions\.0\.routes\.0\.payload: rules look at keys only/,
      ],
      [
        [
          { clientId: { prefix: "a" }, cluster: "a" },
          { clientId: "ab", user: "x", cluster: "b" },
        ],
        /^sessions\.1: never counts: rule 0 takes all of its sessions/,
      ],
    ];
    for (const [sessions, words] of wrong) {
      assert.match(findingsOf(sessions)[0] ?? "", words, JSON.stringify(sessions));
    }
    assert.deepEqual(
      findingsOf([
        { clientId: "ab", user: "x", cluster: "b" },
        { clientId: { prefix: "a" }, cluster: "a" },
        { user: "x", cluster: "a" },
      ]),
      [],
    );
  });
});
