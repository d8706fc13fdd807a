/** A leader is killed while idempotent producers write: a cluster of three nodes and one of a single node behind the router. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { kafka } from "@echarde/codec-kafka";
import { createShardServer, type ShardServer } from "@echarde/host-node";
import {
  available,
  freePort,
  type KafkaServer,
  skipWithout,
  skipWithoutKafka,
  startKafka,
} from "@echarde/testkit/servers";
import type { Admin } from "kafkajs";
import { clientOf, until } from "./clusters.ts";

const skip = skipWithout("kcat") || skipWithoutKafka();

describe("the leader of a partition is killed", { skip }, () => {
  let single: KafkaServer;
  let nodes: KafkaServer[];
  let router: ShardServer;
  let port: number;

  before(async () => {
    single = await startKafka({ version: "4.3.1" });
    nodes = await startCluster(3);
    port = await freePort();
    router = await createShardServer({
      codec: kafka(),
      listen: `127.0.0.1:${port}`,
      table: {
        protocol: "kafka",
        clusters: {
          a: { endpoints: [`127.0.0.1:${single.port}`] },
          b: { endpoints: nodes.map((node) => `127.0.0.1:${node.port}`) },
        },
        defaultCluster: "a",
        routes: [{ prefix: "b-", cluster: "b" }],
        options: { advertised: `127.0.0.1:${port}` },
      },
    });
  });
  after(async () => {
    await router?.close();
    await Promise.all([single, ...(nodes ?? [])].map((server) => server?.stop()));
  });

  test("what was acknowledged is there once and in order, on both clusters", async () => {
    const admin = clientOf(port).admin();
    const producers: Producer[] = [];
    try {
      await admin.connect();
      await admin.createTopics({
        waitForLeaders: false, // the producers wait
        topics: [
          { topic: "a-lead", numPartitions: 1, replicationFactor: 1 },
          { topic: "b-lead", numPartitions: 1, replicationFactor: 3 },
        ],
      });
      for (const topic of ["a-lead", "b-lead"]) producers.push(new Producer(port, topic));
      const ends = (): Promise<number[]> =>
        patiently(() => Promise.all(producers.map(({ topic }) => endOf(admin, topic))));
      const beyond = async (marks: readonly number[], what: string): Promise<void> =>
        until(async () => {
          for (const producer of producers) producer.write(5);
          const now = await ends();
          return now.every((end, i) => end > (marks[i] ?? 0));
        }, what);
      await beyond([100, 100], "100 messages on each cluster");
      const leaders: KafkaServer[] = [];
      await until(async () => {
        const found = await patiently(() => leaderOf(nodes, "b-lead"));
        if (found !== null) leaders.push(found);
        return found !== null;
      }, "a leader");
      const leader = leaders[0] as KafkaServer;
      await leader.kill();
      const survivors = nodes.filter((node) => node !== leader);
      await until(
        async () => (await patiently(() => leaderOf(survivors, "b-lead"))) !== null,
        "another leader",
      );
      const marks = await ends();
      await beyond(
        marks.map((mark) => mark + 100),
        "100 more",
      );
      for (const producer of producers) await producer.end();
      for (const { topic, written } of producers) {
        const options = ["-C", "-t", topic, "-o", "beginning", "-e", "-q"];
        const read = (await kcat(port, ...options)).split("\n").filter((line) => line !== "");
        assert.deepEqual(read, written, topic);
      }
    } finally {
      for (const producer of producers) producer.stop();
      await admin.disconnect();
    }
  });
});

/** An idempotent producer of librdkafka, which keeps the order and is given lines at any time. */
class Producer {
  readonly topic: string;
  /** All that it was given. */
  readonly written: string[] = [];
  readonly #process: ChildProcess;
  readonly #ended: Promise<number | null>;
  #errors = "";

  constructor(port: number, topic: string) {
    this.topic = topic;
    const args = ["-b", `127.0.0.1:${port}`, "-P", "-t", topic, "-X", "enable.idempotence=true"];
    this.#process = spawn(available("kcat") ?? "kcat", args, { stdio: ["pipe", "ignore", "pipe"] });
    this.#process.stderr?.on("data", (chunk: unknown) => {
      this.#errors += String(chunk);
    });
    this.#ended = new Promise((resolve) => this.#process.once("close", resolve));
  }

  /** Gives it some more lines. */
  write(count: number): void {
    const from = this.written.length;
    const lines = Array.from({ length: count }, (_, i) => `${this.topic} ${from + i}`);
    this.written.push(...lines);
    this.#process.stdin?.write(`${lines.join("\n")}\n`);
  }

  /** Waits until all is acknowledged. */
  async end(): Promise<void> {
    this.#process.stdin?.end();
    assert.equal(await this.#ended, 0, this.#errors);
  }

  /** Ends it if it still runs. */
  stop(): void {
    this.#process.kill("SIGKILL");
  }
}

async function kcat(port: number, ...args: readonly string[]): Promise<string> {
  const all = ["-b", `127.0.0.1:${port}`, ...args];
  const child = spawn(available("kcat") ?? "kcat", all, { timeout: 120_000 });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  assert.equal(await ended, 0, errors);
  return output;
}

/** Combined nodes of one cluster. */
async function startCluster(size: number): Promise<KafkaServer[]> {
  const ports: { readonly id: number; readonly port: number; readonly controller: number }[] = [];
  for (let id = 1; id <= size; id++) {
    ports.push({ id, port: await freePort(), controller: await freePort() });
  }
  const voters = ports.map(({ id, controller }) => `${id}@127.0.0.1:${controller}`).join(",");
  const started = await Promise.allSettled(
    ports.map(({ id, port, controller }) =>
      startKafka({
        ...{ port, clusterId: "AAAAAAAAQACAAAAAAAAAAA" },
        properties: {
          "node.id": String(id),
          "controller.quorum.voters": voters,
          listeners: `CLIENT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
          "broker.session.timeout.ms": "6000",
          "default.replication.factor": String(size),
          "min.insync.replicas": "2",
        },
      }),
    ),
  );
  const nodes = started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failed = started.find((one) => one.status === "rejected");
  if (failed === undefined) return nodes;
  await Promise.all(nodes.map((node) => node.stop()));
  throw failed.reason;
}

/** The admin client asks once; what it is told while nodes have not heard of each other is to be asked again. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  const found: T[] = [];
  await until(async () => {
    try {
      found.push(await ask());
      return true;
    } catch (error) {
      if (!(error as { readonly retriable?: boolean }).retriable) throw error;
      return false;
    }
  }, "an answer that is no error to be retried");
  return found[0] as T;
}

/** Offset behind the last message of the only partition of a topic. */
async function endOf(admin: Admin, topic: string): Promise<number> {
  const [partition] = await admin.fetchTopicOffsets(topic);
  return Number(partition?.high ?? 0);
}

/** Which of the nodes leads the only partition of a topic, as the first of them says; null = another one, or nobody. */
async function leaderOf(nodes: readonly KafkaServer[], topic: string): Promise<KafkaServer | null> {
  const admin = clientOf((nodes[0] as KafkaServer).port).admin();
  try {
    await admin.connect();
    const [{ brokers }, { topics }] = await Promise.all([
      admin.describeCluster(),
      admin.fetchTopicMetadata({ topics: [topic] }),
    ]);
    const id = topics[0]?.partitions[0]?.leader;
    const port = brokers.find(({ nodeId }) => nodeId === id)?.port;
    return nodes.find((node) => node.port === port) ?? null;
  } finally {
    await admin.disconnect();
  }
}
