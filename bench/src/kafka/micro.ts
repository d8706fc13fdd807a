import { createRouter, type Effects, type Peer, type Router } from "@echarde/core";
import { kafka } from "../../../packages/codec-kafka/src/kafka.ts";
import { withProducerId } from "../../../packages/codec-kafka/src/wire/batch.ts";
import { readHead, readRequest } from "../../../packages/codec-kafka/src/wire/frame.ts";
import type { Micro, MicroLoop } from "../micro.ts";
import { apiOf, batchOf, requestOf, responseOf } from "./frames.ts";

const NOW = 1_700_000_000_000;
const BATCH = 16_384;
/** Of 1 MiB, half of it for each cluster. */
const BATCHES = 64;
/** What a socket gives at once. */
const CHUNK = 65_536;
const PRODUCER = 7n;
const PRODUCE = 0;
const METADATA = 3;

/** What splitting a Produce costs without sockets, the answers included, and what a batch costs in it. */
export const kafkaMicro: readonly Micro[] = [
  {
    name: "core + codec-kafka: Produce of 1 MiB in batches of 16 KiB over 2 clusters",
    open: () => produces(Number.POSITIVE_INFINITY),
  },
  {
    name: "core + codec-kafka: the same in chunks of 64 KiB",
    open: () => produces(CHUNK),
  },
  {
    name: "codec-kafka: another producer id in a batch of 16 KiB",
    open: () => {
      const batch = batchOf(BATCH - 80, PRODUCER);
      return (iterations) => {
        let pieces = 0;
        for (let i = 0; i < iterations; i++) {
          pieces += withProducerId(batch, BigInt(i & 1023))?.length ?? 0;
        }
        if (pieces !== 2 * iterations) throw new Error("no head of its own");
      };
    },
  },
];

/** One producer that sends the same request again and again, in chunks of so many bytes. */
function produces(chunk: number): MicroLoop {
  const router = createRouter({
    codec: kafka(),
    reusesInput: true,
    table: {
      protocol: "kafka",
      defaultCluster: "a",
      clusters: { a: { endpoints: ["127.0.0.1:1"] }, b: { endpoints: ["127.0.0.1:2"] } },
      routes: [{ prefix: "b-", cluster: "b" }],
      options: { advertised: "127.0.0.1:9192" },
    },
  });
  const client = router.open(NOW);
  settle(
    router,
    router.bytes(client, requestOf("InitProducerId", 4, { ...idless, unknown: [] }), NOW),
  );
  const request = produceOf(["a-bench", "b-bench"]);
  const chunks: Buffer[] = [];
  for (let from = 0; from < request.length; from += chunk) {
    chunks.push(request.subarray(from, from + chunk));
  }
  // leaders are learned and links opened in the first turns
  let expected = 0;
  for (let turn = 0; turn < 3; turn++) {
    expected = 0;
    for (const each of chunks) expected += settle(router, router.bytes(client, each, NOW));
  }
  const answers = new Map<string, Buffer>(
    ["a", "b"].map((cluster) => [cluster, produced([`${cluster}-bench`])]),
  );
  return (iterations) => {
    let received = 0;
    for (let i = 0; i < iterations; i++) {
      for (const each of chunks) {
        const asked: (readonly [peer: Peer, id: number])[] = [];
        for (const { peer, write } of router.bytes(client, each, NOW)) {
          if (peer.kind === "link" && write.length > 0) asked.push([peer, idOf(write)]);
        }
        for (const [peer, id] of asked) {
          const answer = answers.get(clusterOf(peer)) as Buffer;
          answer.writeInt32BE(id, 4);
          for (const { peer: to, write } of router.bytes(peer, answer, NOW)) {
            if (to.kind === "client") received += sizeOf(write);
          }
        }
      }
    }
    if (received !== iterations * expected) {
      throw new Error(`${received} bytes for ${iterations} requests, not ${expected} each`);
    }
  };
}

const idless = {
  transactionalId: null,
  transactionTimeoutMs: 60_000,
  producerId: -1n,
  producerEpoch: -1,
};

function produceOf(topics: readonly string[]): Buffer {
  const records = batchOf(BATCH - 80, PRODUCER);
  return requestOf("Produce", 9, {
    ...{ transactionalId: null, acks: -1, timeoutMs: 10_000, unknown: [] },
    topicData: topics.map((name) => ({
      ...{ name, unknown: [] },
      partitionData: indexes().map((index) => ({ index, records, unknown: [] })),
    })),
  });
}

function produced(topics: readonly string[], id = 0): Buffer {
  return responseOf("Produce", 9, id, {
    ...{ throttleTimeMs: 0, nodeEndpoints: [], unknown: [] },
    responses: topics.map((name) => ({
      ...{ name, unknown: [] },
      partitionResponses: indexes().map((index) => ({
        ...{ index, errorCode: 0, baseOffset: 1n, logAppendTimeMs: -1n, logStartOffset: 0n },
        ...{ recordErrors: [], errorMessage: null, currentLeader: null, unknown: [] },
      })),
    })),
  });
}

function indexes(): number[] {
  return Array.from({ length: BATCHES / 2 }, (_, i) => i);
}

/** Plays the brokers until nothing is left to do; returns how many bytes the client got. */
function settle(router: Router, effects: Effects): number {
  let received = 0;
  const pending = [effects];
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    for (const { peer, open, write } of next) {
      if (open !== null) pending.push(router.opened(peer, NOW));
      if (write.length === 0) continue;
      if (peer.kind === "client") received += sizeOf(write);
      else pending.push(router.bytes(peer, answerTo(Buffer.concat(write)), NOW));
    }
  }
  return received;
}

/** What a broker would say to one request. */
function answerTo(frame: Buffer): Buffer {
  const { key, version, correlationId } = readHead(frame, 0);
  if (key === PRODUCE) {
    const { body } = readRequest(apiOf("Produce"), version, frame);
    const { topicData } = body as { readonly topicData: readonly { readonly name: string }[] };
    const names = topicData.map(({ name }) => name);
    return produced(names, correlationId);
  }
  if (key !== METADATA) {
    const ids = { throttleTimeMs: 0, errorCode: 0, producerId: PRODUCER, producerEpoch: 0 };
    return responseOf("InitProducerId", version, correlationId, { ...ids, unknown: [] });
  }
  const { body } = readRequest(apiOf("Metadata"), version, frame);
  const { topics } = body as { readonly topics: readonly { readonly name: string }[] | null };
  return responseOf("Metadata", version, correlationId, {
    ...{ throttleTimeMs: 0, clusterId: "one", controllerId: 1, unknown: [] },
    ...{ clusterAuthorizedOperations: 0, errorCode: 0 },
    brokers: [{ nodeId: 1, host: "127.0.0.1", port: 1, rack: null, unknown: [] }],
    topics: (topics ?? []).map(({ name }) => ({
      ...{ errorCode: 0, name, topicId: new Uint8Array(16), isInternal: false, unknown: [] },
      topicAuthorizedOperations: 0,
      partitions: indexes().map((partitionIndex) => ({
        ...{ errorCode: 0, partitionIndex, leaderId: 1, leaderEpoch: 0, unknown: [] },
        ...{ replicaNodes: [1], isrNodes: [1], offlineReplicas: [] },
      })),
    })),
  });
}

/** Correlation id of the request that these chunks begin with. */
function idOf(write: readonly Uint8Array[]): number {
  return Buffer.concat(write.slice(0, 3).map((chunk) => chunk.subarray(0, 12))).readInt32BE(8);
}

function clusterOf(peer: Peer): string {
  return peer.kind === "link" ? peer.cluster : "";
}

function sizeOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}
