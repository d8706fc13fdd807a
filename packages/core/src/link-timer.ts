/**
 * The deadlines of one link, folded into one moment at which `tick` must look:
 *
 * ```
 *   handshake late                         ▶ next endpoint, or the link fails
 *   request late                           ▶ the request fails and stays as a tombstone
 *   many late in a row · a tombstone that has had its time twice ▶ the link fails
 *   unused · unwanted (stale, retired)     ▶ it is closed
 *   its settings are to be said again      ▶ they are
 * ```
 * A link that is not read, since its client is slow, is never late.
 */
import type { Core } from "./core.ts";
import type { Exchange } from "./exchange.ts";
import type { Link } from "./link.ts";

/** See the module. */
export class LinkTimer {
  /** When it must be looked at. */
  deadline: number = Number.POSITIVE_INFINITY;
  readonly #core: Core;
  readonly #link: Link;
  #openBy = 0;
  #lastUsed: number;
  /** When the upstream last said something. */
  #heardAt = 0;
  /** Requests in a row that were late. */
  #late = 0;

  constructor(core: Core, link: Link) {
    this.#core = core;
    this.#link = link;
    this.#lastUsed = core.now;
  }

  /** A request was sent that must be answered by `deadline`. */
  used(deadline: number): void {
    this.#lastUsed = this.#core.now;
    if (deadline < this.deadline) this.arm(deadline);
  }

  /** The upstream said something. */
  heard(): void {
    this.#heardAt = this.#core.now;
  }

  /** A reply came. */
  replied(): void {
    this.#late = 0;
  }

  /** The link is to be looked at by then. */
  arm(deadline: number): void {
    if (deadline < this.deadline) this.deadline = deadline;
    this.#core.arm(this.deadline);
  }

  /** Looks at once. */
  armNow(): void {
    this.arm(this.#core.now);
  }

  /** The upstream has the connect time-out for what it owes. */
  armHandshake(): void {
    this.#openBy = this.#core.now + this.#core.limits.connectTimeout;
    this.arm(this.#openBy);
  }

  /** A connect begins; nothing else counts. */
  restart(): void {
    this.deadline = Number.POSITIVE_INFINITY;
    this.armHandshake();
  }

  /** Time has passed. */
  tick(now: number): void {
    const link = this.#link;
    if (link.state === "gone" || now < this.deadline) return;
    this.deadline = Number.POSITIVE_INFINITY;
    if (link.handshaking) {
      if (now < this.#openBy) this.arm(this.#openBy);
      else if (link.state === "opening") link.handleLost();
      else link.fail("timeout");
      return;
    }
    if (!link.paused && this.#hung(now)) {
      link.fail("timeout");
      return;
    }
    for (const exchange of link.inFlight) {
      if (exchange.dead || exchange.deadline > now) continue;
      if (link.paused) exchange.deadline = now + exchange.timeout;
      else {
        this.#late += 1;
        link.outcomes.failed(exchange, "timeout", true, null);
      }
    }
    if (this.#late >= this.#core.limits.maxTimeouts) link.fail("timeout");
    else this.rest(now);
  }

  /** Looks again whether the link is of use to anybody. */
  rest(now: number): void {
    const { limits } = this.#core;
    const link = this.#link;
    const { session, upstream } = link;
    const pinned = session?.codec.pinned(link.cluster) === true;
    if (upstream.retired && now >= upstream.retireBy) {
      link.fail("lost");
      return;
    }
    const unwanted = upstream.retired || link.stale;
    if (link.idle && !pinned && (unwanted || now - this.#lastUsed >= limits.idleTimeout)) {
      link.close();
      session?.linkClosed(link);
      return;
    }
    if (now >= link.renewAt && link.state === "ready") link.renew(now);
    // While it is in use idleness is only looked at again; deadlines of requests may come before that.
    const idleAt = this.#lastUsed + limits.idleTimeout;
    let next = Math.min(idleAt > now ? idleAt : now + limits.idleTimeout, upstream.retireBy);
    next = Math.min(next, link.handshaking ? this.#openBy : link.renewAt);
    for (const exchange of link.inFlight) {
      const due = exchange.dead ? this.#hungAt(exchange) : exchange.deadline;
      if (due < next) next = due;
    }
    this.deadline = Number.POSITIVE_INFINITY;
    this.arm(next);
  }

  /** A tombstone that has had its time twice while nothing came: its upstream says nothing any more. */
  #hung(now: number): boolean {
    for (const exchange of this.#link.inFlight)
      if (exchange.dead && now >= this.#hungAt(exchange)) return true;
    return false;
  }

  #hungAt(tombstone: Exchange): number {
    return Math.max(tombstone.deadline, this.#heardAt) + tombstone.timeout;
  }
}
