/** How the requests on one link end: counted, told to the operator when they were slow, and off their lane. */
import type { Core } from "./core.ts";
import type { Exchange } from "./exchange.ts";
import { leave } from "./lanes.ts";
import type { Link } from "./link.ts";
import type { SlowRequest } from "./notices.ts";
import type { Failure, FailureReason } from "./plan.ts";

/** See the module. */
export class Outcomes {
  readonly #core: Core;
  readonly #link: Link;

  constructor(core: Core, link: Link) {
    this.#core = core;
    this.#link = link;
  }

  /** The last frame came. */
  replied(exchange: Exchange): void {
    const took = this.#core.now - exchange.sentAt;
    const bucket = this.#link.upstream.replied(took);
    const { counts } = exchange;
    if (counts !== null) {
      counts.replies += 1;
      counts.milliseconds += took;
      counts.latency[bucket] = (counts.latency[bucket] as number) + 1;
    }
    if (took >= this.#core.slowRequest && !exchange.dead) this.#slow(exchange, took, "reply");
    leave(exchange);
  }

  /** No reply comes, or none in time: then it stays in flight as a tombstone. */
  failed(exchange: Exchange, reason: FailureReason, sent: boolean, reply: Uint8Array | null): void {
    const { state, upstream, cluster } = this.#link;
    if (state === "gone") leave(exchange);
    if (exchange.session === null) return;
    if (exchange.dead) {
      exchange.session.settled(); // something may have waited for the lane
      return;
    }
    upstream.stats.failures += 1;
    if (exchange.counts !== null) exchange.counts.failures += 1;
    if (sent) {
      const took = this.#core.now - exchange.sentAt;
      if (took >= this.#core.slowRequest) this.#slow(exchange, took, reason);
    }
    const failure: Failure = { reason, cluster, sent, reply };
    exchange.session.execution.failed(exchange, failure);
  }

  #slow(exchange: Exchange, milliseconds: number, outcome: SlowRequest["outcome"]): void {
    if (exchange.waits || exchange.parent?.waits === true || exchange.timeout === 0) return;
    this.#core.notice({
      type: "slow-request",
      upstream: this.#link.upstream.name,
      request: exchange.label,
      ...{ milliseconds, outcome },
    });
  }
}
