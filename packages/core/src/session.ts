/**
 * One client connection: reads requests, carries out their plans, and takes
 * the outcomes back. Order of answers is kept by {@link Answers}, upstream
 * connections by {@link Link}.
 *
 * ```
 *   reading ──plan with hold──▶ held ──its answer──▶ reading
 *      │ ──lane or journal change──▶ waiting ──old lane is empty──▶ reading
 *      │ ──ask──▶ held ──the host's answer──▶ reading
 *      │ ──answer that ends──▶ ending ──written──▶ closed
 *      └ client half-closed and all answered, lost, or over its limits ──▶ closed
 * ```
 */
import { Answers } from "./answers.ts";
import { Inbox } from "./bytes/inbox.ts";
import { view } from "./bytes/join.ts";
import type { SessionCodec, SessionContext } from "./codec.ts";
import type { Core } from "./core.ts";
import { countOneWay } from "./counts.ts";
import { assertNever, LocalProtocolError } from "./errors.ts";
import { Exchange } from "./exchange.ts";
import { Journal } from "./journal.ts";
import { enter, type Lanes } from "./lanes.ts";
import type { Link } from "./link.ts";
import { Endpoint } from "./peer.ts";
import type {
  Failure,
  Forward,
  Fragment,
  Local,
  NextPlan,
  Plan,
  Reaction,
  Refuse,
  Sending,
  StreamFragment,
} from "./plan.ts";
import { SessionLinks } from "./session-links.ts";
import { Splits } from "./splits.ts";
import type { ClientView } from "./views.ts";
import { owned, type Waiting } from "./waiting.ts";

/** Why a client is not read at the moment; bits of a mask. */
const pausedBy = { output: 1, link: 2, inFlight: 4, inbox: 8 } as const;

/** See the module. */
export class Session extends Endpoint implements SessionContext {
  readonly kind = "client";
  readonly cluster = "";
  readonly key: string;
  readonly id: number;
  readonly codec: SessionCodec;
  journal: Journal = Journal.empty;
  #unsent = -1;
  /** Closed: nothing more goes in or out. */
  gone = false;
  /** Since when a reader above its limit has made no progress. */
  stalledSince: number = Number.POSITIVE_INFINITY;
  readonly #core: Core;
  readonly #inbox = new Inbox();
  readonly #answers: Answers;
  #inboxHeld = 0;
  #need = 0;
  /** Exchanges that later requests wait for. */
  #holds = 0;
  /** Of these, such as wait for an event. */
  #waits = 0;
  /** Bytes of parts' replies that wait for the others. */
  #collected = 0;
  readonly #detached = new Set<Exchange>();
  #waiting: Waiting | null = null;
  #rounds: Waiting[] = [];
  #bodyOpen = false;
  #body: Exchange | null = null;
  #bodyLink: Link | null = null;
  #halfClosed = false;
  #ending = false;
  #pauses = 0;
  #pumping = false;
  /** A private link is going: nothing more is read until the codec has heard of it. */
  #losing = false;
  readonly #links: SessionLinks;
  readonly #splits: Splits;

  constructor(core: Core, id: number) {
    super(core);
    this.#core = core;
    this.id = id;
    this.key = `client ${id}`;
    this.#links = new SessionLinks(core, this);
    this.#splits = new Splits(core, this, this.#links, {
      streamed: (parent, chunks) => this.#answers.chunks(parent, chunks),
      merged: (parent, next) => {
        if (next === null) this.#finish(parent);
        else this.#continue(parent, next);
      },
      broken: () => this.destroy("flush"),
      collected: (bytes) => {
        this.#collected += bytes;
        core.held += bytes;
        if (bytes > 0) this.#limitOutput();
      },
      sentOn: (link) => this.#sentOn(link),
      unreachable: (part, lanes) => this.#unreachable(part, lanes),
    });
    this.#answers = new Answers(core, this, core.codec.ordering === "in-order");
    this.codec = core.running.session(this);
  }

  /** Bytes waiting in the host since it said "full", -1 while it takes all; they count as held. */
  get unsent(): number {
    return this.#unsent;
  }

  set unsent(bytes: number) {
    this.#core.held += Math.max(0, bytes) - Math.max(0, this.#unsent);
    this.#unsent = bytes;
  }

  get now(): number {
    return this.#core.now;
  }

  /** Bytes that wait for this client, in the router and in the host. */
  get waitingBytes(): number {
    return this.#answers.held + this.#collected + Math.max(0, this.unsent);
  }

  /** Requests without their whole answer. */
  get open(): number {
    return this.#answers.count;
  }

  /** Bytes that are held for it in the router. */
  get heldBytes(): number {
    return this.#answers.held + this.#collected + this.#inbox.length;
  }

  /** What it is doing. */
  get state(): ClientView["state"] {
    if (this.#ending) return "ending";
    if (this.#pauses !== 0) return "paused";
    return this.#blocked() ? "held" : "reading";
  }

  // ---- inputs from the client ---------------------------------------------

  handleBytes(chunk: Uint8Array): void {
    if (this.gone || this.#ending) return;
    this.#inbox.append(chunk, this.#need);
    this.#pump();
  }

  handleHalfClosed(): void {
    this.#halfClosed = true;
    // A client that is gone looks like one that half-closed; an event that came now would be lost.
    if (this.#waits > 0) this.destroy("abort");
    else this.#pump();
  }

  /** The host buffers `waiting` bytes for the client. */
  handleFull(waiting: number): void {
    const { now, limits } = this.#core;
    if (waiting < this.unsent || this.stalledSince === Number.POSITIVE_INFINITY) {
      this.stalledSince = now;
      this.#core.arm(now + limits.stallTimeout);
    }
    this.unsent = waiting;
    this.#limitOutput();
    this.#links.pauseAll(true);
  }

  handleDrained(): void {
    this.unsent = -1;
    this.stalledSince = Number.POSITIVE_INFINITY;
    this.#limitOutput();
    this.#links.pauseAll(false);
    this.#pump();
  }

  handleTick(now: number): void {
    const { limits } = this.#core;
    if (now - this.stalledSince < limits.stallTimeout) {
      if (this.stalledSince < Number.POSITIVE_INFINITY)
        this.#core.arm(this.stalledSince + limits.stallTimeout);
    } else if (this.waitingBytes > limits.maxOutput) this.destroy("abort");
    else {
      this.stalledSince = now;
      this.#core.arm(now + limits.stallTimeout);
    }
  }

  /** What an exchange waited for is there: the host's answer, or the time. */
  handleNext(exchange: Exchange, next: NextPlan): void {
    if (exchange.dead) return;
    this.#continue(exchange, next);
    this.#pump();
  }

  handleWake(): void {
    if (!this.gone) this.#react(this.codec.wake());
  }

  wake(): void {
    if (!this.gone) this.#core.watch(this, true);
  }

  // ---- inputs from links --------------------------------------------------

  /** Bytes of a reply. */
  reply(exchange: Exchange, bytes: Uint8Array, from: number, to: number, whole: boolean): void {
    const { parent } = exchange;
    if (parent === null) this.#answers.piece(exchange, bytes, from, to);
    else this.#splits.reply(exchange, parent, bytes, from, to, whole);
    if (this.#unsent >= 0) this.#limitOutput(); // the host's bytes have grown
  }

  /** A reply to a forwarded request, renumbered. */
  replyChunks(exchange: Exchange, chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) this.#answers.piece(exchange, chunk, 0, chunk.length);
    if (this.#unsent >= 0) this.#limitOutput();
  }

  /** All frames of a request or part came. */
  replied(exchange: Exchange): void {
    if (exchange.parent === null) this.#finish(exchange);
    else this.#splits.ended(exchange.parent);
    this.settled();
  }

  /** A request or part has no reply. It stays on its link as a tombstone while that lives. */
  failed(exchange: Exchange, failure: Failure): void {
    if (exchange.dead) return;
    exchange.dead = true;
    const { parent } = exchange;
    if (parent === null) {
      if (exchange.cut) {
        this.destroy("abort"); // half an answer has left: only a close tells the client
        return;
      }
      this.#answers.discard(exchange);
      this.#answers.chunks(exchange, [this.codec.failure(failure, exchange.plan)]);
      this.#finish(exchange);
    } else {
      if (!parent.cut && parent.split?.plan.type === "stream") this.#answers.discard(parent);
      this.#splits.failed(exchange, parent, failure);
    }
    this.settled();
  }

  /** Something left a lane: what waited for that may go on. */
  settled(): void {
    if (this.gone || this.#pumping) return;
    if (
      this.#waiting !== null ||
      this.#rounds.length > 0 ||
      this.#inbox.length > 0 ||
      this.#pauses !== 0 ||
      this.#halfClosed
    ) {
      this.#pump();
    }
  }

  /** A frame that answers no request. */
  pushed(frame: Uint8Array, link: Link): void {
    if (!this.gone) this.#react(this.codec.push(frame, link.cluster));
  }

  /** The private link is about to fail what is in flight on it; `linkLost` follows. */
  linkLosing(): void {
    this.#losing = true;
  }

  /** The private link went away with all that was in flight. */
  linkLost(link: Link): void {
    this.#losing = false;
    this.linkClosed(link);
    if (this.gone) return;
    this.#react(this.codec.lost(link.cluster));
    this.settled();
  }

  /** The private link takes requests: if the client is slow, it is read no further from now on. */
  linkReady(link: Link): void {
    if (this.unsent >= 0) this.#links.pause(link, true);
  }

  /** The private link was closed while idle. */
  linkClosed(link: Link): void {
    this.#links.closed(link);
  }

  /** A link that this session waited for takes bytes again (or is gone). */
  linkDrained(link: Link): void {
    if (!this.#links.drained(link) || this.gone) return;
    this.#pause(pausedBy.link, false);
    this.#pump();
  }

  /** More is held for this client: within its limit and the router's? */
  holdsMore(): void {
    this.#limitOutput();
  }

  // ---- commands -----------------------------------------------------------

  /** Ends the session. What is in flight is swallowed; private links close at once. */
  destroy(end: "flush" | "abort" | null): void {
    if (this.gone) return;
    this.gone = true;
    for (const exchange of this.#answers.drain()) this.#splits.cancel(exchange);
    for (const exchange of this.#detached) this.#splits.cancel(exchange);
    this.#detached.clear();
    this.#links.leave();
    this.#holdInbox(0);
    this.#inbox.clear();
    this.unsent = -1;
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
    else if (this.#core.reusesInput) box.own();
    this.#holdInbox(box.length);
    const { limits } = this.#core;
    this.#pause(pausedBy.inbox, box.length > inboxLimit && this.#blocked());
    this.#pause(pausedBy.inFlight, this.#answers.count >= limits.maxInFlight);
    if (this.#core.held > limits.maxMemory && !this.#ending && this.waitingBytes + box.length > 0)
      this.#refuseAll("overloaded");
    else if (this.#halfClosed && !this.#ending && this.#answers.count === 0 && !this.#blocked())
      this.destroy("flush");
  }

  /** Does the next thing there is to do; false when there is none. */
  #proceed(bytes: Uint8Array): boolean {
    if (this.gone) return false;
    this.#links.refresh();
    if (this.#resume()) return true;
    const box = this.#inbox;
    if (box.from === box.to || this.#ending) return false;
    if (this.#bodyOpen) {
      if (this.#waiting !== null || this.#pauses & pausedBy.link) return false;
      this.#readBody(bytes);
      return true;
    }
    if (this.#blocked()) return false;
    if (
      this.#pauses & (pausedBy.output | pausedBy.link) ||
      this.#answers.count >= this.#core.limits.maxInFlight
    )
      return false;
    if (box.length < this.#need) return false;
    const { codec } = this;
    const from = box.from;
    const plan = codec.request(bytes, from);
    if (plan === null) {
      this.#need = codec.need;
      if (Math.max(codec.need, box.length) > this.#core.limits.maxRequest)
        this.#refuseAll("too-large");
      return false;
    }
    if (codec.end <= from || codec.end > box.to) {
      throw new LocalProtocolError(
        "bad-codec",
        `request went from ${from} to ${codec.end} of ${box.to}`,
      );
    }
    this.#need = 0;
    box.from = codec.end;
    this.#bodyOpen = codec.more;
    this.#body = null;
    this.#bodyLink = null;
    this.#execute(plan, bytes, from, codec.end);
    return true;
  }

  #blocked(): boolean {
    return this.#holds > 0 || this.#waiting !== null;
  }

  #readBody(bytes: Uint8Array): void {
    const box = this.#inbox;
    const from = box.from;
    const end = this.codec.body(bytes, from);
    box.from = end;
    this.#bodyOpen = this.codec.more;
    const exchange = this.#body;
    const link = this.#bodyLink;
    if (link === null || link.state === "gone") return; // refused or failed: swallowed
    // Sent even if the request has timed out: the link's next request must not become its body.
    link.sender.submitView(null, bytes, from, end);
    if (exchange !== null && exchange.counts !== null) exchange.counts.bytesOut += end - from;
    if (exchange !== null && exchange.timeout > 0 && exchange.deadline < Number.POSITIVE_INFINITY) {
      exchange.deadline = this.#core.now + exchange.timeout;
    }
    this.#sentOn(link);
  }

  #resume(): boolean {
    const waiting = this.#waiting;
    if (waiting !== null && this.#ready(waiting)) {
      this.#waiting = null;
      this.#send(waiting);
      return true;
    }
    const index = this.#rounds.findIndex((round) => this.#ready(round));
    const [round] = index < 0 ? [] : this.#rounds.splice(index, 1);
    if (round === undefined) return false;
    this.#send(round);
    return true;
  }

  // ---- plans --------------------------------------------------------------

  #execute(plan: Plan, bytes: Uint8Array, from: number, to: number): void {
    switch (plan.type) {
      case "skip":
        return;
      case "forward":
        if (this.#bodyOpen && plan.lane === "shared") {
          throw new LocalProtocolError("bad-codec", "a body on a link that others share");
        }
        if (plan.lane === "shared" && this.#forwardShared(plan, bytes, from, to)) return;
        this.#sendOrWait(plan, bytes, from, to);
        return;
      case "fragment":
      case "stream":
        this.#sendOrWait(plan, bytes, from, to);
        return;
      case "local":
        this.#core.countLocal(this.codec.label, false);
        if (plan.release) this.#sendOrWait(plan, bytes, from, to);
        else this.#continue(this.#open(plan), plan);
        return;
      case "refuse":
        this.#core.countLocal(this.codec.label, true);
        this.#continue(this.#open(plan), plan);
        return;
      case "ask":
      case "later":
        this.#continue(this.#open(plan), plan);
        return;
      default:
        assertNever(plan);
    }
  }

  /** The hot path: a whole request on a shared link, nothing in its way. */
  #forwardShared(plan: Forward, bytes: Uint8Array, from: number, to: number): boolean {
    const lanes = this.#links.to(this.#links.table, plan);
    if (lanes.own !== null) return false;
    const link = this.#links.shared(lanes);
    if (link === null) return false;
    this.#forwardOn(link, lanes, plan, bytes, from, to);
    return true;
  }

  #sendOrWait(plan: Waiting["plan"], bytes: Uint8Array, from: number, to: number): void {
    const sending = { plan, bytes, from, to, table: this.#links.table, exchange: null };
    if (this.#ready(sending)) this.#send(sending);
    else this.#waiting = this.#core.reusesInput ? owned(sending) : sending;
  }

  /** Whether the lanes that the plan needs are free of what must come before it. */
  #ready({ plan, table, exchange }: Waiting): boolean {
    if (plan.type === "forward") return this.#links.isFree(this.#links.to(table, plan), plan.lane);
    if (plan.type === "local" || (plan.type === "fragment" && plan.journal !== null)) {
      return this.#answers.isNext(exchange);
    }
    return plan.parts.every((part) => this.#links.isFree(this.#links.to(table, part), part.lane));
  }

  #send({ plan, bytes, from, to, table, exchange }: Waiting): void {
    if (plan.type === "local") {
      this.#answer(exchange ?? this.#open(plan), plan);
      return;
    }
    if (plan.type !== "forward") {
      const open = exchange ?? this.#open(plan);
      this.#hold(open, plan.hold);
      this.#splits.start(open, plan, table);
      return;
    }
    const lanes = this.#links.to(table, plan);
    const link = this.#links.choose(lanes, plan.lane);
    if (link !== null) this.#forwardOn(link, lanes, plan, bytes, from, to);
    else if (plan.frames > 0) this.#unreachable(this.#open(plan), lanes); // nobody waits for a one-way request
  }

  #forwardOn(
    link: Link,
    lanes: Lanes,
    plan: Forward,
    bytes: Uint8Array,
    from: number,
    to: number,
  ): void {
    if (this.#bodyOpen) this.#bodyLink = link;
    const { label } = this.codec;
    const counts = this.#core.counters ? lanes.counts(label) : null;
    if (plan.frames === 0) {
      if (counts !== null) countOneWay(counts, to - from);
      link.sender.submitView(null, bytes, from, to);
      this.#sentOn(link);
      return;
    }
    const exchange = new Exchange(this, null, 0);
    exchange.plan = plan;
    exchange.label = label;
    exchange.counts = counts;
    exchange.frames = plan.frames;
    exchange.expect = plan.expect;
    exchange.clientId = plan.id;
    exchange.silent = plan.silent;
    exchange.timeout = plan.timeout < 0 ? this.#core.limits.requestTimeout : plan.timeout;
    this.#answers.add(exchange);
    if (this.#bodyOpen) this.#body = exchange;
    if (plan.hold) {
      exchange.waits = plan.timeout >= 0;
      this.#hold(exchange, true);
    }
    enter(exchange, lanes, link);
    link.sender.submitView(exchange, bytes, from, to);
    this.#sentOn(link);
  }

  #open(plan: Partial<Sending> & { readonly type: Plan["type"] }): Exchange {
    const exchange = new Exchange(this, null, 0);
    exchange.silent = plan.silent ?? false;
    exchange.label = this.codec.label;
    exchange.table = this.#links.table;
    if (plan.type === "forward") exchange.plan = plan as Forward;
    exchange.waits = plan.hold === true && plan.timeout !== undefined && plan.timeout >= 0;
    this.#answers.add(exchange);
    return exchange;
  }

  /** What follows once replies, or an answer of the host, are there. */
  #continue(exchange: Exchange, plan: NextPlan): void {
    switch (plan.type) {
      case "fragment":
      case "stream": {
        this.#hold(exchange, plan.hold);
        this.#sendRound(exchange, plan);
        return;
      }
      case "ask":
        this.#hold(exchange, true);
        this.#core.ask(exchange, plan);
        return;
      case "later":
        this.#hold(exchange, plan.hold);
        this.#core.later(exchange, plan);
        return;
      case "local":
        if (plan.release) {
          this.#hold(exchange, true);
          this.#sendRound(exchange, plan);
        } else this.#answer(exchange, plan);
        return;
      case "refuse":
        this.#answer(exchange, plan);
        return;
      case "skip":
        this.#finish(exchange);
        return;
      default:
        assertNever(plan);
    }
  }

  #sendRound(exchange: Exchange, plan: Fragment | StreamFragment | Local): void {
    const table = exchange.table ?? this.#links.table;
    const round = { plan, bytes: none, from: 0, to: 0, table, exchange };
    if (this.#ready(round)) this.#send(round);
    else this.#rounds.push(round);
  }

  #answer(exchange: Exchange, plan: Local | Refuse): void {
    this.#answers.chunks(exchange, plan.bytes);
    exchange.end = plan.end;
    if (plan.end) this.#ending = true;
    if (plan.type === "local" && plan.release) this.#links.release();
    this.#finish(exchange);
  }

  #finish(exchange: Exchange): void {
    this.#hold(exchange, false);
    if (exchange.detached) this.#detached.delete(exchange);
    if (this.#answers.finish(exchange)) this.destroy("flush");
    else this.#limitOutput();
  }

  /** Refuses what is being read, as the protocol says it, and closes. */
  #refuseAll(reason: "overloaded" | "too-large"): void {
    const failure: Failure = { reason, cluster: "", sent: false, reply: null };
    this.#continue(this.#open({ type: "refuse" }), {
      type: "refuse",
      bytes: [this.codec.failure(failure, null)],
      end: true,
    });
  }

  /** The upstream is in back-off: the request fails before it is sent. */
  #unreachable(exchange: Exchange, lanes: Lanes): void {
    const { upstream } = lanes;
    upstream.stats.failures += 1;
    if (this.#core.counters) lanes.counts(exchange.label).failures += 1;
    const cluster = upstream.spec.name;
    this.failed(exchange, { reason: "unreachable", cluster, sent: false, reply: null });
  }

  /** Carries out what the codec does on an event that is no request. */
  #react({ emit, plans, end }: Reaction): void {
    this.#links.refresh();
    for (const { to, bytes } of emit) {
      if (to === null) this.#answers.push(bytes);
      else {
        const lanes = this.#links.to(this.#links.table, to);
        const link = this.#links.choose(lanes, to.lane);
        link?.sender.submit(null, bytes);
        if (link !== null) this.#sentOn(link);
      }
    }
    for (const plan of plans) {
      const exchange = new Exchange(this, null, 0);
      exchange.detached = true;
      exchange.table = this.#links.table;
      this.#detached.add(exchange);
      this.#continue(exchange, plan);
    }
    if (this.gone) return;
    if (end) this.destroy("flush");
    else if (emit.length > 0) this.#limitOutput();
    if (this.codec.wakeAt < Number.POSITIVE_INFINITY) this.#core.watch(this, false);
  }

  /** Reads the client no further while the link takes no more. */
  #sentOn(link: Link): void {
    if (this.#links.isFull(link)) this.#pause(pausedBy.link, true);
  }

  // ---- limits -------------------------------------------------------------

  #pause(bit: number, on: boolean): void {
    const before = this.#pauses;
    this.#pauses = on ? before | bit : before & ~bit;
    if (before === 0 && this.#pauses !== 0) this.askRead(false);
    else if (before !== 0 && this.#pauses === 0) this.askRead(true);
  }

  #limitOutput(): void {
    if (this.gone) return;
    const over = this.waitingBytes > this.#core.limits.maxOutput;
    if (over !== ((this.#pauses & pausedBy.output) !== 0)) this.#pause(pausedBy.output, over);
    const { held, limits } = this.#core;
    // Whoever makes the router overflow goes; what others hold is theirs.
    if (held > limits.maxMemory || this.waitingBytes > limits.maxMemory) {
      if (this.waitingBytes > 0) this.destroy("abort");
    }
  }

  /** Later requests wait for the exchange, or no longer. */
  #hold(exchange: Exchange, on: boolean): void {
    if (exchange.holds === on) return;
    exchange.holds = on;
    this.#holds += on ? 1 : -1;
    if (exchange.waits) this.#waits += on ? 1 : -1;
  }

  #holdInbox(length: number): void {
    this.#core.held += length - this.#inboxHeld;
    this.#inboxHeld = length;
  }
}

const none = new Uint8Array(0);
/** Bytes read ahead while a request blocks those behind it: one more chunk of any host's reads. */
const inboxLimit = 256 << 10;
