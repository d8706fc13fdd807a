/** Valid packets of every type, for properties over them. */
import fc from "fast-check";
import type { Sender, Version } from "../src/wire/packet-types.ts";
import type { Acknowledgement, Packet, Will } from "../src/wire/packets.ts";
import { propertyId as id, type NumberId, type Property } from "../src/wire/properties.ts";

/** A packet and what one has to know to read it. */
export interface Sent {
  /** Version of the connection. */
  readonly version: Version;
  /** Whose packet. */
  readonly from: Sender;
  /** The packet. */
  readonly packet: Packet;
}

/** Objects like those that are written in sources. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;
}

const character = fc.oneof(
  { arbitrary: fc.constantFrom("a", "b", "7", " ", "é", "€", "\ufeff", "😀"), weight: 4 },
  {
    arbitrary: fc.integer({ min: 1, max: 0xd7ff }).map((point) => String.fromCodePoint(point)),
    weight: 1,
  },
);
const text = fc.string({ unit: character, maxLength: 12 });
const plain = text.map((value) => value.replaceAll(/[+#]/g, "x"));
const topic = fc.oneof(
  plain.filter((value) => value !== ""),
  fc.array(plain, { minLength: 2, maxLength: 4 }).map((levels) => levels.join("/")),
);
const filter = fc.oneof(
  topic.filter((value) => !value.startsWith("$")),
  topic.filter((value) => !value.startsWith("$")).map((value) => `${value}/#`),
  topic.map((value) => `+/${value}/+`),
  topic.map((value) => `$share/g/${value}`),
  fc.constant("#"),
);
const payload = fc.oneof(
  { arbitrary: fc.uint8Array({ maxLength: 40 }), weight: 5 },
  { arbitrary: fc.uint8Array({ minLength: 120, maxLength: 140 }), weight: 1 },
);
const packetId = fc.integer({ min: 1, max: 0xffff });
const bit = fc.nat(1);
const uint32 = fc.oneof(fc.nat(10), fc.integer({ min: 0, max: 0xffffffff }));
const positive = uint32.map((value) => Math.max(1, value));

const number = (name: NumberId, value: fc.Arbitrary<number>): fc.Arbitrary<Property> =>
  value.map((each) => ({ id: name, value: each }));
const words = (name: 3 | 8 | 18 | 21 | 26 | 28 | 31, value = text): fc.Arbitrary<Property> =>
  value.map((each) => ({ id: name, value: each }));
const binary = (name: 9 | 22): fc.Arbitrary<Property> =>
  fc.uint8Array({ maxLength: 8 }).map((each) => ({ id: name, value: each }));
const user: fc.Arbitrary<Property> = record({
  id: fc.constant(id.userProperty),
  name: fc.oneof(fc.constantFrom("a", "b"), text),
  value: text,
});

/** Some of these, each once, in any order, with user properties among them. */
function some(...each: readonly fc.Arbitrary<Property>[]): fc.Arbitrary<Property[]> {
  const chosen = fc.tuple(...each.map((one) => fc.option(one, { nil: null, freq: 1 })));
  return fc.tuple(chosen, fc.array(user, { maxLength: 4 })).chain(([ones, users]) => {
    const all = [...ones.filter((one) => one !== null), ...users];
    return fc.shuffledSubarray(all, { minLength: all.length });
  });
}

const authentication = fc
  .tuple(fc.option(words(id.authenticationMethod)), fc.option(binary(id.authenticationData)))
  .map(([method, data]) => [method, method && data].filter((each) => each !== null));

/** Behind the others: an authentication method, and perhaps data. */
function authenticated(others: fc.Arbitrary<Property[]>): fc.Arbitrary<Property[]> {
  return fc.tuple(others, authentication).map(([first, second]) => [...first, ...second]);
}

const messageProperties = [
  number(id.payloadFormat, bit),
  number(id.messageExpiry, uint32),
  words(id.contentType),
  words(id.responseTopic, topic),
  binary(id.correlationData),
] as const;
const uint16 = fc.nat(0xffff);
const positive16 = fc.integer({ min: 1, max: 0xffff });
const qos = fc.constantFrom(0 as const, 1 as const, 2 as const);
const none = fc.constant<Property[]>([]);
const of5 = (version: Version, list: fc.Arbitrary<Property[]>): fc.Arbitrary<Property[]> =>
  version === 5 ? list : none;

function connect(version: Version): fc.Arbitrary<Packet> {
  const will: fc.Arbitrary<Will> = record({
    qos,
    retain: fc.boolean(),
    properties: of5(version, some(...messageProperties, number(id.willDelay, uint32))),
    topic,
    payload,
  });
  const properties = authenticated(
    some(
      number(id.sessionExpiry, uint32),
      number(id.receiveMaximum, positive16),
      number(id.maximumPacketSize, positive),
      number(id.topicAliasMaximum, uint16),
      number(id.requestResponseInformation, bit),
      number(id.requestProblemInformation, bit),
    ),
  );
  return record({
    type: fc.constant("connect" as const),
    version: fc.constant(version),
    cleanStart: fc.boolean(),
    keepAlive: uint16,
    properties: of5(version, properties),
    clientId: text,
    will: fc.option(will),
    userName: fc.option(text),
    password: fc.option(fc.uint8Array({ maxLength: 10 })),
  }).map((packet) => {
    if (version === 5) return packet;
    const cleanStart = packet.cleanStart || packet.clientId === "";
    return { ...packet, cleanStart, password: packet.userName === null ? null : packet.password };
  });
}

function connack(version: Version): fc.Arbitrary<Packet> {
  const properties = authenticated(
    some(
      number(id.sessionExpiry, uint32),
      number(id.receiveMaximum, positive16),
      number(id.maximumQos, bit),
      number(id.retainAvailable, bit),
      number(id.maximumPacketSize, positive),
      words(id.assignedClientIdentifier),
      number(id.topicAliasMaximum, uint16),
      words(id.reasonString),
      number(id.wildcardAvailable, bit),
      number(id.subscriptionIdentifiersAvailable, bit),
      number(id.sharedAvailable, bit),
      number(id.serverKeepAlive, uint16),
      words(id.responseInformation),
      words(id.serverReference),
    ),
  );
  const reason = version === 5 ? fc.constantFrom(0, 0x80, 0x84, 0x8c, 0x9f) : fc.nat(5);
  return record({
    type: fc.constant("connack" as const),
    sessionPresent: fc.boolean(),
    reason,
    properties: of5(version, properties),
  }).map((packet) => ({ ...packet, sessionPresent: packet.sessionPresent && packet.reason === 0 }));
}

/** A valid PUBLISH. */
export function anyPublish(
  version: Version,
  from: Sender,
): fc.Arbitrary<Packet & { type: "publish" }> {
  const identifiers =
    from === "server"
      ? [number(id.subscriptionIdentifier, fc.integer({ min: 1, max: 268_435_455 }))]
      : [];
  return record({
    type: fc.constant("publish" as const),
    dup: fc.boolean(),
    qos,
    retain: fc.boolean(),
    topic,
    packetId,
    properties: of5(version, some(...messageProperties, ...identifiers, ...identifiers)),
    payload,
    alias: fc.option(positive16),
    byAlias: fc.boolean(),
    at: fc.nat(20),
  }).map(({ alias, byAlias, at, ...packet }) => {
    const properties = [...packet.properties];
    if (alias !== null && version === 5) {
      properties.splice(at % (properties.length + 1), 0, { id: id.topicAlias, value: alias });
    }
    return {
      ...packet,
      properties,
      dup: packet.dup && packet.qos > 0,
      packetId: packet.qos === 0 ? 0 : packet.packetId,
      topic: byAlias && alias !== null && version === 5 ? "" : packet.topic,
    };
  });
}

/** Reason, then properties: the second only behind the first. */
function outcome(
  version: Version,
  codes: readonly number[],
  properties: fc.Arbitrary<Property[]>,
): fc.Arbitrary<{ reason: number | null; properties: Property[] | null }> {
  if (version === 4) return fc.constant({ reason: null, properties: null });
  return record({
    reason: fc.option(fc.constantFrom(...codes)),
    properties: fc.option(properties),
  }).map((each) => (each.reason === null ? { reason: null, properties: null } : each));
}

function acknowledgement(version: Version): fc.Arbitrary<Packet> {
  const type = fc.constantFrom<Acknowledgement["type"][]>("puback", "pubrec", "pubrel", "pubcomp");
  return type.chain((each) => {
    const codes = each === "puback" || each === "pubrec" ? [0, 0x80, 0x97] : [0, 0x92];
    return fc
      .tuple(packetId, outcome(version, codes, some(words(id.reasonString))))
      .map(([number, rest]): Packet => ({ type: each, packetId: number, ...rest }));
  });
}

function subscribe(version: Version): fc.Arbitrary<Packet> {
  const subscription = record({
    filter,
    qos,
    noLocal: fc.boolean(),
    retainAsPublished: fc.boolean(),
    retainHandling: fc.constantFrom(0 as const, 1 as const, 2 as const),
  }).map((each) => {
    if (version === 4) {
      return { ...each, noLocal: false, retainAsPublished: false, retainHandling: 0 as const };
    }
    return { ...each, noLocal: each.noLocal && !each.filter.startsWith("$share/") };
  });
  return record({
    type: fc.constant("subscribe" as const),
    packetId,
    properties: of5(
      version,
      some(number(id.subscriptionIdentifier, fc.integer({ min: 1, max: 268_435_455 }))),
    ),
    subscriptions: fc.array(subscription, { minLength: 1, maxLength: 4 }),
  });
}

function answers(version: Version): fc.Arbitrary<Packet>[] {
  const properties = of5(version, some(words(id.reasonString)));
  const granted =
    version === 5 ? fc.constantFrom(0, 1, 2, 0x80, 0xa2) : fc.constantFrom(0, 1, 2, 0x80);
  return [
    record({
      type: fc.constant("suback" as const),
      packetId,
      properties,
      reasons: fc.array(granted, { minLength: 1, maxLength: 4 }),
    }),
    record({
      type: fc.constant("unsuback" as const),
      packetId,
      properties,
      reasons:
        version === 5
          ? fc.array(fc.constantFrom(0, 0x11, 0x87), { minLength: 1, maxLength: 4 })
          : fc.constant([]),
    }),
  ];
}

function disconnect(version: Version, from: Sender): fc.Arbitrary<Packet> {
  const [codes, properties] =
    from === "client"
      ? [[0, 4, 0x81, 0x99], some(number(id.sessionExpiry, uint32), words(id.reasonString))]
      : [[0, 0x8e, 0xa2], some(words(id.reasonString), words(id.serverReference))];
  return outcome(version, codes as number[], properties as fc.Arbitrary<Property[]>).map(
    (rest) => ({
      type: "disconnect" as const,
      ...rest,
    }),
  );
}

function auth(from: Sender): fc.Arbitrary<Packet> {
  const reason = from === "client" ? fc.constantFrom(0x18, 0x19) : fc.constantFrom(0, 0x18);
  return record({
    type: fc.constant("auth" as const),
    reason,
    properties: fc
      .tuple(
        some(words(id.reasonString)),
        words(id.authenticationMethod),
        binary(id.authenticationData),
      )
      .map(([first, ...more]) => [...first, ...more]),
  });
}

function anyOf(version: Version, from: Sender): fc.Arbitrary<Packet> {
  const both = [
    { arbitrary: anyPublish(version, from) as fc.Arbitrary<Packet>, weight: 4 },
    { arbitrary: acknowledgement(version), weight: 2 },
  ];
  const ping = fc.constant<Packet>({ type: from === "client" ? "pingreq" : "pingresp" });
  const others =
    from === "client"
      ? [
          connect(version),
          subscribe(version),
          ping,
          record({
            type: fc.constant("unsubscribe" as const),
            packetId,
            properties: of5(version, some()),
            filters: fc.array(filter, { minLength: 1, maxLength: 4 }),
          }),
        ]
      : [connack(version), ...answers(version), ping];
  if (from === "client" || version === 5) others.push(disconnect(version, from));
  if (version === 5) others.push(auth(from));
  return fc.oneof(...both, ...others.map((arbitrary) => ({ arbitrary, weight: 2 })));
}

/** A valid packet of any type, version and side. */
export const anyPacket: fc.Arbitrary<Sent> = record({
  version: fc.constantFrom(4 as const, 5 as const),
  from: fc.constantFrom("client" as const, "server" as const),
}).chain(({ version, from }) => anyOf(version, from).map((packet) => ({ version, from, packet })));
