/**
 * A broker that is killed (SIGKILL, so without its sessions) under QoS 1 and 2: through the router a
 * client loses what it loses at that broker directly, and nothing of the broker that lives.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { encodePacket, propertyId, type Qos, type Version } from "@echarde/codec-mqtt";
import { skipWithout } from "@echarde/testkit/servers";
import { startBehind } from "./brokers.ts";
import { Memory, PATIENCE, TestClient } from "./client.ts";

const never = [{ id: propertyId.sessionExpiry, value: 0xffffffff }] as const;

/** How often each message was shown, by its text. */
async function shownOver(
  version: Version,
  through: "router" | "broker",
): Promise<ReadonlyMap<string, number>> {
  const folders = [1, 2].map(() => mkdtempSync(join(tmpdir(), "echarde-mqtt-")));
  const behind = await startBehind(
    [{ prefix: "edge", cluster: "m2" }],
    folders.map((dir) => ({ dir, persistence: true })),
  );
  const clients: TestClient[] = [];
  try {
    const [, broker] = behind.brokers;
    assert.ok(broker !== undefined, "there is a second broker");
    const port = through === "router" ? behind.port : broker.port;
    const topics = through === "router" ? ["edge/x", "cloud/x"] : ["edge/x"];
    /** Connects until it is let in; the broker may be starting. */
    const connect = async (clientId: string, memory?: Memory): Promise<TestClient> => {
      const by = Date.now() + PATIENCE;
      for (;;) {
        const client = new TestClient(port, version, memory);
        clients.push(client);
        const properties = version === 5 ? never : [];
        const { reason } = await client.connect({ clientId, cleanStart: false, properties });
        if (reason === 0) return client;
        assert.ok(Date.now() < by, "the broker is there again");
        await client.closed();
      }
    };
    const shown = new Map<string, number>();
    const note = (client: TestClient): void => {
      for (const { topic, payload } of client.messages) {
        const key = `${topic} ${Buffer.from(payload)}`;
        shown.set(key, (shown.get(key) ?? 0) + 1);
      }
    };
    const filters = topics.map((filter) => ({ filter, qos: 2 as Qos }));

    const memory = new Memory();
    const first = await connect("subscriber", memory);
    await first.subscribe(filters);
    const publisher = await connect("publisher");
    let sent = 0;
    for (const topic of topics) {
      for (const qos of [1, 2] as const) {
        for (let i = 0; i < 10; i++) await publisher.publish(topic, `before ${sent++}`, { qos });
      }
    }
    await first.until(() => first.messages.length === sent, "what was sent before");

    // What is on its way when it dies: nothing of it is acknowledged, so the client sends it again.
    broker.suspend();
    const underway = [1, 2].map((qos) => ({
      ...({
        type: "publish",
        dup: false,
        qos: qos as Qos,
        retain: false,
        topic: "edge/x",
      } as const),
      ...{ packetId: publisher.nextId(), properties: [], payload: Buffer.from(`underway q${qos}`) },
    }));
    for (const packet of underway) publisher.send(packet);
    await broker.kill();
    await Promise.all([first.closed(), publisher.closed()]);
    note(first);
    await broker.restart();

    const second = await connect("subscriber", memory);
    await second.subscribe(filters);
    const again = await connect("publisher");
    for (const packet of underway) {
      again.raw(encodePacket({ ...packet, dup: true }, version));
      const { packetId } = packet;
      await again.next(packet.qos === 1 ? "puback" : "pubrec", packetId);
      if (packet.qos === 1) continue;
      again.send({ type: "pubrel", packetId, reason: null, properties: null });
      await again.next("pubcomp", packetId);
    }
    for (const topic of topics) {
      for (const qos of [1, 2] as const) {
        for (let i = 0; i < 5; i++) {
          // Ids of the messages that were under way are in use no more.
          await again.publish(topic, `after ${sent++}`, { qos });
        }
      }
      await again.publish(topic, "last", { qos: 2 });
    }
    const lasts = (): number =>
      second.messages.filter(({ payload }) => Buffer.from(payload).toString() === "last").length;
    await second.until(() => lasts() === topics.length, "the last messages");
    note(second);
    return shown;
  } finally {
    await Promise.all(clients.map((client) => client.drop()));
    await behind.end();
    for (const dir of folders) rmSync(dir, { recursive: true, force: true });
  }
}

describe("a broker that is killed", { skip: skipWithout("mosquitto") }, () => {
  for (const version of [4, 5] as const) {
    test(`MQTT ${version}: no more is lost than at the broker directly, and nothing of the other`, async () => {
      const direct = await shownOver(version, "broker");
      const routed = await shownOver(version, "router");
      const count = (shown: ReadonlyMap<string, number>, word: string): number =>
        [...shown.keys()].filter((key) => key.startsWith(word)).length;
      // 20 before, 2 under way, 10 after, 1 last.
      assert.equal(count(direct, "edge/x"), 33, "at the broker nothing is lost");
      assert.equal(count(routed, "edge/x"), 33);
      assert.equal(count(routed, "cloud/x"), 31);
      const twice = [...routed].filter(([, times]) => times > 1).map(([key]) => key);
      assert.deepEqual(twice, [], "nothing was shown twice");
    });
  }
});
