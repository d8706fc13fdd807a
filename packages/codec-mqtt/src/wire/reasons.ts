/** Reason codes of MQTT 5.0 (2.4) and which packet may carry which. Those below 128 are no failures. */
import * as type from "./packet-types.ts";

/** Reason codes by name. QoS granted by a SUBACK is 0, 1 or 2. */
export const reason = {
  /** Success, normal disconnection, granted QoS 0. */
  success: 0x00,
  /** The client ends, and its will is to be published. */
  disconnectWithWill: 0x04,
  /** The message was accepted, nobody subscribes to it. */
  noMatchingSubscribers: 0x10,
  /** UNSUBACK: there was no such subscription. */
  noSubscriptionExisted: 0x11,
  /** AUTH: go on. */
  continueAuthentication: 0x18,
  /** AUTH: begin anew on a connection that stands. */
  reAuthenticate: 0x19,
  /** No better code. */
  unspecifiedError: 0x80,
  /** Cannot be parsed. */
  malformedPacket: 0x81,
  /** Parsed, but not allowed. */
  protocolError: 0x82,
  /** Valid, but not accepted by this receiver. */
  implementationSpecificError: 0x83,
  /** CONNECT of a version that is not spoken here. */
  unsupportedProtocolVersion: 0x84,
  /** The client id is not allowed. */
  clientIdentifierNotValid: 0x85,
  /** Wrong credentials. */
  badUserNameOrPassword: 0x86,
  /** Not allowed to do that. */
  notAuthorized: 0x87,
  /** CONNACK: not there. */
  serverUnavailable: 0x88,
  /** Come back later. */
  serverBusy: 0x89,
  /** Banned. */
  banned: 0x8a,
  /** The server ends. */
  serverShuttingDown: 0x8b,
  /** Unknown or changed authentication method. */
  badAuthenticationMethod: 0x8c,
  /** Nothing for one and a half keep-alive intervals. */
  keepAliveTimeout: 0x8d,
  /** Another connection with the same client id. */
  sessionTakenOver: 0x8e,
  /** A well-formed filter that is not accepted. */
  topicFilterInvalid: 0x8f,
  /** A well-formed topic that is not accepted. */
  topicNameInvalid: 0x90,
  /** In use. */
  packetIdentifierInUse: 0x91,
  /** Not known: the session states differ. */
  packetIdentifierNotFound: 0x92,
  /** More in flight than announced. */
  receiveMaximumExceeded: 0x93,
  /** Zero or above the announced maximum. */
  topicAliasInvalid: 0x94,
  /** Above the announced Maximum Packet Size. */
  packetTooLarge: 0x95,
  /** Too many messages a second. */
  messageRateTooHigh: 0x96,
  /** A limit of the receiver. */
  quotaExceeded: 0x97,
  /** An operator's wish. */
  administrativeAction: 0x98,
  /** The payload is not what its format indicator says. */
  payloadFormatInvalid: 0x99,
  /** No retained messages here. */
  retainNotSupported: 0x9a,
  /** QoS above the announced maximum. */
  qosNotSupported: 0x9b,
  /** Go there for now. */
  useAnotherServer: 0x9c,
  /** Go there for good. */
  serverMoved: 0x9d,
  /** No shared subscriptions here. */
  sharedSubscriptionsNotSupported: 0x9e,
  /** Too many connections. */
  connectionRateExceeded: 0x9f,
  /** The time that this connection may take is over. */
  maximumConnectTime: 0xa0,
  /** No subscription identifiers here. */
  subscriptionIdentifiersNotSupported: 0xa1,
  /** No wildcard subscriptions here. */
  wildcardSubscriptionsNotSupported: 0xa2,
} as const;

function codes(...list: readonly number[]): ReadonlySet<number> {
  return new Set(list);
}

const PUBLISH_ANSWERS = codes(0, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99);
const RELEASES = codes(0, 0x92);
const BY_CLIENT = [0, 4, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99];
const NO_CODES = codes();

const inVersion5: readonly ReadonlySet<number>[] = [
  NO_CODES,
  NO_CODES,
  codes(
    ...[0, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c],
    ...[0x90, 0x95, 0x97, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9f],
  ),
  NO_CODES,
  PUBLISH_ANSWERS,
  PUBLISH_ANSWERS,
  RELEASES,
  RELEASES,
  NO_CODES,
  codes(0, 1, 2, 0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2),
  NO_CODES,
  codes(0, 0x11, 0x80, 0x83, 0x87, 0x8f, 0x91),
  NO_CODES,
  NO_CODES,
  // 0x8C stands in the table of section 2.4, not in that of DISCONNECT.
  codes(
    ...BY_CLIENT,
    ...[0x87, 0x89, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f],
    ...[0xa0, 0xa1, 0xa2],
  ),
  codes(0, 0x18, 0x19),
];
const disconnectByClient = codes(...BY_CLIENT);

/** Whether a packet of this type from this side may carry the code, in MQTT 5. */
export function isReason(packetType: number, code: number, sender: type.Sender): boolean {
  // Not in the tables, but what Mosquitto says of a message above its `message_size_limit`.
  if (code === reason.packetTooLarge && sender === "server" && isPublishAnswer(packetType)) {
    return true;
  }
  const known = (inVersion5[packetType] as ReadonlySet<number>).has(code);
  if (!known) return false;
  if (sender === "client") {
    if (packetType === type.DISCONNECT) return disconnectByClient.has(code);
    if (packetType === type.AUTH) return code !== 0;
    return code !== reason.noMatchingSubscribers;
  }
  if (packetType === type.AUTH) return code !== reason.reAuthenticate;
  return packetType !== type.DISCONNECT || code !== reason.disconnectWithWill;
}

function isPublishAnswer(packetType: number): boolean {
  return packetType === type.PUBACK || packetType === type.PUBREC;
}

/** What an MQTT 3.1.1 CONNACK says for a reason code of MQTT 5; -1 = nothing fits: close without one. */
export function returnCode(code: number): number {
  switch (code) {
    case reason.success:
      return 0;
    case reason.unsupportedProtocolVersion:
      return 1;
    case reason.clientIdentifierNotValid:
      return 2;
    case reason.serverUnavailable:
    case reason.serverBusy:
    case reason.useAnotherServer:
    case reason.serverMoved:
      return 3;
    case reason.badUserNameOrPassword:
      return 4;
    case reason.notAuthorized:
    case reason.banned:
      return 5;
    default:
      return -1;
  }
}
