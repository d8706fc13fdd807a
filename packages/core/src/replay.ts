/**
 * What the upstream of one link must hear before it gets requests: the
 * router's own credentials, then the settings of the link's session. The
 * replies are swallowed; one that refuses costs the link.
 */
import { join } from "./bytes/join.ts";
import type { Core } from "./core.ts";
import { Exchange } from "./exchange.ts";
import { Journal, type Slot } from "./journal.ts";
import type { Link } from "./link.ts";

/** See the module. */
export class Replay {
  /** Settings whose replies are still to come. */
  unheard = 0;
  readonly #core: Core;
  readonly #link: Link;
  #greeting: readonly Slot[] = [];
  /** Settings that the requests themselves bring: heard without a replay. */
  #carried: Journal = Journal.empty;
  #lastSlot = -1;

  constructor(core: Core, link: Link) {
    this.#core = core;
    this.#link = link;
  }

  /** What is sent next brings these settings along. */
  carry(journal: Journal): void {
    this.#carried = journal;
  }

  /** The connection stands: says all that there is to say. */
  greet(): void {
    this.#greeting = this.#link.codec.greeting?.() ?? [];
    this.#say(this.#greeting);
    this.since(this.#carried);
  }

  /** Says what has changed since the upstream heard `before`. */
  since(before: Journal): void {
    this.#say(this.#link.journal.since(before, this.#link.session !== null));
  }

  /** The reply to a setting came. Returns words (a copy) that refuse it, else null. */
  heard(exchange: Exchange): Uint8Array | null {
    const { slot } = exchange;
    const { codec, upstream } = this.#link;
    const words = slot === null ? null : codec.replayed(slot, join(exchange.chunks ?? []));
    if (words === null) {
      this.unheard -= 1;
      return null;
    }
    if (slot !== null && this.#greeting.includes(slot)) {
      upstream.refused(this.#core.now, this.#core.limits);
    }
    return words.slice();
  }

  #say(slots: readonly Slot[]): void {
    const link = this.#link;
    for (const slot of slots) {
      const exchange = new Exchange(null, null, 0);
      exchange.slot = slot;
      exchange.linkId = --this.#lastSlot;
      this.unheard += 1;
      link.inFlight.push(exchange);
      const packet = slot.packets?.get(link.cluster) ?? slot.packet;
      link.upstream.stats.bytesOut += packet.length;
      link.send(packet);
    }
  }
}
