import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError } from "@echarde/core";
import { latin1 } from "../wire/ascii.ts";
import { REQUEST, RequestReader } from "../wire/request-reader.ts";
import { encodeRequest } from "../wire/request-writer.ts";
import { decidedNames, decisionOf } from "./decisions.ts";
import * as flags from "./flags.ts";
import { BAD_NUMKEYS, BAD_SYNTAX, FOUND, KeyFinder, PARTIAL } from "./keys.ts";
import { arityFits, CommandIndex } from "./lookup.ts";
import { rows } from "./table.generated.ts";

const index = new CommandIndex();

function read(...args: string[]): { reader: RequestReader; bytes: Uint8Array } {
  const bytes = encodeRequest(args.map(latin1));
  const reader = new RequestReader();
  assert.equal(reader.read(bytes, 0), REQUEST);
  return { reader, bytes };
}

function resolve(on: CommandIndex, ...args: string[]): string | undefined {
  const { reader, bytes } = read(...args);
  return on.resolve(bytes, reader.argStart, reader.argEnd, reader.argc)?.name;
}

/** Status and argument indexes of the keys. */
function keys(
  on: CommandIndex,
  argsRead: number,
  ...args: string[]
): [number, number[], KeyFinder] {
  const { reader, bytes } = read(...args);
  const command = on.resolve(bytes, reader.argStart, reader.argEnd, reader.argc);
  assert.ok(command);
  const finder = new KeyFinder();
  const status = finder.find(command, bytes, reader.argStart, reader.argEnd, reader.argc, argsRead);
  return [status, [...finder.indexes.subarray(0, finder.count)], finder];
}

test("every command is found by its name in any case, and no other", () => {
  const names = new Set(rows.map(([name]) => name));
  for (const name of names) {
    const words = name.split("|");
    assert.equal(resolve(index, ...words), name);
    assert.equal(resolve(index, ...words.map((word) => word.toUpperCase())), name);
    for (const other of [`${words[0]}x`, `x${words[0]}`, `${words[0]}\0`]) {
      if (!names.has(other)) assert.equal(resolve(index, other, ...words.slice(1)), undefined);
    }
  }
  assert.equal(resolve(index, "config"), "config");
  assert.equal(resolve(index, "config", "nope"), undefined);
  assert.equal(resolve(index, ""), undefined);
  // Bytes that differ from a letter in the case bit alone are not that letter.
  assert.equal(resolve(index, "restore\x0dasking"), undefined);
  assert.equal(resolve(index, "ge\x14"), undefined);
  assert.equal(resolve(index, "x".repeat(1000)), undefined);
});

test("every command has one decision, and every decision a command", () => {
  const names = rows.map(([name]) => name);
  for (const name of names) assert.ok(decisionOf(name), `no decision for ${name}`);
  for (const name of decidedNames())
    assert.ok(names.includes(name), `decision without command: ${name}`);
});

test("decisions agree with what the server says of the commands", () => {
  const keyed = /^(keyed|sort|blocking|maybe-blocking|script|script-ro|mget|mset|sum|watch)$/;
  for (const command of index.all) {
    const { name, decision } = command;
    const hasKeys = command.grammar !== "none" && command.kind === "key";
    if (decision.kind !== "refuse") assert.equal(keyed.test(decision.kind), hasKeys, name);
    // COMMAND alone is a command too.
    if (command.container && name !== "command") assert.equal(decision.kind, "container", name);
    const blocks = (command.flags & flags.BLOCKING) !== 0;
    assert.equal(/blocking$/.test(decision.kind), blocks, name);
    assert.ok(decision.how.length > 10 && !decision.how.endsWith("."), name);
    assert.equal(decision.kind === "refuse", /^[A-Z]+ ./.test(decision.text), name);
    // CONFIG GET only reads, and libraries and redis-benchmark ask it.
    if ((command.flags & flags.ADMIN) !== 0 && name !== "config|get") {
      assert.match(decision.kind, /^(admin-|refuse$|client-|broadcast)/, name);
    }
    if (decision.kind === "keyless" || decision.kind === "script-ro") {
      assert.equal(command.flags & flags.WRITE, 0, name);
    }
  }
});

test("arity", () => {
  const get = index.all.find(({ name }) => name === "get");
  const del = index.all.find(({ name }) => name === "del");
  assert.ok(get && del);
  assert.deepEqual(
    [1, 2, 3].map((n) => arityFits(get, n)),
    [false, true, false],
  );
  assert.deepEqual(
    [1, 2, 300].map((n) => arityFits(del, n)),
    [false, true, true],
  );
});

test("keys of a request that has not arrived as a whole", () => {
  const cases: [string, number, number[] | null][] = [
    ["SET k v", 2, [1]],
    ["SET k v", 1, null],
    ["MSET a 1 b 2", 3, null],
    ["MSET a 1 b 2", 4, [1, 3]],
    ["EVAL s 1 k v", 2, null],
    ["EVAL s 1 k v", 3, null],
    ["EVAL s 1 k v", 4, [3]],
    ["EVAL s 0 v", 3, []],
    ["SORT k LIMIT 0 1 STORE d", 6, null],
    ["SORT k LIMIT 0 1 STORE d", 7, [1, 6]],
    ["SORT k BY p", 3, null],
    ["XREAD COUNT 1 STREAMS a b 0 0", 4, null],
    ["XREAD COUNT 1 STREAMS a b 0 0", 6, [4, 5]],
    ["GEORADIUS k 1 1 1 m STORE d", 7, null],
    ["GEORADIUS k 1 1 1 m STORE d", 8, [1, 7]],
    ["RENAME a b", 2, null],
  ];
  for (const [line, there, expected] of cases) {
    const [status, found] = keys(index, there, ...line.split(" "));
    assert.deepEqual([line, status, found], [line, expected ? FOUND : PARTIAL, expected ?? []]);
  }
});

test("SORT's patterns, XREAD's BLOCK", () => {
  const flagsOf = (line: string): boolean[] => {
    const [status, , finder] = keys(index, 99, ...line.split(" "));
    assert.equal(status, FOUND);
    return [finder.sortBy, finder.sortGet];
  };
  assert.deepEqual(flagsOf("SORT k BY w_* GET # GET n_*"), [true, true]);
  assert.deepEqual(flagsOf("SORT k BY nosort GET #"), [false, false]);
  assert.deepEqual(flagsOf("SORT k GET a_* GET #"), [false, true]);
  assert.equal(keys(index, 99, ..."SORT_RO k STORE d".split(" "))[0], BAD_SYNTAX);
  const block = (line: string): number => keys(index, 99, ...line.split(" "))[2].block;
  assert.equal(block("XREAD BLOCK 5 STREAMS a 0"), 2);
  assert.equal(block("XREAD STREAMS block 0"), -1);
  assert.equal(block("XREADGROUP GROUP g c COUNT 1 BLOCK 5 STREAMS a 0"), 7);
});

test("channels", () => {
  assert.deepEqual(keys(index, 99, "SUBSCRIBE", "a", "b").slice(0, 2), [FOUND, [1, 2]]);
  assert.deepEqual(keys(index, 99, "UNSUBSCRIBE").slice(0, 2), [FOUND, []]);
  assert.deepEqual(keys(index, 99, "PUBLISH", "a", "m").slice(0, 2), [FOUND, [1]]);
  assert.deepEqual(keys(index, 99, "SPUBLISH", "a", "m").slice(0, 2), [FOUND, [1]]);
  const kinds = index.all
    .filter(({ kind }) => kind !== "key")
    .map(({ name, kind }) => `${name} ${kind}`);
  assert.deepEqual(kinds, [
    "publish channel",
    "pubsub|numsub channel",
    "pubsub|shardnumsub shard-channel",
    "spublish shard-channel",
    "ssubscribe shard-channel",
    "subscribe channel",
    "sunsubscribe shard-channel",
    "unsubscribe channel",
  ]);
});

test("a claimed number of keys is bounded before it is used", () => {
  for (const number of [
    "999999999",
    "9223372036854775807",
    "99999999999999999999",
    "-1",
    "x",
    "",
  ]) {
    const began = performance.now();
    const [status, , finder] = keys(index, 99, "EVAL", "s", number, "a");
    assert.equal(status, BAD_NUMKEYS);
    assert.ok(finder.indexes.length < 100 && performance.now() - began < 50);
  }
});

test("commands of a configuration", () => {
  const base = { arity: -2, readonly: true, blocking: false };
  const own = new CommandIndex([
    { ...base, name: "JSON.MGET", arity: -3, keys: { first: 1, last: -2, step: 1 } },
    { ...base, name: "my.agg", keys: { numkeys: 2 } },
    { ...base, name: "my.pop", blocking: true, keys: { first: 1, last: 1, step: 1 } },
    { ...base, name: "my.help", keys: null },
    { ...base, name: "object newsub", keys: { first: 2, last: 2, step: 1 } },
    { ...base, name: "get", arity: -2, keys: { first: 1, last: 1, step: 1 } },
  ]);
  assert.deepEqual(keys(own, 99, "json.mget", "a", "b", "$").slice(0, 2), [FOUND, [1, 2]]);
  assert.deepEqual(keys(own, 99, "MY.AGG", "x", "2", "a", "b", "c").slice(0, 2), [FOUND, [3, 4]]);
  assert.equal(keys(own, 99, "MY.AGG", "x", "4", "a", "b", "c")[0], BAD_NUMKEYS);
  assert.equal(keys(own, 99, "MY.AGG", "x", "0", "a")[0], BAD_NUMKEYS);
  assert.deepEqual(keys(own, 99, "object", "newsub", "k").slice(0, 2), [FOUND, [2]]);
  const kind = (name: string): string | undefined =>
    own.all.find((command) => command.name === name)?.decision.kind;
  assert.deepEqual(["json.mget", "my.pop", "my.help", "object|newsub"].map(kind), [
    "keyed",
    "blocking",
    "keyless",
    "keyed",
  ]);
  assert.equal(own.all.find(({ name }) => name === "get")?.arity, -2);
  assert.equal(resolve(index, "json.mget"), undefined, "other indexes are untouched");
  const bad = [
    { ...base, name: "multi", keys: null },
    { ...base, name: "get x", keys: null },
    { ...base, name: "a b c", keys: null },
    { ...base, name: "", keys: null },
    { ...base, name: "a", arity: 0, keys: null },
    { ...base, name: "a", keys: { numkeys: 0 } },
    { ...base, name: "a", keys: { first: 0, last: 1, step: 1 } },
    { ...base, name: "a", keys: { first: 2, last: 1, step: 1 } },
    { ...base, name: "a", keys: { first: 1, last: 1, step: 0 } },
  ];
  for (const one of bad) assert.throws(() => new CommandIndex([one]), ConfigError);
});
