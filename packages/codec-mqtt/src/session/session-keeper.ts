/**
 * What a host keeps of a session: subscriptions, and QoS 2 messages to the
 * client that are not done. Uploads need no keeping: a PUBLISH that comes again has
 * the same topic, and a PUBREL of an unknown one is asked of all brokers.
 *
 * ```
 *   item          value
 *   s<filter>     its SUBSCRIBE in MQTT 5 · names of its brokers, a line each
 *   d<id>         the broker's id (2 bytes) · name of the broker
 * ```
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
  subscribed({ subscription, properties, brokers }: Subscribed): void {
    const packet = encodePacket(
      { type: "subscribe", packetId: 1, properties, subscriptions: [subscription] },
      5,
    );
    this.#put(
      `${SUBSCRIPTION}${subscription.filter}`,
      join([packet, encodeUtf8(brokers.join("\n"))]),
    );
  }

  /** It does not stand any more. */
  unsubscribed(filter: string): void {
    this.#remove(`${SUBSCRIPTION}${filter}`);
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

/** Reads what was kept. What cannot be read is passed over: the session then knows less. */
export function readKept(items: ReadonlyMap<string, Uint8Array>): {
  readonly subscriptions: readonly Subscribed[];
  readonly deliveries: readonly KeptDelivery[];
} {
  const subscriptions: Subscribed[] = [];
  const deliveries: KeptDelivery[] = [];
  for (const [item, value] of items) {
    if (item.startsWith(DELIVERY) && value.length > 2) {
      const brokerId = ((value[0] as number) << 8) | (value[1] as number);
      const clientId = Number(item.slice(1));
      if (clientId > 0 && clientId <= 0xffff) {
        deliveries.push({ clientId, broker: decodeUtf8(value, 2), brokerId });
      }
    } else if (item.startsWith(SUBSCRIPTION)) {
      const reader = new FrameReader("client", 5);
      if (reader.read(value, 0) !== FRAME) continue;
      const packet = decodePacket(value, reader, 5, "client");
      if (packet.type !== "subscribe") continue;
      const brokers = decodeUtf8(value, reader.end).split("\n");
      for (const subscription of packet.subscriptions) {
        subscriptions.push({ subscription, properties: packet.properties, brokers });
      }
    }
  }
  return { subscriptions, deliveries };
}

const SUBSCRIPTION = "s";
const DELIVERY = "d";
