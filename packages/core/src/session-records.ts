/**
 * What a protocol wants kept of its clients' sessions beyond their
 * connections, and by a host that can do so beyond its process.
 *
 * ```
 *   ask "session" ──▶ what is kept      begin ──▶ in use ──rest──▶ resting ──until──▶ forgotten
 *                                                   └ put · remove
 * ```
 * Records leave with the effects of the input that they come from. The host
 * keeps them before it sends any of that input's bytes: what a peer has heard
 * is known after a crash.
 */

/** One change of what is kept of a session. */
export type SessionRecord =
  /** A connection has the session. `anew` = what was kept of it is void. Without its end by `rest`, it rests `idle` milliseconds from when it is found. */
  | {
      readonly type: "begin";
      readonly session: string;
      readonly anew: boolean;
      readonly idle: number;
    }
  /** Something of the session, under a name; `value` is memory that is never touched again. */
  | {
      readonly type: "put";
      readonly session: string;
      readonly item: string;
      readonly value: Uint8Array;
    }
  /** That is over. */
  | { readonly type: "remove"; readonly session: string; readonly item: string }
  /** The connection is gone; all is kept until then, Unix milliseconds. In the past = forget it. */
  | { readonly type: "rest"; readonly session: string; readonly until: number };

/** Question of the topic "session": a connection wants the session. The answer is a {@link KeptSession}, null when nothing is known of it, undefined when nothing can be kept now. */
export interface SessionQuestion {
  /** Which. */
  readonly session: string;
  /** What is kept is not wanted: forget it, the answer is null. */
  readonly anew: boolean;
}

/** What a host has kept. */
export interface KeptSession {
  /** No other router has had it since this one: what this one still knows by itself counts, too. */
  readonly current: boolean;
  /** What was put, by name; views that are never touched again. */
  readonly items: ReadonlyMap<string, Uint8Array>;
}

/** Takes records. */
export interface SessionRecords {
  /** Keeps the record before anything of the present input is sent. */
  add(record: SessionRecord): void;
}
