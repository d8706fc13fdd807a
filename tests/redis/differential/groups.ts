/** Commands that are wrong, inline, or stand in groups that must stay together, and ends of connections. */
import type { Item } from "./item.ts";
import { item } from "./make-item.ts";
import { type Arg, Key, type Source } from "./source.ts";

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
    // what is merged must not see what changes behind it
    () => [
      g.pick<() => Item>([
        () => item("INFO", ["server"], { role: "outside", compare: "type" }),
        () => item("MGET", g.spread(["s", "i"], 6), { role: "split" }),
        () => item("PUBSUB NUMSUB", ["c1", "c2", "c3"], { role: "outside" }),
        () => item("SCRIPT EXISTS", ["1".repeat(40)], { role: "outside" }),
      ])(),
      g.pick<() => Item>([
        () => item("RESET", [], { role: "outside" }),
        () => item("HELLO", [g.pick([2, 3])], { role: "outside", compare: "no-clock" }),
        () => item("SELECT", [0], { role: "keyless" }),
      ])(),
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
