/**
 * One upstream connection: its states. What goes out is up to
 * {@link LinkSender}, what comes in to {@link LinkReader}, time to {@link LinkTimer}.
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
import type { LinkCodec } from "./codec.ts";
import type { Core } from "./core.ts";
import { openOf } from "./effects.ts";
import type { Exchange } from "./exchange.ts";
import { type InFlight, NumberedInFlight, OrderedInFlight } from "./in-flight.ts";
import type { Journal } from "./journal.ts";
import { leave } from "./lanes.ts";
import { LinkReader } from "./link-reader.ts";
import { LinkSender } from "./link-sender.ts";
import { LinkTimer } from "./link-timer.ts";
import { Outcomes } from "./outcomes.ts";
import { Endpoint } from "./peer.ts";
import type { FailureReason } from "./plan.ts";
import { Replay } from "./replay.ts";
import { type Credentials, sameCredentials } from "./security.ts";
import type { Session } from "./session.ts";
import type { Upstream } from "./upstream.ts";

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
  /** Its reply is merged with others that have not come as far. */
  ahead = false;
  /** Made with credentials that have changed since: no new request once nothing is in flight. */
  stale = false;
  /** When its upstream is to hear all settings again. */
  renewAt: number = Number.POSITIVE_INFINITY;
  /** Its session needs it no more. */
  released = false;
  /** Sessions that are read no further until it drains. */
  readonly waiters: Set<Session> = new Set<Session>();
  readonly inFlight: InFlight;
  readonly timer: LinkTimer;
  readonly outcomes: Outcomes;
  readonly sender: LinkSender;
  readonly #core: Core;
  readonly #reader: LinkReader;
  readonly #replay: Replay;
  #credentials: Credentials | null = null;
  /** Endpoints that could not be connected to. */
  #tried = 0;

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
    this.codec = core.running.link({
      cluster: upstream.spec.name,
      node: upstream.node,
      shared: session === null,
      session: session?.codec ?? null,
    });
    this.inFlight = core.codec.matching === "id" ? new NumberedInFlight() : new OrderedInFlight();
    this.timer = new LinkTimer(core, this);
    this.outcomes = new Outcomes(core, this);
    this.sender = new LinkSender(core, this);
    this.#reader = new LinkReader(core, this);
    this.#replay = new Replay(core, this);
    this.#connect();
  }

  get cluster(): string {
    return this.upstream.spec.name;
  }

  /** Whether nothing is under way on it. */
  get idle(): boolean {
    return this.inFlight.size === 0 && this.sender.queued.length === 0;
  }

  /** Bytes that it holds for later. */
  get heldBytes(): number {
    return this.sender.bytes + this.#reader.held;
  }

  /** The upstream owes the answer to the connect or to a replayed slot, and to nothing before that. */
  get handshaking(): boolean {
    if (this.state === "opening") return true;
    return this.state === "replaying" && this.inFlight.head()?.slot !== null;
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
    this.#credentials = this.#core.security.credentials(this.cluster);
    this.#replay.greet();
    if (this.#replay.unheard > 0) this.#replaying();
    else this.#ready();
  }

  /** The upstream sent `chunk`. */
  handleBytes(chunk: Uint8Array): void {
    if (this.state === "gone") return;
    this.timer.heard();
    this.upstream.stats.bytesIn += chunk.length;
    this.#reader.read(chunk);
  }

  /** The upstream closed its side. */
  handleEnded(): void {
    if (this.state === "gone") return;
    this.#reader.ended();
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

  /** The host takes bytes again. */
  handleDrained(): void {
    this.full = false;
    if (this.state === "ready") this.#wake();
  }

  /** Credentials may have changed. */
  handleSecurity(): void {
    if (this.state === "gone" || this.state === "opening") return; // not greeted yet
    if (sameCredentials(this.#credentials, this.#core.security.credentials(this.cluster))) return;
    this.stale = true;
    const { shared } = this.upstream;
    if (shared.get(this.journal.key) === this) shared.delete(this.journal.key);
    this.timer.armNow();
  }

  // ---- what its reader has met ----------------------------------------------

  /** The upstream's word on a setting. */
  heard(exchange: Exchange): void {
    const refusal = this.#replay.heard(exchange);
    if (refusal !== null) this.fail("handshake", refusal);
    else if (this.#replay.unheard === 0) {
      const { renewAfter = 0 } = this.codec;
      this.renewAt = renewAfter > 0 ? this.#core.now + renewAfter : Number.POSITIVE_INFINITY;
      this.#ready();
    }
  }

  /** A request has all its frames. */
  answered(exchange: Exchange, session: Session): void {
    this.outcomes.replied(exchange);
    this.timer.replied();
    if (this.state === "replaying" && this.handshaking) this.timer.armHandshake();
    if (!exchange.dead) session.execution.replied(exchange);
    else session.settled();
    if ((this.upstream.retired || this.stale) && this.idle) this.timer.armNow();
  }

  // ---- commands -----------------------------------------------------------

  /** Brings the link's settings up to those of its session, behind what is in flight. */
  adopt(journal: Journal): void {
    const before = this.journal;
    this.journal = journal;
    if (this.state === "opening") return; // it has heard nothing yet
    this.#replay.since(before);
    if (this.#replay.unheard > 0) this.#replaying();
  }

  /** Its upstream forgets who it is: says all settings again, behind what is in flight. */
  renew(now: number): void {
    this.renewAt = Number.POSITIVE_INFINITY;
    // Other credentials than the first ones are for a new connection; one that is not read would not hear the answer.
    if (this.stale) return;
    if (this.paused) this.renewAt = now + renewPause;
    else {
      this.#replay.greet();
      if (this.#replay.unheard > 0) this.#replaying();
    }
  }

  /** What is sent next brings these settings along. */
  carry(journal: Journal): void {
    this.journal = journal;
    this.#replay.carry(journal);
  }

  /**
   * Its session needs it no more: what is in flight is swallowed and the link
   * closed, but one-way packets that wait for the connection still leave.
   */
  release(): void {
    if (this.state === "gone") return;
    this.released = true;
    const { inFlight } = this;
    for (const exchange of inFlight) exchange.dead = true;
    if (inFlight.size > 0) this.#end("lost", null, this.state === "ready" ? "flush" : "abort");
    else if (this.sender.queued.every(({ exchange }) => exchange !== null)) this.close();
  }

  /** Closes it at once; what is in flight fails. */
  fail(reason: FailureReason, reply: Uint8Array | null = null): void {
    this.#end(reason, reply, "abort");
  }

  /** Closes it when what was sent is sent; nothing may be in flight. */
  close(): void {
    if (this.state === "gone") return;
    const opening = this.state === "opening";
    this.state = "gone";
    this.askEnd(opening ? "abort" : "flush");
    for (const { exchange } of this.sender.take()) if (exchange !== null) leave(exchange);
    this.#core.forgetLink(this);
    this.#wake();
  }

  // ---- transitions ----------------------------------------------------------

  #connect(): void {
    this.timer.restart();
    this.askOpen(openOf(this.cluster, this.upstream.node, this.upstream.address));
  }

  /** Requests wait until the upstream has heard what it must. */
  #replaying(): void {
    this.state = "replaying";
    if (this.handshaking) this.timer.armHandshake();
  }

  #ready(): void {
    this.state = "ready";
    for (const { exchange, chunks } of this.sender.take()) {
      if (exchange === null || !exchange.dead) this.sender.submit(exchange, chunks);
      else leave(exchange);
    }
    this.timer.rest(this.#core.now); // not before the queue is in flight: it would look unused
    this.session?.linkReady(this);
    if (this.released) this.close();
    else if (!this.full) this.#wake();
  }

  #end(reason: FailureReason, reply: Uint8Array | null, end: "flush" | "abort"): void {
    if (this.state === "gone") return;
    this.state = "gone";
    this.askEnd(end);
    const waiting = this.inFlight.clear();
    const queued = this.sender.take();
    this.#reader.close();
    this.#core.forgetLink(this);
    if (reason !== "unreachable" && reason !== "closed" && !this.released) {
      const { upstream, key } = this;
      if (reason !== "handshake") upstream.linkLost(); // it can be reached
      const inFlight = waiting.length + queued.length;
      this.#core.notice({
        type: "link-lost",
        ...{ upstream: upstream.name, link: key, reason, inFlight },
      });
    }
    const owner = this.released ? null : this.session;
    owner?.linkLosing(this);
    for (const exchange of waiting) this.outcomes.failed(exchange, reason, true, reply);
    for (const { exchange } of queued)
      if (exchange !== null) this.outcomes.failed(exchange, reason, false, reply);
    this.#wake();
    owner?.linkLost(this);
  }

  #wake(): void {
    const waiters = [...this.waiters];
    this.waiters.clear();
    for (const session of waiters) session.linkDrained(this);
  }
}

/** Milliseconds until a link that is not read is looked at again. */
const renewPause = 1_000;
