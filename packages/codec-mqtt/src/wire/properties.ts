/** Properties of MQTT 5.0 (2.2.2.2): names, types, and how a decoded one looks. */
import * as type from "./packet-types.ts";

/** Identifiers by name. */
export const propertyId = {
  /** Byte: 1 = the payload is UTF-8. */
  payloadFormat: 1,
  /** Seconds. */
  messageExpiry: 2,
  /** Text. */
  contentType: 3,
  /** Text, a topic name. */
  responseTopic: 8,
  /** Binary. */
  correlationData: 9,
  /** From 1 to 268,435,455; repeated in a PUBLISH that several subscriptions match. */
  subscriptionIdentifier: 11,
  /** Seconds; 0xFFFFFFFF = never. */
  sessionExpiry: 17,
  /** Text. */
  assignedClientIdentifier: 18,
  /** Seconds. */
  serverKeepAlive: 19,
  /** Text. */
  authenticationMethod: 21,
  /** Binary. */
  authenticationData: 22,
  /** Byte, 0 or 1. */
  requestProblemInformation: 23,
  /** Seconds. */
  willDelay: 24,
  /** Byte, 0 or 1. */
  requestResponseInformation: 25,
  /** Text. */
  responseInformation: 26,
  /** Text. */
  serverReference: 28,
  /** Text. */
  reasonString: 31,
  /** Packets in flight, from 1. */
  receiveMaximum: 33,
  /** 0 = no aliases. */
  topicAliasMaximum: 34,
  /** From 1. */
  topicAlias: 35,
  /** Byte, 0 or 1. */
  maximumQos: 36,
  /** Byte, 0 or 1. */
  retainAvailable: 37,
  /** Two texts; may stand everywhere and any number of times, and its order is kept. */
  userProperty: 38,
  /** Bytes, from 1. */
  maximumPacketSize: 39,
  /** Byte, 0 or 1. */
  wildcardAvailable: 40,
  /** Byte, 0 or 1. */
  subscriptionIdentifiersAvailable: 41,
  /** Byte, 0 or 1. */
  sharedAvailable: 42,
} as const;

/** Identifiers of properties that are a number. */
export type NumberId =
  | 1
  | 2
  | 11
  | 17
  | 19
  | 23
  | 24
  | 25
  | 33
  | 34
  | 35
  | 36
  | 37
  | 39
  | 40
  | 41
  | 42;
/** Identifiers of properties that are text. */
export type TextId = 3 | 8 | 18 | 21 | 26 | 28 | 31;
/** Identifiers of properties that are bytes. */
export type BinaryId = 9 | 22;

/** A property that is a number. */
export interface NumberProperty {
  /** See {@link propertyId}. */
  readonly id: NumberId;
  /** The value. */
  readonly value: number;
}

/** A property that is text. */
export interface TextProperty {
  /** See {@link propertyId}. */
  readonly id: TextId;
  /** The value. */
  readonly value: string;
}

/** A property that is bytes. */
export interface BinaryProperty {
  /** See {@link propertyId}. */
  readonly id: BinaryId;
  /** The value; a view of the packet when decoded. */
  readonly value: Uint8Array;
}

/** A user property. */
export interface UserProperty {
  /** See {@link propertyId}. */
  readonly id: 38;
  /** Its name; the same name may occur again. */
  readonly name: string;
  /** The value. */
  readonly value: string;
}

/** A decoded property. Packets hold them in the order of the wire. */
export type Property = NumberProperty | TextProperty | BinaryProperty | UserProperty;

/** The first property that is a number with this id, or `absent`. */
export function numberOf(properties: readonly Property[], id: NumberId, absent: number): number {
  for (const property of properties) if (property.id === id) return property.value;
  return absent;
}

/** The first property that is text with this id, or null. */
export function textOf(properties: readonly Property[], id: TextId): string | null {
  for (const property of properties) if (property.id === id) return property.value;
  return null;
}

/** Unknown identifier. */
export const UNKNOWN = 0;
/** One byte. */
export const BYTE = 1;
/** Two bytes. */
export const UINT16 = 2;
/** Four bytes. */
export const UINT32 = 3;
/** Variable byte integer. */
export const VARINT = 4;
/** Length and UTF-8. */
export const UTF8 = 5;
/** Length and bytes. */
export const BINARY = 6;
/** Two UTF-8 strings. */
export const PAIR = 7;

/** Where properties stand: the packet type, or 0 for those of a will. */
export type Place = number;
/** Properties of a will. */
export const WILL: Place = 0;

/** Type of each identifier; {@link UNKNOWN} where there is none. */
export const kinds: Uint8Array = new Uint8Array(128);
/** Bit n set = allowed in place n. */
export const places: Uint16Array = new Uint16Array(128);

function define(id: number, kind: number, ...where: readonly Place[]): void {
  kinds[id] = kind;
  places[id] = where.reduce((mask, place) => mask | (1 << place), 0);
}

define(propertyId.payloadFormat, BYTE, WILL, type.PUBLISH);
define(propertyId.messageExpiry, UINT32, WILL, type.PUBLISH);
define(propertyId.contentType, UTF8, WILL, type.PUBLISH);
define(propertyId.responseTopic, UTF8, WILL, type.PUBLISH);
define(propertyId.correlationData, BINARY, WILL, type.PUBLISH);
define(propertyId.subscriptionIdentifier, VARINT, type.PUBLISH, type.SUBSCRIBE);
define(propertyId.sessionExpiry, UINT32, type.CONNECT, type.CONNACK, type.DISCONNECT);
define(propertyId.assignedClientIdentifier, UTF8, type.CONNACK);
define(propertyId.serverKeepAlive, UINT16, type.CONNACK);
define(propertyId.authenticationMethod, UTF8, type.CONNECT, type.CONNACK, type.AUTH);
define(propertyId.authenticationData, BINARY, type.CONNECT, type.CONNACK, type.AUTH);
define(propertyId.requestProblemInformation, BYTE, type.CONNECT);
define(propertyId.willDelay, UINT32, WILL);
define(propertyId.requestResponseInformation, BYTE, type.CONNECT);
define(propertyId.responseInformation, UTF8, type.CONNACK);
define(propertyId.serverReference, UTF8, type.CONNACK, type.DISCONNECT);
define(
  propertyId.reasonString,
  UTF8,
  ...[type.CONNACK, type.PUBACK, type.PUBREC, type.PUBREL, type.PUBCOMP],
  ...[type.SUBACK, type.UNSUBACK, type.DISCONNECT, type.AUTH],
);
define(propertyId.receiveMaximum, UINT16, type.CONNECT, type.CONNACK);
define(propertyId.topicAliasMaximum, UINT16, type.CONNECT, type.CONNACK);
define(propertyId.topicAlias, UINT16, type.PUBLISH);
define(propertyId.maximumQos, BYTE, type.CONNACK);
define(propertyId.retainAvailable, BYTE, type.CONNACK);
define(
  propertyId.userProperty,
  PAIR,
  ...[WILL, type.CONNECT, type.CONNACK, type.PUBLISH],
  ...[type.PUBACK, type.PUBREC, type.PUBREL, type.PUBCOMP],
  ...[type.SUBSCRIBE, type.SUBACK, type.UNSUBSCRIBE, type.UNSUBACK],
  ...[type.DISCONNECT, type.AUTH],
);
define(propertyId.maximumPacketSize, UINT32, type.CONNECT, type.CONNACK);
define(propertyId.wildcardAvailable, BYTE, type.CONNACK);
define(propertyId.subscriptionIdentifiersAvailable, BYTE, type.CONNACK);
define(propertyId.sharedAvailable, BYTE, type.CONNACK);
