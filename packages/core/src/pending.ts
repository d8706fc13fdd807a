/**
 * What waits for the host's answer or for a moment, over all sessions.
 *
 * ```
 *   ask ───▶ asked  ──answer, or no answer in time──▶ its session goes on
 *   later ─▶ laters ──its moment────────────────────▶ its session goes on
 *   watch ─▶ sleepers ──the codec's wakeAt──────────▶ wake
 *         └▶ woken ──before the input ends──────────▶ wake
 * ```
 */
import type { Core } from "./core.ts";
import type { HostAsk } from "./effects.ts";
import type { Exchange } from "./exchange.ts";
import type { Ask, Later } from "./plan.ts";
import type { Session } from "./session.ts";

interface Asked {
  readonly exchange: Exchange;
  readonly question: Ask;
  readonly by: number;
}

/** See the module. */
export class Pending {
  readonly #core: Core;
  readonly #asked = new Map<number, Asked>();
  readonly #laters = new Map<Exchange, Later>();
  readonly #sleepers = new Set<Session>();
  readonly #woken = new Set<Session>();
  #newAsks: HostAsk[] = [];
  #lastAsk = 0;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Has the host asked. */
  ask(exchange: Exchange, question: Ask): void {
    const { session } = exchange;
    if (session === null) return;
    const { now, limits } = this.#core;
    const id = ++this.#lastAsk;
    const by = now + limits.requestTimeout;
    this.#asked.set(id, { exchange, question, by });
    this.#core.arm(by);
    this.#newAsks.push({ id, peer: session, topic: question.topic, value: question.value });
  }

  /** The host's answer; undefined when none came in time. */
  answer(id: number, value: unknown): void {
    const asked = this.#asked.get(id);
    if (asked === undefined) return; // too late: it has been given up
    this.#asked.delete(id);
    // The codec hears it even when the client has gone: it may be about more than that client.
    asked.exchange.session?.handleNext(asked.exchange, asked.question.answered(value));
  }

  /** Continues an exchange at its time. */
  later(exchange: Exchange, plan: Later): void {
    this.#laters.set(exchange, plan);
    this.#core.arm(plan.at);
  }

  /** Looks at the session's `wakeAt`, or wakes it before the input ends. */
  watch(session: Session, now: boolean): void {
    if (now) this.#woken.add(session);
    else {
      this.#sleepers.add(session);
      this.#core.arm(session.codec.wakeAt);
    }
  }

  /** The session is gone. */
  forget(session: Session): void {
    this.#sleepers.delete(session);
  }

  /** Wakes those that are to be woken before the input ends. */
  wakeUp(): void {
    for (const session of this.#woken) {
      this.#woken.delete(session);
      session.handleWake();
    }
  }

  /** Questions since the last call. */
  takeAsks(): readonly HostAsk[] {
    const asks = this.#newAsks;
    if (asks.length > 0) this.#newAsks = [];
    return asks;
  }

  /** Time has passed. */
  tick(now: number): void {
    for (const [id, { by }] of [...this.#asked]) {
      if (by <= now) this.answer(id, undefined);
      else this.#core.arm(by);
    }
    for (const [exchange, { at, resume }] of [...this.#laters]) {
      if (exchange.dead) this.#laters.delete(exchange);
      else if (at > now) this.#core.arm(at);
      else {
        this.#laters.delete(exchange);
        exchange.session?.handleNext(exchange, resume());
      }
    }
    for (const session of [...this.#sleepers]) {
      const { wakeAt } = session.codec;
      if (wakeAt > now) this.#core.arm(wakeAt);
      else session.handleWake();
      if (session.codec.wakeAt === Number.POSITIVE_INFINITY) this.#sleepers.delete(session);
    }
  }
}
