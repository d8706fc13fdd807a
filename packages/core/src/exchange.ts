/**
 * One request on its way, or one part of it on a link.
 *
 * ```
 *   forward:   session ─ fifo ─▶ exchange ◀─ in flight ─ link
 *   fragment:  session ─ fifo ─▶ exchange ◀─ parent ─ part ◀─ in flight ─ link   (one for each part)
 *   replay:    slot ◀─ in flight ─ link                                          (no session)
 *
 *   waiting ──(frames came | local answer)──▶ done ──(its turn)──▶ written
 *      └─(failed | cancelled: stays in flight as a tombstone that swallows a late reply)─▶ dead
 * ```
 */
import type { Block } from "./bytes/arena.ts";
import type { CommandStats } from "./counts.ts";
import type { Slot } from "./journal.ts";
import type { Lanes } from "./lanes.ts";
import type { Link } from "./link.ts";
import type { Forward, Fragment, Reply, StreamFragment } from "./plan.ts";
import type { Session } from "./session.ts";
import type { RoutingTable } from "./table/table.ts";

/** See the module. One class for all three uses keeps the hot path monomorphic. */
export class Exchange {
  /** Whose request; null for a replayed slot. */
  session: Session | null;
  /** The exchange that this is a part of. */
  readonly parent: Exchange | null;
  /** Position among the parent's parts. */
  readonly part: number;
  /** Frames still to come. */
  frames = 1;
  /** Told to the framer. */
  expect = -1;
  /** Matching by id: the id on the link. */
  linkId = -1;
  /** Matching by id: the client's id, put back into the reply; -1 = leave the reply as it is. */
  clientId = -1;
  /** Waits for an event, not for the server: pointless once the client is gone. */
  waits = false;
  /** A forward sent as a whole that nothing waits for: used again, see `ExchangePool`. */
  plain = false;
  /** Later requests wait for it. */
  holds = false;
  /** The codec's own: in no order of the client's. */
  detached = false;
  /** Answer not wanted by the client. */
  silent = false;
  /** All of the answer is there (or was written). */
  done = false;
  /** Nobody waits any more. */
  dead = false;
  /** Bytes of the answer have left for the client. */
  cut = false;
  /** Within a frame. */
  inFrame = false;
  /** Milliseconds allowed without progress, 0 = for ever. */
  timeout = 0;
  /** When it fails. */
  deadline: number = Number.POSITIVE_INFINITY;
  /** When it was sent. */
  sentAt = 0;
  /** Close the client once this is written. */
  end = false;
  /** The link that it is in flight on. */
  link: Link | null = null;
  /** Counts what is in flight per lane. */
  lanes: Lanes | null = null;
  /** On the private lane. */
  onPrivate = false;
  /** First bytes of the answer that wait for their turn: `run[runFrom, runTo)`. */
  run: Uint8Array | null = null;
  runFrom = 0;
  runTo = 0;
  /** Where these are copied to; null = they need no copy. */
  block: Block | null = null;
  /** Bytes that wait: of the answer behind its run, or of the current frame of a part. */
  chunks: Uint8Array[] | null = null;
  /** For a split request: bytes of replies that wait for the others. */
  held = 0;
  /** Name of the request. */
  label = "";
  /** Its counters at the upstream that it goes to; null = not counted. */
  counts: CommandStats | null = null;
  /** The slot that is replayed. */
  slot: Slot | null = null;
  /** For a split request. */
  split: Split | null = null;
  /** What is forwarded; null for all others. */
  plan: Forward | null = null;
  /** The table that the request was planned with: further rounds use it, too. */
  table: RoutingTable | null = null;
  /** Next in the session's order. */
  next: Exchange | null = null;

  constructor(session: Session | null, parent: Exchange | null, part: number) {
    this.session = session;
    this.parent = parent;
    this.part = part;
  }
}

/** What a split request remembers. */
export interface Split {
  /** The round under way. */
  plan: Fragment | StreamFragment;
  /** Replies by part. */
  replies: { frames: Uint8Array[]; failure: Reply["failure"] }[];
  /** Parts still out. */
  left: number;
  /** The parts that are in flight. */
  parts: Exchange[];
  /** Where the replies of `replies` are copied to, one for each copy. */
  blocks: Block[];
}
