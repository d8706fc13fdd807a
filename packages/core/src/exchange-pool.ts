/**
 * Exchanges of plain forwards, used again: one for each request would cost
 * more than all else that core does for it.
 *
 * ```
 *   free ──take──▶ in its session's order and on its link ──off the link──▶ ──answer written──▶ free
 *                    └─(failed · late · its client gone: dead)─▶ never used again
 * ```
 * Only its session's order, its link and that link's reader know a plain
 * exchange. The reader lets go of it with the last byte of its reply, the link
 * then, the order last. One that is dead may still be on its link.
 */
import { Exchange } from "./exchange.ts";
import type { Session } from "./session.ts";

/** What is kept at most; about 300 KiB. */
const mostFree = 1024;

/** See the module. */
export class ExchangePool {
  #free: Exchange | null = null;
  #count = 0;

  /** An exchange as new, for a forward that is sent as a whole and that nothing waits for. */
  take(session: Session): Exchange {
    const exchange = this.#free;
    if (exchange === null) {
      const made = new Exchange(session, null, 0);
      made.plain = true;
      return made;
    }
    this.#free = exchange.next;
    this.#count -= 1;
    exchange.next = null;
    exchange.session = session;
    exchange.linkId = -1;
    exchange.done = false;
    exchange.cut = false;
    return exchange;
  }

  /** The answer of the exchange was written and its session's order has forgotten it. */
  written(exchange: Exchange): void {
    if (!exchange.plain || exchange.dead || exchange.lanes !== null) return;
    if (this.#count >= mostFree) return;
    exchange.session = null; // a client that has gone is not kept
    exchange.link = null;
    exchange.plan = null;
    exchange.counts = null;
    exchange.next = this.#free;
    this.#free = exchange;
    this.#count += 1;
  }
}
