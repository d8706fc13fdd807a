/** Packets that the router writes by itself. */

import { encodePacket } from "../wire/encode.ts";
import type { Version } from "../wire/packet-types.ts";
import { type Property, propertyId } from "../wire/properties.ts";
import { returnCode } from "../wire/reasons.ts";
import type { Rejection } from "../wire/rejection.ts";

/** Ends a connection with a reason code and words; nothing in MQTT 3.1.1, where a server just closes. */
export function disconnectPacket(version: Version | 0, reason: number, words = ""): Uint8Array[] {
  if (version !== 5) return [];
  const properties = words === "" ? null : wordsOf(words);
  return [encodePacket({ type: "disconnect", reason, properties }, 5)];
}

/** Refuses a connection; nothing where MQTT 3.1.1 has no return code for it. */
export function connackRefusal(version: Version, reason: number, words = ""): Uint8Array[] {
  const code = version === 5 ? reason : returnCode(reason);
  if (code < 0) return [];
  const properties = version === 5 && words !== "" ? wordsOf(words) : [];
  return [
    encodePacket({ type: "connack", sessionPresent: false, reason: code, properties }, version),
  ];
}

/** Words for a person. */
function wordsOf(text: string): Property[] {
  return [{ id: propertyId.reasonString, value: text }];
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
