/**
 * The same requests, in every version that both know, to one broker and to a router over two: the answers
 * must be the same, but for what names brokers, clusters and moments, and for the order of lists.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { ShardServer } from "@echarde/host-node";
import { type KafkaServer, skipWithoutKafka, startKafka } from "@echarde/testkit/servers";
import { Asking, apiOf, batch } from "./asking.ts";
import { startRouter } from "./clusters.ts";

/** The message with the defaults of its class, made by reading nothing: only its own values are given. */
function filled(defaults: unknown, given: unknown): unknown {
  if (Array.isArray(given)) return given.map((item) => filled({}, item));
  if (typeof given !== "object" || given === null || given instanceof Uint8Array) return given;
  const out: Record<string, unknown> = { unknown: [], ...(defaults as object) };
  for (const [name, value] of Object.entries(given)) out[name] = filled({}, value);
  return out;
}

/** What brokers and moments differ in is left out, lists are put in an order. */
function plain(value: unknown, name = ""): unknown {
  if (left.has(name)) return null;
  // A broker names a topic twice whose partitions fail in part: errors come first.
  if (name === "responses" && Array.isArray(value)) {
    const flat = (value as readonly Answered[]).flatMap(({ topic, partitions, ...rest }) =>
      partitions === undefined ? [{ topic, ...rest }] : partitions.map((one) => ({ topic, one })),
    );
    return plain(flat);
  }
  if (typeof value === "bigint") return `${value}`;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (Array.isArray(value)) {
    const items = value.map((item) => plain(item));
    return items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, key)]));
}

/** Results about a topic, in answers to Fetch. */
interface Answered {
  readonly topic?: string;
  readonly partitions?: readonly object[];
}

const left: ReadonlySet<string> = new Set([
  ...["brokers", "clusterId", "controllerId", "leaderId", "replicaNodes", "isrNodes", "topicId"],
  ...["nodeId", "host", "port", "throttleTimeMs", "logAppendTimeMs", "producerId", "members"],
  ...["clusterAuthorizedOperations"],
]);

/** Topics of both clusters, and one that neither has. */
const both = ["a-d", "b-d"];
const each = <T>(names: readonly string[], of: (name: string) => T): T[] => names.map(of);

/** No coordinator is on its way: a broker that has just started says so for a while, and clients ask again. */
function settled(answer: object): boolean {
  return Object.entries(answer).every(([key, value]) => {
    if (key === "errorCode") return ![14, 15, 16].includes(Number(value));
    return typeof value !== "object" || value === null || settled(value as object);
  });
}

describe("one broker, and a router over two", { skip: skipWithoutKafka() }, () => {
  let servers: KafkaServer[] = [];
  let router: ShardServer;
  let one: Asking;
  let two: Asking;

  before(async () => {
    // Batches by hand are of 2023: a broker would drop them at a moment of its own.
    const own = { properties: { "log.retention.ms": "-1" } };
    servers = await Promise.all([startKafka(own), startKafka(own), startKafka(own)]);
    const [a, b, alone] = servers as [KafkaServer, KafkaServer, KafkaServer];
    const started = await startRouter(a, b);
    router = started.server;
    one = new Asking(alone.port);
    two = new Asking(started.port);
  });
  after(async () => {
    one?.close();
    two?.close();
    await router?.close();
    await Promise.all(servers.map((server) => server.stop()));
  });

  /** Asks both in every version from `from`; what is made once only is asked in the last version alone. */
  async function compare(
    name: string,
    from: number,
    body: (version: number) => object,
    until: (answer: object) => boolean = settled,
  ): Promise<void> {
    const api = apiOf(name);
    for (let version = from; version <= api.max; version++) {
      const message = filled({}, body(version)) as object;
      const ask = async (asking: Asking): Promise<object> => {
        for (let turn = 0; ; turn++) {
          const answer = await asking.ask(api, version, message);
          if (until(answer) || turn === 200) return answer;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      };
      const [expected, actual] = [await ask(one), await ask(two)];
      assert.deepEqual(plain(actual), plain(expected), `${name} ${version}`);
    }
  }

  const noError = (answer: object): boolean => (answer as { errorCode: number }).errorCode === 0;

  test("topics are made, described and changed", async () => {
    const topic = (name: string) => ({
      ...{ name, numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] },
    });
    const create = (names: readonly string[]) => ({
      ...{ topics: each(names, topic), timeoutMs: 30_000, validateOnly: false },
    });
    await compare("CreateTopics", 7, () => create(both));
    await compare("CreateTopics", 2, () => create(both)); // there already
    await compare("CreateTopics", 2, () => create(["a bad name", "b-bad name"]));
    const wanted = (names: readonly string[] | null) => ({
      topics: names && each(names, (name) => ({ name, topicId: new Uint8Array(16) })),
      ...{ allowAutoTopicCreation: false, includeClusterAuthorizedOperations: false },
      includeTopicAuthorizedOperations: false,
    });
    await compare("Metadata", 0, () => wanted([...both, "b-none", "none"]));
    await compare("Metadata", 1, () => wanted(null));
    await compare("Metadata", 1, () => wanted([]));
    await compare("CreatePartitions", 3, () => ({
      topics: each(both, (name) => ({ name, count: 3, assignments: null })),
      ...{ timeoutMs: 30_000, validateOnly: false },
    }));
    await compare("CreatePartitions", 0, () => ({
      topics: each([...both, "none"], (name) => ({ name, count: 2, assignments: null })),
      ...{ timeoutMs: 30_000, validateOnly: false },
    }));
    const config = (name: string) => ({
      ...{ resourceType: 2, resourceName: name },
      configs: [{ name: "retention.ms", value: "5000", configOperation: 0 }],
    });
    const change = () => ({ resources: each([...both, "b-none"], config), validateOnly: false });
    await compare("IncrementalAlterConfigs", 0, change);
    await compare("AlterConfigs", 0, change);
    await compare("DescribeConfigs", 1, () => ({
      resources: [
        ...each([...both, "b-none"], (resourceName) => ({
          ...{ resourceType: 2, resourceName, configurationKeys: ["retention.ms", "segment.ms"] },
        })),
        // What all brokers have in common.
        { resourceType: 4, resourceName: "", configurationKeys: null },
      ],
      ...{ includeSynonyms: true, includeDocumentation: false },
    }));
  });

  test("records are written, found, read and deleted", async () => {
    await compare("Produce", 3, (version) => ({
      ...{ transactionalId: null, acks: -1, timeoutMs: 30_000 },
      topicData: each([...both, "b-none"], (name) => ({
        name,
        partitionData: [
          { index: 0, records: batch(`version ${version}`) },
          { index: 9, records: batch("nowhere") },
        ],
      })),
    }));
    for (const timestamp of [-1n, -2n, -3n, 1n]) {
      await compare("ListOffsets", timestamp === -3n ? 7 : 1, () => ({
        ...{ replicaId: -1, isolationLevel: 0 },
        topics: each([...both, "b-none"], (name) => ({
          name,
          partitions: each(["0", "1", "9"], (index) => ({
            ...{ partitionIndex: Number(index), currentLeaderEpoch: -1, timestamp },
          })),
        })),
      }));
    }
    await compare("OffsetForLeaderEpoch", 2, () => ({
      replicaId: -1,
      topics: each(both, (topic) => ({
        topic,
        partitions: [{ partition: 0, currentLeaderEpoch: -1, leaderEpoch: 0 }],
      })),
    }));
    await compare("Fetch", 4, () => ({
      ...{ replicaId: -1, maxWaitMs: 100, minBytes: 1, maxBytes: 1 << 20, isolationLevel: 1 },
      ...{ sessionId: 0, sessionEpoch: -1, forgottenTopicsData: [], rackId: "", clusterId: null },
      topics: each([...both, "b-none"], (topic) => ({
        topic,
        partitions: each(["0", "1", "9"], (index) => ({
          ...{ partition: Number(index), currentLeaderEpoch: -1, fetchOffset: 0n },
          ...{ lastFetchedEpoch: -1, logStartOffset: -1n, partitionMaxBytes: 1 << 20 },
        })),
      })),
    }));
    await compare("DeleteRecords", 0, () => ({
      topics: each([...both, "b-none"], (name) => ({
        name,
        partitions: [
          { partitionIndex: 0, offset: 1n },
          { partitionIndex: 1, offset: 99n },
        ],
      })),
      timeoutMs: 30_000,
    }));
  });

  test("groups have offsets, are described, listed and deleted", async () => {
    await compare("FindCoordinator", 0, () => ({ key: "g", keyType: 0 }), noError);
    await compare("OffsetCommit", 1, (version) => ({
      ...{ groupId: "g", generationIdOrMemberEpoch: -1, memberId: "", groupInstanceId: null },
      retentionTimeMs: -1n,
      topics: each([...both, "b-none"], (name) => ({
        name,
        partitions: [
          {
            ...{ partitionIndex: 0, committedOffset: BigInt(version), committedLeaderEpoch: -1 },
            ...{ commitTimestamp: -1n, committedMetadata: `version ${version}` },
          },
        ],
      })),
    }));
    const topics = each([...both, "b-none"], (name) => ({ name, partitionIndexes: [0, 1] }));
    const group = (wanted: typeof topics | null) => ({
      ...{ groupId: "g", topics: wanted, requireStable: false },
      groups: each(["g", "unknown"], (groupId) => ({
        ...{ groupId, memberId: null, memberEpoch: -1, topics: wanted },
      })),
    });
    await compare("OffsetFetch", 1, () => group(topics));
    await compare("OffsetFetch", 2, () => group(null));
    await compare("DescribeGroups", 0, () => ({
      groups: ["g", "unknown"],
      includeAuthorizedOperations: false,
    }));
    await compare("ListGroups", 0, () => ({ statesFilter: [], typesFilter: [] }));
    const member = { generationId: 1, memberId: "nobody", groupInstanceId: null };
    await compare("Heartbeat", 0, () => ({ groupId: "g", ...member }));
    await compare("LeaveGroup", 0, () => ({
      ...{ groupId: "g", memberId: "nobody" },
      members: [{ memberId: "nobody", groupInstanceId: null, reason: null }],
    }));
    await compare("SyncGroup", 0, () => ({
      ...{ groupId: "g", ...member, protocolType: "consumer", protocolName: "range" },
      assignments: [],
    }));
    await compare("OffsetDelete", 0, () => ({
      groupId: "g",
      topics: each([...both, "b-none"], (name) => ({ name, partitions: [{ partitionIndex: 0 }] })),
    }));
    await compare("OffsetFetch", 9, () => group(null));
    await compare("DeleteGroups", 0, () => ({ groupsNames: ["g", "unknown"] }));
    await compare("DeleteTopics", 5, () => ({ topicNames: both, timeoutMs: 30_000 }));
    await compare("DeleteTopics", 1, () => ({ topicNames: ["b-none"], timeoutMs: 30_000 }));
  });
});
