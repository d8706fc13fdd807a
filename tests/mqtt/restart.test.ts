/**
 * QoS 2 over a restart of the broker: what a client sees through the router is what it sees at that
 * broker directly, ids included. It need not be right: Mosquitto 2.0.11 sends PUBLISH again where it
 * had sent PUBREL, and then any client shows the message twice.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { propertyId, type Version } from "@echarde/codec-mqtt";
import { skipWithout } from "@echarde/testkit/servers";
import { startBehind } from "./brokers.ts";
import { Memory, PATIENCE, TestClient } from "./client.ts";

const topic = "edge/b";
const never = [{ id: propertyId.sessionExpiry, value: 0xffffffff }] as const;

/** A message that the client took for a new one after the restart. */
interface Shown {
  readonly payload: string;
  readonly dup: boolean;
  /** Which of the first connection's messages had its id, "" = none. */
  readonly idOf: string;
}

/** Three messages at three points of their exchanges, a restart, and what is shown after it. */
async function shownAfterRestart(version: Version, through: "router" | "broker"): Promise<Shown[]> {
  const folders = [1, 2].map(() => mkdtempSync(join(tmpdir(), "echarde-mqtt-")));
  const behind = await startBehind(
    [{ prefix: "edge", cluster: "m2" }],
    folders.map((dir) => ({ dir, persistence: true })),
  );
  try {
    const [, broker] = behind.brokers;
    assert.ok(broker !== undefined, "there is a second broker");
    const port = through === "router" ? behind.port : broker.port;
    const memory = new Memory();
    const kept = {
      ...{ clientId: "kept", cleanStart: false },
      properties: version === 5 ? never : [],
    };
    const first = new TestClient(port, version, memory);
    await first.connect(kept);
    await first.subscribe([{ filter: topic, qos: 2 }]);
    first.acknowledges = false;
    const publisher = new TestClient(broker.port, version);
    await publisher.connect({ clientId: "publisher" });
    for (const payload of ["sent", "released", "done"]) {
      await publisher.publish(topic, payload, { qos: 2 });
    }
    await first.until(() => first.messages.length === 3, "three messages");
    const ids = new Map(
      first.messages.map(({ payload, packetId }) => [Buffer.from(payload).toString(), packetId]),
    );
    for (const payload of ["released", "done"]) {
      const packetId = ids.get(payload) ?? 0;
      first.send({ type: "pubrec", packetId, reason: null, properties: null });
      await first.until(() => !memory.unreleased.has(packetId), "PUBREL");
    }
    const done = ids.get("done") ?? 0;
    first.send({ type: "pubcomp", packetId: done, reason: null, properties: null });
    await first.subscribe([{ filter: "edge/mark" }]); // what was sent before it has arrived

    await broker.stop();
    await broker.restart();
    await first.closed();
    const second = await again(port, version, memory, kept);
    await second.until(() => memory.unreleased.size === 0, "the end of the exchange");
    const last = new TestClient(broker.port, version);
    await last.connect({ clientId: "last" });
    await last.publish(topic, "last", { qos: 2 });
    const isLast = ({ payload }: { readonly payload: Uint8Array }): boolean =>
      Buffer.from(payload).toString() === "last";
    await second.until(() => second.messages.some(isLast), "the last message");
    await last.disconnect();
    await second.disconnect();
    return second.messages.map(({ payload, dup, packetId }) => ({
      payload: Buffer.from(payload).toString(),
      dup,
      idOf: isLast({ payload })
        ? ""
        : ([...ids].find(([, id]) => id === packetId)?.[0] ?? "another"),
    }));
  } finally {
    await behind.end();
    for (const dir of folders) rmSync(dir, { recursive: true, force: true });
  }
}

/** Connects until the broker is there again. */
async function again(
  port: number,
  version: Version,
  memory: Memory,
  kept: Parameters<TestClient["connect"]>[0],
): Promise<TestClient> {
  const by = Date.now() + PATIENCE;
  for (;;) {
    const client = new TestClient(port, version, memory);
    const connack = await client.connect(kept);
    if (connack.reason === 0) {
      assert.equal(connack.sessionPresent, true);
      return client;
    }
    assert.equal(connack.reason, version === 5 ? 0x88 : 3);
    assert.ok(Date.now() < by, "the broker is there again");
    await client.closed();
  }
}

describe("QoS 2 and a broker that restarts", { skip: skipWithout("mosquitto") }, () => {
  for (const version of [4, 5] as const) {
    test(`MQTT ${version}: as at the broker directly, under the same ids`, async () => {
      const direct = await shownAfterRestart(version, "broker");
      assert.deepEqual(
        direct.filter(({ payload }) => payload !== "released"),
        [{ payload: "last", dup: false, idOf: "" }],
        "the broker goes on with what was not released, and forgets what was done",
      );
      assert.deepEqual(await shownAfterRestart(version, "router"), direct);
    });
  }
});
