/** Random commands without keys, about scripts, channels and the connection. */
import { createHash } from "node:crypto";
import type { Line } from "./maker.ts";
import { type Arg, Key } from "./source.ts";

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

/** See the module. */
export const others: readonly Line[] = [
  ["EVAL", (g) => [g.pick(scripts), ...counted(g.some("i", 2)), g.member()], "exact", "keyed", 3],
  ["EVAL", (g) => ["return #ARGV[1]", 1, g.own("s"), g.large()], "exact", "keyed", 0.3],
  ["ECHO", (g) => [g.large()], "exact", "keyless", 0.3],
  ["PUBLISH", () => [new Key(Buffer.from("c1")), Buffer.alloc(70_000)], "exact", "message", 0.1],
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
  ["PUBLISH", (g) => [new Key(Buffer.from(`c${g.below(9)}`)), g.value()], "exact", "message"],
  ["SPUBLISH", (g) => [new Key(Buffer.from(`c${g.below(9)}`)), g.value()], "exact", "message"],
  ["MSET", (g) => [g.own("s").bytes, "x", g.own("s").bytes], "exact", "keyless", 0.3],
  ["MSETNX", (g) => [g.own("s").bytes, "x", g.own("s").bytes], "exact", "keyless", 0.3],
  ["PUBSUB CHANNELS", () => [], "exact", "outside", 2],
  ["PUBSUB NUMPAT", () => [], "exact", "outside", 2],
  ["PUBSUB NUMSUB", (g) => g.few(() => `c${g.below(9)}`, 5), "exact", "outside", 2],
  ["ROLE", () => [], "exact", "keyless"],
  ["CLUSTER INFO", () => [], "exact", "keyless", 0.3],
  ["CLIENT SETNAME", (g) => [g.pick(["one", "two", ""])], "exact", "keyless"],
  ["CLIENT GETNAME", () => [], "exact", "keyless"],
  ["CLIENT ID", () => [], "type", "keyless"],
  ["CLIENT INFO", () => [], "type", "keyless"],
  ["CLIENT NO-EVICT", (g) => [g.pick(["ON", "OFF"])], "exact", "keyless"],
  ["INFO", (g) => [g.pick(["server", "clients", "everything", "nothing"])], "type", "outside"],
  ["SELECT", (g) => [g.pick([0, 0, 0, 0, 0, 1, 2])], "exact", "keyless", 1.5],
  ["SELECT", (g) => [g.pick([99, -1, "a"])], "exact", "keyless", 0.2],
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

function counted(keys: readonly Key[]): Arg[] {
  return [keys.length, ...keys];
}
