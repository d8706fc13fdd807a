/** Kafka inside a real Envoy: a Produce split over two clusters. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  available,
  type KafkaServer,
  skipWithout,
  skipWithoutKafka,
  startKafka,
} from "@echarde/testkit/servers";
import { clientOf, until } from "../kafka/clusters.ts";
import { type Chain, startChain } from "./chain.ts";

const skip = available("envoy") === null ? skipWithout("envoy") : skipWithoutKafka();

describe("Kafka in Envoy", { skip, timeout: 400_000 }, () => {
  let clusters: readonly KafkaServer[] = [];
  before(async () => {
    clusters = await Promise.all([startKafka(), startKafka()]);
  });
  after(() => Promise.all(clusters.map((cluster) => cluster.stop())));

  const start = (route: "frame" | "grpc"): Promise<Chain> =>
    startChain(route, (port) => ({
      protocol: "kafka",
      defaultCluster: "a",
      clusters: {
        a: { endpoints: [`127.0.0.1:${clusters[0]?.port}`] },
        b: { endpoints: [`127.0.0.1:${clusters[1]?.port}`] },
      },
      routes: [{ prefix: "b-", cluster: "b" }],
      options: { advertised: `127.0.0.1:${port}` },
    }));

  for (const route of ["frame", "grpc"] as const) {
    test(`${route}: a Produce split over both clusters, and all of it read again`, async () => {
      const chain = await start(route);
      const ends: (() => Promise<void>)[] = [];
      try {
        const client = clientOf(chain.port);
        const topics = ["a", "b"].map((name) => `${name}-${route}`);
        const admin = client.admin();
        ends.push(() => admin.disconnect());
        await admin.connect();
        await admin.createTopics({
          topics: topics.map((topic) => ({ topic, numPartitions: 2, replicationFactor: 1 })),
        });
        const producer = client.producer();
        ends.push(() => producer.disconnect());
        await producer.connect();
        const wanted = topics.flatMap((topic) =>
          Array.from({ length: 50 }, (_, i) => `${topic} ${i}`),
        );
        await producer.sendBatch({
          acks: -1,
          topicMessages: topics.map((topic) => ({
            topic,
            messages: Array.from({ length: 50 }, (_, i) => ({
              key: `${i}`,
              value: `${topic} ${i}`,
            })),
          })),
        });
        for (const [i, { port }] of clusters.entries()) {
          const direct = clientOf(port).admin();
          ends.push(() => direct.disconnect());
          await direct.connect();
          const listed = (await direct.listTopics()).filter((topic) => topic.endsWith(route));
          assert.deepEqual(listed, [topics[i]], "each cluster has its own topic alone");
          const offsets = await direct.fetchTopicOffsets(topics[i] ?? "");
          const sum = offsets.reduce((total, { offset }) => total + Number(offset), 0);
          assert.equal(sum, 50, `messages of ${topics[i]}`);
        }
        const read: string[] = [];
        const consumer = client.consumer({ groupId: `group-${route}`, maxWaitTimeInMs: 500 });
        ends.push(() => consumer.disconnect());
        await consumer.connect();
        await consumer.subscribe({ topics, fromBeginning: true });
        await consumer.run({
          eachMessage: async ({ message }) => {
            read.push(String(message.value));
          },
        });
        await until(() => read.length >= wanted.length, `${wanted.length} messages`);
        assert.deepEqual(read.sort(), wanted.sort());
      } finally {
        for (const end of ends.reverse()) await end();
        await chain.close();
      }
    });
  }
});
