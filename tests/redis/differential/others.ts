/** Random commands without keys, about the connection, wrong ones, and small groups that must stay together. */
import { createHash } from "node:crypto";
import type { Maker } from "./families.ts";
import type { Comparison, Item, Role } from "./item.ts";
import { type Arg, Key, type Source } from "./source.ts";

/** A script that is loaded before each chapter; no EVAL runs it. */
export const loaded = "return {KEYS, ARGV}";

const sha = createHash("sha1").update(loaded).digest("hex");

/** The library that is loaded before each chapter. */
export const library = `#!lua name=lib
redis.register_function('put', function(keys, args) return redis.call('SET', keys[1], args[1]) end)
redis.register_function{function_name='see', callback=function(keys, args) return {keys, args} end, flags={'no-writes'}}
redis.register_function('bad', function(keys, args) return redis.error_reply('MINE own words') end)
`;

const scripts: readonly string[] = [
  "return redis.call('GET', KEYS[1])",
  "redis.call('SET', KEYS[1], ARGV[1]); return redis.call('STRLEN', KEYS[1])",
  "return redis.call('INCR', KEYS[1])",
  "return {1, 'two', {3, false}, KEYS[1], #ARGV}",
  "redis.setresp(3); return {map={a=1}, redis.call('INCRBYFLOAT', KEYS[1], '0.5')}",
  "return redis.error_reply('MINE ' .. ARGV[1])",
  "return {double=3.5}",
  "for i = 1, #KEYS do redis.call('APPEND', KEYS[i], ARGV[1]) end return #KEYS",
];

type Line = readonly [
  label: string,
  args: (g: Source) => readonly Arg[],
  compare?: Comparison,
  role?: Role,
  weight?: number,
];

const lines: readonly Line[] = [
  ["EVAL", (g) => [g.pick(scripts), ...counted(g.some("i", 2)), g.member()], "exact", "keyed", 3],
  ["EVAL", (g) => ["return #ARGV[1]", 1, g.own("s"), g.large()], "exact", "keyed", 0.3],
  ["ECHO", (g) => [g.large()], "exact", "keyless", 0.3],
  ["PUBLISH", () => [new Key(Buffer.from("c1")), Buffer.alloc(70_000)], "exact", "keyed", 0.1],
  ["EVAL", (g) => ["return {#KEYS, ARGV}", 0, g.member()], "exact", "keyless", 1],
  [
    "EVAL_RO",
    (g) => ["return {KEYS[1], redis.call('EXISTS', KEYS[1])}", ...counted(g.some("s", 2))],
  ],
  ["EVALSHA", (g) => [sha, ...counted(g.some("s", 3)), g.value()], "exact", "keyed", 2],
  ["EVALSHA_RO", (g) => [sha, ...counted(g.some("s", 2))], "exact", "keyed", 2],
  ["EVALSHA", (g) => ["0".repeat(40), ...counted(g.some("s", 1))], "exact", "keyed", 0.2],
  ["FCALL", (g) => ["put", 1, g.own("s"), g.value()], "exact", "keyed", 2],
  [
    "FCALL",
    (g) => [g.pick(["see", "bad", "none"]), ...counted(g.some("s", 2)), "x"],
    "exact",
    "keyed",
    0.6,
  ],
  ["FCALL_RO", (g) => ["see", ...counted(g.some("s", 3)), g.value()], "exact", "keyed", 2],
  ["SCRIPT EXISTS", (g) => [sha, ...g.maybe("1".repeat(40), sha)], "exact", "outside", 2],
  ["SCRIPT LOAD", (g) => [`return ${g.below(3)}`], "exact", "outside", 2],
  ["FUNCTION LIST", (g) => g.maybe("WITHCODE"), "deep", "keyless", 2],
  ["FUNCTION DUMP", () => [], "exact", "keyless", 2],
  ["FUNCTION STATS", () => [], "exact", "keyless", 2],
  ["FUNCTION LOAD", () => ["REPLACE", library], "exact", "outside", 2],
  ["PING", (g) => g.maybe(g.value() as Arg), "exact", "keyless"],
  ["ECHO", (g) => [g.value()], "exact", "keyless"],
  ["TIME", () => [], "shape", "keyless"],
  ["LASTSAVE", () => [], "type", "keyless"],
  ["LOLWUT", () => ["VERSION", 1], "type", "keyless"],
  ["COMMAND COUNT", () => [], "exact", "keyless"],
  ["COMMAND INFO", (g) => [g.pick(["get", "mset", "nothing", "xgroup"])], "deep", "keyless"],
  ["COMMAND GETKEYS", (g) => ["MSET", g.member(), "1", g.member(), "2"], "exact", "keyless"],
  ["COMMAND DOCS", (g) => [g.pick(["get", "set"])], "deep", "keyless"],
  ["ACL WHOAMI", () => [], "exact", "keyless"],
  ["ACL CAT", (g) => [g.pick(["hash", "geo"])], "multiset", "keyless"],
  [
    "CONFIG GET",
    (g) => [g.pick(["save", "appendonly", "maxmemory*", "nothing"])],
    "pairs",
    "keyless",
  ],
  ["OBJECT HELP", () => [], "exact", "keyless"],
  ["PUBLISH", (g) => [new Key(Buffer.from(`c${g.below(9)}`)), g.value()]],
  ["SPUBLISH", (g) => [new Key(Buffer.from(`c${g.below(9)}`)), g.value()]],
  ["PUBSUB CHANNELS", () => [], "exact", "outside", 2],
  ["PUBSUB NUMPAT", () => [], "exact", "outside", 2],
  ["PUBSUB NUMSUB", (g) => g.few(() => `c${g.below(9)}`, 5), "exact", "outside", 2],
  ["ROLE", () => [], "exact", "outside"],
  ["CLUSTER INFO", () => [], "exact", "outside", 0.3],
  ["CLIENT SETNAME", (g) => [g.pick(["one", "two", ""])], "exact", "outside"],
  ["CLIENT GETNAME", () => [], "exact", "outside"],
  ["CLIENT ID", () => [], "type", "outside"],
  ["CLIENT INFO", () => [], "type", "outside"],
  ["CLIENT NO-EVICT", (g) => [g.pick(["ON", "OFF"])], "exact", "outside"],
  ["INFO", (g) => [g.pick(["server", "clients", "everything", "nothing"])], "type", "outside"],
  ["SELECT", (g) => [g.pick([0, 0, 0, 0, 0, 1, 2])], "exact", "outside", 1.5],
  ["SELECT", (g) => [g.pick([99, -1, "a"])], "exact", "outside", 0.2],
  [
    "HELLO",
    (g) => g.pick<readonly Arg[]>([[], [2], [3], [3, "SETNAME", "me"]]),
    "no-clock",
    "outside",
    1.5,
  ],
  ["HELLO", (g) => g.pick<readonly Arg[]>([[4], ["x"], [3, "WHAT"]]), "exact", "outside", 0.2],
  ["RESET", () => [], "exact", "outside"],
  ["WATCH", (g) => g.some("s", 2), "exact", "keyed", 2],
  ["UNWATCH", () => [], "exact", "keyless"],
  ["MULTI", () => [], "exact", "keyless", 6],
  ["EXEC", () => [], "exact", "keyless", 3],
  ["DISCARD", () => [], "exact", "keyless", 9],
];

/** Commands, one at a time. */
export const others: readonly Maker[] = lines.map(
  ([label, args, compare = "exact", role = "keyed", weight = 1]) => ({
    label,
    args,
    compare,
    role,
    weight,
  }),
);

function counted(keys: readonly Key[]): Arg[] {
  return [keys.length, ...keys];
}

/** Makes an item of a name and arguments. */
export function item(label: string, args: readonly Arg[], more: Partial<Item> = {}): Item {
  const bytes = (arg: Arg): Buffer =>
    arg instanceof Key
      ? arg.bytes
      : Buffer.isBuffer(arg)
        ? arg
        : Buffer.from(String(arg), "latin1");
  return {
    label,
    args: [...label.split(" ").map((word) => Buffer.from(word)), ...args.map(bytes)],
    keys: args.flatMap((arg) => (arg instanceof Key ? [arg.bytes] : [])),
    compare: "exact",
    role: "keyed",
    ...more,
  };
}

/** A wrong command: unknown, of wrong arity, of bad syntax. */
export function wrong(g: Source): Item {
  const key = g.key("s");
  const odd = new Key(Buffer.from("odd")); // it stands where a key does, for Redis Cluster as well
  const bad = (label: string, ...args: readonly Arg[]): Item => ({
    ...item(label, args, { role: "bad" }),
    label: "(wrong)",
  });
  const vague = (label: string, ...args: readonly Arg[]): Item => ({
    ...item(label, args, { role: "vague" }),
    label: "(wrong)",
  });
  const refused = (label: string, ...args: readonly Arg[]): Item => ({
    ...item(label, args, { role: "refused" }),
    label: "(refused)",
  });
  return g.pick<() => Item>([
    () => bad("GET"),
    () => bad("GET", key, "too", "many"),
    () => bad("SET", key),
    () => bad("NOSUCH", key, g.value()),
    () => bad("nosuch\r\n", g.value(), "x".repeat(200)),
    () => bad("CONFIG", "NOSUCH", "a"),
    () => bad("OBJECT"),
    () => bad("XGROUP", "NOSUCH", key, "g"),
    () => bad("CLIENT", "NOSUCH"),
    () => bad("SUBSCRIBE"),
    () => bad("HSET", key, "f"),
    () => bad("NOSUCH", g.large(), g.large()),
    () => bad("GET", key, g.large()),
    () => vague("HSET", key, "f", "v", "odd"),
    () => vague("MSET", key, "1", odd),
    () => vague("MSET", key, "1", g.own("i"), "2", odd),
    () => vague("SET", key, "v", "NOSUCH"),
    () => vague("SET", key, "v", "EX", "0"),
    () => vague("GETRANGE", key, "a", "b"),
    () => vague("LMPOP", 0, key, "LEFT"),
    () => vague("LMPOP", 9, key, "LEFT"),
    () => vague("LMPOP", "x", key, "LEFT"),
    () => vague("EVAL", "return 1", -1, key),
    () => vague("EVAL", "return 1", 5, key),
    () => vague("EVAL", "return 1", "x", key),
    () => vague("EVAL", "syntax error here", 1, key),
    () => vague("FCALL", "see", "x", key),
    () => vague("ZUNION", 0, key),
    () => vague("ZUNIONSTORE", key, 0, key),
    () => vague("SINTERCARD", 0, key),
    () => vague("XREAD", "STREAMS", key),
    () => vague("XREAD", "COUNT", "x", "STREAMS", key, "0"),
    () => vague("XREAD", "STREAMS", key, "nonsense"),
    () => vague("XADD", key, "bad-id", "f", "v"),
    () => vague("SORT", key, "LIMIT", "1"),
    () => vague("ZADD", key, "notanumber", "m"),
    () => vague("EXPIRE", key, "soon"),
    () => vague("COPY", key, key, "DB", "99"),
    () => vague("MOVE", key, "99"),
    () => vague("BLPOP", key, "x"),
    () => vague("BLPOP", key, "-1"),
    () => vague("GEORADIUS", key, "1", "2", "3"),
    () => ({ ...vague("SCAN", "notacursor"), role: "outside" }),
    () => refused("SORT", g.key("l"), "BY", "weight_*"),
    () => refused("SORT", g.key("l"), "GET", "other_*"),
    () => refused("SORT_RO", g.key("l"), "GET", "#", "GET", "other_*"),
    () => refused("WAIT", 0, 0),
    () => refused("SWAPDB", 0, 1),
    () => refused("MONITOR"),
    () => refused("CLIENT", "KILL", "ID", 1),
    () => refused("CONFIG", "SET", "maxmemory", 1),
    () => refused("DEBUG", "SLEEP", 0),
    () => vague("RESTORE", key, 0, "garbage"),
  ])();
}

/** An inline command. */
export function inline(g: Source): Item {
  const key = `s${1 + g.below(3)}${g.space}`;
  const end = g.pick(["\r\n", "\n"]);
  const text = g.pick([
    `GET ${key}`,
    `set ${key} "quoted \\x41\\n"`,
    `  SET  ${key}  'it\\'s'`,
    `STRLEN ${key}`,
  ]);
  const label = (text.trim().split(" ")[0] ?? "").toUpperCase();
  return { ...item(label, [new Key(Buffer.from(key))]), raw: Buffer.from(text + end) };
}

/** Groups that must stay together: they clean up behind themselves, or answer less often than they are asked. */
export function group(g: Source): readonly Item[] {
  const scratch = new Key(Buffer.from(`scratch${g.below(50)}${g.space}`));
  const [one, two] = g.keys(["l", "l"], 0) as [Key, Key];
  const big = g.own("big");
  const far = 5;
  const blocking = g.pick<() => readonly Item[]>([
    () => [item("RPUSH", [one, "a", "b"]), item("BLPOP", [one, two, far])],
    () => [item("RPUSH", [one, "a", "b"]), item("BRPOP", [two, one, far])],
    () => [item("RPUSH", [one, "a"]), item("BLMOVE", [one, two, "LEFT", "RIGHT", far])],
    () => [item("RPUSH", [one, "a"]), item("BRPOPLPUSH", [one, two, far])],
    () => [item("RPUSH", [one, "a", "b"]), item("BLMPOP", [far, 2, one, two, "LEFT"])],
    () => [
      item("ZADD", [scratch, 1, "a", 2, "b"]),
      item("BZPOPMIN", [scratch, far]),
      item("BZPOPMAX", [scratch, far]),
    ],
    () => [
      item("ZADD", [scratch, 1, "a", 2, "b"]),
      item("BZMPOP", [far, 1, scratch, "MAX", "COUNT", 2]),
    ],
    () => [
      item("XADD", [scratch, "1-1", "f", "v"]),
      item("XREAD", ["BLOCK", 5000, "STREAMS", scratch, "0"]),
      item("DEL", [scratch], { role: "split" }),
    ],
  ]);
  return g.pick<() => readonly Item[]>([
    blocking,
    blocking,
    blocking,
    // one command to a lane of its own behind one that is under way, and back
    () => [item("SET", [big, g.large()]), item("GET", [big]), item("STRLEN", [big])],
    () => [
      ...[item("SET", [big, g.large()]), item("GET", [big])],
      ...[item("RESET", [], { role: "outside" }), item("GET", [big])],
    ],
    () => [
      item("SET", [big, g.large()]),
      item("SET", [big, "small"]),
      item("GET", [big]),
      item("SET", [big, g.large()]),
      item("APPEND", [big, "x"]),
      item("STRLEN", [big]),
    ],
    () => [
      item("SET", [one, "x"]),
      item("MULTI", [], { role: "keyless" }),
      item("GET", [one]),
      item("DEL", [one], { role: "split" }),
      item("EXEC", [], { role: "keyless" }),
      item("EXISTS", [one], { role: "split" }),
    ],
    // random choices, where nobody else looks
    () => [
      item("SADD", [scratch, "a", "b", "c", "d"]),
      item("SPOP", [scratch, 2], { compare: "shape" }),
      item("SCARD", [scratch]),
      item("SPOP", [scratch], { compare: "shape" }),
      item("SPOP", [scratch, 9], { compare: "shape" }),
      item("EXISTS", [scratch], { role: "split" }),
    ],
    () => [
      item("XADD", [scratch, "*", "f", "v"], { compare: "type" }),
      item("XLEN", [scratch]),
      item("DEL", [scratch], { role: "split" }),
    ],
    // answers that do not come
    () => [
      item("CLIENT REPLY", ["SKIP"], { role: "outside", replies: 0 }),
      item("INCR", [g.own("i")], { replies: 0 }),
      item("PING", [], { role: "keyless" }),
    ],
    () => [
      item("CLIENT REPLY", ["OFF"], { role: "outside", replies: 0 }),
      item("MSET", [g.own("s"), "1", g.own("s"), "2"], { role: "split", replies: 0 }),
      item("NOSUCH", [], { role: "bad", replies: 0 }),
      item("CLIENT REPLY", ["ON"], { role: "outside" }),
    ],
    () => [
      item("RESTORE", [one, 0, g.payload, "REPLACE"]),
      item("RESTORE", [one, 0, g.payload]),
      item("LRANGE", [one, 0, -1]),
    ],
  ])();
}

/** Ways to end a connection. */
export function ending(g: Source): Item {
  const broken = (text: string): Item => ({
    ...item("(protocol error)", [], { role: "bad", closes: true }),
    raw: Buffer.from(text, "latin1"),
  });
  return g.pick([
    ...new Array<() => Item>(8).fill(() => item("QUIT", [], { role: "bad", closes: true })),
    () => broken("*1\r\n+PING\r\n"),
    () => broken("*x\r\n"),
    () => broken("*1\r\n$-5\r\n"),
    () => broken("*2\r\n$3\r\nGET\r\n$01\r\nx\r\n"),
    () => broken('GET "unbalanced\r\n'),
    () => broken("*2000000000000\r\n"),
  ])();
}
