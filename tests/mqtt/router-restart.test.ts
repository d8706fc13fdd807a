/**
 * A session outlives its router: `stateDir`, SIGKILL, workers. What a client has acknowledged or
 * holds must be the same exchange afterwards: the same ids, nothing lost, nothing shown twice.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { propertyId, type Version } from "@echarde/codec-mqtt";
import { type MosquittoServer, skipWithout, startMosquitto } from "@echarde/testkit/servers";
import { connectAsync } from "mqtt";
import { Memory, PATIENCE, TestClient } from "./client.ts";

const cli = fileURLToPath(new URL("../../packages/host-node/src/cli.ts", import.meta.url));
const never = [{ id: propertyId.sessionExpiry, value: 0xffffffff }] as const;
const topics = ["edge/b", "other"];
/** How far the exchange of a message gets before the router is gone. */
const stages = ["sent", "released", "done"];

/** `echarde run` in a process of its own, which may be killed and started again. */
class Router {
  readonly #file: string;
  #process: ChildProcess | null = null;
  port = 0;
  adminPort = 0;

  constructor(folder: string, brokers: readonly MosquittoServer[], more: readonly string[]) {
    const clusters = brokers.map(
      ({ port }, i) => `  m${i + 1}: { endpoints: ["127.0.0.1:${port}"] }`,
    );
    this.#file = join(folder, "echarde.yaml");
    const text = [
      ...["protocol: mqtt", "listen: 127.0.0.1:0", "admin: { listen: 127.0.0.1:0 }"],
      ...["defaultCluster: m1", "clusters:", ...clusters],
      ...["routes: [{ prefix: edge, cluster: m2 }]", ...more, ""],
    ];
    writeFileSync(this.#file, text.join("\n"));
  }

  async start(): Promise<void> {
    const args = ["--conditions=source", "--import", "tsx", cli, "run", this.#file];
    if (this.port > 0) args.push("--port", String(this.port));
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    let output = "";
    const add = (chunk: unknown): void => {
      output += String(chunk);
    };
    child.stdout.on("data", add);
    child.stderr.on("data", add);
    const by = Date.now() + PATIENCE;
    for (;;) {
      const port = /mqtt on 127\.0\.0\.1:(\d+)/.exec(output)?.[1];
      const admin = /admin on 127\.0\.0\.1:(\d+)/.exec(output)?.[1];
      if (port !== undefined && admin !== undefined) {
        this.port = Number(port);
        this.adminPort = Number(admin);
        return;
      }
      if (Date.now() > by || child.exitCode !== null) throw new Error(`not started: ${output}`);
      await sleep(10);
    }
  }

  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once("close", resolve));
    child.kill(signal);
    await gone;
  }

  /** Process ids of the workers that have clients. */
  async workers(): Promise<number[]> {
    const response = await fetch(`http://127.0.0.1:${this.adminPort}/state`);
    const { clients } = (await response.json()) as { clients: readonly { key: string }[] };
    return [...new Set(clients.map(({ key }) => Number(key.split(" ")[0])))];
  }
}

/** What a client that keeps its session says. */
function kept(version: Version): Parameters<TestClient["connect"]>[0] {
  const properties = version === 5 ? never : [];
  return { clientId: "kept", cleanStart: false, properties };
}

describe("a session that outlives its router", { skip: skipWithout("mosquitto") }, () => {
  const folders: string[] = [];
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  function folder(): string {
    const made = mkdtempSync(join(tmpdir(), "echarde-mqtt-"));
    folders.push(made);
    return made;
  }

  async function start(
    more: readonly string[],
  ): Promise<{ router: Router; brokers: readonly MosquittoServer[] }> {
    const brokers = await Promise.all([startMosquitto({}), startMosquitto({})]);
    for (const broker of brokers) ends.push(() => broker.stop());
    const router = new Router(folder(), brokers, more);
    ends.push(() => router.end("SIGKILL"));
    await router.start();
    return { router, brokers };
  }

  async function publish(router: Router, version: Version, payload: string): Promise<void> {
    const publisher = new TestClient(router.port, version);
    await publisher.connect({ clientId: "publisher" });
    for (const topic of topics) await publisher.publish(topic, payload, { qos: 2 });
    await publisher.disconnect();
  }

  /** A client with messages of two brokers in each stage; what it is to remember. */
  async function begun(router: Router, version: Version, memory: Memory): Promise<TestClient> {
    const client = new TestClient(router.port, version, memory);
    const connack = await client.connect(kept(version));
    assert.deepEqual([connack.reason, connack.sessionPresent], [0, false]);
    const filters = topics.map((filter) => ({ filter, qos: 2 as const }));
    assert.deepEqual(await client.subscribe(filters), [2, 2]);
    client.acknowledges = false;
    for (const payload of stages) await publish(router, version, payload);
    await client.until(() => client.messages.length === 6, "six messages");
    for (const { payload, packetId } of client.messages) {
      const stage = Buffer.from(payload).toString();
      if (stage === "sent") continue;
      client.send({ type: "pubrec", packetId, reason: null, properties: null });
      await client.until(() => !memory.unreleased.has(packetId), "PUBREL");
      if (stage === "released")
        memory.unreleased.add(packetId); // it will come again
      else client.send({ type: "pubcomp", packetId, reason: null, properties: null });
    }
    await client.subscribe([{ filter: "mark" }, { filter: "edge/mark" }]); // PUBCOMP has arrived
    assert.equal(new Set(client.messages.map(({ packetId }) => packetId)).size, 6);
    return client;
  }

  /** The next connection finishes what was begun, and sees what is new, alone. */
  async function finished(router: Router, version: Version, memory: Memory): Promise<void> {
    const client = new TestClient(router.port, version, memory);
    const connack = await client.connect(kept(version));
    assert.deepEqual([connack.reason, connack.sessionPresent], [0, true]);
    await client.until(() => memory.unreleased.size === 0, "the end of all exchanges");
    await publish(router, version, "new");
    await client.until(() => client.messages.length >= 2, "the new messages");
    await client.subscribe([{ filter: "mark" }, { filter: "edge/mark" }]);
    const seen = client.messages.map(({ topic, payload }) => `${topic} ${Buffer.from(payload)}`);
    assert.deepEqual(seen.sort(), ["edge/b new", "other new"]);
    await client.disconnect();
  }

  for (const version of [4, 5] as const) {
    test(`MQTT ${version}: QoS 2 goes on under the same ids when the router is killed`, async () => {
      const { router } = await start(["stateDir: state"]);
      const memory = new Memory();
      const client = await begun(router, version, memory);
      await router.end("SIGKILL");
      await client.closed();
      await router.start();
      await finished(router, version, memory);
      await router.end("SIGTERM");
      await router.start();
      await finished(router, version, new Memory());
    });

    test(`MQTT ${version}: the same, with two workers, on whichever the client comes`, async () => {
      const { router } = await start(["stateDir: state", "workers: 2"]);
      const memory = new Memory();
      const client = await begun(router, version, memory);
      const [first] = await router.workers();
      assert.ok(first !== undefined, "the client's worker");
      await client.drop();
      // Connections go to the workers in turn: one of two is on the other one.
      const between: number[] = [];
      for (let i = 0; i < 2; i++) {
        const again = new TestClient(router.port, version, memory);
        again.acknowledges = false;
        assert.equal((await again.connect(kept(version))).sessionPresent, true);
        between.push(...(await router.workers()));
        await again.until(() => memory.unreleased.size === 2, "PUBREL again");
        for (const { packetId } of again.messages) memory.unreleased.delete(packetId);
        assert.deepEqual(again.messages, [], "what is known is not shown again");
        for (const each of client.messages) {
          if (Buffer.from(each.payload).toString() !== "done") memory.unreleased.add(each.packetId);
        }
        await again.drop();
      }
      assert.ok(
        between.some((pid) => pid !== first),
        "another worker had the session",
      );
      process.kill(between.at(-1) ?? 0, "SIGKILL");
      await finished(router, version, memory);
    });
  }

  test("QoS 2 under load: the router is killed again and again, each message is shown once", async () => {
    const { router } = await start(["stateDir: state"]);
    const url = `mqtt://127.0.0.1:${router.port}`;
    const common = { clean: false, reconnectPeriod: 50, connectTimeout: PATIENCE } as const;
    const subscriber = await connectAsync(url, { ...common, clientId: "subscriber" });
    ends.push(() => subscriber.endAsync(true));
    const seen = new Map<string, number>();
    subscriber.on("message", (topic, payload) => {
      const text = `${topic} ${payload.toString()}`;
      seen.set(text, (seen.get(text) ?? 0) + 1);
    });
    await subscriber.subscribeAsync(topics, { qos: 2 });
    const publisher = await connectAsync(url, { ...common, clientId: "publisher" });
    ends.push(() => publisher.endAsync(true));
    for (let life = 0; life < 4; life++) {
      const batch = Array.from({ length: 300 }, (_, i) =>
        publisher.publishAsync(topics[i % 2] as string, `${life}.${i}`, { qos: 2 }),
      );
      await Promise.race(batch.slice(100)); // in the middle of it
      if (life < 3) {
        await router.end("SIGKILL");
        await router.start();
      }
      await Promise.all(batch);
    }
    const by = Date.now() + PATIENCE;
    while (seen.size < 1_200 && Date.now() < by) await sleep(20);
    const often = [...seen].filter(([, times]) => times > 1);
    assert.deepEqual(often, [], "shown more than once");
    assert.equal(seen.size, 1_200, "all are shown");
  });

  test("subscriptions are made again where a broker has lost them together with the router", async () => {
    const { router, brokers } = await start(["stateDir: state"]);
    const client = new TestClient(router.port, 5);
    await client.connect(kept(5));
    const id = [{ id: propertyId.subscriptionIdentifier, value: 7 }] as const;
    await client.subscribe([{ filter: "+/b", qos: 1 }], id);
    await client.subscribe([{ filter: "gone/b", qos: 1 }]);
    const packetId = client.nextId();
    client.send({ type: "unsubscribe", packetId, properties: [], filters: ["gone/b"] });
    await client.next("unsuback", packetId);
    await router.end("SIGKILL");
    await client.closed();
    await brokers[0]?.stop();
    await brokers[0]?.restart(); // without persistence: it has forgotten all
    await router.start();
    const again = new TestClient(router.port, 5);
    const connack = await again.connect(kept(5));
    assert.deepEqual([connack.reason, connack.sessionPresent], [0, true]);
    for (const topic of ["gone/b", "here/b", "edge/b"]) {
      await again.publish(topic, topic, { qos: 1 });
    }
    await again.until(() => again.messages.length === 3, "a message of each broker");
    const seen = again.messages.map(({ topic, properties }) => [
      topic,
      properties.filter((each) => each.id === propertyId.subscriptionIdentifier).length,
    ]);
    assert.deepEqual(seen.sort(), [
      ["edge/b", 1],
      ["gone/b", 1],
      ["here/b", 1],
    ]);
    await again.disconnect();
  });

  test("another connection takes a client id over from another worker", async () => {
    const { router } = await start(["workers: 2"]);
    const clients = [1, 2].map(() => new TestClient(router.port, 5));
    const [old, young] = clients;
    assert.ok(old !== undefined && young !== undefined, "two connections");
    await old.connect(kept(5));
    await old.subscribe([{ filter: "#", qos: 2 }]);
    assert.equal((await young.connect(kept(5))).sessionPresent, true);
    await old.closed();
    // The worker of the old one sees its brokers close; whether they say why is up to them.
    const bye = old.packets.at(-1);
    assert.equal(bye?.type, "disconnect");
    const words = `0x${(bye?.type === "disconnect" && bye.reason)?.toString(16)}`;
    assert.ok(["0x8e", "0x8b"].includes(words), words);
    await publish(router, 5, "for the young one");
    await young.until(() => young.messages.length === 2, "messages of both brokers");
    await young.disconnect();
  });
});
