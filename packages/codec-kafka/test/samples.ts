/** What the compliance kit must be told about Kafka. */
import { type Codec, join } from "@echarde/core";
import type { CodecSamples, ModelRequest, Random } from "@echarde/testkit";
import { listOffsets, metadata, produce } from "../src/generated/apis.ts";
import {
  ListOffsetsPartition,
  ListOffsetsRequest,
  ListOffsetsTopic,
} from "../src/generated/list-offsets-request.ts";
import { MetadataRequest } from "../src/generated/metadata-request.ts";
import {
  PartitionProduceData,
  ProduceRequest,
  TopicProduceData,
} from "../src/generated/produce-request.ts";
import { ProduceResponse } from "../src/generated/produce-response.ts";
import { kafka } from "../src/kafka.ts";
import { make } from "../src/plans/plans.ts";
import { crc32c } from "../src/wire/crc32c.ts";
import { readResponse, writeRequest, writeResponse } from "../src/wire/frame.ts";
import { ModelBroker } from "./model-broker.ts";

/** What stands behind the length of a request of the least size. */
const none = new Uint8Array(10);
const version = { produce: 9, listOffsets: 6, metadata: 9 };

/** The codec that the samples are for. */
export const codec: Codec = kafka({ advertised: ["127.0.0.1:9192"] });

/** One batch without a producer: a head of 61 bytes, and a payload that says whose it is. */
function batch(payload: number): Uint8Array {
  const bytes = new Uint8Array(80).fill(payload);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, 0n);
  view.setInt32(8, 68);
  bytes[16] = 2;
  view.setInt16(21, 0);
  view.setBigInt64(43, -1n);
  view.setUint32(17, crc32c(bytes, 21));
  return bytes;
}

function numbered(chunks: readonly Uint8Array[], id: number): Uint8Array {
  const bytes = join(chunks).slice();
  new DataView(bytes.buffer).setInt32(8, id);
  return bytes;
}

function writing(id: number, topics: readonly string[], acks = -1): Uint8Array {
  const body = make(ProduceRequest, {
    ...{ acks, timeoutMs: 1_000 },
    topicData: topics.map((name) =>
      make(TopicProduceData, {
        name,
        partitionData: [make(PartitionProduceData, { records: batch(id & 255) })],
      }),
    ),
  });
  return numbered(writeRequest(produce, version.produce, "kit", body), id);
}

function ends(id: number, topics: readonly string[]): Uint8Array {
  const partitions = [make(ListOffsetsPartition, { timestamp: -1n })];
  const body = make(ListOffsetsRequest, {
    topics: topics.map((name) => make(ListOffsetsTopic, { name, partitions })),
  });
  return numbered(writeRequest(listOffsets, version.listOffsets, "kit", body), id);
}

function describing(id: number): Uint8Array {
  return numbered(
    writeRequest(metadata, version.metadata, "kit", make(MetadataRequest, { topics: null })),
    id,
  );
}

const said = (id: number): Uint8Array =>
  join(writeResponse(produce, version.produce, id, make(ProduceResponse, {})));

/** Topics that begin with `b-` are of b, all others of a. */
export const samples: CodecSamples = {
  table: {
    defaultCluster: "a",
    clusters: { a: { endpoints: ["a:1"] }, b: { endpoints: ["b:1"] } },
    routes: [{ prefix: "b-", cluster: "b" }],
  },
  requests: [
    { name: "Metadata", bytes: describing(1), does: "fragment" },
    { name: "Produce", bytes: writing(2, ["a-t", "b-t"]), does: "fragment" },
    { name: "Produce to one", bytes: writing(3, ["b-t"]), does: "fragment" },
    { name: "Produce without an answer", bytes: writing(4, ["a-t", "b-t"], 0), does: "fragment" },
    { name: "ListOffsets", bytes: ends(5, ["b-t", "a-t"]), does: "fragment" },
  ],
  replies: [
    { name: "of Produce", bytes: said(1) },
    { name: "with another id", bytes: said(0x7ffffffe) },
  ],
  garbage: [
    Uint8Array.of(255, 255, 255, 255, ...none),
    Uint8Array.of(0, 0, 0, 3, ...none),
    Uint8Array.of(0, 0, 0, 10, 0, 99, 0, 0, 0, 0, 0, 1, 255, 255),
    Uint8Array.of(0, 0, 0, 12, 0, 0, 0, 9, 0, 0, 0, 1, 255, 255, 0, 9),
  ],
  servers: {
    serverAt: (address) => new ModelBroker(address),
    single: () => new ModelBroker("one:1"),
    request,
    canonical,
  },
};

function request(random: Random, client: number, index: number): ModelRequest {
  const topics = random
    .pick([["a"], ["b"], ["a", "b"], ["b", "a"]])
    .map((cluster) => `${cluster}-${client}`);
  const writes = random.chance(0.6);
  const id = 2 * index + (writes ? 0 : 1);
  return {
    name: `${writes ? "Produce" : "ListOffsets"} ${id}: ${topics.join(" ")}`,
    bytes: writes ? writing(id, topics) : ends(id, topics),
    replies: 1,
    accepts: (frame) => {
      const words = wordsOf(frame);
      const named = topics.every((topic) => words.includes(`${topic}=`));
      return words.startsWith(`${id} `) && named;
    },
  };
}

/** Offsets by topic, or the error that took their place; ids tell the API. */
function wordsOf(frame: Uint8Array): string {
  const id = new DataView(frame.buffer, frame.byteOffset).getInt32(4);
  const found =
    id % 2 === 0
      ? readResponse(produce, version.produce, frame).responses.map(
          ({ name, partitionResponses: [p] }) => `${name}=${p?.errorCode} ${p?.baseOffset}`,
        )
      : readResponse(listOffsets, version.listOffsets, frame).topics.map(
          ({ name, partitions: [p] }) => `${name}=${p?.errorCode} ${p?.offset} ${p?.timestamp}`,
        );
  return `${id} ${found.sort().join(" ")}`;
}

function canonical(received: Uint8Array): string {
  const words: string[] = [];
  for (let at = 0; at + 4 <= received.length; ) {
    const size = new DataView(received.buffer, received.byteOffset + at).getInt32(0) + 4;
    words.push(wordsOf(received.slice(at, at + size)));
    at += size;
  }
  return words.join("\n");
}
