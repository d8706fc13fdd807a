/**
 * The interface that a protocol implements. Core frames, orders, matches and
 * limits; a codec knows where a message ends, which shard key it has, how to
 * split it and how to merge the replies.
 *
 * ```
 * Codec.start(router) ─▶ RunningCodec        one for each router: what outlives sessions
 *   .session(ctx) ─▶ SessionCodec            one for each client: reads requests, makes plans
 *   .link(ctx)    ─▶ LinkCodec               one for each upstream connection: frames replies
 * ```
 * All methods are called synchronously and return what is to be done: no
 * callback, promise, clock or randomness. Bytes given to a codec are views
 * that it must not keep beyond the call, unless the returned plan holds them.
 */
import type { Journal, Slot } from "./journal.ts";
import type { Failure, Forward, Plan, Reaction } from "./plan.ts";
import type { Security } from "./security.ts";
import type { SessionRecords } from "./session-records.ts";
import type { MakeKeyMap } from "./table/key-map.ts";
import type { RoutingTable } from "./table/table.ts";

/** What a host may be able to do; a router refuses a configuration that its host cannot carry. */
export type Capability =
  /** Connections to more than one upstream at a time. */
  | "fanOut"
  /** Bytes to the client while no request is open. */
  | "unsolicitedReply"
  /** Calls `tick` at the deadline. */
  | "timers"
  /** Opens connections that serve one session alone. */
  | "privateLinks";

/** A protocol. */
export interface Codec {
  /** Name as in a table's `protocol`. */
  readonly name: string;
  /** How a reply finds its request on a link: the oldest in flight, or the id that it carries. */
  readonly matching: "order" | "id";
  /** Whether replies leave in request order, or as they come. */
  readonly ordering: "in-order" | "as-ready";
  /** What the host must be able to do. */
  readonly needs: readonly Capability[];
  /** Finds the hash tag of a shard key for hash rules; see {@link HashTag}. Null = the whole key. */
  readonly hashTag: HashTag | null;
  /** The codec's own map of its keys, where they have levels and wildcards: it says which rule of a table decides. */
  readonly keyMap?: MakeKeyMap;
  /** What rights may name, of a codec that heeds `RouterContext.security`; a codec without it does not. */
  readonly requestClasses?: RequestClasses;
  /** Names of the options that a router takes over with another table while it runs; all others stay as they were at `start`. Absent = none. */
  readonly liveOptions?: readonly string[];
  /** Begins to serve a router. Throws `ConfigError` when the table's options are wrong for the protocol. */
  start(router: RouterContext): RunningCodec;
}

/** Classes of requests that {@link Rights} may name. */
export interface RequestClasses {
  /** All of them. */
  readonly all: readonly string[];
  /** Those that a client with limited routes may have: they touch nothing but the keys that they name. */
  readonly routed: readonly string[];
}

/** Finds the part of a key that hash rules see. Sets `from` and `to`: no allocation on the hot path. */
export interface HashTag {
  /** Start of the part found by the last `find`. */
  from: number;
  /** End of the part found by the last `find`. */
  to: number;
  /** Looks at the key at `bytes[from, to)`. */
  find(bytes: Uint8Array, from: number, to: number): void;
}

/** What a running codec sees of its router. */
export interface RouterContext {
  /** The newest table. Its identity changes with each swap. */
  readonly table: RoutingTable;
  /** The limits in force. */
  readonly limits: Limits;
  /** Credentials of the router and users that it checks. */
  readonly security: Security;
  /** Takes what is to be kept of sessions; null = the host keeps nothing, so the codec does what it can by itself. */
  readonly records: SessionRecords | null;
  /** Whether the host answers the question "value" (`ValueQuestion`); otherwise the codec knows what it has in memory. */
  readonly keepsValues: boolean;
  /** `bytes` as something that outlives the call: a plan that sends views of a request again in a later round must keep them. */
  keep(bytes: Uint8Array): Uint8Array;
}

/** A codec at work for one router. */
export interface RunningCodec {
  /** A client connected. */
  session(context: SessionContext): SessionCodec;
  /** An upstream connection is opened. */
  link(context: LinkContext): LinkCodec;
  /** What `RouterContext.security` says has changed: wake sessions that it concerns. */
  securityChanged?(): void;
  /** Rules that some sessions have instead of the router's table, in the order of the configuration. Absent = there are none. */
  readonly ownRules?: readonly OwnRulesView[];
  /** Messages that are not passed on, as it is to be, by the reason; live. Absent = there are none. */
  readonly dropped?: ReadonlyMap<string, number>;
  /** Another table is put in force next. Throws `ConfigError`, and changes nothing, when its live options are wrong. */
  tableChanges?(table: RoutingTable): void;
}

/** What a session codec sees of its session. */
export interface SessionContext {
  /** Counts from 1, unique in the router; 0 = no client, requests are only explained. */
  readonly id: number;
  /** Time of the current input, Unix milliseconds. */
  readonly now: number;
  /** The session's settings. Assign to commit a changed copy. */
  journal: Journal;
  /** Has `wake` called before the present input ends: for a codec that knows the session from another one. */
  wake(): void;
}

/** What a link codec sees of its link. */
export interface LinkContext {
  /** Name of the cluster. */
  readonly cluster: string;
  /** Address inside the cluster, or "". */
  readonly node: string;
  /** Whether several sessions use the link. */
  readonly shared: boolean;
  /** Whose link it is; null when it is shared. */
  readonly session: SessionCodec | null;
}

/** Rules of one session instead of the router's table. */
export interface OwnRules {
  /** With the clusters of the router's table. */
  readonly table: RoutingTable;
  /** Which they are, and whose. */
  readonly words: string;
}

/** Rules for some sessions ({@link OwnRules}), for metrics and admin pages. */
export interface OwnRulesView {
  /** What they go by, of few values: "clientId". */
  readonly match: string;
  /** Whose they are, as the configuration has it. */
  readonly words: string;
  /** Sessions that they were chosen for since they came into force. */
  readonly hits: number;
}

/** Reads a client's requests. */
export interface SessionCodec {
  /**
   * Reads the request that starts at `bytes[from]`. Returns its plan and sets
   * `end` (the offset after the bytes consumed), `more` and `label`. Returns
   * null when too few bytes are there and sets `need` to the least number of
   * bytes (from `from`) worth another call, 0 if unknown. Bad bytes give a
   * `refuse` with `end: true`.
   */
  request(bytes: Uint8Array, from: number): Plan | null;
  /** Offset after the bytes that the last call consumed. */
  readonly end: number;
  /** The last request goes on behind `end`: its body follows through `body`. A forward needs the private lane then; the body of any other plan is swallowed. */
  readonly more: boolean;
  /** See `request`. */
  readonly need: number;
  /** Name of the last request for metrics and `explain` ("GET"); never holds data of the client. */
  readonly label: string;
  /** The shard keys of the last request (views), for `explain`. */
  keys(bytes: Uint8Array): readonly Uint8Array[];
  /** For `explain`: the rules that the keys of this session go by; null or absent = the router's table. */
  readonly ownRules?: OwnRules | null;
  /** Reads on in the body of the last request; returns the offset after the bytes that belong to it and clears `more` at its end. */
  body(bytes: Uint8Array, from: number): number;
  /** A whole frame came on a link of this session that answers no request. */
  push(frame: Uint8Array, cluster: string): Reaction;
  /** When `wake` is to be called, Unix milliseconds; Infinity = never. Looked at after every event of the session. */
  readonly wakeAt: number;
  /** The moment of `wakeAt` has come (or another session's codec called `SessionContext.wake`). */
  wake(): Reaction;
  /** The protocol's own form of a failure of a forwarded request; `plan` is the one that the codec made (and may have added to), null when a limit was met before there was one. */
  failure(failure: Failure, plan: Forward | null): Uint8Array;
  /** Whether the session's private link to this cluster must stay open and stay in use (transaction, subscription). */
  pinned(cluster: string): boolean;
  /** The private link to this cluster went away, after its requests had failed (and what they asked for next was begun). */
  lost(cluster: string): Reaction;
  /** The client is gone (or ends): nothing more will be asked. */
  closed(): void;
}

/** What {@link LinkCodec.scan} met. */
export type ScanEvent =
  /** Too few bytes to tell anything: keep them and call again. */
  | "need"
  /** Bytes of a reply that is not whole yet. */
  | "piece"
  /** A reply is whole. */
  | "reply"
  /** A reply is whole, and no further frame of its request follows, however many were expected. */
  | "last"
  /** Bytes of a push that is not whole yet. */
  | "push-piece"
  /** A push (a frame that answers no request) is whole. */
  | "push"
  /** Not the protocol: the link is closed. */
  | "garbage";

/** Frames what an upstream sends. Keeps its place inside a frame between calls. */
export interface LinkCodec {
  /** What a connection that stands must hear before the journal of its session: the router's own credentials. Judged by `replayed`. */
  greeting?(): readonly Slot[];
  /**
   * Reads on at `bytes[from]` up to the end of the current frame or of
   * `bytes`. Returns the offset after what was read and sets `event` (and
   * `id`). `expect` is what the oldest part in flight says of its reply, -1
   * when there is none.
   */
  scan(bytes: Uint8Array, from: number, expect: number): number;
  /** What the last `scan` met. */
  readonly event: ScanEvent;
  /** Matching by id: the id of the current frame. */
  readonly id: number;
  /** The upstream closed its side: whether that ends the current frame as the protocol says. */
  ended(): boolean;
  /** Judges the reply to a replayed slot: null = accepted, else the words for those who wait. */
  replayed(slot: Slot, frame: Uint8Array): Uint8Array | null;
  /** Milliseconds after the reply to the last replayed slot when the upstream is to hear all of them again, on the same connection and behind what is in flight. Read at that reply; absent or 0 = never. */
  readonly renewAfter?: number;
  /** Matching by id: a request's first chunk with `id` in it: a copy of its head and a view of the rest. */
  numberRequest(chunk: Uint8Array, id: number): readonly Uint8Array[];
  /** Matching by id: a reply's first piece with `id` in it, likewise. */
  numberReply(chunk: Uint8Array, id: number): readonly Uint8Array[];
  /** After a whole reply: the upstream will close and reads nothing more. What is in flight behind it fails as "closed". */
  readonly closing: boolean;
  /** Error replies seen on this link so far; for metrics. */
  readonly errors: number;
}

/** Bounds. Every one has a default and a reason: see `defaultLimits`. */
export interface Limits {
  /** Bytes of one request that must be held whole (split requests, heads). */
  readonly maxRequest: number;
  /** Requests of one session in flight before its client is read no further. */
  readonly maxInFlight: number;
  /** Bytes waiting for one client (replies out of turn included). */
  readonly maxOutput: number;
  /** Milliseconds without progress that a client above `maxOutput` has left. */
  readonly stallTimeout: number;
  /** Bytes that the whole router may hold. */
  readonly maxMemory: number;
  /** Milliseconds for a request. */
  readonly requestTimeout: number;
  /** Milliseconds until an upstream connection stands, handshake included. */
  readonly connectTimeout: number;
  /** Milliseconds after which an unused private or extra shared link is closed. */
  readonly idleTimeout: number;
  /** First back-off after a failed connect, milliseconds; doubles up to `maxBackoff`. */
  readonly minBackoff: number;
  /** Longest back-off, milliseconds. */
  readonly maxBackoff: number;
  /** Milliseconds that links of a cluster which the table has dropped may finish in. */
  readonly drainTimeout: number;
  /** Timed-out requests in a row on one link before it is closed. */
  readonly maxTimeouts: number;
}
