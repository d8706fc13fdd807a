/** Golden bytes, put together by hand from the tables of the standards. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodePacket } from "./decode.ts";
import { encodePacket, encodePublishHead } from "./encode.ts";
import { ERROR, FRAME, FrameReader, NEED } from "./frame-reader.ts";
import { CONNECT, type Sender, type Version } from "./packet-types.ts";
import type { Packet } from "./packets.ts";
import { propertyId as id } from "./properties.ts";

interface Vector {
  readonly name: string;
  readonly version: Version;
  readonly from: Sender;
  readonly hex: string;
  readonly packet: Packet;
}

const bytesOf = (hex: string): Uint8Array =>
  new Uint8Array(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value, "utf8"));

const vectors: readonly Vector[] = [
  {
    name: "CONNECT 3.1.1, smallest",
    version: 4,
    from: "client",
    hex: "10 0c 0004 4d515454 04 02 003c 0000",
    packet: {
      type: "connect",
      version: 4,
      cleanStart: true,
      keepAlive: 60,
      properties: [],
      clientId: "",
      will: null,
      userName: null,
      password: null,
    },
  },
  {
    name: "CONNECT 3.1.1, all fields",
    version: 4,
    from: "client",
    hex: "10 1d 0004 4d515454 04 f4 0000 0002 6964 0003 772f74 0002 00ff 0001 75 0001 70",
    packet: {
      type: "connect",
      version: 4,
      cleanStart: false,
      keepAlive: 0,
      properties: [],
      clientId: "id",
      will: { qos: 2, retain: true, properties: [], topic: "w/t", payload: bytesOf("00ff") },
      userName: "u",
      password: text("p"),
    },
  },
  {
    name: "CONNECT 5, all fields and properties, out of numeric order, [MQTT-3.1.3-10] user properties in order",
    version: 5,
    from: "client",
    hex:
      "10 6c 0004 4d515454 05 ce 000a" +
      "32 26 0001 61 0001 31 26 0001 62 0001 32 26 0001 61 0001 33" +
      "11 ffffffff 21 0014 27 00010000 22 000a 19 01 17 00 15 0001 6d 16 0002 0001" +
      "0003 636964" +
      "1e 18 00000005 01 01 02 0000003c 03 0001 63 08 0001 72 09 0001 ff 26 0001 6b 0000" +
      "0001 77 0001 70 0001 75 0000",
    packet: {
      type: "connect",
      version: 5,
      cleanStart: true,
      keepAlive: 10,
      properties: [
        { id: id.userProperty, name: "a", value: "1" },
        { id: id.userProperty, name: "b", value: "2" },
        { id: id.userProperty, name: "a", value: "3" },
        { id: id.sessionExpiry, value: 0xffffffff },
        { id: id.receiveMaximum, value: 20 },
        { id: id.maximumPacketSize, value: 65536 },
        { id: id.topicAliasMaximum, value: 10 },
        { id: id.requestResponseInformation, value: 1 },
        { id: id.requestProblemInformation, value: 0 },
        { id: id.authenticationMethod, value: "m" },
        { id: id.authenticationData, value: bytesOf("0001") },
      ],
      clientId: "cid",
      will: {
        qos: 1,
        retain: false,
        properties: [
          { id: id.willDelay, value: 5 },
          { id: id.payloadFormat, value: 1 },
          { id: id.messageExpiry, value: 60 },
          { id: id.contentType, value: "c" },
          { id: id.responseTopic, value: "r" },
          { id: id.correlationData, value: bytesOf("ff") },
          { id: id.userProperty, name: "k", value: "" },
        ],
        topic: "w",
        payload: text("p"),
      },
      userName: "u",
      password: bytesOf(""),
    },
  },
  {
    name: "CONNECT 5, password without user name, no client id",
    version: 5,
    from: "client",
    hex: "10 10 0004 4d515454 05 40 0000 00 0000 0001 70",
    packet: {
      type: "connect",
      version: 5,
      cleanStart: false,
      keepAlive: 0,
      properties: [],
      clientId: "",
      will: null,
      userName: null,
      password: text("p"),
    },
  },
  {
    name: "CONNACK 3.1.1, session present",
    version: 4,
    from: "server",
    hex: "20 02 01 00",
    packet: { type: "connack", sessionPresent: true, reason: 0, properties: [] },
  },
  {
    name: "CONNACK 3.1.1, refused",
    version: 4,
    from: "server",
    hex: "20 02 00 05",
    packet: { type: "connack", sessionPresent: false, reason: 5, properties: [] },
  },
  {
    name: "CONNACK 5, all properties",
    version: 5,
    from: "server",
    hex:
      "20 48 00 00 45 11 00000e10 21 0064 24 01 25 00 27 00001000 12 0001 78 22 0008 1f 0002 6f6b" +
      "26 0001 61 0001 62 28 00 29 00 2a 00 13 001e 1a 0002 7269 1c 0001 73 15 0001 6d 16 0001 01" +
      "26 0001 63 0001 64",
    packet: {
      type: "connack",
      sessionPresent: false,
      reason: 0,
      properties: [
        { id: id.sessionExpiry, value: 3600 },
        { id: id.receiveMaximum, value: 100 },
        { id: id.maximumQos, value: 1 },
        { id: id.retainAvailable, value: 0 },
        { id: id.maximumPacketSize, value: 4096 },
        { id: id.assignedClientIdentifier, value: "x" },
        { id: id.topicAliasMaximum, value: 8 },
        { id: id.reasonString, value: "ok" },
        { id: id.userProperty, name: "a", value: "b" },
        { id: id.wildcardAvailable, value: 0 },
        { id: id.subscriptionIdentifiersAvailable, value: 0 },
        { id: id.sharedAvailable, value: 0 },
        { id: id.serverKeepAlive, value: 30 },
        { id: id.responseInformation, value: "ri" },
        { id: id.serverReference, value: "s" },
        { id: id.authenticationMethod, value: "m" },
        { id: id.authenticationData, value: bytesOf("01") },
        { id: id.userProperty, name: "c", value: "d" },
      ],
    },
  },
  {
    name: "PUBLISH 3.1.1, QoS 0",
    version: 4,
    from: "client",
    hex: "30 07 0003 612f62 6869",
    packet: {
      type: "publish",
      dup: false,
      qos: 0,
      retain: false,
      topic: "a/b",
      packetId: 0,
      properties: [],
      payload: text("hi"),
    },
  },
  {
    name: "PUBLISH 3.1.1, QoS 2, DUP, RETAIN, no payload",
    version: 4,
    from: "server",
    hex: "3d 06 0002 c3a9 ffff",
    packet: {
      type: "publish",
      dup: true,
      qos: 2,
      retain: true,
      topic: "é",
      packetId: 0xffff,
      properties: [],
      payload: bytesOf(""),
    },
  },
  {
    name: "PUBLISH 5 from a server, several subscription identifiers, [MQTT-3.3.2-18] user properties in order",
    version: 5,
    from: "server",
    hex:
      "32 34 0001 74 0007 2a 01 00 0b 01 26 0001 61 0001 31 26 0001 62 0001 32 26 0001 61 0001 33" +
      "0b ffffff7f 02 00000001 09 0000 08 0001 72 0000 0100",
    packet: {
      type: "publish",
      dup: false,
      qos: 1,
      retain: false,
      topic: "t",
      packetId: 7,
      properties: [
        { id: id.payloadFormat, value: 0 },
        { id: id.subscriptionIdentifier, value: 1 },
        { id: id.userProperty, name: "a", value: "1" },
        { id: id.userProperty, name: "b", value: "2" },
        { id: id.userProperty, name: "a", value: "3" },
        { id: id.subscriptionIdentifier, value: 268_435_455 },
        { id: id.messageExpiry, value: 1 },
        { id: id.correlationData, value: bytesOf("") },
        { id: id.responseTopic, value: "r" },
      ],
      payload: bytesOf("00000100"),
    },
  },
  {
    name: "PUBLISH 5 by alias alone",
    version: 5,
    from: "client",
    hex: "30 07 0000 03 23 ffff 21",
    packet: {
      type: "publish",
      dup: false,
      qos: 0,
      retain: false,
      topic: "",
      packetId: 0,
      properties: [{ id: id.topicAlias, value: 0xffff }],
      payload: text("!"),
    },
  },
  {
    name: "PUBLISH 5, [MQTT-1.5.4-3] U+FEFF is kept",
    version: 5,
    from: "client",
    hex: "30 07 0004 efbbbf61 00",
    packet: {
      type: "publish",
      dup: false,
      qos: 0,
      retain: false,
      topic: "\ufeffa",
      packetId: 0,
      properties: [],
      payload: bytesOf(""),
    },
  },
  ...(["puback", "pubrec", "pubrel", "pubcomp"] as const).flatMap((type, i): Vector[] => {
    const first = ["40", "50", "62", "70"][i];
    const reason = i < 2 ? 0x10 : 0x92;
    const code = reason.toString(16).padStart(2, "0");
    const property = { id: id.reasonString, value: "no" } as const;
    const shared = { version: 5, from: "server" } as const;
    return [
      {
        name: `${type} 3.1.1`,
        version: 4,
        from: "client",
        hex: `${first} 02 0102`,
        packet: { type, packetId: 258, reason: null, properties: null },
      },
      {
        ...shared,
        name: `${type} 5, success is not said`,
        hex: `${first} 02 0102`,
        packet: { type, packetId: 258, reason: null, properties: null },
      },
      {
        ...shared,
        name: `${type} 5, reason alone`,
        hex: `${first} 03 0102 ${code}`,
        packet: { type, packetId: 258, reason, properties: null },
      },
      {
        ...shared,
        name: `${type} 5, no properties said`,
        hex: `${first} 04 0102 00 00`,
        packet: { type, packetId: 258, reason: 0, properties: [] },
      },
      {
        ...shared,
        name: `${type} 5, reason and properties`,
        hex: `${first} 09 0102 ${code} 05 1f 0002 6e6f`,
        packet: { type, packetId: 258, reason, properties: [property] },
      },
    ];
  }),
  {
    name: "SUBSCRIBE 3.1.1",
    version: 4,
    from: "client",
    hex: "82 0e 000a 0003 612f62 01 0003 632f23 02",
    packet: {
      type: "subscribe",
      packetId: 10,
      properties: [],
      subscriptions: [
        { filter: "a/b", qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 },
        { filter: "c/#", qos: 2, noLocal: false, retainAsPublished: false, retainHandling: 0 },
      ],
    },
  },
  {
    name: "SUBSCRIBE 5, options, identifier, user property, shared",
    version: 5,
    from: "client",
    hex: "82 1e 000a 0a 0b 8001 26 0001 61 0001 62 0001 2b 2d 000a 24 7368617265 2f 67 2f 2b 1a",
    packet: {
      type: "subscribe",
      packetId: 10,
      properties: [
        { id: id.subscriptionIdentifier, value: 128 },
        { id: id.userProperty, name: "a", value: "b" },
      ],
      subscriptions: [
        { filter: "+", qos: 1, noLocal: true, retainAsPublished: true, retainHandling: 2 },
        {
          filter: "$share/g/+",
          qos: 2,
          noLocal: false,
          retainAsPublished: true,
          retainHandling: 1,
        },
      ],
    },
  },
  {
    name: "SUBACK 3.1.1",
    version: 4,
    from: "server",
    hex: "90 06 000a 00 01 02 80",
    packet: { type: "suback", packetId: 10, properties: [], reasons: [0, 1, 2, 0x80] },
  },
  {
    name: "SUBACK 5",
    version: 5,
    from: "server",
    hex: "90 0b 000a 06 1f 0003 717579 02 a2",
    packet: {
      type: "suback",
      packetId: 10,
      properties: [{ id: id.reasonString, value: "quy" }],
      reasons: [2, 0xa2],
    },
  },
  {
    name: "UNSUBSCRIBE 3.1.1",
    version: 4,
    from: "client",
    hex: "a2 08 000b 0001 61 0001 23",
    packet: { type: "unsubscribe", packetId: 11, properties: [], filters: ["a", "#"] },
  },
  {
    name: "UNSUBSCRIBE 5",
    version: 5,
    from: "client",
    hex: "a2 0d 000b 07 26 0001 61 0001 62 0001 2f",
    packet: {
      type: "unsubscribe",
      packetId: 11,
      properties: [{ id: id.userProperty, name: "a", value: "b" }],
      filters: ["/"],
    },
  },
  {
    name: "UNSUBACK 3.1.1",
    version: 4,
    from: "server",
    hex: "b0 02 000b",
    packet: { type: "unsuback", packetId: 11, properties: [], reasons: [] },
  },
  {
    name: "UNSUBACK 5",
    version: 5,
    from: "server",
    hex: "b0 05 000b 00 00 11",
    packet: { type: "unsuback", packetId: 11, properties: [], reasons: [0, 0x11] },
  },
  ...([4, 5] as const).flatMap((version): Vector[] => [
    {
      name: `PINGREQ ${version}`,
      version,
      from: "client",
      hex: "c000",
      packet: { type: "pingreq" },
    },
    {
      name: `PINGRESP ${version}`,
      version,
      from: "server",
      hex: "d000",
      packet: { type: "pingresp" },
    },
    {
      name: `DISCONNECT ${version}, nothing said`,
      version,
      from: "client",
      hex: "e000",
      packet: { type: "disconnect", reason: null, properties: null },
    },
  ]),
  {
    name: "DISCONNECT 5, reason alone",
    version: 5,
    from: "client",
    hex: "e0 01 04",
    packet: { type: "disconnect", reason: 4, properties: null },
  },
  {
    name: "DISCONNECT 5, reason 0 said",
    version: 5,
    from: "server",
    hex: "e0 01 00",
    packet: { type: "disconnect", reason: 0, properties: null },
  },
  {
    name: "DISCONNECT 5 from a server, moved",
    version: 5,
    from: "server",
    hex: "e0 08 9d 06 1c 0003 613a62",
    packet: {
      type: "disconnect",
      reason: 0x9d,
      properties: [{ id: id.serverReference, value: "a:b" }],
    },
  },
  {
    name: "DISCONNECT 5 from a client, session expiry",
    version: 5,
    from: "client",
    hex: "e0 07 00 05 11 00000000",
    packet: { type: "disconnect", reason: 0, properties: [{ id: id.sessionExpiry, value: 0 }] },
  },
  {
    name: "AUTH, short form of success",
    version: 5,
    from: "server",
    hex: "f0 00",
    packet: { type: "auth", reason: null, properties: null },
  },
  {
    name: "AUTH, continue",
    version: 5,
    from: "client",
    hex: "f0 0a 18 08 15 0001 6d 16 0001 ff",
    packet: {
      type: "auth",
      reason: 0x18,
      properties: [
        { id: id.authenticationMethod, value: "m" },
        { id: id.authenticationData, value: bytesOf("ff") },
      ],
    },
  },
];

function readerFor({ version, from, packet }: Vector): FrameReader {
  return new FrameReader(from, packet.type === "connect" ? 0 : version);
}

function decoded(vector: Vector, bytes: Uint8Array, at = 0): unknown {
  const reader = readerFor(vector);
  assert.equal(reader.read(bytes, at), FRAME, JSON.stringify(reader.rejection));
  return decodePacket(bytes, reader, vector.version, vector.from);
}

for (const vector of vectors) {
  const bytes = bytesOf(vector.hex);

  test(`${vector.name}: decoded, and encoded to the very bytes`, () => {
    assert.deepEqual(decoded(vector, bytes), vector.packet);
    assert.deepEqual(encodePacket(vector.packet, vector.version), bytes);
    if (vector.packet.type === "publish") {
      const head = encodePublishHead(vector.packet, vector.version);
      assert.deepEqual(new Uint8Array([...head, ...vector.packet.payload]), bytes);
    }
  });

  test(`${vector.name}: byte by byte, at any offset, with other packets behind it`, () => {
    const reader = readerFor(vector);
    for (let size = 0; size < bytes.length; size++) {
      assert.equal(reader.read(bytes.subarray(0, size), 0), NEED);
      assert.equal(reader.need > size && reader.need <= bytes.length, true, `need ${reader.need}`);
    }
    const behind = new Uint8Array(bytes.length + 12).fill(0xff);
    behind.set(bytes, 5);
    assert.deepEqual(decoded(vector, behind, 5), vector.packet);
  });

  test(`${vector.name}: cut short inside, it is refused or another packet, never read beyond`, () => {
    const reader = readerFor(vector);
    reader.read(bytes, 0);
    // Each shorter body under a header that says so, and the real bytes behind as a lure.
    for (let length = 0; length < reader.end - reader.body && length < 128; length++) {
      const lure = Uint8Array.from([bytes[0] as number, length, ...bytes.subarray(reader.body)]);
      const cut = readerFor(vector);
      if (cut.read(lure, 0) === ERROR) continue;
      const packet = decodePacket(lure, cut, vector.version, vector.from);
      if (packet.type === "rejection") continue;
      assert.deepEqual(encodePacket(packet, vector.version), lure.slice(0, 2 + length));
    }
  });

  test(`${vector.name}: a byte too many is refused where nothing may follow`, () => {
    const { type } = vector.packet;
    const more = Uint8Array.from([...bytes, 0x00]);
    more[1] = (more[1] as number) + 1;
    const reader = readerFor(vector);
    if (reader.read(more, 0) === ERROR) return;
    const packet = decodePacket(more, reader, vector.version, vector.from);
    if (packet.type === "rejection") return;
    // A payload, a further reason code, or an optional field took it.
    const open = [
      "publish",
      "suback",
      "unsuback",
      "puback",
      "pubrec",
      "pubrel",
      "pubcomp",
      "disconnect",
    ];
    assert.equal(open.includes(type), true, `${type} took it`);
    assert.deepEqual(encodePacket(packet, vector.version), more);
  });
}

test("every packet type has a vector in each version that has it", () => {
  const seen = new Set(
    vectors.map(({ hex, version }) => `${Number.parseInt(hex[0] ?? "", 16)} ${version}`),
  );
  for (let type = CONNECT; type <= 15; type++) {
    assert.equal(seen.has(`${type} 5`), true, `${type}`);
    assert.equal(type === 15 || seen.has(`${type} 4`), true, `${type}`);
  }
});
