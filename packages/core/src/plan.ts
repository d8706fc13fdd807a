/**
 * What becomes of one request. A codec returns plans; the session machine
 * carries them out. A plan is data: it can be printed, compared and decorated.
 *
 * ```
 * forward   one upstream, the very bytes received
 * fragment  parts for several upstreams, and how their replies become one
 * stream    as fragment, but reply bytes leave before the last reply is whole
 * local     answered here            refuse   answered here with an error
 * skip      nothing to do, no reply  ask      the host must say something first
 * ```
 */
import type { Journal } from "./journal.ts";

/** Which upstream connection of a node: one that sessions share, or this session's own. */
export type Lane = "shared" | "private";

/** Why a part has no reply. */
export type FailureReason =
  /** The connection could not be opened (or is in back-off after that). */
  | "unreachable"
  /** The connection went away before the reply was whole. */
  | "lost"
  /** No whole reply before the deadline. */
  | "timeout"
  /** The upstream sent what is not its protocol, or a reply that nobody asked for. */
  | "garbage"
  /** The upstream refused the replayed journal; `reply` holds its words. */
  | "handshake"
  /** The upstream closed its connection as its protocol allows, before it had read the request. */
  | "closed"
  /** A limit of the whole router was reached before the request was sent; it may work later. */
  | "overloaded"
  /** The request is larger than the router holds; it will never work. */
  | "too-large";

/** An outcome that is not a reply. */
export interface Failure {
  /** What happened. */
  readonly reason: FailureReason;
  /** Name of the cluster. */
  readonly cluster: string;
  /** Whether bytes of the request may have reached the cluster (so it may have run). */
  readonly sent: boolean;
  /** The upstream's own error (a view that stays valid), where it gave one. */
  readonly reply: Uint8Array | null;
}

/** What came back for one part, in the order of the plan's parts. */
export interface Reply {
  /** Whole frames, each contiguous; views that stay valid until the next input if the router reuses input. */
  readonly frames: readonly Uint8Array[];
  /** Set when the part failed; `frames` then holds what had come before. */
  readonly failure: Failure | null;
}

/** Where a packet goes. */
export interface Target {
  /** Index into the `clusters` of the table that was current when the request was read, also for its further rounds; for an emission, when it was made. */
  readonly cluster: number;
  /** An address inside the cluster, where the protocol tells nodes apart; "" = any. */
  readonly node: string;
  /** Shared or the session's own connection. */
  readonly lane: Lane;
}

/** One packet of a split request. */
export interface Part extends Target {
  /** The packet, in chunks; views or memory that is never touched again. */
  readonly bytes: readonly Uint8Array[];
  /** Reply frames to wait for; 0 = none comes. */
  readonly frames: number;
  /** Told to the link's framer while this part is the oldest in flight (a reply to HEAD has no body). */
  readonly expect: number;
  /** Matching by id: the id in `bytes`, or -1 to let core number the packet. Unused when matching by order. */
  readonly id: number;
}

/** What every plan that reaches an upstream says. */
export interface Sending {
  /** Later requests of the session wait for the answer. */
  readonly hold: boolean;
  /** The answer is swallowed (the client asked for no reply). */
  readonly silent: boolean;
  /** Milliseconds until the request fails; -1 = the router's default, 0 = never. With `hold`, any but -1 says that the request waits for an event: it is given up when the client goes. */
  readonly timeout: number;
}

/** One upstream gets the bytes received, or others in their place; its reply goes back as it comes. */
export interface Forward extends Target, Sending {
  /** Discriminates. */
  readonly type: "forward";
  /** Reply frames to wait for; 0 = one-way: nothing says when it has arrived, so only what follows on the same lane stays behind it. */
  readonly frames: number;
  /** As in {@link Part}. */
  readonly expect: number;
  /** Matching by id: the client's id of the request, put back into the reply. */
  readonly id: number;
  /** What is sent in place of the bytes received: the same with another number, say. Views, or memory that is never touched again. Absent or null = the bytes received. */
  readonly instead?: readonly Uint8Array[] | null;
}

/** Parts for several upstreams; `coalesce` gets all replies and says what follows. */
export interface Fragment extends Sending {
  /** Discriminates. */
  readonly type: "fragment";
  /** At least one. */
  readonly parts: readonly Part[];
  /** Journal whose lanes the parts use; null = the session's own. Set it to try new settings before committing them. */
  readonly journal: Journal | null;
  /** Settings that the parts themselves bring to the session's own links: these need no replay there. Null = none. */
  readonly carries: Journal | null;
  /** Called once, when every part has its replies or has failed. May ask for another round by returning a fragment. */
  readonly coalesce: (replies: readonly Reply[]) => NextPlan;
}

/** As {@link Fragment}, for replies too large to hold. */
export interface StreamFragment extends Sending {
  /** Discriminates. */
  readonly type: "stream";
  /** At least one. */
  readonly parts: readonly Part[];
  /** Fed with pieces as they come. */
  readonly merge: StreamMerge;
}

/** Merges replies that are still arriving. Each call returns bytes for the client. */
export interface StreamMerge {
  /** A piece of the reply of `part`; `end` with the last one of its last frame. */
  piece(part: number, bytes: Uint8Array, end: boolean): readonly Uint8Array[];
  /** The part failed; `cut` = bytes already left, so the answer cannot be taken back. */
  failed(part: number, failure: Failure, cut: boolean): readonly Uint8Array[];
  /** Bytes have been sent that cannot be made a whole answer: the client connection must end. Looked at after every call. */
  readonly broken: boolean;
  /** Bytes that it holds back; counted towards the limits of the client and of the router. */
  readonly held: number;
  /** Whether this part runs ahead of the others: its connection, if it is private, is read no further for now. Looked at after every call; must be false once nothing is waited for from the others. */
  ahead?(part: number): boolean;
  /** Called once, when every part has ended or failed: what follows behind the bytes that have left. Where it is there, these are never taken back, and `cut` is no news. */
  next?(): NextPlan;
}

/** The router answers by itself. */
export interface Local {
  /** Discriminates. */
  readonly type: "local";
  /** The answer; may be empty. */
  readonly bytes: readonly Uint8Array[];
  /** Close the client after the answer; nothing behind the request runs. */
  readonly end: boolean;
  /** Close the session's private links (its state there is void). Waits until all before it is answered. */
  readonly release: boolean;
}

/** The router answers with an error. */
export interface Refuse {
  /** Discriminates. */
  readonly type: "refuse";
  /** The error in the protocol's own form. */
  readonly bytes: readonly Uint8Array[];
  /** Close the client after the error. */
  readonly end: boolean;
  /** With `end`: why, for the host's log, without data of the client. Absent = nothing is said. */
  readonly reason?: string;
}

/** The bytes are consumed and nothing is answered. */
export interface Skip {
  /** Discriminates. */
  readonly type: "skip";
}

/** The host must answer before the plan is known. Later requests wait. */
export interface Ask {
  /** Discriminates. */
  readonly type: "ask";
  /** What is asked for: "authenticate", "session", "value", … */
  readonly topic: string;
  /** The question. */
  readonly value: unknown;
  /** Called with the host's answer, undefined when none came in time. The plan is not carried out when the client has gone. */
  readonly answered: (value: unknown) => NextPlan;
}

/** Nothing before a moment: back-off, a retry. */
export interface Later {
  /** Discriminates. */
  readonly type: "later";
  /** Unix milliseconds; in the past = at the next tick. */
  readonly at: number;
  /** Later requests wait. */
  readonly hold: boolean;
  /** Called then. */
  readonly resume: () => NextPlan;
}

/** What may follow once replies or an answer are there: everything but a forward. */
export type NextPlan = Fragment | StreamFragment | Local | Refuse | Skip | Ask | Later;

/** What becomes of one request. */
export type Plan = Forward | NextPlan;

/** A packet that answers no request: a push to the client, or a packet of the codec's own to a link. */
export interface Emission {
  /** Null = the client. */
  readonly to: Target | null;
  /** The packet. */
  readonly bytes: readonly Uint8Array[];
}

/** What a codec does on an event that is no request: a push, a lost link, a moment that has come. */
export interface Reaction {
  /** Packets that expect nothing back. */
  readonly emit: readonly Emission[];
  /** Exchanges of the codec's own, outside the client's order; bytes that they answer go to the client as a push. */
  readonly plans: readonly NextPlan[];
  /** End the client connection. */
  readonly end: boolean;
  /** Names of clusters whose private links of this session are to be closed at once: what is in flight fails as lost, and `lost` follows. Absent = none. */
  readonly drop?: readonly string[];
}

/** Nothing to do. */
export const noReaction: Reaction = { emit: [], plans: [], end: false };
