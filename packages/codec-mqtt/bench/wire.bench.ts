/**
 * Cost of the wire layer alone: a chunk of 64 packets, as a busy connection
 * gives it. Figures are for the whole chunk; divide by 64. Fixtures are
 * constant: no seed. Run: `pnpm bench`.
 */
import { bench, do_not_optimize, run, summary } from "mitata";
import mqttPacket from "mqtt-packet";
import { TopicMap } from "../src/filters/topic-map.ts";
import type { TopicRule } from "../src/filters/topic-rules.ts";
import { AckScanner } from "../src/wire/ack-scanner.ts";
import { decodePacket } from "../src/wire/decode.ts";
import { encodePacket } from "../src/wire/encode.ts";
import { FRAME, FrameReader } from "../src/wire/frame-reader.ts";
import type { Version } from "../src/wire/packet-types.ts";
import type { Packet, Publish } from "../src/wire/packets.ts";
import { withPacketId } from "../src/wire/patch.ts";
import { PublishScanner } from "../src/wire/publish-scanner.ts";

const MANY = 64;

function repeat(packet: Packet, version: Version): Uint8Array {
  const one = encodePacket(packet, version);
  const all = new Uint8Array(one.length * MANY);
  for (let i = 0; i < MANY; i++) all.set(one, i * one.length);
  return all;
}

const publish = (size: number, properties: Publish["properties"]): Publish => ({
  type: "publish",
  dup: false,
  qos: 1,
  retain: false,
  topic: "site/a/cam/7/temperature",
  packetId: 7,
  properties,
  payload: new Uint8Array(size).fill(97),
});
const ordinary: Publish["properties"] = [
  { id: 2, value: 60 },
  { id: 3, value: "application/json" },
  { id: 38, name: "trace", value: "0123456789abcdef" },
];
const rules = Array.from({ length: 1000 }, (_, i): TopicRule => {
  return { match: "prefix", text: `site/${i}/cam`, owner: { type: "cluster", cluster: i % 3 } };
});
const topics = new TopicMap(
  [
    ...rules,
    { match: "filter", text: "site/+/cam/+/temperature", owner: { type: "cluster", cluster: 1 } },
  ],
  0,
);

const chunks: [string, Version, Uint8Array][] = [
  ["64 PUBLISH 3.1.1 of 64 B", 4, repeat(publish(64, []), 4)],
  ["64 PUBLISH 3.1.1 of 1 KiB", 4, repeat(publish(1024, []), 4)],
  ["64 PUBLISH 5 of 64 B", 5, repeat(publish(64, []), 5)],
  ["64 PUBLISH 5 of 64 B, 3 properties", 5, repeat(publish(64, ordinary), 5)],
];
for (const [name, version, bytes] of chunks) {
  const reader = new FrameReader("client", version);
  const scanner = new PublishScanner(version, "client");
  summary(() => {
    bench(`scan ${name}`, () => {
      let at = 0;
      while (reader.read(bytes, at) === FRAME && scanner.scan(bytes, reader)) at = reader.end;
      return do_not_optimize(at);
    });
    bench(`scan, find the owner among 1,001 rules: ${name}`, () => {
      let at = 0;
      let sum = 0;
      while (reader.read(bytes, at) === FRAME && scanner.scan(bytes, reader)) {
        sum += topics.owner(bytes, scanner.topicFrom, scanner.topicTo);
        at = reader.end;
      }
      return do_not_optimize(sum);
    });
    bench(`scan, patch the packet id: ${name}`, () => {
      let at = 0;
      let chunksOut = 0;
      while (reader.read(bytes, at) === FRAME && scanner.scan(bytes, reader)) {
        at = reader.end;
        chunksOut += withPacketId(bytes, scanner.start, scanner.idAt, at, 9).length;
      }
      return do_not_optimize(chunksOut);
    });
    const parser = mqttPacket.parser({ protocolVersion: version });
    parser.on("packet", (packet: unknown) => do_not_optimize(packet));
    const buffer = Buffer.from(bytes);
    bench(`mqtt-packet ${name}`, () => do_not_optimize(parser.parse(buffer)));
    bench(`decode ${name}`, () => {
      let at = 0;
      while (reader.read(bytes, at) === FRAME) {
        do_not_optimize(decodePacket(bytes, reader, version, "client"));
        at = reader.end;
      }
      return do_not_optimize(at);
    });
  });
}

const acks = repeat({ type: "puback", packetId: 7, reason: null, properties: null }, 5);
const ackReader = new FrameReader("server", 5);
const ackScanner = new AckScanner(5, "server");
bench("scan 64 PUBACK", () => {
  let at = 0;
  while (ackReader.read(acks, at) === FRAME && ackScanner.scan(acks, ackReader)) at = ackReader.end;
  return do_not_optimize(at);
});
bench("clusters of # over 1,001 rules", () => do_not_optimize(topics.clusters("#")));
bench("clusters of site/7/# over 1,001 rules", () => do_not_optimize(topics.clusters("site/7/#")));

await run();
