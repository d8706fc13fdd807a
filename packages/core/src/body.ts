import type { Core } from "./core.ts";
import type { Exchange } from "./exchange.ts";
import type { Link } from "./link.ts";

/** The rest of a request that is sent on in pieces, as it comes. */
export class Body {
  /** More of it is to come. */
  open = false;
  readonly #core: Core;
  #exchange: Exchange | null = null;
  #link: Link | null = null;

  constructor(core: Core) {
    this.#core = core;
  }

  /** A request begins; `open` = it has a body. */
  begin(open: boolean): void {
    this.open = open;
    this.#exchange = null;
    this.#link = null;
  }

  /** The head went onto `link`; a null exchange expects nothing back. */
  follow(link: Link, exchange: Exchange | null): void {
    this.#link = link;
    this.#exchange = exchange;
  }

  /** Sends a piece behind the head. Returns the link that it went onto; null = it was swallowed, since the request was refused or has failed. */
  send(bytes: Uint8Array, from: number, to: number): Link | null {
    const link = this.#link;
    const exchange = this.#exchange;
    if (link === null || link.state === "gone") return null;
    // Sent even if the request has timed out: the link's next request must not become its body.
    link.sender.submitView(null, bytes, from, to);
    if (exchange !== null) {
      if (exchange.counts !== null) exchange.counts.bytesOut += to - from;
      if (exchange.timeout > 0 && exchange.deadline < Number.POSITIVE_INFINITY) {
        exchange.deadline = this.#core.now + exchange.timeout;
      }
    }
    return link;
  }
}
