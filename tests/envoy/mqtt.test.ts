/** MQTT inside a real Envoy: one session over two Mosquitto brokers. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type MosquittoServer, skipWithout, startMosquitto } from "@echarde/testkit/servers";
import { connectAsync, type MqttClient } from "mqtt";
import { type Chain, startChain } from "./chain.ts";

async function until(condition: () => boolean, what: () => string): Promise<void> {
  for (const end = Date.now() + 60_000; !condition(); await sleep(10))
    if (Date.now() > end) throw new Error(what());
}

for (const route of ["frame", "grpc"] as const) {
  const skip = skipWithout("envoy", "mosquitto");
  describe(`MQTT, ${route} route`, { skip, timeout: 240_000 }, () => {
    let brokers: readonly MosquittoServer[] = [];
    let chain: Chain;
    before(async () => {
      brokers = await Promise.all([startMosquitto(), startMosquitto()]);
      chain = await startChain(route, () => ({
        protocol: "mqtt",
        defaultCluster: "m1",
        clusters: Object.fromEntries(
          brokers.map(({ port }, i) => [`m${i + 1}`, { endpoints: [`127.0.0.1:${port}`] }]),
        ),
        routes: [{ prefix: "edge", cluster: "m2" }],
      }));
    });
    after(async () => {
      await chain?.close();
      await Promise.all(brokers.map((broker) => broker.stop()));
    });

    for (const protocolVersion of [4, 5] as const) {
      test(`a wildcard subscription of version ${protocolVersion} over both brokers`, async () => {
        const clients: MqttClient[] = [];
        const open = async (port: number): Promise<MqttClient> => {
          const client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
            ...{ protocolVersion, reconnectPeriod: 0, connectTimeout: 60_000 },
          });
          clients.push(client);
          return client;
        };
        try {
          const client = await open(chain.port);
          const got: string[] = [];
          client.on("message", (topic, payload) => got.push(`${topic} ${payload}`));
          await client.subscribeAsync("+/x", { qos: 1 });
          // What is published at a broker comes through Envoy, and the other way round.
          const direct = await Promise.all(brokers.map(({ port }) => open(port)));
          const atBrokers: string[][] = [[], []];
          for (const [i, each] of direct.entries()) {
            each.on("message", (topic, payload) => atBrokers[i]?.push(`${topic} ${payload}`));
            await each.subscribeAsync("#", { qos: 1 });
          }
          const expected: string[] = [];
          for (let i = 0; i < 20; i++) {
            const qos = (i % 3) as 0 | 1 | 2;
            await client.publishAsync("edge/x", `${i}`, { qos });
            await client.publishAsync("cloud/x", `${i}`, { qos });
            expected.push(`edge/x ${i}`, `cloud/x ${i}`);
          }
          await direct[0]?.publishAsync("cloud/x", "from 1", { qos: 1 });
          await direct[1]?.publishAsync("edge/x", "from 2", { qos: 1 });
          expected.push("cloud/x from 1", "edge/x from 2");
          await until(
            () => got.length >= expected.length,
            () => `${got.length} of ${expected.length} messages`,
          );
          assert.deepEqual([...got].sort(), [...expected].sort());
          const isEdge = (message: string): boolean => message.startsWith("edge/");
          await until(
            () => atBrokers.every(({ length }) => length >= 21),
            () => `the brokers have ${atBrokers.map(({ length }) => length).join(" and ")}`,
          );
          assert.deepEqual(
            [...(atBrokers[0] ?? [])].sort(),
            expected.filter((m) => !isEdge(m)).sort(),
          );
          assert.deepEqual([...(atBrokers[1] ?? [])].sort(), expected.filter(isEdge).sort());
        } finally {
          for (const client of clients) client.end(true);
        }
      });
    }

    test("clients without an id get one each", async () => {
      const clients = await Promise.all(
        Array.from({ length: 20 }, () =>
          connectAsync(`mqtt://127.0.0.1:${chain.port}`, {
            ...{ clientId: "", clean: true, protocolVersion: 4 as const, reconnectPeriod: 0 },
          }),
        ),
      );
      try {
        let got = 0;
        for (const client of clients) {
          client.on("message", () => {
            got += 1;
          });
          await client.subscribeAsync("edge/all", { qos: 1 });
        }
        await clients[0]?.publishAsync("edge/all", "one", { qos: 1 });
        await until(
          () => got === clients.length,
          () => `${got} of ${clients.length} got it`,
        );
      } finally {
        for (const client of clients) client.end(true);
      }
    });
  });
}
