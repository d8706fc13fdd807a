/**
 * Split requests of one session: their parts go out, replies and failures are
 * collected, and when the last one is in the plan's merge has its turn.
 *
 * ```
 *   parent ─┬─ part 0 ─▶ link     reply 0 ─┐
 *           ├─ part 1 ─▶ link     reply 1 ─┼─▶ coalesce ─▶ next plan
 *           └─ part 2 ─▶ link     failure ─┘
 * ```
 */
import { join, total, view } from "./bytes/join.ts";
import { type Core, keep } from "./core.ts";
import { countOneWay } from "./counts.ts";
import { LocalProtocolError } from "./errors.ts";
import { Exchange, type Split } from "./exchange.ts";
import type { Journal } from "./journal.ts";
import { enter, type Lanes } from "./lanes.ts";
import type { Link } from "./link.ts";
import type { Failure, Fragment, NextPlan, Part, StreamFragment } from "./plan.ts";
import type { Session } from "./session.ts";
import type { SessionLinks } from "./session-links.ts";
import type { RoutingTable } from "./table/table.ts";

/** What the session does for its split requests. */
export interface SplitOwner {
  /** Bytes of an answer that is still being made. */
  streamed(parent: Exchange, chunks: readonly Uint8Array[]): void;
  /** All parts have ended; null = what was streamed is the answer. */
  merged(parent: Exchange, next: NextPlan | null): void;
  /** The stream failed behind bytes that have left. */
  broken(): void;
  /** Bytes wait in the router (negative: no longer). */
  collected(bytes: number): void;
  /** A packet was put on a link. */
  sentOn(link: Link): void;
  /** The upstream of a part is in back-off. */
  unreachable(part: Exchange, lanes: Lanes): void;
  /** A part has no reply and was not sent. */
  failed(part: Exchange, failure: Failure): void;
}

/** See the module. */
export class Splits {
  readonly #core: Core;
  readonly #session: Session;
  readonly #links: SessionLinks;
  readonly #owner: SplitOwner;

  constructor(core: Core, session: Session, links: SessionLinks, owner: SplitOwner) {
    this.#core = core;
    this.#session = session;
    this.#links = links;
    this.#owner = owner;
  }

  /** Sends all parts of a round; with a `failure` that is the outcome of each, and nothing is sent. */
  start(
    parent: Exchange,
    plan: Fragment | StreamFragment,
    table: RoutingTable,
    failure: Failure | null = null,
  ): void {
    const journal = plan.type === "fragment" ? plan.journal : null;
    const carries = plan.type === "fragment" ? plan.carries : null;
    const split: Split = {
      plan,
      replies: plan.parts.map(() => ({ frames: [], failure: null })),
      left: plan.parts.length,
      parts: [],
      blocks: [],
    };
    parent.split = split;
    if (split.left === 0) {
      throw new LocalProtocolError("bad-codec", "a split request without parts");
    }
    plan.parts.forEach((part, index) => {
      if (this.#session.gone) return;
      const child = new Exchange(this.#session, parent, index);
      child.timeout = plan.timeout < 0 ? this.#core.limits.requestTimeout : plan.timeout;
      if (parent.timeout === 0) parent.timeout = child.timeout;
      child.label = parent.label;
      split.parts.push(child);
      if (failure === null) this.#send(child, parent, part, table, journal, carries);
      else this.#owner.failed(child, failure);
    });
  }

  /** Bytes of a part's reply. */
  reply(
    child: Exchange,
    parent: Exchange,
    bytes: Uint8Array,
    from: number,
    to: number,
    whole: boolean,
  ): void {
    const { split } = parent;
    if (split === null) return;
    if (split.plan.type === "stream") {
      const { merge } = split.plan;
      const end = whole && child.frames === 1;
      this.#owner.streamed(parent, merge.piece(child.part, view(bytes, from, to), end));
      if (parent.held !== merge.held) this.#collect(parent, merge.held - parent.held);
      if (merge.broken) this.#owner.broken();
      else this.#pace(split);
      return;
    }
    this.#collect(parent, to - from);
    if (!whole) {
      if (child.chunks === null) child.chunks = [];
      child.chunks.push(keep(this.#core, bytes, from, to));
      return;
    }
    const frame =
      child.chunks === null
        ? this.#frame(split, child, bytes, from, to)
        : join([...child.chunks, view(bytes, from, to)]);
    child.chunks = null;
    split.replies[child.part]?.frames.push(frame);
  }

  /** A part has no reply. */
  failed(child: Exchange, parent: Exchange, failure: Failure): void {
    const { split } = parent;
    if (split === null) return;
    if (split.plan.type === "stream") {
      const { merge } = split.plan;
      this.#owner.streamed(parent, merge.failed(child.part, failure, parent.cut));
      if (merge.broken) {
        this.#owner.broken();
        return;
      }
      this.#pace(split);
    } else {
      const reply = split.replies[child.part];
      if (reply !== undefined) reply.failure = failure;
    }
    this.ended(parent);
  }

  /** A part has ended, well or not. */
  ended(parent: Exchange): void {
    const { split } = parent;
    if (split === null || parent.dead) return;
    split.left -= 1;
    if (split.left > 0) return;
    parent.split = null;
    this.#collect(parent, -parent.held);
    const { plan, replies } = split;
    const next = plan.type === "stream" ? (plan.merge.next?.() ?? null) : plan.coalesce(replies);
    this.#owner.merged(parent, next);
    this.#release(split);
  }

  /** Nobody waits for the exchange or its parts any more. */
  cancel(exchange: Exchange): void {
    exchange.dead = true;
    for (const part of exchange.split?.parts ?? []) part.dead = true;
    if (exchange.split !== null) this.#release(exchange.split);
    this.#collect(exchange, -exchange.held);
  }

  /** A whole reply as a frame that lasts until the merge. */
  #frame(split: Split, child: Exchange, bytes: Uint8Array, from: number, to: number): Uint8Array {
    const { arena, reusesInput } = this.#core;
    // What brings the last one in brings the merge about, too: it sees the input as it is.
    if (!reusesInput || (split.left === 1 && child.frames === 1)) return view(bytes, from, to);
    const block = arena.copy(bytes, from, to);
    if (block === null) return bytes.slice(from, to);
    split.blocks.push(block);
    return block.bytes.subarray(arena.from, arena.from + to - from);
  }

  /** The merge has seen all, or nobody waits for it. What it took over leaves with this turn. */
  #release(split: Split): void {
    for (const block of split.blocks) this.#core.arena.release(block);
    split.blocks = [];
  }

  #send(
    child: Exchange,
    parent: Exchange,
    part: Part,
    table: RoutingTable,
    journal: Journal | null,
    carries: Journal | null,
  ): void {
    child.frames = part.frames;
    child.expect = part.expect;
    child.linkId = part.id;
    const lanes = this.#links.to(table, part);
    const link =
      journal !== null
        ? this.#core.sharedLink(lanes.upstream, journal)
        : this.#links.choose(lanes, part.lane, carries);
    if (this.#core.counters) child.counts = lanes.counts(child.label);
    if (link === null) {
      this.#owner.unreachable(child, lanes);
      return;
    }
    if (part.frames === 0) {
      if (child.counts !== null) countOneWay(child.counts, total(part.bytes));
      link.sender.submit(null, part.bytes);
      this.#owner.sentOn(link);
      this.ended(parent);
      return;
    }
    if (journal === null) enter(child, lanes, link);
    link.sender.submit(child, part.bytes);
    this.#owner.sentOn(link);
  }

  /** Parts that run ahead of the others wait, and go on when these have come along. */
  #pace({ plan, parts }: Split): void {
    if (plan.type !== "stream" || plan.merge.ahead === undefined || this.#session.gone) return;
    for (const { link, part, onPrivate } of parts) {
      if (link !== null && onPrivate) this.#links.hold(link, plan.merge.ahead(part));
    }
  }

  #collect(exchange: Exchange, bytes: number): void {
    exchange.held += bytes;
    this.#owner.collected(bytes);
  }
}
