/**
 * One client connection: its inputs, and the reading of its requests. What
 * becomes of them is up to {@link Execution}, how much may wait to
 * {@link ClientFlow}.
 *
 * ```
 *   reading ──client half-closed──▶ the rest is read and answered ─┐
 *      │ ──answer that ends────────────────────────────────────────┴─written─▶ closed
 *      └ ──lost · over its limits──────────────────────────────────────────────▶ closed
 * ```
 */
import { Answers } from "./answers.ts";
import { Inbox } from "./bytes/inbox.ts";
import { view } from "./bytes/join.ts";
import { ClientFlow, pausedBy } from "./client-flow.ts";
import type { SessionCodec, SessionContext } from "./codec.ts";
import type { Core } from "./core.ts";
import { LocalProtocolError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { Execution } from "./execution.ts";
import { Forwarding } from "./forwarding.ts";
import { Journal } from "./journal.ts";
import type { Link } from "./link.ts";
import { Endpoint } from "./peer.ts";
import type { NextPlan } from "./plan.ts";
import { SessionLinks } from "./session-links.ts";
import type { Upstream } from "./upstream.ts";
import type { ClientView } from "./views.ts";

/** See the module. */
export class Session extends Endpoint implements SessionContext {
  readonly kind = "client";
  readonly cluster = "";
  readonly key: string;
  readonly id: number;
  readonly codec: SessionCodec;
  journal: Journal = Journal.empty;
  /** Closed: nothing more goes in or out. */
  gone = false;
  /** Takes the outcomes of its requests. */
  readonly execution: Execution;
  readonly #core: Core;
  readonly #inbox: Inbox;
  readonly #answers: Answers;
  readonly #flow: ClientFlow;
  readonly #links: SessionLinks;
  readonly #forwarding: Forwarding;
  #inboxHeld = 0;
  #need = 0;
  #halfClosed = false;
  #pumping = false;
  /** A private link is going: nothing more is read until the codec has heard of it. */
  #losing = false;
  /** The node where the codec has state on the link that is going, null = it has none. */
  #pinnedTo: Upstream | null = null;

  constructor(core: Core, id: number) {
    super(core);
    this.#core = core;
    this.#inbox = new Inbox(core.spares);
    this.id = id;
    this.key = `client ${id}`;
    this.#answers = new Answers(core, this, core.codec.ordering === "in-order");
    this.#flow = new ClientFlow(core, this, this.#answers);
    this.#links = new SessionLinks(core, this);
    const parts = [core, this, this.#links] as const;
    this.#forwarding = new Forwarding(...parts, this.#answers, this.#flow);
    this.execution = new Execution(...parts, this.#forwarding, this.#answers, this.#flow);
    this.codec = core.running.session(this);
  }

  /** Bytes waiting in the host since it said "full", -1 while it takes all. */
  get unsent(): number {
    return this.#flow.unsent;
  }

  set unsent(bytes: number) {
    this.#flow.unsent = bytes;
  }

  get now(): number {
    return this.#core.now;
  }

  /** Requests without their whole answer. */
  get open(): number {
    return this.#answers.count;
  }

  /** Bytes that are held for it in the router. */
  get heldBytes(): number {
    return this.#flow.held + this.#inbox.length;
  }

  /** What it is doing. */
  get state(): ClientView["state"] {
    if (this.execution.ending) return "ending";
    if (this.#flow.pauses !== 0) return "paused";
    return this.execution.blocked ? "held" : "reading";
  }

  // ---- inputs from the client ---------------------------------------------

  handleBytes(chunk: Uint8Array): void {
    if (this.gone || this.execution.ending) return;
    this.#inbox.append(chunk, this.#need);
    this.#pump();
  }

  handleHalfClosed(): void {
    this.#halfClosed = true;
    // A client that is gone looks like one that half-closed; an event that came now would be lost.
    if (this.execution.awaitsEvent) this.destroy("abort");
    else this.#pump();
  }

  /** The host buffers `waiting` bytes for the client. */
  handleFull(waiting: number): void {
    this.#flow.full(waiting);
    this.#links.pauseAll(true);
  }

  handleDrained(): void {
    this.#flow.drained();
    this.#links.pauseAll(false);
    this.#pump();
  }

  handleTick(now: number): void {
    this.#flow.tick(now);
  }

  /** What an exchange waited for is there: the host's answer, or the time. */
  handleNext(exchange: Exchange, next: NextPlan): void {
    if (exchange.dead) return;
    this.execution.proceed(exchange, next);
    this.#pump();
  }

  handleWake(): void {
    if (!this.gone) this.execution.react(this.codec.wake());
  }

  wake(): void {
    if (!this.gone) this.#core.watch(this, true);
  }

  // ---- inputs from links --------------------------------------------------

  /** Something left a lane: what waited for that may go on. */
  settled(): void {
    if (this.gone || this.#pumping) return;
    const held = this.#inbox.length > 0 || this.#flow.pauses !== 0;
    if (held || this.#halfClosed || this.execution.gate.used) this.#pump();
  }

  /** A frame that answers no request. */
  pushed(frame: Uint8Array, link: Link): void {
    if (!this.gone) this.execution.react(this.codec.push(frame, link.cluster));
  }

  /** The private link is about to fail what is in flight on it; `linkLost` follows. */
  linkLosing(link: Link): void {
    this.#losing = true;
    this.execution.gate.closed = true;
    this.#pinnedTo = this.codec.pinned(link.cluster) ? link.upstream : null;
  }

  /** The private link went away with all that was in flight. */
  linkLost(link: Link): void {
    this.linkClosed(link);
    if (this.#pinnedTo !== null && !this.gone) this.execution.failWaiting(this.#pinnedTo);
    this.#losing = false;
    this.execution.gate.closed = false;
    if (this.gone) return;
    this.execution.react(this.codec.lost(link.cluster));
    this.settled();
  }

  /** The private link takes requests: if the client is slow, it is read no further from now on. */
  linkReady(link: Link): void {
    if (this.#flow.unsent >= 0 || link.ahead) this.#links.pause(link, true);
  }

  /** The private link was closed while idle. */
  linkClosed(link: Link): void {
    this.#links.closed(link);
  }

  /** A link that this session waited for takes bytes again (or is gone). */
  linkDrained(link: Link): void {
    if (!this.#links.drained(link) || this.gone) return;
    this.#flow.pause(pausedBy.link, false);
    this.#pump();
  }

  /** More is held for this client: within its limit and the router's? */
  holdsMore(): void {
    this.#flow.limit();
  }

  // ---- commands -----------------------------------------------------------

  /** Ends the session. What is in flight is swallowed; private links close at once. */
  destroy(end: "flush" | "abort" | null): void {
    if (this.gone) return;
    this.gone = true;
    this.execution.cancel();
    this.#links.leave();
    this.#holdInbox(0);
    this.#inbox.clear();
    this.#flow.unsent = -1;
    this.codec.closed();
    if (end !== null) this.askEnd(end);
    this.#core.forgetSession(this);
  }

  // ---- reading ------------------------------------------------------------

  #pump(): void {
    if (this.#pumping || this.#losing || this.gone) return;
    this.#pumping = true;
    const box = this.#inbox;
    const bytes = view(box.bytes, 0, box.to);
    try {
      while (this.#proceed(bytes)) {
        // each turn does one thing
      }
    } catch (error) {
      this.destroy("abort"); // a codec that throws costs its own session only
      throw error;
    } finally {
      this.#pumping = false;
    }
    if (this.gone) return;
    if (this.codec.wakeAt < Number.POSITIVE_INFINITY) this.#core.watch(this, false);
    if (box.from === box.to) box.clear();
    else if (this.#core.reusesInput) box.own(this.#need);
    this.#holdInbox(box.length);
    const flow = this.#flow;
    const { blocked, ending } = this.execution;
    const { held, limits } = this.#core;
    flow.pause(pausedBy.inbox, box.length > inboxLimit && blocked);
    flow.pause(pausedBy.inFlight, this.#answers.count >= limits.maxInFlight);
    if (held > limits.maxMemory && !ending && flow.waiting + box.length > 0)
      this.execution.refuse("overloaded");
    else if (this.#halfClosed && !ending && this.#answers.count === 0 && !blocked)
      this.destroy("flush");
  }

  /** Does the next thing there is to do; false when there is none. */
  #proceed(bytes: Uint8Array): boolean {
    if (this.gone) return false;
    this.#links.refresh();
    const { execution } = this;
    if (execution.gate.resume()) return true;
    const box = this.#inbox;
    if (box.from === box.to || execution.ending) return false;
    if (this.#forwarding.body.open) return this.#readBody(bytes);
    if (execution.blocked) return false;
    const { limits } = this.#core;
    if (
      this.#flow.pauses & (pausedBy.output | pausedBy.link) ||
      this.#answers.count >= limits.maxInFlight ||
      box.length < this.#need
    )
      return false;
    const { codec } = this;
    const from = box.from;
    const plan = codec.request(bytes, from);
    if (plan === null) {
      this.#need = codec.need;
      if (Math.max(codec.need, box.length) > limits.maxRequest) execution.refuse("too-large");
      return false;
    }
    if (codec.end <= from || codec.end > box.to) {
      const went = `request went from ${from} to ${codec.end} of ${box.to}`;
      throw new LocalProtocolError("bad-codec", went);
    }
    this.#need = 0;
    box.from = codec.end;
    this.#forwarding.body.begin(codec.more);
    execution.begin(plan, bytes, from, codec.end);
    return true;
  }

  /** Reads on in a body; false while its head waits, or its link takes no more. */
  #readBody(bytes: Uint8Array): boolean {
    if (this.execution.gate.waits || this.#flow.pauses & pausedBy.link) return false;
    const box = this.#inbox;
    const from = box.from;
    box.from = this.codec.body(bytes, from);
    this.#forwarding.body.open = this.codec.more;
    this.#forwarding.sendBody(bytes, from, box.from);
    return true;
  }

  #holdInbox(length: number): void {
    this.#core.held += length - this.#inboxHeld;
    this.#inboxHeld = length;
  }
}

/** Bytes read ahead while a request blocks those behind it: one more chunk of any host's reads. */
const inboxLimit = 256 << 10;
