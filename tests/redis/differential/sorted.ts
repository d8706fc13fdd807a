/** Random commands about sorted sets, places and streams. */
import { type Line, numbered } from "./maker.ts";
import type { Arg, Key, Source } from "./source.ts";

/** See the module. */
export const sorted: readonly Line[] = [
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

function storeNumbered([to, ...from]: readonly Key[]): Arg[] {
  return [to as Key, ...numbered(from)];
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
