/**
 * `mqtt-packet`, written by others, beside our reader and writer: valid input,
 * both directions. It keeps properties in an object, so their order cannot be
 * compared here; the vectors do that.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import mqttPacket from "mqtt-packet";
import { anyPacket, type Sent } from "../../test/any-packet.ts";
import { decodePacket } from "./decode.ts";
import { encodePacket } from "./encode.ts";
import { FRAME, FrameReader } from "./frame-reader.ts";
import type { Packet, Will } from "./packets.ts";
import { propertyId as id, type Property } from "./properties.ts";

const names: Record<number, string> = {
  [id.payloadFormat]: "payloadFormatIndicator",
  [id.messageExpiry]: "messageExpiryInterval",
  [id.contentType]: "contentType",
  [id.responseTopic]: "responseTopic",
  [id.correlationData]: "correlationData",
  [id.subscriptionIdentifier]: "subscriptionIdentifier",
  [id.sessionExpiry]: "sessionExpiryInterval",
  [id.assignedClientIdentifier]: "assignedClientIdentifier",
  [id.serverKeepAlive]: "serverKeepAlive",
  [id.authenticationMethod]: "authenticationMethod",
  [id.authenticationData]: "authenticationData",
  [id.requestProblemInformation]: "requestProblemInformation",
  [id.willDelay]: "willDelayInterval",
  [id.requestResponseInformation]: "requestResponseInformation",
  [id.responseInformation]: "responseInformation",
  [id.serverReference]: "serverReference",
  [id.reasonString]: "reasonString",
  [id.receiveMaximum]: "receiveMaximum",
  [id.topicAliasMaximum]: "topicAliasMaximum",
  [id.topicAlias]: "topicAlias",
  [id.maximumQos]: "maximumQoS",
  [id.retainAvailable]: "retainAvailable",
  [id.maximumPacketSize]: "maximumPacketSize",
  [id.wildcardAvailable]: "wildcardSubscriptionAvailable",
  [id.subscriptionIdentifiersAvailable]: "subscriptionIdentifiersAvailable",
  [id.sharedAvailable]: "sharedSubscriptionAvailable",
};
/** Those that the oracle shows as booleans. */
const flags = new Set<number>([
  id.payloadFormat,
  id.requestProblemInformation,
  id.requestResponseInformation,
  id.retainAvailable,
  id.wildcardAvailable,
  id.subscriptionIdentifiersAvailable,
  id.sharedAvailable,
]);

type Shown = Record<string, unknown>;

const buffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes);

/** Several values of a name become a list. */
function put(object: Shown, name: string, value: unknown): void {
  const before = object[name];
  if (before === undefined) object[name] = value;
  else object[name] = [...(Array.isArray(before) ? before : [before]), value];
}

function propertiesOf(list: readonly Property[]): Shown {
  const shown: Shown = {};
  const users: Shown = {};
  for (const property of list) {
    if (property.id === id.userProperty) put(users, property.name, property.value);
    else {
      const { value } = property;
      const plain = typeof value === "object" ? buffer(value) : value;
      put(shown, names[property.id] as string, flags.has(property.id) ? value === 1 : plain);
    }
  }
  if (Object.keys(users).length > 0) shown["userProperties"] = users;
  return shown;
}

/** With properties when there are any. */
function withProperties(shown: Shown, list: readonly Property[] | null): Shown {
  if (list !== null && list.length > 0) shown["properties"] = propertiesOf(list);
  return shown;
}

function willOf(will: Will): Shown {
  const { qos, retain, topic, payload, properties } = will;
  return withProperties({ qos, retain, topic, payload: buffer(payload) }, properties);
}

/** The packet as the oracle would show it. */
function shownOf({ packet, version }: Sent): Shown {
  switch (packet.type) {
    case "connect":
      return withProperties(
        {
          cmd: "connect",
          protocolId: "MQTT",
          protocolVersion: version,
          clean: packet.cleanStart,
          keepalive: packet.keepAlive,
          clientId: packet.clientId,
          ...(packet.will === null ? {} : { will: willOf(packet.will) }),
          ...(packet.userName === null ? {} : { username: packet.userName }),
          ...(packet.password === null ? {} : { password: buffer(packet.password) }),
        },
        packet.properties,
      );
    case "connack": {
      const code = version === 5 ? "reasonCode" : "returnCode";
      const { sessionPresent, reason, properties } = packet;
      return withProperties({ cmd: "connack", sessionPresent, [code]: reason }, properties);
    }
    case "publish": {
      const { dup, qos, retain, topic, packetId, properties, payload } = packet;
      const shown = { cmd: "publish", dup, qos, retain, topic, payload: buffer(payload) };
      return withProperties(qos === 0 ? shown : { ...shown, messageId: packetId }, properties);
    }
    case "puback":
    case "pubrec":
    case "pubrel":
    case "pubcomp": {
      const shown = { cmd: packet.type, messageId: packet.packetId };
      const reason = version === 5 ? { reasonCode: packet.reason ?? 0 } : {};
      return withProperties({ ...shown, ...reason }, packet.properties);
    }
    case "subscribe": {
      const subscriptions = packet.subscriptions.map((each) => ({
        topic: each.filter,
        qos: each.qos,
        ...(version === 5
          ? { nl: each.noLocal, rap: each.retainAsPublished, rh: each.retainHandling }
          : {}),
      }));
      const { packetId, properties } = packet;
      return withProperties({ cmd: "subscribe", messageId: packetId, subscriptions }, properties);
    }
    case "unsubscribe": {
      const { packetId, filters, properties } = packet;
      const shown = { cmd: "unsubscribe", messageId: packetId, unsubscriptions: filters };
      return withProperties(shown, properties);
    }
    case "suback":
    case "unsuback": {
      const { type, packetId, reasons, properties } = packet;
      const granted = type === "suback" || version === 5 ? { granted: reasons } : {};
      return withProperties({ cmd: type, messageId: packetId, ...granted }, properties);
    }
    case "disconnect":
    case "auth": {
      const reason = version === 5 ? { reasonCode: packet.reason ?? 0 } : {};
      return withProperties({ cmd: packet.type, ...reason }, packet.properties);
    }
    default:
      return { cmd: packet.type };
  }
}

/** What the oracle adds: parts of the header, fields that are absent, empty options. */
const noise = new Set(["length", "flag", "dup", "qos", "retain"]);

function comparable(value: unknown, top: boolean, keep: ReadonlySet<string>): unknown {
  if (Buffer.isBuffer(value)) return value.toString("hex");
  if (Array.isArray(value)) return value.map((each) => comparable(each, false, keep));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .filter(
      ([name, each]) =>
        each !== undefined && each !== null && !(top && noise.has(name) && !keep.has(name)),
    )
    .map(([name, each]) => [name, comparable(each, false, keep)] as const);
  return Object.fromEntries(entries);
}

function shownByOracle(bytes: Uint8Array, version: number): Shown {
  const shown: Shown[] = [];
  const parser = mqttPacket.parser({ protocolVersion: version });
  parser.on("packet", (packet: unknown) => shown.push(packet as Shown));
  parser.on("error", (error: unknown) => assert.fail(String(error)));
  parser.parse(buffer(bytes));
  assert.equal(shown.length, 1);
  return shown[0] as Shown;
}

/** Whether the oracle is known to treat such a packet rightly. */
function isFair({ packet }: Sent): boolean {
  if (packet.type === "connect") {
    // MQTT 5 allows both, it does not write them: no client id and a session kept; a password alone.
    if (packet.clientId === "" && !packet.cleanStart) return false;
    if (packet.password !== null && packet.userName === null) return false;
  }
  const lists = [
    "properties" in packet ? (packet.properties ?? []) : [],
    packet.type === "connect" ? (packet.will?.properties ?? []) : [],
  ];
  return lists.every((list) => {
    const users = list.filter((each) => each.id === id.userProperty);
    return users.every(({ name, value }) => {
      // A name that objects have is taken for a second value, and an empty first value is lost.
      if (name in {}) return false;
      return value !== "" || users.filter((other) => other.name === name).length === 1;
    });
  });
}

const messageFields: ReadonlySet<string> = new Set(["dup", "qos", "retain"]);
const none: ReadonlySet<string> = new Set();

test("the oracle reads what we write", () => {
  fc.assert(
    fc.property(anyPacket, (sent) => {
      fc.pre(isFair(sent));
      const keep = sent.packet.type === "publish" ? messageFields : none;
      const shown = shownByOracle(encodePacket(sent.packet, sent.version), sent.version);
      assert.deepEqual(comparable(shown, true, keep), comparable(shownOf(sent), true, keep));
    }),
    { numRuns: 3000 },
  );
});

test("we read what the oracle writes", () => {
  fc.assert(
    fc.property(anyPacket, (sent) => {
      fc.pre(isFair(sent));
      const { version, from } = sent;
      const written = mqttPacket.generate(shownOf(sent) as never, { protocolVersion: version });
      const bytes = new Uint8Array(written);
      const reader = new FrameReader(from, sent.packet.type === "connect" ? 0 : version);
      assert.equal(reader.read(bytes, 0), FRAME, JSON.stringify(reader.rejection));
      assert.equal(reader.end, bytes.length);
      const packet = decodePacket(bytes, reader, version, from);
      assert.notEqual(packet.type, "rejection", JSON.stringify(packet));
      assert.deepEqual(
        comparable(shownOf({ version, from, packet: packet as Packet }), true, messageFields),
        comparable(shownOf(sent), true, messageFields),
      );
    }),
    { numRuns: 3000 },
  );
});
