/**
 * Carries out the plans of one session and takes their outcomes back. Order
 * of answers is kept by {@link Answers}, upstream connections by
 * {@link SessionLinks}; what may run at all is decided here:
 *
 * ```
 *    free ──plan with hold, ask──▶ held ──its answer──▶ free
 *     │ ──lane or journal change──▶ waiting ──old lane is empty──▶ free
 *     └ ──answer that ends──▶ ending (nothing behind it runs)
 * ```
 * A request is read while free only. A further round of one that was begun
 * waits for its lanes beside the others.
 */
import type { Answers } from "./answers.ts";
import type { ClientFlow } from "./client-flow.ts";
import type { Core } from "./core.ts";
import { assertNever } from "./errors.ts";
import { Exchange } from "./exchange.ts";
import type { Forwarding } from "./forwarding.ts";
import { Gate } from "./gate.ts";
import type { Lanes } from "./lanes.ts";
import type { Failure, Forward, Local, NextPlan, Plan, Reaction, Refuse, Sending } from "./plan.ts";
import type { Session } from "./session.ts";
import type { SessionLinks } from "./session-links.ts";
import { Splits } from "./splits.ts";
import type { Upstream } from "./upstream.ts";
import type { Waiting } from "./waiting.ts";

/** See the module. */
export class Execution {
  /** An answer that ends the connection is on its way: nothing more is read. */
  ending = false;
  /** Where plans wait for their lanes. */
  readonly gate: Gate;
  readonly #core: Core;
  readonly #session: Session;
  readonly #links: SessionLinks;
  readonly #answers: Answers;
  readonly #flow: ClientFlow;
  readonly #forwarding: Forwarding;
  readonly #splits: Splits;
  /** Exchanges that later requests wait for. */
  #holds = 0;
  /** Of these, such as wait for an event. */
  #waits = 0;
  readonly #detached = new Set<Exchange>();

  constructor(
    core: Core,
    session: Session,
    links: SessionLinks,
    forwarding: Forwarding,
    answers: Answers,
    flow: ClientFlow,
  ) {
    this.#core = core;
    this.#session = session;
    this.#links = links;
    this.#answers = answers;
    this.#flow = flow;
    this.#forwarding = forwarding;
    this.gate = new Gate(core, links, answers, (sending) => this.#send(sending));
    this.#splits = new Splits(core, session, links, {
      streamed: (parent, chunks) => answers.chunks(parent, chunks),
      merged: (parent, next) => {
        if (next === null) this.#finish(parent);
        else this.proceed(parent, next);
      },
      broken: () => session.destroy("flush"),
      collected: (bytes) => flow.collect(bytes),
      sentOn: (link) => this.#forwarding.sentOn(link),
      unreachable: (part, lanes) => this.#unreachable(part, lanes),
      failed: (part, failure) => this.failed(part, failure),
    });
  }

  /** Whether the next request must wait for one before it. */
  get blocked(): boolean {
    return this.#holds > 0 || this.gate.waits;
  }

  /** Whether a request waits for an event that would be lost on a client that is gone. */
  get awaitsEvent(): boolean {
    return this.#waits > 0;
  }

  // ---- requests -------------------------------------------------------------

  /** Begins what becomes of the request `bytes[from, to)`. */
  begin(plan: Plan, bytes: Uint8Array, from: number, to: number): void {
    switch (plan.type) {
      case "skip":
        return;
      case "forward":
        if (plan.lane === "shared" && this.#forwarding.shared(plan, bytes, from, to)) return;
        this.gate.enter(plan, bytes, from, to);
        return;
      case "fragment":
      case "stream":
        this.gate.enter(plan, bytes, from, to);
        return;
      case "local":
        this.#core.countLocal(this.#session.codec.label, false);
        if (plan.release) this.gate.enter(plan, bytes, from, to);
        else this.proceed(this.#open(plan), plan);
        return;
      case "refuse":
        this.#core.countLocal(this.#session.codec.label, true);
        this.proceed(this.#open(plan), plan);
        return;
      case "ask":
      case "later":
        this.proceed(this.#open(plan), plan);
        return;
      default:
        assertNever(plan);
    }
  }

  /** Refuses what is being read, as the protocol says it, and closes. */
  refuse(reason: "overloaded" | "too-large"): void {
    const failure: Failure = { reason, cluster: "", sent: false, reply: null };
    const bytes = [this.#session.codec.failure(failure, null)];
    this.proceed(this.#open({ type: "refuse" }), { type: "refuse", bytes, end: true, reason });
  }

  /** What follows once replies, or an answer of the host, are there. */
  proceed(exchange: Exchange, plan: NextPlan): void {
    switch (plan.type) {
      case "fragment":
      case "stream":
        this.hold(exchange, plan.hold);
        this.gate.enterRound(exchange, plan);
        return;
      case "ask":
        this.hold(exchange, true);
        this.#core.ask(exchange, plan);
        return;
      case "later":
        this.hold(exchange, plan.hold);
        this.#core.later(exchange, plan);
        return;
      case "local":
        if (plan.release) {
          this.hold(exchange, true);
          this.gate.enterRound(exchange, plan);
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

  /** Later requests wait for the exchange, or no longer. */
  hold(exchange: Exchange, on: boolean): void {
    if (exchange.holds === on) return;
    exchange.holds = on;
    this.#holds += on ? 1 : -1;
    if (exchange.waits) this.#waits += on ? 1 : -1;
  }

  /** Carries out what the codec does on an event that is no request. */
  react({ emit, plans, end, drop }: Reaction): void {
    const { codec } = this.#session;
    this.#links.refresh();
    if (drop !== undefined) for (const cluster of drop) this.#links.drop(cluster);
    for (const emission of emit) this.#forwarding.emit(emission);
    for (const plan of plans) {
      const exchange = new Exchange(this.#session, null, 0);
      exchange.detached = true;
      exchange.table = this.#links.table;
      this.#detached.add(exchange);
      this.proceed(exchange, plan);
    }
    if (this.#session.gone) return;
    if (end) this.#session.destroy("flush");
    else if (emit.length > 0) this.#flow.limit();
    if (codec.wakeAt < Number.POSITIVE_INFINITY) this.#core.watch(this.#session, false);
  }

  /** What waits for the session's own link to a node, whose state is lost, has no reply. */
  failWaiting(upstream: Upstream): void {
    const cluster = upstream.spec.name;
    const failure: Failure = { reason: "lost", cluster, sent: false, reply: null };
    for (const { plan, table, exchange } of this.gate.takeFor(upstream)) {
      if (this.#session.gone || plan.type === "local") return;
      if (plan.type === "forward") {
        if (plan.frames > 0) this.failed(this.#open(plan), failure);
        continue;
      }
      const open = exchange ?? this.#open(plan);
      if (!open.dead) this.#splits.start(open, plan, table, failure);
    }
  }

  /** Nobody waits for anything any more. */
  cancel(): void {
    for (const exchange of this.#answers.drain()) this.#splits.cancel(exchange);
    for (const exchange of this.#detached) this.#splits.cancel(exchange);
    this.#detached.clear();
  }

  // ---- outcomes, from links -------------------------------------------------

  /** Bytes of a reply. */
  reply(exchange: Exchange, bytes: Uint8Array, from: number, to: number, whole: boolean): void {
    const { parent } = exchange;
    if (parent === null) {
      this.#answers.piece(exchange, bytes, from, to);
      if (this.#flow.unsent >= 0) this.#flow.limit(); // the host's bytes have grown
      return;
    }
    this.#splits.reply(exchange, parent, bytes, from, to, whole);
  }

  /** A reply to a forwarded request, renumbered. */
  replyChunks(exchange: Exchange, chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) this.#answers.piece(exchange, chunk, 0, chunk.length);
    if (this.#flow.unsent >= 0) this.#flow.limit();
  }

  /** All frames of a request or part came. */
  replied(exchange: Exchange): void {
    if (exchange.parent === null) this.#finish(exchange);
    else this.#splits.ended(exchange.parent);
    this.#session.settled();
  }

  /** A request or part has no reply. It stays on its link as a tombstone while that lives. */
  failed(exchange: Exchange, failure: Failure): void {
    if (exchange.dead) return;
    exchange.dead = true;
    const { parent } = exchange;
    if (parent === null) {
      if (exchange.cut) {
        this.#session.destroy("abort"); // half an answer has left: only a close tells the client
        return;
      }
      this.#answers.discard(exchange);
      this.#answers.chunks(exchange, [this.#session.codec.failure(failure, exchange.plan)]);
      this.#finish(exchange);
    } else {
      const plan = parent.split?.plan;
      const whole = plan?.type === "stream" && plan.merge.next === undefined;
      if (!parent.cut && whole) this.#answers.discard(parent);
      this.#splits.failed(exchange, parent, failure);
    }
    this.#session.settled();
  }

  // ---- sending --------------------------------------------------------------

  #send({ plan, bytes, from, to, table, exchange }: Waiting): void {
    if (plan.type === "local") {
      this.#answer(exchange ?? this.#open(plan), plan);
      return;
    }
    if (plan.type !== "forward") {
      const open = exchange ?? this.#open(plan);
      this.hold(open, plan.hold);
      this.#splits.start(open, plan, table);
      return;
    }
    const lanes = this.#links.to(table, plan);
    if (this.#forwarding.send(plan, lanes, bytes, from, to)) return;
    if (plan.frames > 0) this.#unreachable(this.#open(plan), lanes); // nobody waits for a one-way request
  }

  /** The upstream is in back-off: the request fails before it is sent. */
  #unreachable(exchange: Exchange, lanes: Lanes): void {
    const { upstream } = lanes;
    upstream.stats.failures += 1;
    if (this.#core.counters) lanes.counts(exchange.label).failures += 1;
    const cluster = upstream.spec.name;
    this.failed(exchange, { reason: "unreachable", cluster, sent: false, reply: null });
  }

  // ---- exchanges ------------------------------------------------------------

  #open(plan: Partial<Sending> & { readonly type: Plan["type"] }): Exchange {
    const exchange = new Exchange(this.#session, null, 0);
    exchange.silent = plan.silent ?? false;
    exchange.label = this.#session.codec.label;
    exchange.table = this.#links.table;
    if (plan.type === "forward") exchange.plan = plan as Forward;
    exchange.waits = plan.hold === true && plan.timeout !== undefined && plan.timeout >= 0;
    this.#answers.add(exchange);
    return exchange;
  }

  #answer(exchange: Exchange, plan: Local | Refuse): void {
    this.#answers.chunks(exchange, plan.bytes);
    exchange.end = plan.end;
    if (plan.end) this.ending = true;
    if (plan.type === "local" && plan.release) this.#links.release();
    if (plan.type === "refuse" && plan.end && plan.reason !== undefined) {
      const { reason } = plan;
      this.#core.notice({ type: "client-closed", request: exchange.label, reason });
    }
    this.#finish(exchange);
  }

  #finish(exchange: Exchange): void {
    this.hold(exchange, false);
    if (exchange.detached) this.#detached.delete(exchange);
    if (this.#answers.finish(exchange)) this.#session.destroy("flush");
    else this.#flow.limit();
  }
}
