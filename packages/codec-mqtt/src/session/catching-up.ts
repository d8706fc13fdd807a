/**
 * Has brokers hear of subscriptions that they do not know: all of the session
 * where they have forgotten it, else those that changed while they were away.
 * SUBSCRIBE and UNSUBSCRIBE of the router's own, under ids above the client's.
 */
import { fragment, type NextPlan, type Part, type Reply, type RoutingTable } from "@echarde/core";
import { LINK_IDS } from "../link-ids.ts";
import { encodePacket } from "../wire/encode.ts";
import type { Version } from "../wire/packet-types.ts";
import type { Brokers } from "./brokers.ts";
import { readReply } from "./read-reply.ts";
import type { SessionState } from "./session-state.ts";

/** What came of it: a broker that is lost again, one that refuses a filter, or all is well. */
export type CaughtUp = "well" | "lost" | "refused";

/** See the module. */
export class CatchingUp {
  readonly #brokers: Brokers;
  readonly #state: SessionState;
  readonly #version: Version;

  constructor(brokers: Brokers, state: SessionState, version: Version) {
    this.#brokers = brokers;
    this.#state = state;
    this.#version = version;
  }

  /** Brokers that have forgotten the session, and brokers that have not. */
  start(
    table: RoutingTable,
    { forgot, kept }: { readonly forgot: readonly string[]; readonly kept: readonly string[] },
    then: (came: CaughtUp) => NextPlan,
    hold = true,
  ): NextPlan {
    const parts = [
      ...forgot.flatMap((name) => this.#partsOf(table, name, true)),
      ...kept.flatMap((name) => this.#partsOf(table, name, false)),
    ];
    const done = (): NextPlan => {
      for (const name of [...forgot, ...kept]) this.#state.heard(name);
      return then("well");
    };
    if (parts.length === 0) return done();
    const heard = (replies: readonly Reply[]): NextPlan => {
      if (replies.some(({ failure }) => failure !== null)) return then("lost");
      return replies.some((reply) => this.#refuses(reply)) ? then("refused") : done();
    };
    return fragment(parts, heard, { hold });
  }

  #partsOf(table: RoutingTable, name: string, forgotten: boolean): readonly Part[] {
    const { subscribe, unsubscribe } = this.#state.unheard(name, forgotten);
    let packetId = 0xffff;
    // One SUBSCRIBE each: a packet has one subscription identifier.
    const parts = subscribe.flatMap(({ subscription, properties, missing }) => {
      const retainHandling = missing.includes(name) ? subscription.retainHandling : 2;
      const again = { ...subscription, retainHandling };
      const packet = encodePacket(
        { type: "subscribe", packetId, properties, subscriptions: [again] },
        this.#version,
      );
      return this.#brokers.ask(table, name, packet, LINK_IDS.suback(packetId--));
    });
    if (unsubscribe.length === 0) return parts;
    const packet = encodePacket(
      { type: "unsubscribe", packetId, properties: [], filters: unsubscribe },
      this.#version,
    );
    return [...parts, ...this.#brokers.ask(table, name, packet, LINK_IDS.unsuback(packetId))];
  }

  #refuses(reply: Reply): boolean {
    const packet = readReply(reply, this.#version);
    return packet === null || (packet.type === "suback" && packet.reasons.some(isRefusal));
  }
}

function isRefusal(code: number): boolean {
  return code >= 0x80;
}
