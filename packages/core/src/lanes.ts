import type { CommandStats } from "./counts.ts";
import type { Exchange } from "./exchange.ts";
import type { Link } from "./link.ts";
import type { Upstream } from "./upstream.ts";

/** The two lanes of one session to one upstream, and what it has in flight on each. */
export class Lanes {
  /** Where they lead. */
  readonly upstream: Upstream;
  /** Link shared with other sessions, once used. */
  shared: Link | null = null;
  /** The session's own link, once opened. */
  own: Link | null = null;
  /** Requests of this session in flight on the shared link. */
  sharedInFlight = 0;
  /** Requests of this session in flight on its own link. */
  ownInFlight = 0;

  #label = "";
  #counts: CommandStats | null = null;

  constructor(upstream: Upstream) {
    this.upstream = upstream;
  }

  /** Counters of a request's name. Most clients send the same one again and again, so the last one is kept. */
  counts(label: string): CommandStats {
    if (this.#counts === null || this.#label !== label) {
      this.#label = label;
      this.#counts = this.upstream.command(label);
    }
    return this.#counts;
  }
}

/** An exchange goes onto a link: it counts on that lane until it has left it. */
export function enter(exchange: Exchange, lanes: Lanes, link: Link): void {
  exchange.lanes = lanes;
  exchange.link = link;
  exchange.onPrivate = link.session !== null;
  if (exchange.onPrivate) lanes.ownInFlight += 1;
  else lanes.sharedInFlight += 1;
}

/** The exchange is off its link: its lane is free of it. */
export function leave(exchange: Exchange): void {
  const { lanes } = exchange;
  if (lanes === null) return;
  exchange.lanes = null;
  if (exchange.onPrivate) lanes.ownInFlight -= 1;
  else lanes.sharedInFlight -= 1;
}
