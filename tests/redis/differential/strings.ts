/** Random commands about strings, bitmaps, counts, and keys of any type. */
import type { Line } from "./maker.ts";
import { type Arg, Key, type Kind, type Source } from "./source.ts";

/** See the module. */
export const strings: readonly Line[] = [
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
  ["MGET", (g) => g.spread(["s", "s", "i", "f", "h"], 12), "exact", "split", 60],
  ["MGET", (g) => g.spread(["big", "s"], 4), "exact", "split", 1],
  ["MSET", (g) => g.spread(["s"], 8).flatMap((k) => [k, g.value()]), "exact", "split", 36],
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
  ["EXISTS", (g) => g.spread(["s", "h", "l", "t", "z"], 9), "exact", "split", 36],
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
];

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

function sortStore(g: Source): Arg[] {
  const [from, to] = g.keys(["t", "l"]);
  return [from as Key, "ALPHA", "STORE", to as Key];
}
