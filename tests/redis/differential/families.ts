/** Random commands of every family of commands with keys. One line a command: its name, its arguments, how its replies compare. */
import type { Comparison, Role } from "./item.ts";
import { type Arg, Key, type Kind, type Source } from "./source.ts";

/** How to make one command. The name may have two words. */
export interface Maker {
  /** `GET`, `OBJECT ENCODING`. */
  readonly label: string;
  /** Its arguments behind the name. */
  readonly args: (g: Source) => readonly Arg[];
  /** How its replies compare. */
  readonly compare: Comparison;
  /** What the model does with it. */
  readonly role: Role;
  /** How often beside the others; 1 for most. */
  readonly weight: number;
}

type Line = readonly [
  label: string,
  args: (g: Source) => readonly Arg[],
  compare?: Comparison,
  role?: Role,
  weight?: number,
];

const lines: readonly Line[] = [
  // strings
  ["SET", (g) => [g.own("s"), g.value(), ...setOptions(g)], "exact", "keyed", 3],
  ["SET", (g) => [g.own("big"), g.large()], "exact", "keyed", 1.5],
  ["SET", (g) => [g.own("i"), g.below(1000)], "exact", "keyed", 2],
  ["SET", (g) => [g.own("f"), g.pick(["1.5", "-2", "3e2"])]],
  ["SETNX", (g) => [g.key("s"), g.value()]],
  ["SETEX", (g) => [g.own("s"), 100_000, g.value()]],
  ["PSETEX", (g) => [g.own("s"), 100_000_000, g.value()]],
  ["GET", (g) => [g.key(g.pick<Kind>(["s", "i", "f", "b"]))], "exact", "keyed", 3],
  ["GET", (g) => [g.own("big")], "exact", "keyed", 1.5],
  ["GETDEL", (g) => [g.key("s")]],
  ["GETEX", (g) => [g.key("s"), ...g.pick([[], ["PERSIST"], ["EXAT", g.far()], ["EX", 100_000]])]],
  ["GETSET", (g) => [g.own("s"), g.value()]],
  ["GETRANGE", (g) => [g.key("s"), g.int(), g.int()]],
  ["SUBSTR", (g) => [g.key("s"), g.int(), g.int()]],
  ["SETRANGE", (g) => [g.own("s"), g.below(30), g.value()]],
  ["STRLEN", (g) => [g.key(g.pick<Kind>(["s", "big"]))]],
  ["APPEND", (g) => [g.key("s"), g.value()]],
  ["INCR", (g) => [g.key("i")]],
  ["DECR", (g) => [g.key("i")]],
  ["INCRBY", (g) => [g.key("i"), g.int()]],
  ["DECRBY", (g) => [g.key("i"), g.int()]],
  ["INCRBYFLOAT", (g) => [g.key(g.pick<Kind>(["f", "i"])), g.pick(["0.5", "-1.25", "10"])]],
  ["MGET", (g) => g.spread(["s", "s", "i", "f", "h"], 12), "exact", "split", 48],
  ["MGET", (g) => g.spread(["big", "s"], 4), "exact", "split", 1],
  ["MSET", (g) => g.spread(["s"], 8).flatMap((k) => [k, g.value()]), "exact", "split", 30],
  ["MSET", (g) => g.spread(["big"], 3).flatMap((k) => [k, g.large()]), "exact", "split", 0.6],
  ["MSETNX", (g) => g.some("s", 3).flatMap((k) => [k, g.value()])],
  ["LCS", (g) => [...g.keys(["i", "f"]), ...g.pick([[], ["LEN"], ["IDX", "WITHMATCHLEN"]])]],
  // large arguments in other places than a value of SET, and many of them
  ["HSET", (g) => [g.own("h"), "large", g.large()], "exact", "keyed", 0.3],
  ["HGET", (g) => [g.own("h"), "large"], "exact", "keyed", 0.3],
  ["RPUSH", (g) => [g.own("l"), g.large(), "b"], "exact", "keyed", 0.2],
  ["XADD", (g) => [g.own("x"), g.nextId(), "f", g.large()], "exact", "keyed", 0.2],
  ["EXISTS", (g) => [...g.spread(["s"]), huge(g)], "exact", "split", 0.5],
  ["SET", (g) => [huge(g), g.value()], "exact", "keyed", 0.5],
  ["MSET", (g) => [huge(g), g.value(), g.own("s"), g.large()], "exact", "split", 0.3],
  ["GET", (g) => [huge(g)], "exact", "keyed", 0.5],
  ["MGET", (g) => g.spread(["s", "i"], 600), "exact", "split", 0.5],
  ["DEL", (g) => g.spread(["lex", "p", "big"], 200), "exact", "split", 0.2],
  // bitmaps
  ["SETBIT", (g) => [g.own("b"), g.below(2000), g.below(2)], "exact", "keyed", 1.5],
  ["GETBIT", (g) => [g.key("b"), g.below(2000)]],
  ["BITCOUNT", (g) => [g.key("b"), ...g.pick([[], [g.int(), g.int()], [g.int(), g.int(), "BIT"]])]],
  ["BITPOS", (g) => [g.key("b"), g.below(2), ...g.maybe(g.int()), ...[]]],
  [
    "BITFIELD",
    (g) => [
      g.key("b"),
      "GET",
      "u4",
      g.below(50),
      ...g.maybe("OVERFLOW", "SAT", "INCRBY", "i5", "#2", g.int()),
    ],
  ],
  ["BITFIELD_RO", (g) => [g.key("b"), "GET", "u8", g.below(50)]],
  ["BITOP", (g) => [g.pick(["AND", "OR", "XOR"]), ...g.keys(["b", "b", "b"])]],
  ["BITOP", (g) => ["NOT", ...g.keys(["b", "b"])], "exact", "keyed", 0.3],
  // hyperloglog
  ["PFADD", (g) => [g.key("p"), ...g.few(() => g.member())], "exact", "keyed", 1.5],
  ["PFCOUNT", (g) => g.some("p")],
  ["PFMERGE", (g) => g.keys(["p", "p", "p"])],
  // any key
  ["DEL", (g) => g.spread(["s", "h", "l", "t", "z", "big"], 4), "exact", "split", 5],
  ["UNLINK", (g) => g.spread(["s", "lex", "big"], 4), "exact", "split", 3],
  ["EXISTS", (g) => g.spread(["s", "h", "l", "t", "z"], 9), "exact", "split", 30],
  ["TOUCH", (g) => g.spread(["s", "h", "l", "t", "z"], 9), "exact", "split", 26],
  ["TYPE", (g) => [anyKey(g)]],
  ["RENAME", (g) => g.keys(twice(g)), "exact", "keyed", 4],
  ["RENAMENX", (g) => g.keys(twice(g)), "exact", "keyed", 4],
  [
    "COPY",
    (g) => [...g.keys(twice(g)), ...g.maybe("DB", g.below(3)), ...g.maybe("REPLACE")],
    "exact",
    "keyed",
    1.5,
  ],
  ["MOVE", (g) => [anyKey(g), g.below(3)], "exact", "keyed", 1.5],
  ["DUMP", (g) => [anyKey(g)], "length"],
  [
    "EXPIRE",
    (g) => [
      anyKey(g),
      g.pick([100_000, 1_000_000, -1]),
      ...g.maybe(g.pick(["NX", "XX", "GT", "LT"])),
    ],
  ],
  ["PEXPIRE", (g) => [anyKey(g), g.pick([1e8, 1e9])]],
  [
    "EXPIREAT",
    (g) => [anyKey(g), g.chance(0.1) ? 1 : g.far(), ...g.maybe(g.pick(["NX", "XX", "GT", "LT"]))],
  ],
  ["PEXPIREAT", (g) => [anyKey(g), g.far() * 1000]],
  ["TTL", (g) => [anyKey(g)], "near"],
  ["PTTL", (g) => [anyKey(g)], "near"],
  ["EXPIRETIME", (g) => [anyKey(g)], "near"],
  ["PEXPIRETIME", (g) => [anyKey(g)], "near"],
  ["PERSIST", (g) => [anyKey(g)]],
  ["OBJECT ENCODING", (g) => [anyKey(g)]],
  ["OBJECT REFCOUNT", (g) => [anyKey(g)]],
  ["OBJECT IDLETIME", (g) => [anyKey(g)], "near"],
  ["MEMORY USAGE", (g) => [anyKey(g)], "type"],
  [
    "SORT",
    (g) => [
      g.key(g.pick<Kind>(["l", "t", "z"])),
      "ALPHA",
      ...g.maybe("LIMIT", 0, 3),
      ...g.maybe("DESC"),
    ],
    "exact",
    "keyed",
    1.5,
  ],
  ["SORT", (g) => sortStore(g), "exact", "keyed", 0.7],
  [
    "SORT_RO",
    (g) => [g.key("t"), "ALPHA", ...g.maybe("LIMIT", g.below(3), 5), ...g.maybe("GET", "#")],
  ],
  // hashes
  ["HSET", (g) => [g.key("h"), ...g.few(() => [g.field(), g.value()]).flat()], "exact", "keyed", 2],
  ["HSETNX", (g) => [g.key("h"), g.field(), g.value()]],
  ["HMSET", (g) => [g.key("h"), ...g.few(() => [g.field(), g.below(100)]).flat()]],
  ["HGET", (g) => [g.key("h"), g.field()]],
  ["HMGET", (g) => [g.key("h"), ...g.few(() => g.field())]],
  ["HGETALL", (g) => [g.key("h")], "pairs"],
  ["HKEYS", (g) => [g.key("h")], "multiset"],
  ["HVALS", (g) => [g.key("h")], "multiset"],
  ["HLEN", (g) => [g.key("h")]],
  ["HSTRLEN", (g) => [g.key("h"), g.field()]],
  ["HEXISTS", (g) => [g.key("h"), g.field()]],
  ["HDEL", (g) => [g.key("h"), g.field()]],
  ["HINCRBY", (g) => [g.key("h"), `n${g.below(3)}`, g.int()]],
  ["HINCRBYFLOAT", (g) => [g.key("h"), `n${g.below(3)}`, "0.5"]],
  ["HSCAN", (g) => [g.key("h"), 0, "COUNT", 10_000, ...g.maybe("MATCH", "f*")], "scan-pairs"],
  ["HRANDFIELD", (g) => [g.key("h"), ...g.pick([[], [3], [-4], [2, "WITHVALUES"]])], "shape"],
  // lists
  ["LPUSH", (g) => [g.key("l"), ...g.few(() => g.value())], "exact", "keyed", 1.5],
  ["RPUSH", (g) => [g.key("l"), ...g.few(() => g.member())], "exact", "keyed", 2],
  ["LPUSHX", (g) => [g.key("l"), g.value()]],
  ["RPUSHX", (g) => [g.key("l"), g.value()]],
  ["LPOP", (g) => [g.key("l"), ...g.maybe(g.below(3))]],
  ["RPOP", (g) => [g.key("l"), ...g.maybe(g.below(3))]],
  ["LLEN", (g) => [g.key("l")]],
  ["LRANGE", (g) => [g.key("l"), g.int(), g.int()]],
  ["LINDEX", (g) => [g.key("l"), g.int()]],
  ["LINSERT", (g) => [g.key("l"), g.pick(["BEFORE", "AFTER"]), g.member(), g.value()]],
  ["LREM", (g) => [g.key("l"), g.int(), g.member()]],
  ["LSET", (g) => [g.key("l"), g.pick([0, 0, -1]), g.value()], "exact", "keyed", 3],
  ["LTRIM", (g) => [g.key("l"), 0, g.below(20)]],
  ["LPOS", (g) => [g.key("l"), g.member(), ...g.maybe("COUNT", 0)]],
  ["LMOVE", (g) => [...g.keys(["l", "l"]), g.pick(["LEFT", "RIGHT"]), g.pick(["LEFT", "RIGHT"])]],
  ["RPOPLPUSH", (g) => g.keys(["l", "l"])],
  ["LMPOP", (g) => [2, ...g.keys(["l", "l"]), g.pick(["LEFT", "RIGHT"]), ...g.maybe("COUNT", 2)]],
  // sets
  ["SADD", (g) => [g.key("t"), ...g.few(() => g.member())], "exact", "keyed", 2],
  ["SREM", (g) => [g.key("t"), g.member()]],
  ["SCARD", (g) => [g.key("t")]],
  ["SISMEMBER", (g) => [g.key("t"), g.member()]],
  ["SMISMEMBER", (g) => [g.key("t"), ...g.few(() => g.member())]],
  ["SMEMBERS", (g) => [g.key("t")], "multiset"],
  ["SMOVE", (g) => [...g.keys(["t", "t"]), g.member()]],
  ["SINTER", (g) => g.some("t"), "multiset"],
  ["SUNION", (g) => g.some("t"), "multiset"],
  ["SDIFF", (g) => g.some("t"), "multiset"],
  ["SINTERCARD", (g) => numbered(g.some("t")), "exact"],
  ["SINTERSTORE", (g) => g.keys(["t", "t", "t"])],
  ["SUNIONSTORE", (g) => g.keys(["t", "t", "t"])],
  ["SDIFFSTORE", (g) => g.keys(["t", "t", "t"])],
  ["SSCAN", (g) => [g.key("t"), 0, "COUNT", 10_000], "scan-elements"],
  ["SRANDMEMBER", (g) => [g.key("t"), ...g.pick([[], [2], [-3]])], "shape"],
  // sorted sets
  [
    "ZADD",
    (g) => [
      g.key("z"),
      ...g.maybe(g.pick(["NX", "XX", "GT", "LT"])),
      ...g.maybe("CH"),
      ...g.few(() => [g.score(), g.member()]).flat(),
    ],
    "exact",
    "keyed",
    3,
  ],
  [
    "ZADD",
    (g) => [g.own("lex"), ...g.few(() => [0, g.pick(["a", "b", "c", "d", "bb"])]).flat()],
    "exact",
    "keyed",
    1,
  ],
  ["ZINCRBY", (g) => [g.key("z"), g.pick([1, -2, "0.5"]), g.member()]],
  ["ZREM", (g) => [g.key("z"), g.member()]],
  ["ZCARD", (g) => [g.key("z")]],
  ["ZCOUNT", (g) => [g.key("z"), "-inf", g.score()]],
  ["ZLEXCOUNT", (g) => [g.key("lex"), "-", g.pick(["+", "[b", "(c"])]],
  ["ZSCORE", (g) => [g.key("z"), g.member()]],
  ["ZMSCORE", (g) => [g.key("z"), ...g.few(() => g.member())]],
  ["ZRANK", (g) => [g.key("z"), g.member()]],
  ["ZREVRANK", (g) => [g.key("z"), g.member()]],
  [
    "ZRANGE",
    (g) => [
      g.key("z"),
      ...g.pick([
        [0, -1],
        [1, 3, "REV"],
        ["-inf", "(5", "BYSCORE", "LIMIT", 0, 3],
      ]),
      ...g.maybe("WITHSCORES"),
    ],
  ],
  ["ZRANGESTORE", (g) => [...g.keys(["z", "z"]), 0, g.int()]],
  ["ZREVRANGE", (g) => [g.key("z"), 0, g.int(), ...g.maybe("WITHSCORES")]],
  [
    "ZRANGEBYSCORE",
    (g) => [g.key("z"), "-inf", g.score(), ...g.maybe("WITHSCORES"), ...g.maybe("LIMIT", 0, 2)],
  ],
  ["ZREVRANGEBYSCORE", (g) => [g.key("z"), "+inf", `(${g.score()}`, ...g.maybe("WITHSCORES")]],
  ["ZRANGEBYLEX", (g) => [g.key("lex"), "-", g.pick(["+", "(c"])]],
  ["ZREVRANGEBYLEX", (g) => [g.key("lex"), "+", g.pick(["-", "[b"])]],
  ["ZREMRANGEBYRANK", (g) => [g.key("z"), g.below(4), g.below(5)]],
  ["ZREMRANGEBYSCORE", (g) => [g.key("z"), g.score(), g.score()]],
  ["ZREMRANGEBYLEX", (g) => [g.key("lex"), "[a", "(b"]],
  ["ZPOPMIN", (g) => [g.key("z"), ...g.maybe(2)]],
  ["ZPOPMAX", (g) => [g.key("z"), ...g.maybe(2)]],
  ["ZMPOP", (g) => [...numbered(g.some("z")), g.pick(["MIN", "MAX"]), ...g.maybe("COUNT", 2)]],
  [
    "ZUNION",
    (g) => [...numbered(g.keys(["z", "t"])), ...g.maybe("WEIGHTS", 2, 3), ...g.maybe("WITHSCORES")],
  ],
  [
    "ZINTER",
    (g) => [
      ...numbered(g.keys(["z", "z"])),
      ...g.maybe("AGGREGATE", "MIN"),
      ...g.maybe("WITHSCORES"),
    ],
  ],
  ["ZDIFF", (g) => [...numbered(g.keys(["z", "z"])), ...g.maybe("WITHSCORES")]],
  ["ZUNIONSTORE", (g) => storeNumbered(g.keys(["z", "z", "t"]))],
  ["ZINTERSTORE", (g) => storeNumbered(g.keys(["z", "z", "z"]))],
  ["ZDIFFSTORE", (g) => storeNumbered(g.keys(["z", "z", "z"]))],
  ["ZINTERCARD", (g) => [...numbered(g.some("z")), ...g.maybe("LIMIT", 2)]],
  ["ZSCAN", (g) => [g.key("z"), 0, "COUNT", 10_000], "scan-pairs"],
  ["ZRANDMEMBER", (g) => [g.key("z"), ...g.pick([[], [2], [-3, "WITHSCORES"]])], "shape"],
  // geo
  [
    "GEOADD",
    (g) => [g.key("g"), ...g.few(() => [...place(g), g.member()]).flat()],
    "exact",
    "keyed",
    2,
  ],
  ["GEOPOS", (g) => [g.key("g"), ...g.few(() => g.member())]],
  ["GEODIST", (g) => [g.key("g"), g.member(), g.member(), ...g.maybe("km")]],
  ["GEOHASH", (g) => [g.key("g"), ...g.few(() => g.member())]],
  [
    "GEOSEARCH",
    (g) => [
      g.key("g"),
      "FROMLONLAT",
      ...place(g),
      "BYRADIUS",
      900,
      "km",
      ...g.maybe("ASC"),
      ...g.maybe("WITHDIST"),
    ],
  ],
  [
    "GEOSEARCHSTORE",
    (g) => [...g.keys(["g", "g"]), "FROMLONLAT", ...place(g), "BYBOX", 2000, 2000, "km", "ASC"],
  ],
  ["GEORADIUS", (g) => [g.key("g"), ...place(g), 900, "km", ...g.maybe("WITHCOORD"), "DESC"]],
  ["GEORADIUS", (g) => geoStore(g), "exact", "keyed", 0.5],
  ["GEORADIUS_RO", (g) => [g.key("g"), ...place(g), 900, "km", "ASC"]],
  ["GEORADIUSBYMEMBER", (g) => [g.key("g"), g.member(), 900, "km"], "exact", "keyed", 2],
  ["GEORADIUSBYMEMBER_RO", (g) => [g.key("g"), g.member(), 900, "km"], "exact", "keyed", 2],
  // streams
  [
    "XADD",
    (g) => [
      g.key("x"),
      ...g.maybe("MAXLEN", "~", 20),
      g.chance(0.1) ? "5-5" : g.nextId(),
      g.field(),
      g.value(),
    ],
    "exact",
    "keyed",
    4,
  ],
  ["XLEN", (g) => [g.key("x")]],
  ["XRANGE", (g) => [g.key("x"), "-", "+", ...g.maybe("COUNT", 3)]],
  ["XREVRANGE", (g) => [g.key("x"), "+", g.someId()]],
  ["XDEL", (g) => [g.key("x"), g.someId()]],
  ["XTRIM", (g) => [g.key("x"), "MAXLEN", g.below(30)]],
  [
    "XREAD",
    (g) => [...g.maybe("COUNT", 2), ...streams(g, () => g.someId())],
    "exact",
    "keyed",
    1.5,
  ],
  [
    "XGROUP CREATE",
    (g) => [g.key("x"), group(g), g.pick(["0", "$"]), "MKSTREAM"],
    "exact",
    "keyed",
    9,
  ],
  ["XGROUP DESTROY", (g) => [g.key("x"), group(g)], "exact", "keyed", 1.5],
  ["XGROUP CREATECONSUMER", (g) => [g.key("x"), group(g), consumer(g)], "exact", "keyed", 3],
  ["XGROUP DELCONSUMER", (g) => [g.key("x"), group(g), consumer(g)], "exact", "keyed", 3],
  ["XGROUP SETID", (g) => [g.key("x"), group(g), g.pick(["0", "$"])], "exact", "keyed", 3],
  [
    "XREADGROUP",
    (g) => [
      "GROUP",
      group(g),
      consumer(g),
      ...g.maybe("COUNT", 2),
      ...streams(g, () => g.pick([">", ">", "0"])),
    ],
    "exact",
    "keyed",
    4,
  ],
  ["XACK", (g) => [g.key("x"), group(g), g.someId()]],
  ["XPENDING", (g) => [g.key("x"), group(g), ...g.maybe("-", "+", 5)], "no-clock", "keyed", 3],
  [
    "XCLAIM",
    (g) => [g.key("x"), group(g), consumer(g), 0, g.someId(), ...g.maybe("JUSTID")],
    "exact",
    "keyed",
    4,
  ],
  ["XAUTOCLAIM", (g) => [g.key("x"), group(g), consumer(g), 0, "0"], "exact", "keyed", 3],
  ["XINFO STREAM", (g) => [g.key("x")], "exact", "keyed", 3],
  ["XINFO GROUPS", (g) => [g.key("x")], "exact", "keyed", 1.5],
  ["XINFO CONSUMERS", (g) => [g.key("x"), group(g)], "no-clock", "keyed", 3],
  ["XSETID", (g) => [g.key("x"), g.nextId()], "exact", "keyed", 1.5],
];

/** All of them. */
export const families: readonly Maker[] = lines.map(
  ([label, args, compare = "exact", role = "keyed", weight = 1]) => ({
    label,
    args,
    compare,
    role,
    weight,
  }),
);

const any: readonly Kind[] = ["s", "i", "h", "l", "t", "z", "x", "g", "b", "p", "lex"];

/** A key that is itself too large to be held for long. */
function huge(g: Source): Key {
  return new Key(Buffer.alloc(66_000 + g.below(3), `huge${g.space}`));
}

function anyKey(g: Source): Key {
  return g.own(g.pick(any));
}

function twice(g: Source): Kind[] {
  const kind = g.pick(any);
  return [kind, kind];
}

function setOptions(g: Source): readonly Arg[] {
  return g.pick<readonly Arg[]>([
    [],
    [],
    [],
    ["NX"],
    ["XX"],
    ["GET"],
    ["KEEPTTL"],
    ["EXAT", g.far()],
    ["PXAT", g.far() * 1000, "NX"],
  ]);
}

function numbered(keys: readonly Key[]): Arg[] {
  return [keys.length, ...keys];
}

function storeNumbered([to, ...from]: readonly Key[]): Arg[] {
  return [to as Key, ...numbered(from)];
}

function sortStore(g: Source): Arg[] {
  const [from, to] = g.keys(["t", "l"]);
  return [from as Key, "ALPHA", "STORE", to as Key];
}

function geoStore(g: Source): Arg[] {
  const [from, to] = g.keys(["g", "g"]);
  return [from as Key, ...place(g), 900, "km", g.pick(["STORE", "STOREDIST"]), to as Key];
}

function place(g: Source): Arg[] {
  return [(g.below(200) - 100) / 10, (g.below(200) - 100) / 10];
}

function group(g: Source): string {
  return g.chance(0.9) ? "g1" : "g2";
}

function consumer(g: Source): string {
  return g.pick(["c1", "c2"]);
}

function streams(g: Source, id: () => string): Arg[] {
  const keys = g.some("x", 2);
  return ["STREAMS", ...keys, ...keys.map(id)];
}
