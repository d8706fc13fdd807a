/** The table, the key finder and the error texts against a real redis-server 7.0. Skipped where there is none. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import {
  type Decoded,
  type RedisClient,
  type RedisServer,
  redisVersion,
  startRedis,
} from "../../scripts/redis-server.ts";
import { latin1 } from "../wire/ascii.ts";
import { REQUEST, RequestReader } from "../wire/request-reader.ts";
import { encodeRequest } from "../wire/request-writer.ts";
import type { Command } from "./command.ts";
import { unknownCommand, wrongArity } from "./errors.ts";
import * as flags from "./flags.ts";
import { BAD_NUMKEYS, BAD_SYNTAX, FOUND, KeyFinder } from "./keys.ts";
import { arityFits, CommandIndex } from "./lookup.ts";

const skip = redisVersion()?.startsWith("7.0.") ? false : "no redis-server 7.0";
const index = new CommandIndex();
/** Of Redis 7.2: the server cannot judge them. */
const NEWER = new Set(["client|setinfo", "client|no-touch"]);
let server: RedisServer;
let client: RedisClient;
before(async () => {
  if (skip) return;
  server = await startRedis();
  client = await server.connect();
});
after(async () => {
  client?.close();
  await server?.stop();
});

function locate(args: readonly string[]): {
  command: Command | null;
  status: number;
  finder: KeyFinder;
  unknown: string;
} {
  const bytes = encodeRequest(args.map(latin1));
  const reader = new RequestReader();
  assert.equal(reader.read(bytes, 0), REQUEST);
  const command = index.resolve(bytes, reader.argStart, reader.argEnd, reader.argc);
  const finder = new KeyFinder();
  const status = command
    ? finder.find(command, bytes, reader.argStart, reader.argEnd, reader.argc)
    : -1;
  return {
    command,
    status,
    finder,
    unknown: unknownCommand(index, bytes, reader.argStart, reader.argEnd, reader.argc),
  };
}

/** Sends all at once; the replies in order. */
function callAll(lines: readonly (readonly string[])[]): Promise<Decoded[]> {
  return Promise.all(lines.map((line) => client.call(...line)));
}

const message = (reply: Decoded | undefined): string =>
  reply instanceof Error ? reply.message : "";

function numberOfKeys(command: Command): number | null {
  const spec = command.specs.find(([kind]) => kind === 1);
  return spec ? spec[1] + spec[2] : null;
}

/** Random lines of a command: right arity, words that its grammar knows and others. */
function linesOf(command: Command, amount: number): string[][] {
  const words = fc.constantFrom(
    ...[
      "a",
      "b",
      "c",
      "{t}x",
      "",
      "STORE",
      "store",
      "STOREDIST",
      "LIMIT",
      "BY",
      "GET",
      "ASC",
      "ALPHA",
      "p_*",
      "#",
    ],
    ...[
      "STREAMS",
      "streams",
      "COUNT",
      "BLOCK",
      "GROUP",
      "NOACK",
      "KEYS",
      "AUTH",
      "AUTH2",
      "COPY",
      "0",
      "1",
      "2",
      "3",
      "-1",
      "$",
    ],
  );
  const least = Math.abs(command.arity);
  const length =
    command.arity > 0 ? fc.constant(least) : fc.integer({ min: least, max: least + 9 });
  const name = command.name.split("|");
  const line = length.chain((argc) =>
    fc
      .tuple(
        fc.array(words, { minLength: argc - name.length, maxLength: argc - name.length }),
        fc.constantFrom(
          "1",
          "1",
          "2",
          "2",
          "3",
          "4",
          "0",
          "-1",
          "x",
          "01",
          "99999999999",
          "",
          "9223372036854775808",
        ),
      )
      .map(([rest, number]) => {
        const args = [...name, ...rest];
        const at = numberOfKeys(command);
        if (at !== null) args[at] = number;
        return args;
      }),
  );
  return fc.sample(line, { numRuns: amount, seed: 4211 });
}

type Words = fc.Arbitrary<string[]>;

/** Well-formed lines of the commands with a grammar of their own. */
function grammarLines(amount: number): string[][] {
  const key = fc.constantFrom("a", "b", "store", "streams", "get", "limit", "keys", "");
  const many = (item: Words, max: number): Words =>
    fc.array(item, { maxLength: max }).map((list) => list.flat());
  const sorts: Words = fc.oneof(
    fc.constantFrom<string[][]>(
      ["ASC"],
      ["desc"],
      ["ALPHA"],
      ["LIMIT", "0", "1"],
      ["BY", "w_*"],
      ["BY", "nosort"],
      ["GET", "#"],
      ["GET", "store"],
    ),
    key.map((k) => ["STORE", k]),
  );
  const reads: Words = fc.constantFrom<string[][]>(
    ["COUNT", "1"],
    ["BLOCK", "1"],
    ["count", "streams"],
    ["NOACK"],
  );
  const streams = fc
    .array(key, { minLength: 1, maxLength: 4 })
    .map((ks) => ["STREAMS", ...ks, ...ks.map(() => "0")]);
  const geo: Words = fc.oneof(
    fc.constantFrom<string[][]>(["WITHDIST"], ["COUNT", "1"], ["ASC"]),
    fc.tuple(fc.constantFrom("STORE", "storedist"), key),
  );
  const moves: Words = fc.constantFrom<string[][]>(
    ["COPY"],
    ["REPLACE"],
    ["AUTH", "keys"],
    ["AUTH2", "keys", "keys"],
  );
  return fc.sample(
    fc.oneof(
      many(sorts, 5).map((rest) => ["SORT", "k", ...rest]),
      many(
        sorts.filter(([word]) => word !== "STORE"),
        5,
      ).map((rest) => ["SORT_RO", "k", ...rest]),
      fc.tuple(many(reads, 3), streams).map(([o, s]) => ["XREAD", ...o, ...s]),
      fc
        .tuple(many(reads, 3), streams)
        .map(([o, s]) => ["XREADGROUP", "GROUP", "streams", "c", ...o, ...s]),
      many(geo, 4).map((rest) => ["GEORADIUS", "k", "1", "1", "1", "m", ...rest]),
      many(geo, 4).map((rest) => ["GEORADIUSBYMEMBER", "k", "m", "1", "m", ...rest]),
      fc
        .tuple(many(moves, 2), fc.array(key, { minLength: 1, maxLength: 3 }))
        .map(([o, ks]) => ["MIGRATE", "h", "1", "", "0", "1", ...o, "KEYS", ...ks]),
      many(moves, 2).map((o) => ["MIGRATE", "h", "1", "k", "0", "1", ...o]),
    ),
    { numRuns: amount, seed: 99 },
  );
}

/** Differences from COMMAND GETKEYS that are meant. */
const differences: {
  readonly reason: string;
  readonly applies: (name: string, status: number, line: readonly string[]) => boolean;
}[] = [
  {
    reason:
      "a line that the command refuses (sent to it as well): GETKEYS skips what it does not know",
    applies: (name, status) => /^(sort|xread)/.test(name) && status === BAD_SYNTAX,
  },
  {
    reason:
      "SORT with an option's name as its STORE key: GETKEYS takes the key for the option, the command does not",
    applies: (name, status, line) =>
      name === "sort" &&
      status === FOUND &&
      line.some(
        (word, i) => /^store$/i.test(line[i - 1] ?? "") && /^(store|get|by|limit)$/i.test(word),
      ),
  },
  {
    reason:
      "XREAD with STREAMS as an option's value: GETKEYS takes the first STREAMS, the command walks the options",
    applies: (name, _status, line) =>
      name.startsWith("xread") && line.filter((word) => /^streams$/i.test(word)).length > 1,
  },
  {
    reason:
      "GEORADIUS with several STORE or STOREDIST: GETKEYS gives the first of each, the command uses the last of all",
    applies: (name, _status, line) =>
      name.startsWith("georadius") && line.filter((word) => /^store/i.test(word)).length > 1,
  },
  {
    reason: "PFMERGE with its target alone, which is allowed: GETKEYS misses the sources",
    applies: (name, _status, line) => name === "pfmerge" && line.length === 2,
  },
  {
    reason:
      "a number of keys of 0 or 01: the command refuses it (see the test of its words), GETKEYS reads on",
    applies: (name, status, line) => {
      const at = numberOfKeys(index.all.find((command) => command.name === name) as Command);
      return status === BAD_NUMKEYS && at !== null && ["0", "01"].includes(line[at] ?? "");
    },
  },
];

test("keys: as COMMAND GETKEYS", { skip, timeout: 120_000 }, async () => {
  const lines = grammarLines(4000);
  for (const command of index.all) {
    if (command.grammar === "none" || command.kind !== "key") continue;
    lines.push(
      ...linesOf(command, command.arity > 0 ? 4 : numberOfKeys(command) === null ? 30 : 120),
    );
  }
  const replies = await callAll(lines.map((line) => ["COMMAND", "GETKEYS", ...line]));
  const refused = lines.filter((line) => locate(line).status === BAD_SYNTAX);
  for (const [i, reply] of (await callAll(refused)).entries()) {
    assert.match(message(reply), /^(ERR|WRONGTYPE)/, JSON.stringify(refused[i]));
  }
  const met = new Map<string, number>();
  let withKeys = 0;
  for (const [i, line] of lines.entries()) {
    const { command, status, finder } = locate(line);
    assert.ok(command && arityFits(command, line.length));
    const reply = replies[i];
    const theirs = Array.isArray(reply)
      ? reply.map((key) => (key as Buffer).toString("latin1"))
      : [];
    const ours = [...finder.indexes.subarray(0, finder.count)].map((at) => line[at]);
    if (JSON.stringify(theirs) === JSON.stringify(ours)) {
      if (ours.length > 0) withKeys++;
      continue;
    }
    const why = differences.find(({ applies }) => applies(command.name, status, line));
    assert.ok(
      why,
      `${JSON.stringify(line)}: server ${JSON.stringify(theirs)} ${message(reply)}, we ${status} ${JSON.stringify(ours)}`,
    );
    met.set(why.reason, (met.get(why.reason) ?? 0) + 1);
  }
  console.log(`# ${lines.length} command lines, ${withKeys} with keys`);
  console.log(`# ${refused.length} lines refused by their commands`);
  for (const [reason, count] of met) console.log(`# ${count} differ: ${reason}`);
  assert.ok(lines.length > 8000 && withKeys > 5000, `${lines.length}, ${withKeys}`);
  for (const { reason } of differences) assert.ok(met.has(reason), `never met: ${reason}`);
});

test("keys: where GETKEYS and SORT differ, SORT itself is followed", { skip }, async () => {
  await client.call("RPUSH", "sorted", "1");
  await client.call("SORT", "sorted", "STORE", "get", "STORE", "limit", "ALPHA");
  const { finder } = locate(["SORT", "sorted", "STORE", "get", "STORE", "limit", "ALPHA"]);
  assert.deepEqual([...finder.indexes.subarray(0, finder.count)], [1, 5]);
  assert.equal(await client.call("EXISTS", "limit"), 1);
  assert.equal(await client.call("EXISTS", "get", "ALPHA"), 0);
});

test("keys: where GETKEYS and GEORADIUS differ, GEORADIUS itself is followed", {
  skip,
}, async () => {
  await client.call("GEOADD", "geo", "1", "1", "m");
  const line = "GEORADIUS geo 1 1 9 km STORE g1 STOREDIST g2 STORE g3 STOREDIST g4".split(" ");
  assert.equal(await client.call(...line), 1);
  assert.equal(await client.call("EXISTS", "g1", "g2", "g3"), 0);
  const { finder } = locate(line);
  assert.deepEqual(
    [...finder.indexes.subarray(0, finder.count)].map((at) => line[at]),
    ["geo", "g4"],
  );
  assert.equal(await client.call("EXISTS", "g4"), 1);
});

test("keys: where GETKEYS and XREADGROUP differ, XREADGROUP itself is followed", {
  skip,
}, async () => {
  await client.call("XGROUP", "CREATE", "stream", "streams", "0", "MKSTREAM");
  await client.call("XADD", "stream", "*", "f", "v");
  const line = "XREADGROUP GROUP streams c STREAMS stream >".split(" ");
  assert.ok(Array.isArray(await client.call(...line)));
  const { finder } = locate(line);
  assert.deepEqual(
    [...finder.indexes.subarray(0, finder.count)].map((at) => line[at]),
    ["stream"],
  );
});

test("numbers of keys: the server's own words", { skip }, async () => {
  await client.call(
    "FUNCTION",
    "LOAD",
    "#!lua name=l\nredis.register_function('f', function() return 1 end)",
  );
  await client.call(
    "FUNCTION",
    "LOAD",
    "#!lua name=m\nredis.register_function{function_name='g', callback=function() return 1 end, flags={'no-writes'}}",
  );
  const lines: string[][] = [];
  for (const command of index.all) {
    const at = numberOfKeys(command);
    if (at === null) continue;
    for (const number of [
      "0",
      "-1",
      "x",
      "",
      "01",
      " 1",
      "5",
      "99999999999",
      "9223372036854775807",
      "9223372036854775808",
      "-9223372036854775808",
    ]) {
      const line = [command.name, ...Array.from({ length: at + 2 }, () => "k")];
      if (command.name.startsWith("b")) line[1] = "0.01";
      if (command.numkeys === "script")
        line[1] = /sha/.test(command.name) ? "a".repeat(40) : "return 1";
      if (command.numkeys === "function") line[1] = command.name === "fcall" ? "f" : "g";
      line[at] = number;
      if (command.numkeys === "positive")
        line[at + 2] = command.name.includes("lmpop") ? "LEFT" : "MIN";
      lines.push(line);
    }
  }
  const replies = await callAll(lines);
  let bad = 0;
  for (const [i, line] of lines.entries()) {
    const { status, finder } = locate(line);
    if (status === BAD_NUMKEYS) {
      bad++;
      assert.equal(message(replies[i]), finder.error, JSON.stringify(line));
    } else
      assert.doesNotMatch(
        message(replies[i]),
        /numkeys|Number of keys|input key/,
        JSON.stringify(line),
      );
  }
  console.log(`# ${lines.length} lines, ${bad} with a bad number of keys`);
  assert.ok(bad > 150);
});

test("wrong arity: the server's own words, for every command", { skip }, async () => {
  const lines: string[][] = [];
  for (const command of index.all) {
    if (NEWER.has(command.name)) continue;
    const name = command.name.split("|");
    for (let argc = name.length; argc < 9; argc++) {
      const line = [...name, ...Array.from({ length: argc - name.length }, () => "x")];
      if (locate(line).command === command && !arityFits(command, argc)) lines.push(line);
    }
  }
  const replies = await callAll(lines);
  for (const [i, line] of lines.entries()) {
    const { command } = locate(line);
    assert.equal(message(replies[i]), wrongArity(command as Command), JSON.stringify(line));
  }
  console.log(`# ${lines.length} lines of wrong arity`);
  assert.ok(lines.length > 1000);
});

test("unknown commands and subcommands: the server's own words", { skip }, async () => {
  const bytesText = (maxLength: number): fc.Arbitrary<string> =>
    fc.uint8Array({ maxLength }).map((bytes) => String.fromCharCode(...bytes));
  const odd = fc.oneof(
    bytesText(12),
    fc.constantFrom("a\r\nb", "a\0b", "\xff\xfe", "", "'", "%s%d", "\r\n", "\n", "tail\r\n"),
    fc.integer({ min: 100, max: 300 }).map((n) => "y".repeat(n)),
  );
  const containers = fc.constantFrom(
    ...index.all.filter(({ container }) => container).map(({ name }) => name),
  );
  const lines = fc
    .sample(
      fc.oneof(
        fc
          .tuple(
            odd.map((name) => `?${name}`),
            fc.array(odd, { maxLength: 20 }),
          )
          .map(([name, rest]) => [name, ...rest]),
        fc
          .tuple(bytesText(4), fc.array(odd, { maxLength: 3 }))
          .map(([name, rest]) => [name, ...rest]),
        fc
          .tuple(containers, odd, fc.array(odd, { maxLength: 3 }))
          .map(([name, sub, rest]) => [name, sub, ...rest]),
      ),
      { numRuns: 3000, seed: 5 },
    )
    .filter((line) => locate(line).command === null);
  let raw = 0;
  for (const line of lines) {
    const reply = await client.call(...line);
    // redis-parser reads errors as UTF-8.
    const ours = Buffer.from(locate(line).unknown, "latin1").toString();
    assert.equal(message(reply), ours, JSON.stringify(line));
    raw++;
  }
  console.log(`# ${raw} unknown commands`);
  assert.ok(raw > 2000);
});

test("the table is that of the server", { skip }, async () => {
  const reply = (await client.call("COMMAND")) as Decoded[][];
  const theirs = new Map<string, Decoded[]>();
  const walk = (fields: Decoded[]): void => {
    theirs.set(String(fields[0]), fields);
    for (const sub of fields[9] as Decoded[][]) walk(sub);
  };
  reply.forEach(walk);
  for (const command of index.all) {
    if (NEWER.has(command.name)) continue;
    const fields = theirs.get(command.name);
    assert.ok(fields, command.name);
    assert.equal(command.arity, fields[1], command.name);
    const names = (fields[2] as Decoded[]).map(String);
    for (const [name, bit] of Object.entries(flags.flagNames)) {
      assert.equal((command.flags & bit) !== 0, names.includes(name), `${command.name} ${name}`);
    }
    assert.equal(command.container, (fields[9] as Decoded[]).length > 0, command.name);
  }
  assert.equal(theirs.size + NEWER.size, index.all.length);
});
