/** The fixed header's first byte: packet type in the high half, flags in the low half. MQTT 5.0, 2.1.2. */

/** `CONNECT` */
export const CONNECT = 1;
/** `CONNACK` */
export const CONNACK = 2;
/** `PUBLISH` */
export const PUBLISH = 3;
/** `PUBACK` */
export const PUBACK = 4;
/** `PUBREC` */
export const PUBREC = 5;
/** `PUBREL` */
export const PUBREL = 6;
/** `PUBCOMP` */
export const PUBCOMP = 7;
/** `SUBSCRIBE` */
export const SUBSCRIBE = 8;
/** `SUBACK` */
export const SUBACK = 9;
/** `UNSUBSCRIBE` */
export const UNSUBSCRIBE = 10;
/** `UNSUBACK` */
export const UNSUBACK = 11;
/** `PINGREQ` */
export const PINGREQ = 12;
/** `PINGRESP` */
export const PINGRESP = 13;
/** `DISCONNECT` */
export const DISCONNECT = 14;
/** `AUTH`; MQTT 5 only. */
export const AUTH = 15;

/** MQTT 3.1.1 (protocol level 4) or 5.0. */
export type Version = 4 | 5;

/** Who sent the bytes. Some packets, properties and reason codes are one side's only. */
export type Sender = "client" | "server";

/** Flags that a packet type must have; -1 = its own business (PUBLISH) or no type (0). */
export function requiredFlags(type: number): number {
  if (type === PUBLISH || type === 0) return -1;
  return type === PUBREL || type === SUBSCRIBE || type === UNSUBSCRIBE ? 2 : 0;
}

/** Whether this side may send this type in this version. */
export function maySend(sender: Sender, type: number, version: Version): boolean {
  switch (type) {
    case CONNECT:
    case SUBSCRIBE:
    case UNSUBSCRIBE:
    case PINGREQ:
      return sender === "client";
    case CONNACK:
    case SUBACK:
    case UNSUBACK:
    case PINGRESP:
      return sender === "server";
    case DISCONNECT:
      return sender === "client" || version === 5;
    case AUTH:
      return version === 5;
    default:
      return true;
  }
}
