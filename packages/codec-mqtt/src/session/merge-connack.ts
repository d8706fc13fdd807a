/**
 * One CONNACK from those of several brokers: the client is told the least that
 * holds everywhere. MQTT 5.0, 3.2.2.3.
 */
import type { Connack } from "../wire/packets.ts";
import { type NumberId, numberOf, type Property, propertyId, textOf } from "../wire/properties.ts";

/** What a client may do, all brokers taken together. */
export interface Granted {
  /** QoS 1 and 2 messages from the client in flight. */
  readonly receiveMaximum: number;
  /** Highest QoS of its messages. */
  readonly maximumQos: number;
  /** Whether its messages may be retained. */
  readonly retainAvailable: boolean;
  /** Bytes of its packets. */
  readonly maximumPacketSize: number;
  /** Seconds between its packets, 0 = any. */
  readonly keepAlive: number;
  /** Seconds that its session is kept. */
  readonly sessionExpiry: number;
}

/** What the router and the client bring to the merge. */
export interface Asked {
  /** Seconds, from CONNECT. */
  readonly keepAlive: number;
  /** Seconds, from CONNECT. */
  readonly sessionExpiry: number;
  /** Bytes that the router takes. */
  readonly maximumPacketSize: number;
  /** Topic aliases that the router takes. */
  readonly topicAliases: number;
  /** The client id that the router made, null = the client's own. */
  readonly assignedClientId: string | null;
}

/** What holds for all of them. */
export function grantedBy(connacks: readonly Connack[], asked: Asked): Granted {
  const least = (id: NumberId, absent: number): number =>
    connacks.reduce((so, { properties }) => Math.min(so, numberOf(properties, id, absent)), absent);
  const keepAlives = connacks.map(({ properties }) =>
    numberOf(properties, propertyId.serverKeepAlive, asked.keepAlive),
  );
  const limited = keepAlives.filter((seconds) => seconds > 0);
  return {
    receiveMaximum: least(propertyId.receiveMaximum, 0xffff),
    maximumQos: least(propertyId.maximumQos, 2),
    retainAvailable: least(propertyId.retainAvailable, 1) === 1,
    maximumPacketSize: least(propertyId.maximumPacketSize, asked.maximumPacketSize),
    keepAlive: limited.length === 0 ? 0 : Math.min(...limited),
    sessionExpiry: Math.min(
      asked.sessionExpiry,
      ...connacks.map(({ properties }) =>
        numberOf(properties, propertyId.sessionExpiry, asked.sessionExpiry),
      ),
    ),
  };
}

/** Properties of the merged CONNACK; those of `first` where only one can be told. */
export function mergedProperties(
  connacks: readonly Connack[],
  granted: Granted,
  asked: Asked,
): readonly Property[] {
  const merged: Property[] = [];
  const tell = (id: NumberId, value: number, absent: number): void => {
    if (value !== absent) merged.push({ id, value });
  };
  tell(propertyId.sessionExpiry, granted.sessionExpiry, asked.sessionExpiry);
  tell(propertyId.receiveMaximum, granted.receiveMaximum, 0xffff);
  tell(propertyId.maximumQos, granted.maximumQos, 2);
  tell(propertyId.retainAvailable, granted.retainAvailable ? 1 : 0, 1);
  tell(propertyId.maximumPacketSize, granted.maximumPacketSize, 268_435_460);
  if (asked.assignedClientId !== null) {
    merged.push({ id: propertyId.assignedClientIdentifier, value: asked.assignedClientId });
  }
  tell(propertyId.topicAliasMaximum, asked.topicAliases, 0);
  const words = connacks.flatMap(
    ({ properties }) => textOf(properties, propertyId.reasonString) ?? [],
  );
  if (words.length > 0) merged.push({ id: propertyId.reasonString, value: words.join("; ") });
  for (const { properties } of connacks) {
    merged.push(...properties.filter(({ id }) => id === propertyId.userProperty));
  }
  for (const id of [
    propertyId.wildcardAvailable,
    propertyId.subscriptionIdentifiersAvailable,
    propertyId.sharedAvailable,
  ] as const) {
    const all = connacks.every(({ properties }) => numberOf(properties, id, 1) === 1);
    tell(id, all ? 1 : 0, 1);
  }
  tell(propertyId.serverKeepAlive, granted.keepAlive, asked.keepAlive);
  const response = textOf(connacks[0]?.properties ?? [], propertyId.responseInformation);
  if (response !== null) merged.push({ id: propertyId.responseInformation, value: response });
  return merged;
}
