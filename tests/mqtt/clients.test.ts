/** Real clients: MQTT.js, mosquitto_pub and mosquitto_sub. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { available, skipWithout } from "@echarde/testkit/servers";
import { connectAsync } from "mqtt";
import { type Behind, startBehind } from "./brokers.ts";
import { PATIENCE } from "./client.ts";

const run = promisify(execFile);
const routes = [{ prefix: "edge", cluster: "m2" }];

async function until(condition: () => boolean, what: string): Promise<void> {
  const by = Date.now() + PATIENCE;
  while (!condition()) {
    if (Date.now() > by) throw new Error(`${what} did not happen`);
    await sleep(10);
  }
}

/**
 * QoS 2 messages that a broker began anew with PUBLISH after it had sent PUBREL, by its own log. It
 * must not [MQTT-4.3.3], and the client cannot know: it shows them once more.
 */
function begunAnew(log: string, clientId: string): number {
  const released = new Set<string>();
  let count = 0;
  for (const line of log.split("\n")) {
    if (!line.includes(` ${clientId} (`)) continue;
    const [, release] = / Sending PUBREL to .*\(m(\d+)/.exec(line) ?? [];
    if (release !== undefined) released.add(release);
    const [, end] = / Received PUBCOMP from .*\(Mid: (\d+)/.exec(line) ?? [];
    if (end !== undefined) released.delete(end);
    const [, again] = / Sending PUBLISH to .*\(d1, q2, r0, m(\d+)/.exec(line) ?? [];
    if (again !== undefined && released.delete(again)) count += 1;
  }
  return count;
}

describe("MQTT.js", { skip: skipWithout("mosquitto") }, () => {
  const folders = [1, 2].map(() => mkdtempSync(join(tmpdir(), "echarde-mqtt-")));
  const logIn = (dir: string): string => join(dir, "log");
  let behind: Behind;
  /** A client that is left connects again for ever. */
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });
  before(async () => {
    behind = await startBehind(
      routes,
      folders.map((dir) => ({
        ...{ dir, persistence: true },
        lines: [`log_dest file ${logIn(dir)}`, "log_type all"],
      })),
    );
  });
  after(async () => {
    await behind.end();
    for (const dir of folders) rmSync(dir, { recursive: true, force: true });
  });

  for (const protocolVersion of [4, 5] as const) {
    test(`version ${protocolVersion} publishes and subscribes over both brokers`, async () => {
      const url = `mqtt://127.0.0.1:${behind.port}`;
      const client = await connectAsync(url, { protocolVersion });
      ends.push(() => client.endAsync(true));
      const got: string[] = [];
      client.on("message", (topic, payload) => got.push(`${topic} ${payload}`));
      await client.subscribeAsync({ "#": { qos: 2 } });
      const expected: string[] = [];
      for (let i = 0; i < 30; i++) {
        const topic = i % 2 === 0 ? "edge/x" : "cloud/x";
        expected.push(`${topic} ${i}`);
        await client.publishAsync(topic, String(i), { qos: (i % 3) as 0 | 1 | 2 });
      }
      await until(() => got.length >= 30, "30 messages");
      assert.deepEqual(got.sort(), expected.sort());
      await client.endAsync();
    });

    test(`version ${protocolVersion}: a broker that restarts loses nothing acknowledged, and repeats no QoS 2 by the router's fault`, async () => {
      const url = `mqtt://127.0.0.1:${behind.port}`;
      const options = {
        ...{ protocolVersion, clean: false, reconnectPeriod: 100 },
        properties: protocolVersion === 5 ? { sessionExpiryInterval: 3_600 } : {},
      };
      const subscriber = await connectAsync(url, { ...options, clientId: `sub${protocolVersion}` });
      ends.push(() => subscriber.endAsync(true));
      const publisher = await connectAsync(url, { ...options, clientId: `pub${protocolVersion}` });
      ends.push(() => publisher.endAsync(true));
      const got = new Map<string, number>();
      subscriber.on("message", (topic, payload) => {
        const key = `${topic} ${payload}`;
        got.set(key, (got.get(key) ?? 0) + 1);
      });
      for (const each of [subscriber, publisher]) each.on("error", () => undefined);
      await subscriber.subscribeAsync({ "load/#": { qos: 2 }, "edge/load": { qos: 2 } });
      let lost = 0;
      publisher.on("close", () => {
        lost += 1;
      });
      const acknowledged: string[] = [];
      const publishing: Promise<void>[] = [];
      for (let i = 0; i < 300; i++) {
        const topic = i % 2 === 0 ? "edge/load" : "load/x";
        const qos = i % 4 < 2 ? 1 : 2;
        publishing.push(
          publisher.publishAsync(topic, `${i} q${qos}`, { qos }).then(() => {
            acknowledged.push(`${topic} ${i} q${qos}`);
          }),
        );
        if (i === 150) {
          await behind.brokers[1]?.stop(); // SIGTERM: it writes its sessions
          await behind.brokers[1]?.restart();
        }
        if (i % 10 === 0) await sleep(1);
      }
      await Promise.all(publishing);
      assert.ok(lost > 0, "the clients saw the loss");
      assert.equal(acknowledged.length, 300);
      await until(() => acknowledged.every((key) => got.has(key)), "delivery of all");
      await publisher.endAsync();
      await subscriber.endAsync();
      // Exactly once, but for what the broker that was stopped began anew (docs/mqtt.md).
      await behind.brokers[1]?.stop(); // its log is whole
      const log = readFileSync(logIn(folders[1] ?? ""), "utf8");
      await behind.brokers[1]?.restart();
      const twice = [...got].flatMap(([key, times]) =>
        key.endsWith("q2") ? Array<string>(times - 1).fill(key) : [],
      );
      const ofOther = twice.filter((key) => !key.startsWith("edge/"));
      assert.deepEqual(ofOther, [], "the broker that stayed sends nothing twice");
      const allowed = begunAnew(log, `sub${protocolVersion}`);
      assert.ok(twice.length <= allowed, `${twice} came twice, ${allowed} by the broker's fault`);
    });
  }
});

describe("mosquitto_pub and mosquitto_sub", {
  skip: skipWithout("mosquitto", "mosquitto_pub"),
}, () => {
  for (const version of ["mqttv311", "mqttv5"]) {
    test(`${version}: a kept session with '#' gets the messages of both brokers once each`, async () => {
      const behind = await startBehind(routes, [{}, {}]);
      const port = String(behind.port);
      const subscriber = available("mosquitto_sub") ?? "";
      const kept = ["-i", `kept${version}`, "-c", ...(version === "mqttv5" ? ["-x", "3600"] : [])];
      const subscribe = ["-p", port, "-V", version, "-t", "#", "-q", "2", ...kept];
      try {
        await run(subscriber, [...subscribe, "-E"]); // it leaves once it has subscribed
        const expected: string[] = [];
        for (const topic of ["edge/a", "cloud/a"]) {
          for (const qos of ["1", "2"]) {
            const args = ["-p", port, "-V", version, "-t", topic, "-m", `q${qos}`, "-q", qos];
            await run(available("mosquitto_pub") ?? "", args);
            expected.push(`${topic} q${qos}`);
          }
        }
        const wait = String(PATIENCE / 1_000);
        const count = String(expected.length);
        const { stdout } = await run(subscriber, [...subscribe, "-v", "-C", count, "-W", wait]);
        assert.deepEqual(stdout.trim().split("\n").sort(), expected.sort());
      } finally {
        await behind.end();
      }
    });
  }
});
