/** A subscriber that takes nothing: what the router holds for it stays bounded, and others do not notice. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { skipWithout } from "@echarde/testkit/servers";
import { startBehind } from "./brokers.ts";
import { PATIENCE, TestClient } from "./client.ts";

const mebi = 1 << 20;

describe("a slow subscriber", { skip: skipWithout("mosquitto") }, () => {
  for (const qos of [0, 1] as const) {
    test(`QoS ${qos}: the router holds little, a quick one gets all, and the slow one too once it reads`, async () => {
      const limits = { maxOutput: "1MiB", maxMemory: "64MiB" };
      const timeouts = { stall: "10m" };
      const behind = await startBehind(
        [{ prefix: "edge", cluster: "m2" }],
        [{}, {}],
        {},
        { limits, timeouts },
      );
      const clients: TestClient[] = [];
      const connect = async (clientId: string): Promise<TestClient> => {
        const client = new TestClient(behind.port, 5);
        clients.push(client);
        assert.equal((await client.connect({ clientId, keepAlive: 0 })).reason, 0);
        return client;
      };
      let most = 0;
      const sample = (): void => {
        most = Math.max(most, behind.server.stats().heldBytes);
      };
      const timer = setInterval(sample, 5);
      try {
        const slow = await connect("slow");
        const quick = await connect("quick");
        for (const client of [slow, quick]) await client.subscribe([{ filter: "#", qos }]);
        slow.pause();
        const publisher = await connect("publisher");
        const payload = "x".repeat(32 << 10);
        const count = 1_500; // 47 MiB for each: far above all buffers of the system together
        for (let i = 0; i < count; i++) {
          await publisher.publish(i % 2 === 0 ? "edge/x" : "cloud/x", payload, { qos: 1 });
          sample();
        }
        await quick.until(() => quick.messages.length === count, "all for the quick one");
        assert.ok(slow.messages.length < count / 2, `${slow.messages.length} came unread`);
        assert.ok(most < 8 * mebi, `the router held ${most} bytes`);
        slow.unpause();
        const by = Date.now() + PATIENCE;
        while (slow.messages.length < count && Date.now() < by) await sleep(20);
        assert.equal(slow.messages.length, count);
      } finally {
        clearInterval(timer);
        await Promise.all(clients.map((client) => client.drop()));
        await behind.end();
      }
    });
  }
});
