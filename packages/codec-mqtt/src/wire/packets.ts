/**
 * Packets as values: text is a string, binary data a view of the packet that
 * was decoded. In MQTT 3.1.1 `properties` is empty, and null where a packet
 * may end before them. Encoding a decoded packet gives its bytes again (but
 * for a padded remaining length, which 3.1.1 lets pass).
 */
import type { Version } from "./packet-types.ts";
import type { Property } from "./properties.ts";

/** Quality of service. */
export type Qos = 0 | 1 | 2;

/** Published by the server when the client is lost. */
export interface Will {
  /** Quality of service. */
  readonly qos: Qos;
  /** To be retained. */
  readonly retain: boolean;
  /** In order. */
  readonly properties: readonly Property[];
  /** A topic name. */
  readonly topic: string;
  /** The message. */
  readonly payload: Uint8Array;
}

/** A client introduces itself. */
export interface Connect {
  /** Discriminates. */
  readonly type: "connect";
  /** Protocol level. */
  readonly version: Version;
  /** Forget an earlier session (3.1.1: clean session). */
  readonly cleanStart: boolean;
  /** Seconds; 0 = none. */
  readonly keepAlive: number;
  /** In order. */
  readonly properties: readonly Property[];
  /** May be empty: the server makes one. */
  readonly clientId: string;
  /** Null = none. */
  readonly will: Will | null;
  /** Null = none. */
  readonly userName: string | null;
  /** Null = none. */
  readonly password: Uint8Array | null;
}

/** The answer to CONNECT. */
export interface Connack {
  /** Discriminates. */
  readonly type: "connack";
  /** The server had a session of this client. */
  readonly sessionPresent: boolean;
  /** Reason code; in 3.1.1 the return code. */
  readonly reason: number;
  /** In order. */
  readonly properties: readonly Property[];
}

/** A message. */
export interface Publish {
  /** Discriminates. */
  readonly type: "publish";
  /** Sent before. */
  readonly dup: boolean;
  /** Quality of service. */
  readonly qos: Qos;
  /** To be retained, or delivered because it was. */
  readonly retain: boolean;
  /** A topic name; empty = the topic alias stands for it. */
  readonly topic: string;
  /** 0 with QoS 0, and only then. */
  readonly packetId: number;
  /** In order. */
  readonly properties: readonly Property[];
  /** The message. */
  readonly payload: Uint8Array;
}

/** A step of the exchange that a PUBLISH with QoS 1 or 2 begins. */
export interface Acknowledgement {
  /** Discriminates. */
  readonly type: "puback" | "pubrec" | "pubrel" | "pubcomp";
  /** From 1. */
  readonly packetId: number;
  /** Null = not sent: success. */
  readonly reason: number | null;
  /** In order; null = the packet ends before them. */
  readonly properties: readonly Property[] | null;
}

/** One filter of a SUBSCRIBE. */
export interface Subscription {
  /** As sent, `$share/…` included. */
  readonly filter: string;
  /** Highest wanted. */
  readonly qos: Qos;
  /** Not what this client publishes. MQTT 5. */
  readonly noLocal: boolean;
  /** Keep the retain flag of messages. MQTT 5. */
  readonly retainAsPublished: boolean;
  /** Retained messages: 0 = send, 1 = send if the subscription is new, 2 = none. MQTT 5. */
  readonly retainHandling: 0 | 1 | 2;
}

/** A client subscribes. */
export interface Subscribe {
  /** Discriminates. */
  readonly type: "subscribe";
  /** From 1. */
  readonly packetId: number;
  /** In order. */
  readonly properties: readonly Property[];
  /** At least one. */
  readonly subscriptions: readonly Subscription[];
}

/** The answer to SUBSCRIBE. */
export interface Suback {
  /** Discriminates. */
  readonly type: "suback";
  /** From 1. */
  readonly packetId: number;
  /** In order. */
  readonly properties: readonly Property[];
  /** One for each filter. */
  readonly reasons: readonly number[];
}

/** A client takes subscriptions back. */
export interface Unsubscribe {
  /** Discriminates. */
  readonly type: "unsubscribe";
  /** From 1. */
  readonly packetId: number;
  /** In order. */
  readonly properties: readonly Property[];
  /** At least one. */
  readonly filters: readonly string[];
}

/** The answer to UNSUBSCRIBE. */
export interface Unsuback {
  /** Discriminates. */
  readonly type: "unsuback";
  /** From 1. */
  readonly packetId: number;
  /** In order. */
  readonly properties: readonly Property[];
  /** One for each filter; none in 3.1.1. */
  readonly reasons: readonly number[];
}

/** A client shows that it lives, or a server answers that. */
export interface Ping {
  /** Discriminates. */
  readonly type: "pingreq" | "pingresp";
}

/** The sender ends the connection. */
export interface Disconnect {
  /** Discriminates. */
  readonly type: "disconnect";
  /** Null = not sent: normal disconnection. */
  readonly reason: number | null;
  /** In order; null = the packet ends before them. */
  readonly properties: readonly Property[] | null;
}

/** A step of enhanced authentication. MQTT 5. */
export interface Auth {
  /** Discriminates. */
  readonly type: "auth";
  /** Null = not sent: success. */
  readonly reason: number | null;
  /** In order; null = the packet ends before them. */
  readonly properties: readonly Property[] | null;
}

/** Any packet. */
export type Packet =
  | Connect
  | Connack
  | Publish
  | Acknowledgement
  | Subscribe
  | Suback
  | Unsubscribe
  | Unsuback
  | Ping
  | Disconnect
  | Auth;
