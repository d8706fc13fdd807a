/**
 * SUBSCRIBE and UNSUBSCRIBE over several brokers: each gets the filters that
 * may match topics of its own, under the client's packet id.
 *
 * ```
 *   SUBSCRIBE ─▶ parts ──all said yes──────────────▶ SUBACK, lowest QoS
 *                  └──one said no to a filter──▶ the others take it back ──▶ SUBACK, that code
 * ```
 * A broker that is away hears of it when it is there again, and is taken to
 * say yes. A filter that stood before is subscribed again as it was instead of being
 * taken back. Messages may come before the SUBACK, as from one broker.
 */
import {
  fragment,
  type NextPlan,
  type Part,
  type Plan,
  type Reply,
  type RoutingTable,
} from "@echarde/core";
import { TopicMap } from "../filters/topic-map.ts";
import { LINK_IDS } from "../link-ids.ts";
import { encodePacket } from "../wire/encode.ts";
import type { Version } from "../wire/packet-types.ts";
import type { Suback, Subscribe, Subscription, Unsuback, Unsubscribe } from "../wire/packets.ts";
import { type Property, propertyId, textOf } from "../wire/properties.ts";
import { reason } from "../wire/reasons.ts";
import type { Brokers } from "./brokers.ts";
import { readReply } from "./read-reply.ts";
import type { SessionState, Subscribed } from "./session-state.ts";

/** What a SUBACK or UNSUBACK of one broker says about its filters; null = it did not answer. */
type Answer = Suback | Unsuback | null;

/** See the module. */
export class Subscribing {
  /** Packet ids whose answer is to come. */
  readonly #open = new Set<number>();
  readonly #brokers: Brokers;
  readonly #state: SessionState;
  readonly #version: Version;
  /** Answers the client. */
  readonly #answer: (packet: Suback | Unsuback) => NextPlan;
  /** Opens links that were not needed until now. */
  readonly #opened: (names: readonly string[], then: () => NextPlan) => NextPlan;

  constructor(
    brokers: Brokers,
    state: SessionState,
    version: Version,
    answer: (packet: Suback | Unsuback) => NextPlan,
    opened: (names: readonly string[], then: () => NextPlan) => NextPlan,
  ) {
    this.#brokers = brokers;
    this.#state = state;
    this.#version = version;
    this.#answer = answer;
    this.#opened = opened;
  }

  /** Whether an answer to this packet id is to come: the client must not use it again before. */
  isOpen(packetId: number): boolean {
    return this.#open.has(packetId);
  }

  /** Names of the brokers of a filter. */
  static brokersOf(table: RoutingTable, filter: string): readonly string[] {
    const { keyMap } = table;
    if (!(keyMap instanceof TopicMap)) return [];
    return keyMap.clusters(filter).map((cluster) => table.clusters[cluster]?.name ?? "");
  }

  /** What becomes of a SUBSCRIBE. */
  subscribe(packet: Subscribe, table: RoutingTable): Plan {
    const { packetId, subscriptions } = packet;
    const known = this.#state.subscriptions;
    const room = maxSubscriptions - known.size;
    const owners = subscriptions.map(({ filter }, i) =>
      known.has(filter) || i < room ? Subscribing.brokersOf(table, filter) : [],
    );
    this.#open.add(packetId);
    return this.#opened([...new Set(owners.flat())], () => {
      return this.#subscribe(packet, table, owners, room);
    });
  }

  #subscribe(
    packet: Subscribe,
    table: RoutingTable,
    owners: readonly (readonly string[])[],
    room: number,
  ): NextPlan {
    const { packetId, properties, subscriptions } = packet;
    const isThere = (name: string): boolean => this.#brokers.isThere(name);
    const missing = owners.map((all) => all.filter((name) => !isThere(name)));
    const asked = owners.map((all) => all.filter(isThere));
    const names = [...new Set(asked.flat())];
    const mine = (name: string): Subscription[] =>
      subscriptions.filter((_, i) => asked[i]?.includes(name));
    const parts = names.flatMap((name) => {
      const packetOf = { ...packet, subscriptions: mine(name) };
      const bytes = encodePacket(packetOf, this.#version);
      return this.#brokers.ask(table, name, bytes, LINK_IDS.suback(packetId));
    });
    const finish = (answers: readonly Answer[]): NextPlan => {
      const codes = subscriptions.map(({ qos }, i) => {
        if (owners[i]?.length === 0) {
          const full = i >= room;
          return this.#code(full ? reason.quotaExceeded : reason.topicFilterInvalid);
        }
        if (asked[i]?.length === 0) return qos;
        return this.#mergedCode(codesOf(names, asked, answers, i));
      });
      const undone: [string, Subscription][] = [];
      subscriptions.forEach((subscription, i) => {
        const brokers = owners[i] ?? [];
        if ((codes[i] as number) < 0x80) {
          const late = missing[i] ?? [];
          this.#state.subscribed({ subscription, properties, brokers, missing: late });
          return;
        }
        const given = codesOf(names, asked, answers, i);
        (asked[i] ?? []).forEach((name, at) => {
          if ((given[at] ?? 0x80) < 0x80) undone.push([name, subscription]);
        });
      });
      const suback = (): NextPlan => {
        this.#open.delete(packetId);
        const merged = propertiesOf(answers);
        return this.#answer({ type: "suback", packetId, properties: merged, reasons: codes });
      };
      const back = this.#takeBack(packetId, undone, table);
      return back.length === 0 ? suback() : fragment(back, suback);
    };
    if (parts.length === 0) return finish([]);
    return fragment(parts, (replies) => finish(replies.map((reply) => this.#read(reply))));
  }

  /** What becomes of an UNSUBSCRIBE. */
  unsubscribe(packet: Unsubscribe, table: RoutingTable): Plan {
    const { packetId, filters } = packet;
    const known = this.#state.subscriptions;
    const live = this.#brokers.live();
    const owners = filters.map((filter) =>
      (known.get(filter)?.brokers ?? Subscribing.brokersOf(table, filter)).filter((name) =>
        live.includes(name),
      ),
    );
    const names = [...new Set(owners.flat())];
    const parts = names.flatMap((name) => {
      const mine = filters.filter((_, i) => owners[i]?.includes(name));
      const bytes = encodePacket({ ...packet, filters: mine }, this.#version);
      return this.#brokers.ask(table, name, bytes, LINK_IDS.unsuback(packetId));
    });
    const finish = (answers: readonly Answer[]): NextPlan => {
      this.#open.delete(packetId);
      const reasons = filters.map((filter, i) => {
        const given = codesOf(names, owners, answers, i);
        const unheard = (known.get(filter)?.brokers ?? []).filter(
          (name) => !live.includes(name) && this.#state.parts.has(name),
        );
        this.#state.unsubscribed(filter, unheard);
        const failure = given.find((code) => code >= 0x80);
        if (failure !== undefined) return failure;
        const stood = unheard.length > 0 || given.some((code) => code === 0);
        return stood ? 0 : reason.noSubscriptionExisted;
      });
      const shown = this.#version === 5 ? reasons : [];
      const properties = propertiesOf(answers);
      return this.#answer({ type: "unsuback", packetId, properties, reasons: shown });
    };
    this.#open.add(packetId);
    if (parts.length === 0) return finish([]);
    return fragment(parts, (replies) => finish(replies.map((reply) => this.#read(reply))));
  }

  /** Packets that undo what some brokers said yes to. */
  #takeBack(
    packetId: number,
    undone: readonly (readonly [string, Subscription])[],
    table: RoutingTable,
  ): readonly Part[] {
    const names = [...new Set(undone.map(([name]) => name))];
    return names.flatMap((name) => {
      const filters = undone.filter(([each]) => each === name).map(([, { filter }]) => filter);
      const before = filters.flatMap((filter) => {
        const old = this.#state.subscriptions.get(filter);
        return old?.brokers.includes(name) === true ? [old] : [];
      });
      const fresh = filters.filter(
        (filter) => !before.some((old) => old.subscription.filter === filter),
      );
      const parts: Part[] = [];
      if (fresh.length > 0) {
        const bytes = encodePacket(
          { type: "unsubscribe", packetId, properties: [], filters: fresh },
          this.#version,
        );
        parts.push(...this.#brokers.ask(table, name, bytes, LINK_IDS.unsuback(packetId)));
      }
      const [first] = before;
      if (first !== undefined) parts.push(...this.#restore(packetId, name, before, first, table));
      return parts;
    });
  }

  /** Subscribes as before; all under the identifier of the first, as one packet has one. */
  #restore(
    packetId: number,
    name: string,
    before: readonly Subscribed[],
    first: Subscribed,
    table: RoutingTable,
  ): readonly Part[] {
    const subscriptions = before.map(({ subscription }) => {
      return { ...subscription, retainHandling: 2 as const };
    });
    const bytes = encodePacket(
      { type: "subscribe", packetId, properties: first.properties, subscriptions },
      this.#version,
    );
    return this.#brokers.ask(table, name, bytes, LINK_IDS.suback(packetId));
  }

  #read(reply: Reply): Answer {
    const packet = readReply(reply, this.#version);
    return packet?.type === "suback" || packet?.type === "unsuback" ? packet : null;
  }

  /** The first refusal, else the lowest QoS. */
  #mergedCode(codes: readonly number[]): number {
    const refusal = codes.find((code) => code >= 0x80);
    return refusal === undefined ? Math.min(...codes) : this.#code(refusal);
  }

  /** MQTT 3.1.1 has one code for all failures. */
  #code(code: number): number {
    return this.#version === 5 ? code : 0x80;
  }
}

/** What each broker of filter `index` says of it. */
function codesOf(
  names: readonly string[],
  owners: readonly (readonly string[])[],
  answers: readonly Answer[],
  index: number,
): readonly number[] {
  return (owners[index] ?? []).map((name) => {
    const answer = answers[names.indexOf(name)] ?? null;
    if (answer === null) return reason.unspecifiedError;
    // Its place among the filters of that broker.
    const at = owners.slice(0, index).filter((each) => each.includes(name)).length;
    if (answer.type === "unsuback" && answer.reasons.length === 0) return 0; // MQTT 3.1.1
    return answer.reasons[at] ?? reason.unspecifiedError;
  });
}

/** Words and user properties of all, in order. */
function propertiesOf(answers: readonly Answer[]): readonly Property[] {
  const all = answers.flatMap((answer) => answer?.properties ?? []);
  const words = answers.flatMap(
    (answer) => textOf(answer?.properties ?? [], propertyId.reasonString) ?? [],
  );
  const merged: Property[] = all.filter(({ id }) => id === propertyId.userProperty);
  if (words.length > 0) merged.unshift({ id: propertyId.reasonString, value: words.join("; ") });
  return merged;
}

/** Subscriptions of one session: more than any client has, and some megabytes at most. */
const maxSubscriptions = 10_000;
