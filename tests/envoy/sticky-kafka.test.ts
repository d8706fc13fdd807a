/** Kafka through the sticky route: the client id chooses the cluster, and no other one sees a request. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import {
  available,
  type KafkaServer,
  skipWithout,
  skipWithoutKafka,
  startKafka,
} from "@echarde/testkit/servers";
import { Kafka, logLevel } from "kafkajs";
import {
  PartitionProduceData,
  ProduceRequest,
  TopicProduceData,
} from "../../packages/codec-kafka/src/generated/produce-request.ts";
import { make } from "../../packages/codec-kafka/src/plans/plans.ts";
import { Asking, apiOf, batch } from "../kafka/asking.ts";
import { clientOf, until } from "../kafka/clusters.ts";
import { type Chain, startChain } from "./chain.ts";

const skip = available("envoy") === null ? skipWithout("envoy") : skipWithoutKafka();

describe("Kafka, sticky route", { skip, timeout: 400_000 }, () => {
  let clusters: readonly KafkaServer[] = [];
  let chain: Chain;
  const ends: (() => Promise<void>)[] = [];
  before(async () => {
    clusters = await Promise.all([startKafka(), startKafka()]);
    for (const { port } of clusters) {
      const admin = clientOf(port).admin();
      ends.push(() => admin.disconnect());
      await admin.connect();
      // Both have both topics: a request that got to the wrong cluster would leave something there.
      const topics = ["a-x", "b-x"].map((topic) => ({
        topic,
        numPartitions: 1,
        replicationFactor: 1,
      }));
      await admin.createTopics({ topics, waitForLeaders: true });
    }
    chain = await startChain(
      "sticky",
      (port) => ({
        protocol: "kafka",
        localCluster: "a",
        defaultCluster: "a",
        clusters: {
          a: { endpoints: [`127.0.0.1:${clusters[0]?.port}`] },
          b: { endpoints: [`127.0.0.1:${clusters[1]?.port}`] },
        },
        routes: [{ prefix: "b-", cluster: "b" }],
        options: { advertised: `127.0.0.1:${port}` },
      }),
      undefined,
      { clients: { "from-b": "b" } },
    );
  });
  after(async () => {
    for (const end of ends.reverse()) await end();
    await chain?.close();
    await Promise.all(clusters.map((cluster) => cluster.stop()));
  });

  /** A client that goes to Envoy whatever address a broker gives. */
  const throughEnvoy = (clientId: string): Kafka =>
    new Kafka({
      ...{ clientId, brokers: [`127.0.0.1:${chain.port}`], logLevel: logLevel.NOTHING },
      ...{ retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 100 } },
      socketFactory: ({ onConnect }) => connect({ host: "127.0.0.1", port: chain.port }, onConnect),
    });
  const messagesIn = async (cluster: number, topic: string): Promise<number> => {
    const admin = clientOf(clusters[cluster]?.port ?? 0).admin();
    try {
      await admin.connect();
      const offsets = await admin.fetchTopicOffsets(topic);
      return offsets.reduce((sum, { offset }) => sum + Number(offset), 0);
    } finally {
      await admin.disconnect();
    }
  };

  for (const [i, [clientId, own]] of [
    ["any", "a-x"],
    ["from-b", "b-x"],
  ].entries()) {
    test(`${clientId}: writes and reads ${own} on its cluster`, async () => {
      const client = throughEnvoy(clientId ?? "");
      const producer = client.producer();
      ends.push(() => producer.disconnect());
      await producer.connect();
      const messages = Array.from({ length: 20 }, (_, n) => ({ value: `${n}` }));
      await producer.send({ topic: own ?? "", messages });
      assert.equal(await messagesIn(i, own ?? ""), 20);
      assert.equal(await messagesIn(1 - i, own ?? ""), 0);
      const read: string[] = [];
      const consumer = client.consumer({ groupId: `g-${clientId}`, maxWaitTimeInMs: 500 });
      ends.push(() => consumer.disconnect());
      await consumer.connect();
      await consumer.subscribe({ topic: own ?? "", fromBeginning: true });
      await consumer.run({
        eachMessage: async ({ message }) => {
          read.push(String(message.value));
        },
      });
      await until(() => read.length >= 20, "20 messages");
      assert.deepEqual(
        read,
        messages.map(({ value }) => value),
      );
    });
  }

  for (const version of [3, 7, 9]) {
    test(`a Produce of version ${version} for another cluster writes nothing, and the broker says so`, async () => {
      const client = new Asking(chain.port);
      try {
        await client.ask(apiOf("ApiVersions"), 0, {});
        const asked = (topic: string): Promise<object> =>
          client.ask(apiOf("Produce"), version, produceOf(topic));
        const before = await messagesIn(0, "a-x");
        for (const [topic, code] of [
          ["a-x", 0],
          ["b-x", invalidRequiredAcks],
          ["a-x", 0],
        ] as const) {
          const { responses } = (await asked(topic)) as {
            readonly responses: { name: string; partitionResponses: { errorCode: number }[] }[];
          };
          assert.equal(responses[0]?.name, topic);
          assert.equal(responses[0]?.partitionResponses[0]?.errorCode, code, topic);
        }
        assert.equal(await messagesIn(0, "a-x"), before + 2);
        assert.equal(await messagesIn(0, "b-x"), 0, "nothing was written");
      } finally {
        client.close();
      }
    });
  }

  test("what has no answer of the kind ends the connection", async () => {
    const client = new Asking(chain.port);
    try {
      await client.ask(apiOf("ApiVersions"), 0, {});
      const metadata = (name: string): Promise<object> =>
        client.ask(apiOf("Metadata"), 4, { topics: [{ name }], allowAutoTopicCreation: true });
      await metadata("a-x");
      await assert.rejects(metadata("b-new"), /closed by Metadata/);
    } finally {
      client.close();
    }
  });
});

const produceOf = (name: string): ProduceRequest => {
  const partition = make(PartitionProduceData, { index: 0, records: batch("v") });
  const topic = make(TopicProduceData, { name, partitionData: [partition] });
  return make(ProduceRequest, { acks: -1, timeoutMs: 30_000, topicData: [topic] });
};

const invalidRequiredAcks = 21;
