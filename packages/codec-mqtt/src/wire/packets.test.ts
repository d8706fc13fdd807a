import assert from "node:assert/strict";
import { test } from "node:test";
import { LocalProtocolError } from "@echarde/core";
import fc from "fast-check";
import { anyPacket, anyPublish, type Sent } from "../../test/any-packet.ts";
import { AckScanner } from "./ack-scanner.ts";
import { decodePacket } from "./decode.ts";
import { encodePacket } from "./encode.ts";
import { ERROR, FRAME, FrameReader, NEED } from "./frame-reader.ts";
import type { Packet, Publish } from "./packets.ts";
import { withPacketId, withTopic } from "./patch.ts";
import { propertyId } from "./properties.ts";
import { PublishScanner } from "./publish-scanner.ts";
import type { Rejection } from "./rejection.ts";

function readerFor({ version, from, packet }: Sent): FrameReader {
  return new FrameReader(from, packet.type === "connect" ? 0 : version);
}

function joined(chunks: readonly Uint8Array[] | null): Uint8Array {
  assert.notEqual(chunks, null);
  return Uint8Array.from((chunks ?? []).flatMap((chunk) => [...chunk]));
}

test("a packet survives its bytes, in the middle of others", () => {
  fc.assert(
    fc.property(anyPacket, (sent) => {
      const bytes = encodePacket(sent.packet, sent.version);
      const buffer = new Uint8Array(bytes.length + 7).fill(0x5a);
      buffer.set(bytes, 3);
      const reader = readerFor(sent);
      assert.equal(reader.read(buffer, 3), FRAME, JSON.stringify(reader.rejection));
      assert.equal(reader.end, bytes.length + 3);
      assert.deepEqual(decodePacket(buffer, reader, sent.version, sent.from), sent.packet);
    }),
    { numRuns: 3000 },
  );
});

test("framing does not depend on the cut", () => {
  const stream = fc.array(anyPacket, { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(stream, fc.array(fc.nat(2000), { maxLength: 12 }), (all, cuts) => {
      const { version, from } = all[0] as Sent;
      const packets = all
        .filter((each) => each.version === version && each.from === from)
        .map(({ packet }) => packet)
        .filter(({ type }) => type !== "connect");
      const encoded = packets.map((packet) => encodePacket(packet, version));
      const bytes = joined(encoded);
      const reader = new FrameReader(from, version);
      const ends: number[] = [];
      let at = 0;
      for (const cut of [...cuts.map((each) => each % (bytes.length + 1)), bytes.length].sort(
        (a, b) => a - b,
      )) {
        const seen = bytes.subarray(0, cut);
        while (reader.read(seen, at) === FRAME) {
          at = reader.end;
          ends.push(at);
        }
        assert.equal(reader.rejection, null);
        assert.equal(at + reader.need > cut, true, "need asks for more than there is");
      }
      let sum = 0;
      assert.deepEqual(
        ends,
        encoded.map((each) => (sum += each.length)),
      );
    }),
    { numRuns: 500 },
  );
});

/** What the scanners say of a packet, as decoding would. */
function scanned(bytes: Uint8Array, reader: FrameReader, sent: Sent): Rejection | null {
  const scanner =
    reader.type === 3
      ? new PublishScanner(sent.version, sent.from)
      : new AckScanner(sent.version, sent.from);
  assert.equal(scanner.scan(bytes, reader), scanner.rejection === null);
  return scanner.rejection;
}

test("garbage: packets with bytes changed are read or refused, and scanning agrees with decoding", () => {
  const changes = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 3 });
  const outcomes = { refused: 0, read: 0, scannedRefusals: 0 };
  fc.assert(
    fc.property(anyPacket, changes, (sent, edits) => {
      const bytes = encodePacket(sent.packet, sent.version).slice();
      for (const [at, value] of edits) bytes[at % bytes.length] = value;
      const reader = readerFor(sent);
      const status = reader.read(bytes, 0);
      if (status === NEED) return;
      if (status === ERROR) {
        outcomes.refused++;
        return;
      }
      const packet = decodePacket(bytes, reader, sent.version, sent.from);
      if (packet.type === "rejection") outcomes.refused++;
      else {
        outcomes.read++;
        // What was read can be written and read again, and is the same.
        const again = encodePacket(
          packet,
          packet.type === "connect" ? packet.version : sent.version,
        );
        if (reader.body - reader.start === 1 + (again.length > 129 ? 2 : 1)) {
          assert.deepEqual(again, bytes.slice(0, reader.end));
        }
      }
      if (reader.type < 3 || reader.type > 7) return;
      const rejection = scanned(bytes, reader, sent);
      assert.deepEqual(rejection, packet.type === "rejection" ? packet : null);
      if (rejection !== null) outcomes.scannedRefusals++;
    }),
    { numRuns: 10_000, seed: 5 },
  );
  assert.equal(Math.min(...Object.values(outcomes)) > 300, true, JSON.stringify(outcomes));
});

test("garbage: any bytes at all", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 60 }),
      fc.constantFrom(0 as const, 4 as const, 5 as const),
      fc.constantFrom("client" as const, "server" as const),
      (bytes, version, from) => {
        const reader = new FrameReader(from, version, 50);
        if (reader.read(bytes, 0) === FRAME)
          decodePacket(bytes, reader, version === 0 ? 5 : version, from);
        else if (reader.rejection === null)
          assert.equal(reader.need > bytes.length && reader.need <= 50, true);
      },
    ),
    { numRuns: 20_000 },
  );
});

/** A PUBLISH at offset 2 of a buffer, framed and scanned. */
function scanPublish(sent: Sent): {
  bytes: Uint8Array;
  scanner: PublishScanner;
  reader: FrameReader;
} {
  const packet = encodePacket(sent.packet, sent.version);
  const bytes = new Uint8Array(packet.length + 4).fill(0x23);
  bytes.set(packet, 2);
  const reader = readerFor(sent);
  assert.equal(reader.read(bytes, 2), FRAME);
  const scanner = new PublishScanner(sent.version, sent.from);
  assert.equal(scanner.scan(bytes, reader), true, JSON.stringify(scanner.rejection));
  return { bytes, scanner, reader };
}

const publishes: fc.Arbitrary<Sent & { packet: Publish }> = fc
  .record({
    version: fc.constantFrom(4 as const, 5 as const),
    from: fc.constantFrom("client" as const, "server" as const),
  })
  .chain(({ version, from }) =>
    anyPublish(version, from).map((packet) => ({ version, from, packet })),
  );

test("scan: what it finds is what decoding finds", () => {
  fc.assert(
    fc.property(publishes, (sent) => {
      const { packet } = sent;
      const { bytes, scanner, reader } = scanPublish(sent);
      const part = (from: number, to: number): string =>
        Buffer.from(bytes.subarray(from, to)).toString();
      const alias = packet.properties.find(({ id }) => id === propertyId.topicAlias)?.value ?? 0;
      assert.deepEqual(
        [scanner.qos, scanner.dup, scanner.retain, scanner.packetId, scanner.alias],
        [packet.qos, packet.dup, packet.retain, packet.packetId, alias],
      );
      assert.equal(part(scanner.topicFrom, scanner.topicTo), packet.topic);
      assert.deepEqual(bytes.slice(scanner.payload, scanner.end), packet.payload);
      assert.equal(scanner.idAt >= 0, packet.qos > 0);
      assert.equal(scanner.aliasAt < 0 || bytes[scanner.aliasAt] === propertyId.topicAlias, true);
      assert.deepEqual([scanner.start, scanner.end], [2, reader.end]);
    }),
    { numRuns: 2000 },
  );
});

test("patch: another packet id, nothing else, and the rest is a view", () => {
  fc.assert(
    fc.property(publishes, fc.integer({ min: 1, max: 0xffff }), (sent, packetId) => {
      fc.pre(sent.packet.qos > 0);
      const { bytes, scanner } = scanPublish(sent);
      const before = bytes.slice();
      const chunks = withPacketId(bytes, scanner.start, scanner.idAt, scanner.end, packetId);
      assert.deepEqual(
        joined(chunks),
        encodePacket({ ...sent.packet, packetId }, sent.version).slice(),
      );
      assert.deepEqual(bytes, before);
      assert.equal(chunks[1] === undefined || chunks[1].buffer === bytes.buffer, true, "a view");
    }),
  );
});

test("patch: a packet id in every other packet that has one", () => {
  fc.assert(
    fc.property(anyPacket, (sent) => {
      const { packet, version } = sent;
      fc.pre("packetId" in packet && packet.type !== "publish");
      const bytes = encodePacket(packet, version);
      const reader = readerFor(sent);
      reader.read(bytes, 0);
      const chunks = withPacketId(bytes, 0, reader.body, reader.end, 0xabcd);
      const expected = encodePacket({ ...packet, packetId: 0xabcd } as Packet, version);
      assert.deepEqual(joined(chunks), expected.slice());
    }),
  );
});

test("patch: topic for alias, lengths and order of the other properties right", () => {
  const topic = fc.string({ unit: fc.constantFrom("a", "/", "b"), minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(publishes, topic, (sent, text) => {
      fc.pre(sent.version === 5);
      const { bytes, scanner } = scanPublish(sent);
      const properties = sent.packet.properties.filter(({ id }) => id !== propertyId.topicAlias);
      const expected = encodePacket({ ...sent.packet, topic: text, properties }, 5);
      assert.deepEqual(joined(withTopic(bytes, scanner, Buffer.from(text))), expected.slice());
    }),
    { numRuns: 2000 },
  );
});

test("patch: both lengths grow by a byte", () => {
  // 125 bytes of properties with the alias, 122 without; a body of 127 bytes, then 300 more.
  const packet: Publish = {
    type: "publish",
    dup: false,
    qos: 0,
    retain: false,
    topic: "",
    packetId: 0,
    properties: [
      { id: propertyId.topicAlias, value: 1 },
      { id: propertyId.contentType, value: "x".repeat(128) },
    ],
    payload: new Uint8Array(20_000),
  };
  const { bytes, scanner } = scanPublish({ version: 5, from: "client", packet });
  const chunks = withTopic(bytes, scanner, Buffer.from("t/1"));
  assert.deepEqual(
    joined(chunks),
    encodePacket({ ...packet, topic: "t/1", properties: packet.properties.slice(1) }, 5).slice(),
  );
  assert.equal(withTopic(bytes, scanner, new Uint8Array(65_536)), null);
});

test("acknowledgements: id and reason without decoding", () => {
  fc.assert(
    fc.property(anyPacket, (sent) => {
      const { packet } = sent;
      fc.pre(["puback", "pubrec", "pubrel", "pubcomp"].includes(packet.type));
      const bytes = encodePacket(packet, sent.version);
      const reader = readerFor(sent);
      reader.read(bytes, 0);
      const scanner = new AckScanner(sent.version, sent.from);
      assert.equal(scanner.scan(bytes, reader), true);
      assert.deepEqual(
        [scanner.packetId, scanner.reason],
        "packetId" in packet && "reason" in packet ? [packet.packetId, packet.reason ?? 0] : [],
      );
    }),
  );
});

test("misuse: what the format cannot hold throws", () => {
  const long = "x".repeat(65_536);
  const publish: Publish = {
    type: "publish",
    dup: false,
    qos: 1,
    retain: false,
    topic: "t",
    packetId: 1,
    properties: [],
    payload: new Uint8Array(0),
  };
  for (const packet of [
    { ...publish, topic: long },
    { ...publish, packetId: 0 },
    { ...publish, packetId: 65_536 },
    { ...publish, properties: [{ id: 11 as const, value: 268_435_456 }] },
    { ...publish, properties: [{ id: 35 as const, value: 65_536 }] },
  ]) {
    assert.throws(() => encodePacket(packet, 5), LocalProtocolError);
  }
  assert.throws(() => withPacketId(new Uint8Array(4), 0, 2, 4, 0), LocalProtocolError);
});
