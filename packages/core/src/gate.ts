/**
 * Keeps the order of what one session sends to one node: a plan goes once the
 * lanes that it needs are free of what must come before it, until then it
 * waits, and with it every request behind it.
 *
 * ```
 *   enter ──its lanes are free──▶ sent
 *     └───▶ waiting ──resume, its lanes are free──▶ sent
 *              └──the session's own link that it was made for is lost──▶ failed
 * ```
 * A further round of a request that was begun waits beside the others: what
 * came behind that request has gone already.
 *
 * What a lane is free of is known by its replies. A one-way request leaves no
 * trace: a lane that carried nothing else counts as free at once, and what
 * follows on another lane may overtake it. A codec that must keep such
 * requests in order sends them and what follows on one lane.
 */
import type { Answers } from "./answers.ts";
import type { Core } from "./core.ts";
import type { Exchange } from "./exchange.ts";
import type { Fragment, Local, StreamFragment } from "./plan.ts";
import type { SessionLinks } from "./session-links.ts";
import type { Upstream } from "./upstream.ts";
import { owned, type Waiting } from "./waiting.ts";

/** See the module. */
export class Gate {
  readonly #core: Core;
  readonly #links: SessionLinks;
  readonly #answers: Answers;
  readonly #send: (sending: Waiting) => void;
  /** Nothing is sent at the moment: a private link is going. */
  closed = false;
  #request: Waiting | null = null;
  #rounds: Waiting[] = [];

  constructor(core: Core, links: SessionLinks, answers: Answers, send: (sending: Waiting) => void) {
    this.#core = core;
    this.#links = links;
    this.#answers = answers;
    this.#send = send;
  }

  /** Whether a request waits, and with it those behind it and its own body. */
  get waits(): boolean {
    return this.#request !== null;
  }

  /** Whether a request or round waits. */
  get used(): boolean {
    return this.#request !== null || this.#rounds.length > 0;
  }

  /** Sends the plan of the request `bytes[from, to)`, now or later. */
  enter(plan: Waiting["plan"], bytes: Uint8Array, from: number, to: number): void {
    const sending = { plan, bytes, from, to, table: this.#links.table, exchange: null };
    if (this.#ready(sending)) this.#send(sending);
    else this.#request = this.#core.reusesInput ? owned(sending) : sending;
  }

  /** Sends a further round of a request, now or later. */
  enterRound(exchange: Exchange, plan: Fragment | StreamFragment | Local): void {
    const table = exchange.table ?? this.#links.table;
    const round = { plan, bytes: none, from: 0, to: 0, table, exchange };
    if (this.#ready(round)) this.#send(round);
    else this.#rounds.push(round);
  }

  /** Sends one of those that may go now; false when there is none. */
  resume(): boolean {
    const request = this.#request;
    if (request !== null && this.#ready(request)) {
      this.#request = null;
      this.#send(request);
      return true;
    }
    if (this.#rounds.length === 0) return false;
    const index = this.#rounds.findIndex((round) => this.#ready(round));
    const [round] = index < 0 ? [] : this.#rounds.splice(index, 1);
    if (round === undefined) return false;
    this.#send(round);
    return true;
  }

  /** Takes out what waits for the session's own link to a node: it was made for a state that is gone with that link. */
  takeFor(upstream: Upstream): Waiting[] {
    const concerned = ({ plan, table }: Waiting): boolean => {
      if (plan.type === "local") return false;
      const targets = plan.type === "forward" ? [plan] : plan.parts;
      return targets.some(
        (to) => to.lane === "private" && this.#links.to(table, to).upstream === upstream,
      );
    };
    const rounds = this.#rounds.filter(concerned);
    this.#rounds = this.#rounds.filter((round) => !rounds.includes(round));
    if (this.#request === null || !concerned(this.#request)) return rounds;
    const request = this.#request;
    this.#request = null;
    return [...rounds, request];
  }

  /** Whether the lanes that the plan needs are free of what must come before it. */
  #ready({ plan, table, exchange }: Waiting): boolean {
    if (this.closed) return false;
    if (plan.type === "forward") return this.#links.isFree(this.#links.to(table, plan), plan.lane);
    if (plan.type === "local" || (plan.type === "fragment" && plan.journal !== null)) {
      return this.#answers.isNext(exchange);
    }
    return plan.parts.every((part) => this.#links.isFree(this.#links.to(table, part), part.lane));
  }
}

const none = new Uint8Array(0);
