/** Brokers that limit SASL sessions (KIP-368): the router signs in again in time, and nobody notices. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { kafka } from "@echarde/codec-kafka";
import { createShardServer } from "@echarde/host-node";
import { freePort, type KafkaServer, skipWithoutKafka, startKafka } from "@echarde/testkit/servers";
import { clientOf } from "./clusters.ts";

const lifetime = 10_000;

describe("a broker that limits SASL sessions", { skip: skipWithoutKafka() }, () => {
  let broker: KafkaServer;
  before(async () => {
    broker = await startKafka({
      users: { ann: "word" },
      properties: { "connections.max.reauth.ms": String(lifetime) },
    });
  });
  after(async () => {
    await broker?.stop();
  });

  for (const own of [true, false]) {
    test(`no request fails with ${own ? "the router's" : "the client's"} credentials`, async () => {
      const port = await freePort();
      const auth = own ? { auth: { user: "ann", password: "word" } } : {};
      const server = await createShardServer({
        codec: kafka(),
        listen: `127.0.0.1:${port}`,
        table: {
          protocol: "kafka",
          clusters: { a: { endpoints: [`127.0.0.1:${broker.port}`], ...auth } },
          defaultCluster: "a",
          options: { advertised: `127.0.0.1:${port}` },
        },
      });
      const login = { mechanism: "plain", username: "ann", password: "word" } as const;
      const client = own ? clientOf(port) : clientOf(port, login);
      const topic = `lifetime-${own}`;
      const admin = client.admin();
      const producer = client.producer({ retry: { retries: 0 } });
      try {
        await admin.connect();
        await admin.createTopics({ topics: [{ topic }] });
        await producer.connect();
        const until = Date.now() + 2.5 * lifetime;
        let sent = 0;
        const send = async (): Promise<void> => {
          while (Date.now() < until) {
            await producer.send({ topic, messages: [{ value: "x" }] });
            sent += 1;
            await new Promise((resolve) => setTimeout(resolve, 10));
          }
        };
        await Promise.all(Array.from({ length: 6 }, send)); // there is always something in flight
        const again = client.admin();
        await again.connect();
        const [offsets] = await again.fetchTopicOffsets(topic);
        await again.disconnect();
        assert.equal(offsets?.high, String(sent));
      } finally {
        await producer.disconnect();
        await admin.disconnect();
        await server.close();
      }
    });
  }
});
