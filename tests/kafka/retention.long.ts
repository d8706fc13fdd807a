/** Offsets of a living consumer outlast the retention of a cluster that knows no members: a minute, the least there is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { skipWithoutKafka, startKafka } from "@echarde/testkit/servers";
import { clientOf, startRouter, until } from "./clusters.ts";

test("an idle offset stands as long as its consumer lives", {
  skip: skipWithoutKafka(),
}, async (t) => {
  const properties = {
    "offsets.retention.minutes": "1",
    "offsets.retention.check.interval.ms": "500",
  };
  const a = await startKafka({ properties });
  t.after(() => a.stop());
  const b = await startKafka({ version: "4.3.1", properties });
  t.after(() => b.stop());
  const { server, port } = await startRouter(a, b, null, { offsetRefresh: 5_000 });
  t.after(() => server.close());
  const client = clientOf(port);
  const admin = client.admin();
  await admin.connect();
  t.after(() => admin.disconnect());
  const direct = clientOf(b.port).admin();
  await direct.connect();
  t.after(() => direct.disconnect());
  const topics = ["a-idle", "b-idle"];
  await admin.createTopics({ topics: topics.map((topic) => ({ topic, numPartitions: 1 })) });
  const producer = client.producer();
  await producer.connect();
  t.after(() => producer.disconnect());
  for (const topic of topics) await producer.send({ topic, messages: [{ value: "once" }] });
  const consumer = client.consumer({
    groupId: "idle",
    maxWaitTimeInMs: 200,
    heartbeatInterval: 500,
  });
  await consumer.connect();
  t.after(() => consumer.disconnect());
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run({ autoCommitThreshold: 1, eachMessage: async () => {} });
  const offsetOf = async (groupId: string): Promise<string | undefined> => {
    const [found] = await direct.fetchOffsets({ groupId, topics: ["b-idle"] });
    return found?.partitions[0]?.offset;
  };
  await until(async () => (await offsetOf("idle")) === "1", "the consumer commits");
  // Committed later, by nobody who lives: when it is gone, the other one's time was over before.
  const partitions = [{ partition: 0, offset: "1" }];
  await direct.setOffsets({ groupId: "gone", topic: "b-idle", partitions });
  assert.equal(await offsetOf("gone"), "1");
  await until(async () => (await offsetOf("gone")) === "-1", "the cluster drops offsets");
  assert.equal(await offsetOf("idle"), "1");
});
