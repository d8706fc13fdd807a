/** What the sticky route has to know of a protocol beyond its codec. */
import { decodeUtf8, encodeUtf8 } from "@echarde/core";
import type { SourceRules } from "./settings.ts";
import { ruled } from "./source-rules.ts";
import { influxProfile } from "./sticky-influx.ts";
import { kafkaProfile } from "./sticky-kafka.ts";

/** See the module. */
export interface StickyProfile {
  /** Names of requests in RESP whose first argument is their only key: the shim reads them by itself. None = it reads none. */
  readonly oneKey: readonly string[];
  /** Requests that one cluster may answer though the codec would ask several, or refuse: by their label. */
  readonly passes: ReadonlySet<string>;
  /**
   * Which requests pass whose keys are all on the cluster of the connection, or that have none: those whose
   * parts are all for it; those that the codec would forward to it; those of {@link StickyProfile.passes} alone.
   */
  readonly judges: "parts" | "forwards" | "listed";
  /** Why keys that the codec finds in a request may not be all that it has, "" = they are. */
  uncheckable(label: string, request: Uint8Array): string;
  /** What goes in the place of a request: it changes nothing, and its reply is an error, with these words where it can hold any. Null = there is none: the connection is closed. */
  refusal(words: string, request: Uint8Array): Uint8Array | null;
  /** The cluster that the source rules give to a request, "" = none. */
  source(request: Uint8Array, rules: SourceRules): string;
}

/** The profile of a protocol; one that is not known closes connections instead of refusing. */
export function stickyProfile(protocol: string): StickyProfile {
  switch (protocol) {
    case "redis":
      return redisProfile;
    case "influx":
      return influxProfile;
    case "kafka":
      return kafkaProfile;
    default:
      return closing;
  }
}

const closing: StickyProfile = {
  oneKey: [],
  passes: new Set<string>(),
  judges: "listed",
  uncheckable: () => "",
  refusal: () => null,
  source: () => "",
};

/**
 * A command that no server knows is answered by an error with its name in it, also in a transaction
 * (which it makes fail, as it should), before AUTH and under any ACL. Servers show 128 bytes.
 */
const redisProfile: StickyProfile = {
  oneKey: [
    ...["append", "decr", "decrby", "expire", "expireat", "get", "getdel", "getex", "getrange"],
    ...["getset", "hdel", "hexists", "hget", "hgetall", "hincrby", "hkeys", "hlen", "hmget"],
    ...["hmset", "hset", "hsetnx", "hvals", "incr", "incrby", "incrbyfloat", "lindex", "llen"],
    ...["lpop", "lpush", "lrange", "lrem", "lset", "ltrim", "persist", "pexpire", "pexpireat"],
    ...["psetex", "pttl", "rpop", "rpush", "sadd", "scard", "set", "setex", "setnx", "setrange"],
    ...["sismember", "smembers", "spop", "srem", "strlen", "ttl", "type", "zadd", "zcard"],
    ...["zincrby", "zrange", "zrangebyscore", "zrank", "zrem", "zscore"],
  ],
  passes: new Set(["AUTH", "HELLO", "INFO", "EXEC", "DISCARD", "UNWATCH", "RESET", "QUIT"]),
  judges: "parts",
  uncheckable: () => "",
  refusal: (words) => {
    const text = encodeUtf8(
      words
        .replace(/[^ -~]/g, "?")
        .replace(/'/g, "")
        .slice(0, 120),
    );
    const head = encodeUtf8(`*1\r\n$${text.length}\r\n`);
    const request = new Uint8Array(head.length + text.length + 2);
    request.set(head);
    request.set(text, head.length);
    request.set([13, 10], head.length + text.length);
    return request;
  },
  source: (request, rules) => {
    const [name = "", ...args] = wordsOf(request);
    switch (name.toUpperCase()) {
      case "AUTH":
        return args.length === 2 ? ruled(rules.users, args[0]) : "";
      case "HELLO": {
        const at = args.findIndex((arg) => arg.toUpperCase() === "AUTH");
        const as = args.findIndex((arg) => arg.toUpperCase() === "SETNAME");
        return (
          (at >= 0 ? ruled(rules.users, args[at + 1]) : "") || ruled(rules.clients, args[as + 1])
        );
      }
      case "CLIENT":
        return args[0]?.toUpperCase() === "SETNAME" ? ruled(rules.clients, args[1]) : "";
      case "SELECT":
        return ruled(rules.databases, args[0]);
      default:
        return "";
    }
  },
};

/** Words of a short request in RESP or on a line. */
function wordsOf(request: Uint8Array): string[] {
  const text = decodeUtf8(request.subarray(0, 1024));
  if (!text.startsWith("*")) return text.trim().split(/\s+/);
  return text.split("\r\n").filter((line, index) => index % 2 === 0 && index > 0 && line !== "");
}
