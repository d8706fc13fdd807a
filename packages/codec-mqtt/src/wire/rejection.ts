import { reason } from "./reasons.ts";

/** Why bytes are no valid packet. Data, not an exception: the session answers with it and closes. */
export interface Rejection {
  /** Discriminates from packets. */
  readonly type: "rejection";
  /** Reason code for CONNACK or DISCONNECT; see `returnCode` for MQTT 3.1.1. */
  readonly reason: number;
  /** Conformance statement (`MQTT-3.3.2-2`) or, where none is numbered, section (`2.2.2.2`) of MQTT 5.0. */
  readonly clause: string;
  /** What is wrong, in a few words; holds nothing of the peer's data. */
  readonly message: string;
}

/** Cannot be parsed: 0x81. */
export function malformed(clause: string, message: string): Rejection {
  return { type: "rejection", reason: reason.malformedPacket, clause, message };
}

/** Can be parsed, but is not allowed: 0x82. */
export function protocolError(clause: string, message: string): Rejection {
  return { type: "rejection", reason: reason.protocolError, clause, message };
}

/** With another reason code. */
export function rejected(code: number, clause: string, message: string): Rejection {
  return { type: "rejection", reason: code, clause, message };
}
