/** Ids by which the answers of a broker are matched to what asked for them: the packet type, and the packet id where there is one. */
import * as type from "./wire/packet-types.ts";

/** See the module. */
export const LINK_IDS: {
  readonly connack: number;
  readonly pingresp: number;
  /** Nothing carries it: what waits for it waits for the end of the link. */
  readonly never: number;
  suback(packetId: number): number;
  unsuback(packetId: number): number;
} = {
  connack: type.CONNACK << 16,
  pingresp: type.PINGRESP << 16,
  never: type.DISCONNECT << 16,
  suback: (packetId) => (type.SUBACK << 16) | packetId,
  unsuback: (packetId) => (type.UNSUBACK << 16) | packetId,
};
