/**
 * Puts packets of one session on links: forwarded requests, as the very bytes
 * received, and what the codec sends of its own accord.
 */
import type { Answers } from "./answers.ts";
import { Body } from "./body.ts";
import { total } from "./bytes/join.ts";
import { type ClientFlow, pausedBy } from "./client-flow.ts";
import type { Core } from "./core.ts";
import { countOneWay } from "./counts.ts";
import { LocalProtocolError } from "./errors.ts";
import { Exchange } from "./exchange.ts";
import { enter, type Lanes } from "./lanes.ts";
import type { Link } from "./link.ts";
import type { Emission, Forward } from "./plan.ts";
import type { Session } from "./session.ts";
import type { SessionLinks } from "./session-links.ts";

/** See the module. */
export class Forwarding {
  /** Of the request that was read last. */
  readonly body: Body;
  readonly #core: Core;
  readonly #session: Session;
  readonly #links: SessionLinks;
  readonly #answers: Answers;
  readonly #flow: ClientFlow;

  constructor(
    core: Core,
    session: Session,
    links: SessionLinks,
    answers: Answers,
    flow: ClientFlow,
  ) {
    this.body = new Body(core);
    this.#core = core;
    this.#session = session;
    this.#links = links;
    this.#answers = answers;
    this.#flow = flow;
  }

  /** The hot path: a whole request on a shared link. False when something may be in its way. */
  shared(plan: Forward, bytes: Uint8Array, from: number, to: number): boolean {
    if (this.body.open) {
      throw new LocalProtocolError("bad-codec", "a body on a link that others share");
    }
    const lanes = this.#links.to(this.#links.table, plan);
    if (lanes.own !== null) return false;
    const link = this.#links.shared(lanes);
    if (link === null) return false;
    this.#on(link, lanes, plan, bytes, from, to);
    return true;
  }

  /** Sends a request whose lane is free. False while the upstream is in back-off. */
  send(plan: Forward, lanes: Lanes, bytes: Uint8Array, from: number, to: number): boolean {
    const link = this.#links.choose(lanes, plan.lane);
    if (link === null) return false;
    this.#on(link, lanes, plan, bytes, from, to);
    return true;
  }

  /** Sends a piece of the body of the request at hand. */
  sendBody(bytes: Uint8Array, from: number, to: number): void {
    const link = this.body.send(bytes, from, to);
    if (link !== null) this.sentOn(link);
  }

  /** Sends a packet that answers nothing and expects nothing. */
  emit({ to, bytes }: Emission): void {
    if (to === null) {
      this.#answers.push(bytes);
      return;
    }
    const link = this.#links.choose(this.#links.to(this.#links.table, to), to.lane);
    if (link === null) return;
    link.sender.submit(null, bytes);
    this.sentOn(link);
  }

  /** Reads the client no further while the link takes no more. */
  sentOn(link: Link): void {
    if (this.#links.isFull(link)) this.#flow.pause(pausedBy.link, true);
  }

  #on(link: Link, lanes: Lanes, plan: Forward, bytes: Uint8Array, from: number, to: number): void {
    const { label } = this.#session.codec;
    const counts = this.#core.counters ? lanes.counts(label) : null;
    if (plan.frames === 0) {
      if (this.body.open) this.body.follow(link, null);
      const { instead = null } = plan;
      if (counts !== null) countOneWay(counts, instead === null ? to - from : total(instead));
      if (instead === null) link.sender.submitView(null, bytes, from, to);
      else link.sender.submit(null, instead);
      this.sentOn(link);
      return;
    }
    const exchange =
      plan.hold || this.body.open
        ? new Exchange(this.#session, null, 0)
        : this.#core.exchanges.take(this.#session);
    exchange.plan = plan;
    exchange.label = label;
    exchange.counts = counts;
    exchange.frames = plan.frames;
    exchange.expect = plan.expect;
    exchange.clientId = plan.id;
    exchange.silent = plan.silent;
    exchange.timeout = plan.timeout < 0 ? this.#core.limits.requestTimeout : plan.timeout;
    this.#answers.add(exchange);
    if (this.body.open) this.body.follow(link, exchange);
    if (plan.hold) {
      exchange.waits = plan.timeout >= 0;
      this.#session.execution.hold(exchange, true);
    }
    enter(exchange, lanes, link);
    const { instead = null } = plan;
    if (instead === null) link.sender.submitView(exchange, bytes, from, to);
    else link.sender.submit(exchange, instead);
    this.sentOn(link);
  }
}
