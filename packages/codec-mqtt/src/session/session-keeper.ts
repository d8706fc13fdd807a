/**
 * What a host keeps of a session: subscriptions, and QoS 2 messages to the
 * client that are not done. Uploads need no keeping: a PUBLISH that comes again has
 * the same topic, and a PUBREL of an unknown one is asked of all brokers.
 *
 * ```
 *   item          value
 *   s<filter>     its SUBSCRIBE in MQTT 5 · names of its brokers, a line each
 *   d<id>         the broker's id (2 bytes) · name of the broker, "" = it has forgotten it
 *   b<name>       a broker that has had a part of the session
 *   u<filter>     names of brokers that have not heard UNSUBSCRIBE yet, a line each
 *   n             it has subscriptions that are not among these
 *   x             some of those are lost at their broker
 * ```
 * In `s<filter>` a name behind a "!" is a broker that has not heard SUBSCRIBE yet.
 */
import { decodeUtf8, encodeUtf8, join, type SessionRecords } from "@echarde/core";
import { decodePacket } from "../wire/decode.ts";
import { encodePacket } from "../wire/encode.ts";
import { FRAME, FrameReader } from "../wire/frame-reader.ts";
import type { Subscribed } from "./session-state.ts";

/** See the module. */
export class SessionKeeper {
  readonly #records: SessionRecords;
  readonly #session: string;

  constructor(records: SessionRecords, clientId: string) {
    this.#records = records;
    this.#session = clientId;
  }

  /** A connection has it; `idle` = milliseconds that it outlives that. */
  begin(anew: boolean, idle: number): void {
    this.#records.add({ type: "begin", session: this.#session, anew, idle });
  }

  /** The connection is gone. */
  rest(until: number): void {
    this.#records.add({ type: "rest", session: this.#session, until });
  }

  /** A subscription stands. */
  subscribed({ subscription, properties, brokers, missing }: Subscribed): void {
    const packet = encodePacket(
      { type: "subscribe", packetId: 1, properties, subscriptions: [subscription] },
      5,
    );
    const names = brokers.map((name) => (missing.includes(name) ? `!${name}` : name));
    this.#put(`${SUBSCRIPTION}${subscription.filter}`, join([packet, lines(names)]));
  }

  /** It does not stand any more. */
  unsubscribed(filter: string): void {
    this.#remove(`${SUBSCRIPTION}${filter}`);
  }

  /** These brokers have not heard of that. */
  leaves(filter: string, brokers: readonly string[]): void {
    if (brokers.length > 0) this.#put(`${LEFTOVER}${filter}`, lines(brokers));
    else this.#remove(`${LEFTOVER}${filter}`);
  }

  /** A broker has a part of the session. */
  joined(broker: string): void {
    this.#put(`${PART}${broker}`, nothing);
  }

  /** There are subscriptions that are not kept. */
  notFollowed(): void {
    this.#put(UNKNOWN, nothing);
  }

  /** Some of those are lost. */
  breaks(): void {
    this.#put(BROKEN, nothing);
  }

  /** A QoS 2 message of a broker goes to the client under an id of the session. */
  delivering(clientId: number, broker: string, brokerId: number): void {
    const id = Uint8Array.of(brokerId >> 8, brokerId & 0xff);
    this.#put(`${DELIVERY}${clientId}`, join([id, encodeUtf8(broker)]));
  }

  /** The id is free again. */
  delivered(clientId: number): void {
    this.#remove(`${DELIVERY}${clientId}`);
  }

  #put(item: string, value: Uint8Array): void {
    this.#records.add({ type: "put", session: this.#session, item, value });
  }

  #remove(item: string): void {
    this.#records.add({ type: "remove", session: this.#session, item });
  }
}

/** A QoS 2 message that was on its way. */
export interface KeptDelivery {
  /** Id of the session. */
  readonly clientId: number;
  /** Who sent it. */
  readonly broker: string;
  /** Id of the broker. */
  readonly brokerId: number;
}

/** What was kept of a session. */
export interface Kept {
  readonly subscriptions: readonly Subscribed[];
  /** Names of brokers by filter. */
  readonly leftovers: readonly (readonly [string, readonly string[]])[];
  /** Names of brokers. */
  readonly parts: readonly string[];
  readonly deliveries: readonly KeptDelivery[];
  /** These are all subscriptions that there are. */
  readonly followed: boolean;
  /** Others are lost. */
  readonly broken: boolean;
}

/** Reads it. What cannot be read is passed over: the session then knows less. */
export function readKept(items: ReadonlyMap<string, Uint8Array>): Kept {
  const subscriptions: Subscribed[] = [];
  const leftovers: (readonly [string, readonly string[]])[] = [];
  const parts: string[] = [];
  const deliveries: KeptDelivery[] = [];
  for (const [item, value] of items) {
    const name = item.slice(1);
    switch (item[0]) {
      case SUBSCRIPTION:
        subscriptions.push(...readSubscription(value));
        break;
      case LEFTOVER:
        leftovers.push([name, decodeUtf8(value).split("\n")]);
        break;
      case PART:
        parts.push(name);
        break;
      case DELIVERY:
        deliveries.push(...readDelivery(Number(name), value));
    }
  }
  const [followed, broken] = [!items.has(UNKNOWN), items.has(BROKEN)];
  return { subscriptions, leftovers, parts, deliveries, followed, broken };
}

function readSubscription(value: Uint8Array): readonly Subscribed[] {
  const reader = new FrameReader("client", 5);
  if (reader.read(value, 0) !== FRAME) return [];
  const packet = decodePacket(value, reader, 5, "client");
  if (packet.type !== "subscribe") return [];
  const { properties, subscriptions } = packet;
  const names = decodeUtf8(value, reader.end).split("\n");
  const brokers = names.map((name) => name.replace("!", ""));
  const missing = names.flatMap((name) => (name.startsWith("!") ? [name.slice(1)] : []));
  return subscriptions.map((subscription) => ({ subscription, properties, brokers, missing }));
}

function readDelivery(clientId: number, value: Uint8Array): readonly KeptDelivery[] {
  if (value.length < 2 || !(clientId > 0 && clientId <= 0xffff)) return [];
  const brokerId = ((value[0] as number) << 8) | (value[1] as number);
  return [{ clientId, broker: decodeUtf8(value, 2), brokerId }];
}

function lines(texts: readonly string[]): Uint8Array {
  return encodeUtf8(texts.join("\n"));
}

const nothing = new Uint8Array(0);
const SUBSCRIPTION = "s";
const LEFTOVER = "u";
const PART = "b";
const DELIVERY = "d";
const UNKNOWN = "n";
const BROKEN = "x";
