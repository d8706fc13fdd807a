/**
 * One upstream connection.
 *
 * ```
 *             opened            all slots accepted
 *   opening ─────────▶ replaying ─────────▶ ready ─┐ settings of its session changed
 *      │                   ▲ │                 │  │
 *      │ next endpoint     └─┼─────────────────┼──┘
 *      ▼                     ▼                 ▼
 *    gone ◀──── refused · lost · garbage · timed out · idle ────
 * ```
 * Requests queue while opening and replaying. When a link goes, each request
 * queued or in flight fails once; none is sent again.
 */
import { Inbox } from "./bytes/inbox.ts";
import { join, total, view } from "./bytes/join.ts";
import type { LinkCodec } from "./codec.ts";
import { type Core, keep } from "./core.ts";
import { LocalProtocolError } from "./errors.ts";
import { Exchange } from "./exchange.ts";
import { type InFlight, NumberedInFlight, OrderedInFlight } from "./in-flight.ts";
import { Journal, type Slot } from "./journal.ts";
import type { SlowRequest } from "./notices.ts";
import { Endpoint } from "./peer.ts";
import type { Failure, FailureReason } from "./plan.ts";
import { type Credentials, sameCredentials } from "./security.ts";
import type { Session } from "./session.ts";
import type { Upstream } from "./upstream.ts";

interface Queued {
  readonly exchange: Exchange | null;
  readonly chunks: readonly Uint8Array[];
}

/** See the module. */
export class Link extends Endpoint {
  readonly kind = "link";
  readonly key: string;
  readonly upstream: Upstream;
  /** Whose link it is; null = shared. */
  readonly session: Session | null;
  readonly codec: LinkCodec;
  /** What it has heard, or is about to hear. */
  journal: Journal;
  state: "opening" | "replaying" | "ready" | "gone" = "opening";
  /** The host takes no more. */
  full = false;
  /** The host reads no more from it. */
  paused = false;
  /** Made with credentials that have changed since: no new request once nothing is in flight. */
  stale = false;
  /** Sessions that are read no further until it drains. */
  readonly waiters: Set<Session> = new Set<Session>();
  /** When `tick` must look at it. */
  deadline: number = Number.POSITIVE_INFINITY;
  readonly inFlight: InFlight;
  /** Bytes queued until it is ready. */
  queuedBytes = 0;
  readonly #core: Core;
  readonly #numbered: boolean;
  readonly #inbox = new Inbox();
  #credentials: Credentials | null = null;
  #greeting: readonly Slot[] = [];
  #queue: Queued[] = [];
  #current: Exchange | null = null;
  #push: Uint8Array[] | null = null;
  #pushBytes = 0;
  #unheard = 0;
  #tried = 0;
  #timeouts = 0;
  #nextId = 1;
  #openBy = 0;
  #lastSlot = -1;
  #released = false;
  /** Settings that the requests themselves bring: heard without a replay. */
  #carried: Journal = Journal.empty;
  /** When its upstream last said something. */
  #heardAt = 0;
  /** Error replies that are counted with their requests. */
  #errors = 0;
  #lastUsed: number;

  constructor(
    core: Core,
    upstream: Upstream,
    key: string,
    session: Session | null,
    journal: Journal,
  ) {
    super(core);
    this.#core = core;
    this.upstream = upstream;
    this.key = key;
    this.session = session;
    this.journal = journal;
    this.#lastUsed = core.now;
    this.codec = core.running.link({
      cluster: upstream.spec.name,
      node: upstream.node,
      shared: session === null,
      session: session?.codec ?? null,
    });
    this.#numbered = core.codec.matching === "id";
    this.inFlight = this.#numbered ? new NumberedInFlight() : new OrderedInFlight();
    this.#connect();
  }

  get cluster(): string {
    return this.upstream.spec.name;
  }

  /** Whether nothing is under way on it. */
  get idle(): boolean {
    return this.inFlight.size === 0 && this.#queue.length === 0;
  }

  /** Requests that wait until it is ready. */
  get queued(): number {
    return this.#queue.length;
  }

  /** Bytes that it holds for later. */
  get heldBytes(): number {
    return this.queuedBytes + this.#pushBytes + this.#inbox.length;
  }

  // ---- inputs -------------------------------------------------------------

  /** The connection stands. */
  handleOpened(): void {
    if (this.state !== "opening") return;
    if (this.upstream.state !== "up") {
      const { name, address } = this.upstream;
      this.#core.notice({ type: "upstream-up", upstream: name, endpoint: address });
    }
    this.upstream.connected();
    this.state = "ready";
    this.#credentials = this.#core.security.credentials(this.cluster);
    this.#greeting = this.codec.greeting?.() ?? [];
    this.#say(this.#greeting);
    this.#replay(this.#carried);
    this.#ready();
  }

  /** The upstream sent `chunk`. */
  handleBytes(chunk: Uint8Array): void {
    const { state } = this;
    if (state === "gone") return;
    this.#heardAt = this.#core.now;
    this.upstream.stats.bytesIn += chunk.length;
    const box = this.#inbox;
    box.append(chunk, 0);
    const bytes = view(box.bytes, 0, box.to);
    const { codec } = this;
    while (box.from < box.to && this.state !== "gone") {
      const from = box.from;
      const head = this.#current ?? this.inFlight.head();
      const end = codec.scan(bytes, from, head === undefined ? -1 : head.expect);
      const event = codec.event;
      if (event === "need") break;
      if (event === "garbage") {
        this.fail("garbage");
        return;
      }
      if (end <= from || end > box.to) {
        throw new LocalProtocolError("bad-codec", `scan went from ${from} to ${end} of ${box.to}`);
      }
      box.from = end;
      if (event === "push" || event === "push-piece") {
        this.#pushed(bytes, from, end, event === "push");
        continue;
      }
      const exchange = this.#current ?? this.#match(codec.id);
      if (exchange === undefined) {
        this.fail("garbage");
        return;
      }
      const whole = event !== "piece";
      this.#current = whole ? null : exchange;
      if (event === "last") exchange.frames = 1;
      const done = whole && exchange.frames === 1;
      this.#deliver(exchange, bytes, from, end, whole);
      if (done && codec.closing) {
        this.fail("closed");
        return;
      }
    }
    if (box.from === box.to) box.clear();
    else if (box.length > this.#core.limits.maxRequest) this.fail("garbage");
    else if (this.#core.reusesInput) box.own();
  }

  /** The upstream closed its side. */
  handleEnded(): void {
    if (this.state === "gone") return;
    const exchange = this.#current;
    if (exchange !== null && this.codec.ended()) {
      this.#current = null;
      this.#deliver(exchange, nothing, 0, 0, true);
    }
    this.fail("lost");
  }

  /** The connection is gone, or could not be made. */
  handleLost(): void {
    if (this.state !== "opening") {
      this.fail("lost");
      return;
    }
    this.#tried += 1;
    const { upstream } = this;
    const { now, limits } = this.#core;
    const endpoint = upstream.address;
    if (upstream.connectFailed(this.#tried, now, limits)) this.#connect();
    else {
      const backoff = upstream.retryAt - now;
      const { name, attempts } = upstream;
      this.#core.notice({ type: "upstream-down", upstream: name, endpoint, backoff, attempts });
      this.fail("unreachable");
    }
  }

  /** Time has passed. */
  handleTick(now: number): void {
    if (this.state === "gone" || now < this.deadline) return;
    this.deadline = Number.POSITIVE_INFINITY;
    if (this.#handshaking) {
      if (now < this.#openBy) this.#arm(this.#openBy);
      else if (this.state === "opening") this.handleLost();
      else this.fail("timeout");
      return;
    }
    if (!this.paused && this.#hung(now)) {
      this.fail("timeout");
      return;
    }
    for (const exchange of this.inFlight) {
      if (exchange.dead || exchange.deadline > now) continue;
      if (this.paused) exchange.deadline = now + exchange.timeout;
      else {
        this.#timeouts += 1;
        this.#failOne(exchange, "timeout", true, null);
      }
    }
    if (this.#timeouts >= this.#core.limits.maxTimeouts) {
      this.fail("timeout");
      return;
    }
    this.#rest(now);
  }

  /** The upstream owes the answer to the connect or to a replayed slot, and to nothing before that. */
  get #handshaking(): boolean {
    if (this.state === "opening") return true;
    return this.state === "replaying" && this.inFlight.head()?.slot !== null;
  }

  // ---- commands -----------------------------------------------------------

  /** Sends a request whose bytes are `bytes[from, to)`. A null exchange expects nothing. */
  submitView(exchange: Exchange | null, bytes: Uint8Array, from: number, to: number): void {
    if (this.state !== "ready" || (exchange !== null && this.#numbered)) {
      this.submit(exchange, [view(bytes, from, to)]);
      return;
    }
    if (exchange !== null) {
      this.#register(exchange);
      if (exchange.counts !== null) exchange.counts.bytesOut += to - from;
    }
    this.upstream.stats.bytesOut += to - from;
    this.sendView(bytes, from, to);
  }

  /** Sends a request in chunks. */
  submit(exchange: Exchange | null, chunks: readonly Uint8Array[]): void {
    if (this.state === "gone") return;
    if (exchange !== null) exchange.link = this;
    if (this.state !== "ready") {
      const kept = this.#core.reusesInput ? chunks.map((chunk) => chunk.slice()) : chunks;
      const bytes = total(kept);
      this.#queue.push({ exchange, chunks: kept });
      this.queuedBytes += bytes;
      this.#core.held += bytes;
      return;
    }
    let packet = chunks;
    if (exchange !== null) {
      if (this.#numbered && exchange.linkId >= 0 && this.inFlight.match(exchange.linkId)) {
        throw new LocalProtocolError("bad-codec", `id ${exchange.linkId} is in flight already`);
      }
      if (this.#numbered && exchange.linkId < 0) {
        do {
          exchange.linkId = this.#nextId;
          this.#nextId = this.#nextId === 0x7fffffff ? 1 : this.#nextId + 1;
        } while (this.inFlight.match(exchange.linkId) !== undefined);
        const [first, ...rest] = chunks;
        if (first !== undefined)
          packet = [...this.codec.numberRequest(first, exchange.linkId), ...rest];
      }
      this.#register(exchange);
    }
    const counts = exchange === null ? null : exchange.counts;
    for (const chunk of packet) {
      this.upstream.stats.bytesOut += chunk.length;
      if (counts !== null) counts.bytesOut += chunk.length;
      this.send(chunk);
    }
  }

  /** Credentials may have changed. */
  handleSecurity(): void {
    if (this.state === "gone" || this.state === "opening") return; // not greeted yet
    if (sameCredentials(this.#credentials, this.#core.security.credentials(this.cluster))) return;
    this.stale = true;
    const { shared } = this.upstream;
    if (shared.get(this.journal.key) === this) shared.delete(this.journal.key);
    this.#arm(this.#core.now);
  }

  /** Brings the link's settings up to those of its session, behind what is in flight. */
  adopt(journal: Journal): void {
    const before = this.journal;
    this.journal = journal;
    if (this.state !== "opening") this.#replay(before); // while opening it has heard nothing yet
  }

  /** What is sent next brings these settings along. */
  carry(journal: Journal): void {
    this.journal = journal;
    this.#carried = journal;
  }

  /**
   * Its session needs it no more: what is in flight is swallowed and the link
   * closed, but one-way packets that wait for the connection still leave.
   */
  release(): void {
    if (this.state === "gone") return;
    this.#released = true;
    const { inFlight } = this;
    for (const exchange of inFlight) exchange.dead = true;
    if (inFlight.size > 0) this.#end("lost", null, this.state === "ready" ? "flush" : "abort");
    else if (this.#queue.every(({ exchange }) => exchange !== null)) this.close();
  }

  /** Closes it at once; what is in flight fails. */
  fail(reason: FailureReason, reply: Uint8Array | null = null): void {
    this.#end(reason, reply, "abort");
  }

  #end(reason: FailureReason, reply: Uint8Array | null, end: "flush" | "abort"): void {
    if (this.state === "gone") return;
    this.state = "gone";
    this.askEnd(end);
    const waiting = this.inFlight.clear();
    const queued = this.#queue;
    this.#queue = [];
    this.#core.held -= this.queuedBytes;
    this.queuedBytes = 0;
    this.#inbox.clear();
    this.#core.forgetLink(this);
    if (reason !== "unreachable" && reason !== "closed" && !this.#released) {
      const { upstream, key } = this;
      if (reason !== "handshake") upstream.linkLost(); // it can be reached
      const inFlight = waiting.length + queued.length;
      this.#core.notice({
        type: "link-lost",
        ...{ upstream: upstream.name, link: key, reason, inFlight },
      });
    }
    for (const exchange of waiting) this.#failOne(exchange, reason, true, reply);
    for (const { exchange } of queued)
      if (exchange !== null) this.#failOne(exchange, reason, false, reply);
    this.#countPush(-this.#pushBytes);
    this.#wake();
    if (!this.#released) this.session?.linkLost(this);
  }

  /** Closes it when what was sent is sent; nothing may be in flight. */
  close(): void {
    if (this.state === "gone") return;
    const opening = this.state === "opening";
    this.state = "gone";
    this.askEnd(opening ? "abort" : "flush");
    for (const { exchange } of this.#queue) if (exchange !== null) this.#settle(exchange);
    this.#queue = [];
    this.#core.held -= this.queuedBytes;
    this.queuedBytes = 0;
    this.#core.forgetLink(this);
    this.#wake();
  }

  /** Looks again whether it is of use to anybody. */
  #rest(now: number): void {
    const { limits } = this.#core;
    const { session, upstream } = this;
    const pinned = session?.codec.pinned(this.cluster) === true;
    if (upstream.retired && now >= upstream.retireBy) {
      this.fail("lost");
      return;
    }
    const unwanted = upstream.retired || this.stale;
    if (this.idle && !pinned && (unwanted || now - this.#lastUsed >= limits.idleTimeout)) {
      this.close();
      session?.linkClosed(this);
      return;
    }
    // While it is in use idleness is only looked at again; deadlines of requests may come before that.
    const idleAt = this.#lastUsed + limits.idleTimeout;
    let next = Math.min(idleAt > now ? idleAt : now + limits.idleTimeout, upstream.retireBy);
    for (const exchange of this.inFlight) {
      const due = exchange.dead ? this.#hungAt(exchange) : exchange.deadline;
      if (due < next) next = due;
    }
    this.deadline = Number.POSITIVE_INFINITY;
    this.#arm(next);
  }

  /** A tombstone that has had its time twice while nothing came: its upstream says nothing any more. */
  #hung(now: number): boolean {
    for (const exchange of this.inFlight)
      if (exchange.dead && now >= this.#hungAt(exchange)) return true;
    return false;
  }

  #hungAt(tombstone: Exchange): number {
    return Math.max(tombstone.deadline, this.#heardAt) + tombstone.timeout;
  }

  /** Whose reply this is. A replayed slot has no number: its reply is the one that no request waits for. */
  #match(id: number): Exchange | undefined {
    const found = this.inFlight.match(id);
    if (found !== undefined || this.state !== "replaying") return found;
    for (const exchange of this.inFlight) if (exchange.slot !== null) return exchange;
    return undefined;
  }

  #connect(): void {
    this.#openBy = this.#core.now + this.#core.limits.connectTimeout;
    this.deadline = Number.POSITIVE_INFINITY;
    this.#arm(this.#openBy);
    this.askOpen({
      cluster: this.cluster,
      node: this.upstream.node,
      endpoint: this.upstream.address,
    });
  }

  #replay(before: Journal): void {
    this.#say(this.journal.since(before, this.session !== null));
  }

  /** Sends settings whose replies are swallowed; requests wait for them. */
  #say(slots: readonly Slot[]): void {
    for (const slot of slots) {
      const exchange = new Exchange(null, null, 0);
      exchange.slot = slot;
      exchange.linkId = --this.#lastSlot;
      this.state = "replaying";
      this.#unheard += 1;
      this.inFlight.push(exchange);
      const packet = slot.packets?.get(this.cluster) ?? slot.packet;
      this.upstream.stats.bytesOut += packet.length;
      this.send(packet);
    }
    if (this.#handshaking) this.#armHandshake();
  }

  #armHandshake(): void {
    this.#openBy = this.#core.now + this.#core.limits.connectTimeout;
    this.#arm(this.#openBy);
  }

  #heard(exchange: Exchange): void {
    const { slot } = exchange;
    const words = slot === null ? null : this.codec.replayed(slot, join(exchange.chunks ?? []));
    if (words !== null) {
      if (slot !== null && this.#greeting.includes(slot)) {
        this.upstream.refused(this.#core.now, this.#core.limits);
      }
      this.fail("handshake", words.slice());
      return;
    }
    this.#unheard -= 1;
    if (this.#unheard > 0) return;
    this.state = "ready";
    this.#ready();
  }

  #ready(): void {
    if (this.state !== "ready") return;
    const queue = this.#queue;
    this.#queue = [];
    this.#core.held -= this.queuedBytes;
    this.queuedBytes = 0;
    for (const { exchange, chunks } of queue) {
      if (exchange === null || !exchange.dead) this.submit(exchange, chunks);
      else this.#settle(exchange);
    }
    this.#rest(this.#core.now); // not before the queue is in flight: it would look unused
    this.session?.linkReady(this);
    if (this.#released) this.close();
    else if (!this.full) this.#wake();
  }

  #wake(): void {
    const waiters = [...this.waiters];
    this.waiters.clear();
    for (const session of waiters) session.linkDrained(this);
  }

  /** The host takes bytes again. */
  handleDrained(): void {
    this.full = false;
    if (this.state === "ready") this.#wake();
  }

  #register(exchange: Exchange): void {
    const { now } = this.#core;
    exchange.link = this;
    exchange.sentAt = now;
    exchange.deadline = exchange.timeout > 0 ? now + exchange.timeout : Number.POSITIVE_INFINITY;
    this.#lastUsed = now;
    this.inFlight.push(exchange);
    this.upstream.stats.requests += 1;
    if (exchange.counts !== null) exchange.counts.requests += 1;
    if (exchange.deadline < this.deadline) this.#arm(exchange.deadline);
  }

  #arm(deadline: number): void {
    if (deadline < this.deadline) this.deadline = deadline;
    this.#core.arm(this.deadline);
  }

  #deliver(exchange: Exchange, bytes: Uint8Array, from: number, to: number, whole: boolean): void {
    const { session } = exchange;
    if (session === null) {
      if (exchange.chunks === null) exchange.chunks = [];
      exchange.chunks.push(keep(this.#core, view(bytes, from, to)));
    } else if (!exchange.dead) {
      if (exchange.clientId >= 0 && !exchange.inFrame) {
        session.replyChunks(
          exchange,
          this.codec.numberReply(view(bytes, from, to), exchange.clientId),
        );
      } else session.reply(exchange, bytes, from, to, whole);
    }
    const { counts } = exchange;
    if (counts !== null) counts.bytesIn += to - from;
    if (!whole) {
      exchange.inFrame = true;
      if (exchange.timeout > 0) exchange.deadline = this.#core.now + exchange.timeout;
      return;
    }
    exchange.inFrame = false;
    const { errors } = this.codec;
    if (errors !== this.#errors) {
      if (counts !== null) counts.errors += errors - this.#errors;
      this.#errors = errors;
    }
    exchange.frames -= 1;
    if (exchange.frames > 0) return;
    this.inFlight.remove(exchange);
    if (session === null) this.#heard(exchange);
    else {
      const took = this.#core.now - exchange.sentAt;
      const bucket = this.upstream.replied(took);
      if (counts !== null) {
        counts.replies += 1;
        counts.milliseconds += took;
        counts.latency[bucket] = (counts.latency[bucket] as number) + 1;
      }
      if (took >= this.#core.slowRequest && !exchange.dead) this.#slow(exchange, took, "reply");
      this.#timeouts = 0;
      this.#settle(exchange);
      if (this.state === "replaying" && this.#handshaking) this.#armHandshake();
      if (!exchange.dead) session.replied(exchange);
      else session.settled();
      if ((this.upstream.retired || this.stale) && this.idle) this.#arm(this.#core.now);
    }
  }

  #pushed(bytes: Uint8Array, from: number, to: number, whole: boolean): void {
    if (this.session === null || this.#released) return; // nobody subscribed here
    const piece = view(bytes, from, to);
    if (!whole) {
      if (this.#push === null) this.#push = [];
      this.#push.push(keep(this.#core, piece));
      this.#countPush(piece.length);
      if (this.#pushBytes > this.#core.limits.maxRequest) this.fail("garbage");
      return;
    }
    const frame = this.#push === null ? piece : join([...this.#push, piece]);
    this.#push = null;
    this.#countPush(-this.#pushBytes);
    this.session.pushed(frame, this);
  }

  #countPush(bytes: number): void {
    this.#pushBytes += bytes;
    this.#core.held += bytes;
  }

  #failOne(
    exchange: Exchange,
    reason: FailureReason,
    sent: boolean,
    reply: Uint8Array | null,
  ): void {
    if (this.state === "gone") this.#settle(exchange);
    if (exchange.session === null) return;
    if (exchange.dead) {
      exchange.session.settled(); // something may have waited for the lane
      return;
    }
    this.upstream.stats.failures += 1;
    if (exchange.counts !== null) exchange.counts.failures += 1;
    if (sent) {
      const took = this.#core.now - exchange.sentAt;
      if (took >= this.#core.slowRequest) this.#slow(exchange, took, reason);
    }
    const failure: Failure = { reason, cluster: this.cluster, sent, reply };
    exchange.session.failed(exchange, failure);
  }

  #slow(exchange: Exchange, milliseconds: number, outcome: SlowRequest["outcome"]): void {
    if (exchange.waits || exchange.parent?.waits === true || exchange.timeout === 0) return;
    this.#core.notice({
      type: "slow-request",
      upstream: this.upstream.name,
      request: exchange.label,
      ...{ milliseconds, outcome },
    });
  }

  /** The exchange is off the link: its lane is free of it. */
  #settle(exchange: Exchange): void {
    const { lanes } = exchange;
    if (lanes === null) return;
    exchange.lanes = null;
    if (exchange.onPrivate) lanes.ownInFlight -= 1;
    else lanes.sharedInFlight -= 1;
  }
}

const nothing = new Uint8Array(0);
