/**
 * Where the table differs from what a Redis 7.0 server says of itself. Every
 * line is reviewed and has its reason; the generator fails on a line that
 * changes nothing.
 */
import type { KeyGrammar, KeyKind, KeySpec } from "./command.ts";

/** A change of a row that the server gives, or (with `arity`) a row of its own. */
export interface Override {
  /** Name as in the table. */
  readonly name: string;
  /** Why. */
  readonly reason: string;
  /** New key grammar. */
  readonly grammar?: KeyGrammar;
  /** New kind of the found arguments. */
  readonly kind?: KeyKind;
  /** New specs. */
  readonly specs?: readonly KeySpec[];
  /** Only for a command that Redis 7.0 does not have. */
  readonly arity?: number;
  /** Names of flags, only with `arity`. */
  readonly flags?: readonly string[];
}

/** See the module. */
export const overrides: readonly Override[] = [
  { name: "sort", grammar: "sort", reason: "STORE may stand anywhere: the spec says unknown" },
  {
    name: "sort_ro",
    grammar: "sort",
    reason: "its BY and GET spec is unknown; only the first is a key",
  },
  {
    name: "xread",
    grammar: "xread",
    reason: "STREAMS may be the value of an option or a key: options must be walked",
  },
  {
    name: "xreadgroup",
    grammar: "xread",
    reason: "STREAMS may be the name of the group: options must be walked",
  },
  {
    name: "georadius",
    grammar: "georadius",
    reason: "of STORE and STOREDIST the last one counts, specs give both",
  },
  {
    name: "georadiusbymember",
    grammar: "georadius",
    reason: "of STORE and STOREDIST the last one counts, specs give both",
  },
  {
    name: "migrate",
    grammar: "migrate",
    reason: "the spec of KEYS is incomplete: it may be a password",
  },
  {
    name: "publish",
    grammar: "specs",
    kind: "channel",
    specs: [[0, 1, 0, 1, 0]],
    reason: "its channel routes",
  },
  {
    name: "subscribe",
    grammar: "specs",
    kind: "channel",
    specs: [[0, 1, -1, 1, 0]],
    reason: "its channels route",
  },
  {
    name: "unsubscribe",
    grammar: "specs",
    kind: "channel",
    specs: [[0, 1, -1, 1, 0]],
    reason: "its channels route",
  },
  {
    name: "pubsub|numsub",
    grammar: "specs",
    kind: "channel",
    specs: [[0, 2, -1, 1, 0]],
    reason: "its channels route",
  },
  {
    name: "pubsub|shardnumsub",
    grammar: "specs",
    kind: "shard-channel",
    specs: [[0, 2, -1, 1, 0]],
    reason: "its channels route",
  },
  {
    name: "client|setinfo",
    arity: 4,
    flags: ["noscript", "loading", "stale"],
    reason: "of Redis 7.2: every current client sends it when it connects",
  },
  {
    name: "client|no-touch",
    arity: 3,
    flags: ["noscript", "loading", "stale"],
    reason: "of Redis 7.2: a setting of the connection, answered here",
  },
];
