/** Packets with words for a person in them, where the client has said how long a packet may be. */
import { encodePacket } from "../wire/encode.ts";
import type { Version } from "../wire/packet-types.ts";
import type { Connack, Disconnect, Suback, Unsuback } from "../wire/packets.ts";
import { propertyId } from "../wire/properties.ts";

/**
 * The packet without its User Properties, then without its Reason String as well, where it would be
 * longer than `most` bytes (MQTT-3.2.2-19, MQTT-3.2.2-20 and their like: both must not make it so).
 * What is left may be longer still: it says what must be said.
 */
export function encodeFitting(
  packet: Connack | Suback | Unsuback | Disconnect,
  version: Version,
  most: number,
): Uint8Array {
  let bytes = encodePacket(packet, version);
  let { properties } = packet;
  if (properties === null) return bytes;
  for (const words of [propertyId.userProperty, propertyId.reasonString]) {
    if (bytes.length <= most) break;
    properties = properties.filter(({ id }) => id !== words);
    // A DISCONNECT that has none does not say so.
    const left = packet.type === "disconnect" && properties.length === 0 ? null : properties;
    bytes = encodePacket({ ...packet, properties: left } as typeof packet, version);
  }
  return bytes;
}
