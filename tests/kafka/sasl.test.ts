/** SASL PLAIN: what a client presents is tried on every cluster, and replayed on each link. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { ShardServer } from "@echarde/host-node";
import { type KafkaServer, skipWithoutKafka, startKafka } from "@echarde/testkit/servers";
import { clientOf, startRouter, until } from "./clusters.ts";

describe("two Kafka clusters that want SASL PLAIN", { skip: skipWithoutKafka() }, () => {
  let a: KafkaServer;
  let b: KafkaServer;
  let router: ShardServer;
  let port: number;

  before(async () => {
    const users = { admin: "secret", ann: "word" };
    [a, b] = await Promise.all([
      startKafka({ users }),
      startKafka({ users: { ...users, bob: "word" }, version: "4.3.1" }),
    ]);
    ({ server: router, port } = await startRouter(a, b));
  });
  after(async () => {
    await router?.close();
    await Promise.all([a?.stop(), b?.stop()]);
  });

  const sasl = (username: string, password: string) =>
    ({ mechanism: "plain", username, password }) as const;

  test("a user whom all clusters know writes to all and reads from all", async () => {
    const client = clientOf(port, sasl("ann", "word"));
    const admin = client.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: "a-sasl" }, { topic: "b-sasl" }] });
    await admin.disconnect();
    const producer = client.producer();
    await producer.connect();
    for (const topic of ["a-sasl", "b-sasl"]) {
      await producer.send({ topic, messages: [{ value: topic }] });
    }
    await producer.disconnect();
    const read: string[] = [];
    const consumer = client.consumer({ groupId: "sasl", maxWaitTimeInMs: 500 });
    await consumer.connect();
    await consumer.subscribe({ topics: ["a-sasl", "b-sasl"], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        read.push(String(message.value));
      },
    });
    await until(() => read.length === 2, "both messages");
    await consumer.disconnect();
    assert.deepEqual(read.sort(), ["a-sasl", "b-sasl"]);
  });

  for (const [user, password] of [
    ["ann", "wrong"],
    ["bob", "word"],
  ] as const) {
    test(`${user} with ${password}, whom one cluster refuses, is refused`, async () => {
      const admin = clientOf(port, sasl(user, password)).admin({ retry: { retries: 0 } });
      await assert.rejects(
        admin.connect(),
        ({ name }: Error) => name === "KafkaJSSASLAuthenticationError",
      );
      await admin.disconnect();
    });
  }
});
