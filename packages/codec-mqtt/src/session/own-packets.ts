/** Packets that the router writes by itself. */

import { encodePacket } from "../wire/encode.ts";
import type { Version } from "../wire/packet-types.ts";
import type { Connack, Disconnect } from "../wire/packets.ts";
import { type Property, propertyId } from "../wire/properties.ts";
import { returnCode } from "../wire/reasons.ts";
import type { Rejection } from "../wire/rejection.ts";
import { encodeFitting } from "./fitting.ts";

/** Who gets a packet of the router's own. */
export interface Recipient {
  /** 0 = not known yet. */
  readonly version: Version | 0;
  /** Bytes that a packet may have. */
  readonly largestPacket: number;
}

/** What is said to a person: own words, or a broker's. */
export type Words = string | readonly Property[];

/**
 * Ends a connection with a reason code and words; nothing in MQTT 3.1.1, where a server just closes, and
 * where the client does not take a packet of three bytes.
 */
export function disconnectPacket(to: Recipient, reason: number, words: Words = ""): Uint8Array[] {
  if (to.version !== 5) return [];
  const said = propertiesOf(words);
  const properties = said.length === 0 ? null : said;
  return fitting({ type: "disconnect", reason, properties }, 5, to.largestPacket);
}

/** Refuses a connection; nothing where MQTT 3.1.1 has no return code for it, or the client takes no such packet. */
export function connackRefusal(to: Recipient, reason: number, words: Words = ""): Uint8Array[] {
  const { version } = to;
  const code = version === 5 ? reason : returnCode(reason);
  if (version === 0 || code < 0) return [];
  const properties = version === 5 ? propertiesOf(words) : [];
  const connack = { type: "connack", sessionPresent: false, reason: code, properties } as const;
  return fitting(connack, version, to.largestPacket);
}

function fitting(packet: Connack | Disconnect, version: Version, most: number): Uint8Array[] {
  const bytes = encodeFitting(packet, version, most);
  return bytes.length <= most ? [bytes] : [];
}

function propertiesOf(words: Words): readonly Property[] {
  if (typeof words !== "string") return words;
  return words === "" ? [] : [{ id: propertyId.reasonString, value: words }];
}

/** What is meant for a person in a broker's packet: Reason String and User Properties. */
export function wordsIn(properties: readonly Property[] | null): readonly Property[] {
  const { reasonString, userProperty } = propertyId;
  return (properties ?? []).filter(({ id }) => id === reasonString || id === userProperty);
}

/** A rejection in words, with the clause that it breaks. */
export function rejectionWords({ message, clause }: Rejection): string {
  return `${message} [${clause}]`;
}

/** Tells a broker that a message is done with, in the client's place. */
export function insteadOf(
  { qos, brokerId }: { readonly qos: 1 | 2; readonly brokerId: number },
  version: Version,
): Uint8Array {
  return acknowledgement(qos === 1 ? "puback" : "pubrec", brokerId, version);
}

/** PUBACK, PUBREC, PUBREL or PUBCOMP of success or, in MQTT 5, with a reason. */
export function acknowledgement(
  type: "puback" | "pubrec" | "pubrel" | "pubcomp",
  packetId: number,
  version: Version,
  reason: number | null = null,
): Uint8Array {
  const code = version === 5 ? reason : null;
  return encodePacket({ type, packetId, reason: code, properties: null }, version);
}
