/** Places of consumers on clusters that are not their group's home: who may move them, and what they outlive. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { ShardServer } from "@echarde/host-node";
import { type KafkaServer, skipWithoutKafka, startKafka } from "@echarde/testkit/servers";
import type { Kafka } from "kafkajs";
import { DescribeGroupsRequest } from "../../packages/codec-kafka/src/generated/describe-groups-request.ts";
import type { DescribeGroupsResponse } from "../../packages/codec-kafka/src/generated/describe-groups-response.ts";
import {
  OffsetCommitRequest,
  OffsetCommitRequestPartition,
  OffsetCommitRequestTopic,
} from "../../packages/codec-kafka/src/generated/offset-commit-request.ts";
import type { OffsetCommitResponse } from "../../packages/codec-kafka/src/generated/offset-commit-response.ts";
import { make } from "../../packages/codec-kafka/src/plans/plans.ts";
import { Asking, apiOf } from "./asking.ts";
import { clientOf, runTool, startRouter, until } from "./clusters.ts";

describe("consumers over two Kafka clusters", { skip: skipWithoutKafka() }, () => {
  let a: KafkaServer;
  let b: KafkaServer;
  let router: ShardServer;
  let port: number;
  let client: Kafka;

  before(async () => {
    [a, b] = await Promise.all([startKafka(), startKafka({ version: "4.3.1" })]);
    ({ server: router, port } = await startRouter(a, b));
    client = clientOf(port);
  });
  after(async () => {
    await router?.close();
    await Promise.all([a?.stop(), b?.stop()]);
  });

  async function create(topics: readonly string[]): Promise<void> {
    const admin = client.admin();
    await admin.connect();
    try {
      await admin.createTopics({ topics: topics.map((topic) => ({ topic, numPartitions: 1 })) });
    } finally {
      await admin.disconnect();
    }
  }

  async function write(topics: readonly string[], values: readonly string[]): Promise<void> {
    const producer = client.producer();
    await producer.connect();
    try {
      const messages = values.map((value) => ({ value }));
      await producer.sendBatch({ topicMessages: topics.map((topic) => ({ topic, messages })) });
    } finally {
      await producer.disconnect();
    }
  }

  async function offsetsOf(groupId: string, topics: readonly string[]): Promise<string[]> {
    const admin = client.admin();
    await admin.connect();
    try {
      const found = await admin.fetchOffsets({ groupId, topics: [...topics] });
      return topics.map(
        (name) => found.find(({ topic }) => topic === name)?.partitions[0]?.offset ?? "none",
      );
    } finally {
      await admin.disconnect();
    }
  }

  test("a zombie moves no offset, on no cluster", async () => {
    const topics = ["a-zombie", "b-zombie"];
    await create(topics);
    await write(topics, ["1", "2", "3"]);
    const consumer = client.consumer({ groupId: "zombie", maxWaitTimeInMs: 200 });
    const asking = new Asking(port);
    try {
      let read = 0;
      await consumer.connect();
      await consumer.subscribe({ topics, fromBeginning: true });
      await consumer.run({
        autoCommitThreshold: 1,
        eachMessage: async () => {
          read += 1;
        },
      });
      const committed = async (): Promise<boolean> =>
        (await offsetsOf("zombie", topics)).join() === "3,3";
      await until(committed, "the living member commits on both clusters");
      assert.equal(read, 6);
      const described = (await asking.ask(
        apiOf("DescribeGroups"),
        4,
        make(DescribeGroupsRequest, { groups: ["zombie"] }),
      )) as DescribeGroupsResponse;
      const alive = described.groups[0]?.members[0]?.memberId;
      assert.ok(alive !== undefined, "the member");
      const commit = async (memberId: string, generation: number): Promise<number[]> => {
        const request = make(OffsetCommitRequest, {
          ...{ groupId: "zombie", memberId, generationIdOrMemberEpoch: generation },
          topics: topics.map((name) =>
            make(OffsetCommitRequestTopic, {
              name,
              partitions: [make(OffsetCommitRequestPartition, { committedOffset: 1n })],
            }),
          ),
        });
        const answer = await asking.ask(apiOf("OffsetCommit"), 7, request);
        return (answer as OffsetCommitResponse).topics.flatMap(({ partitions }) =>
          partitions.map(({ errorCode }) => errorCode),
        );
      };
      assert.deepEqual(await commit("thrown-out", 1), [unknownMember, unknownMember]);
      assert.deepEqual(await commit(alive, 999), [illegalGeneration, illegalGeneration]);
      assert.deepEqual(await offsetsOf("zombie", topics), ["3", "3"]);
    } finally {
      asking.close();
      await consumer.disconnect();
    }
  });

  for (const version of ["3.9.1", "4.3.1"] as const) {
    test(`a Java consumer of ${version} goes on after a restart of itself, router and brokers`, async () => {
      const topics = [`a-resume-${version}`, `b-resume-${version}`];
      const read = async (count: number): Promise<string[]> => {
        const output = await runTool(
          version,
          ...["org.apache.kafka.tools.consumer.ConsoleConsumer"],
          ...["--bootstrap-server", `127.0.0.1:${port}`, "--group", `resume-${version}`],
          ...["--include", topics.join("|").replaceAll(".", "\\."), "--from-beginning"],
          ...["--max-messages", `${count}`, "--timeout-ms", "60000"],
        );
        return output.trimEnd().split("\n").sort();
      };
      const numbers = (from: number): string[] =>
        Array.from({ length: 20 }, (_, i) => `${from + i}`);
      const twice = (values: readonly string[]): string[] => [...values, ...values].sort();
      await create(topics);
      await write(topics, numbers(0));
      assert.deepEqual(await read(40), twice(numbers(0)));
      await router.close();
      await Promise.all([a.restart(), b.restart()]);
      ({ server: router } = await startRouter(a, b, port));
      await write(topics, numbers(20));
      assert.deepEqual(await read(40), twice(numbers(20)), "nothing again, nothing left out");
    });
  }
});

const unknownMember = 25;
const illegalGeneration = 22;
