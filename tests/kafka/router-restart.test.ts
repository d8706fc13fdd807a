/**
 * What must not be lost with the router: producer ids (`stateDir`, SIGKILL, workers) and the places of
 * consumers. Real clusters; the router is a process of its own.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { type KafkaServer, skipWithoutKafka, startKafka } from "@echarde/testkit/servers";
import type { Producer } from "kafkajs";
import { InitProducerIdRequest } from "../../packages/codec-kafka/src/generated/init-producer-id-request.ts";
import type { InitProducerIdResponse } from "../../packages/codec-kafka/src/generated/init-producer-id-response.ts";
import {
  PartitionProduceData,
  ProduceRequest,
  TopicProduceData,
} from "../../packages/codec-kafka/src/generated/produce-request.ts";
import type { ProduceResponse } from "../../packages/codec-kafka/src/generated/produce-response.ts";
import { make } from "../../packages/codec-kafka/src/plans/plans.ts";
import { Asking, apiOf, batch, type Sender } from "./asking.ts";
import { clientOf, outputsOf, until } from "./clusters.ts";
import { RouterProcess } from "./router-process.ts";

describe("a Kafka router that is killed", { skip: skipWithoutKafka() }, () => {
  let servers: readonly [KafkaServer, KafkaServer];
  let folder: string;
  let router: RouterProcess | null = null;

  before(async () => {
    servers = await Promise.all([startKafka(), startKafka({ version: "4.3.1" })]);
    // Producer ids of the clusters must differ, or a wrong one would not be seen.
    const direct = clientOf(servers[0].port).producer({ idempotent: true });
    await direct.connect();
    await direct.disconnect();
  });
  after(async () => {
    await Promise.all((servers ?? []).map((server) => server.stop()));
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "echarde-kafka-"));
  });
  afterEach(async () => {
    await router?.kill();
    router = null;
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(...more: readonly string[]): Promise<RouterProcess> {
    router = await RouterProcess.start(folder, servers, more);
    return router;
  }

  async function create(port: number, ...topics: readonly string[]): Promise<void> {
    const admin = clientOf(port).admin();
    await admin.connect();
    try {
      // Batches by hand are of 2023: brokers would drop them.
      const configEntries = [{ name: "retention.ms", value: "-1" }];
      await admin.createTopics({
        topics: topics.map((topic) => ({ topic, numPartitions: 1, configEntries })),
      });
    } finally {
      await admin.disconnect();
    }
  }

  /** Everything that stands in a topic of one partition, as its own cluster tells. */
  async function valuesOf(topic: string): Promise<string[]> {
    const server = servers[topic.startsWith("b-") ? 1 : 0];
    const client = clientOf(server.port);
    const admin = client.admin();
    await admin.connect();
    const consumer = client.consumer({ groupId: `read-${topic}`, maxWaitTimeInMs: 200 });
    try {
      const [end] = await admin.fetchTopicOffsets(topic);
      const wanted = Number(end?.high);
      const values: string[] = [];
      if (wanted === 0) return values;
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await consumer.run({
        eachMessage: async ({ message }) => void values.push(`${message.value}`),
      });
      await until(() => values.length >= wanted, `${wanted} messages of ${topic}`);
      return values;
    } finally {
      await consumer.disconnect();
      await admin.disconnect();
    }
  }

  async function withProducer(
    port: number,
    use: (producer: Producer) => Promise<void>,
  ): Promise<void> {
    const producer = clientOf(port).producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    try {
      await use(producer);
    } finally {
      await producer.disconnect();
    }
  }

  /** Writes on while `meanwhile` happens, and some more; gives what was acknowledged: all of it. */
  async function writeDuring(
    producer: Producer,
    topics: readonly string[],
    meanwhile: () => Promise<void>,
  ): Promise<string[]> {
    const sent: string[] = [];
    let ending = false;
    const writing = (async () => {
      for (let i = 0; !ending; i++) {
        const messages = [{ value: `${i}` }];
        await producer.sendBatch({ topicMessages: topics.map((topic) => ({ topic, messages })) });
        sent.push(`${i}`);
      }
    })();
    try {
      await Promise.race([until(() => sent.length > 20, "some are written"), writing]);
      await meanwhile();
      const before = sent.length;
      await Promise.race([until(() => sent.length > before + 20, "it goes on"), writing]);
    } finally {
      ending = true;
    }
    await writing;
    return sent;
  }

  /** One batch of one record to each topic; the error codes. */
  async function produce(
    port: number,
    topics: readonly string[],
    value: string,
    sender: Sender,
  ): Promise<number[]> {
    const asking = new Asking(port);
    try {
      const request = make(ProduceRequest, {
        ...{ acks: -1, timeoutMs: 30_000 },
        topicData: topics.map((name) =>
          make(TopicProduceData, {
            name,
            partitionData: [make(PartitionProduceData, { records: batch(value, sender) })],
          }),
        ),
      });
      for (;;) {
        const said = (await asking.ask(apiOf("Produce"), 9, request)) as ProduceResponse;
        const codes = said.responses.flatMap(({ partitionResponses }) =>
          partitionResponses.map(({ errorCode }) => errorCode),
        );
        if (!codes.some((code) => retriable.has(code))) return codes;
      }
    } finally {
      asking.close();
    }
  }

  async function begin(port: number): Promise<bigint> {
    const asking = new Asking(port);
    try {
      const request = make(InitProducerIdRequest, { transactionalId: null, producerId: -1n });
      for (;;) {
        const answer = await asking.ask(apiOf("InitProducerId"), 4, request);
        const { errorCode, producerId } = answer as InitProducerIdResponse;
        if (errorCode === 0) return producerId;
        assert.ok(retriable.has(errorCode), `error ${errorCode}`);
      }
    } finally {
      asking.close();
    }
  }

  test("an idempotent producer goes on: no error, nothing lost, nothing twice", async () => {
    const topics = ["a-on", "b-on"];
    const killed = await start("stateDir: state");
    await create(killed.port, ...topics);
    await withProducer(killed.port, async (producer) => {
      const sent = await writeDuring(producer, topics, async () => {
        for (let turn = 0; turn < 2; turn++) {
          await killed.kill();
          await killed.again();
        }
      });
      for (const topic of topics) assert.deepEqual(await valuesOf(topic), sent, topic);
    });
  });

  test("a batch that is sent again because its answer was lost is not written again", async () => {
    const topics = ["a-again", "b-again"];
    const killed = await start("stateDir: state");
    await create(killed.port, ...topics);
    const producerId = await begin(killed.port);
    const first = { producerId, epoch: 0, sequence: 0 };
    assert.deepEqual(await produce(killed.port, topics, "one", first), [0, 0]);
    await killed.kill();
    await killed.again();
    assert.deepEqual(await produce(killed.port, topics, "one", first), [0, 0]);
    assert.deepEqual(await produce(killed.port, topics, "two", { ...first, sequence: 1 }), [0, 0]);
    for (const topic of topics) assert.deepEqual(await valuesOf(topic), ["one", "two"], topic);
  });

  test("a lost map: what may be written already fails visibly, then the producer goes on", async () => {
    const topics = ["a-lost", "b-lost"];
    const killed = await start("stateDir: state");
    await create(killed.port, ...topics);
    const producerId = await begin(killed.port);
    const first = { producerId, epoch: 0, sequence: 0 };
    assert.deepEqual(await produce(killed.port, topics, "one", first), [0, 0]);
    await killed.kill();
    rmSync(join(folder, "state", "values.log"));
    await killed.again();
    assert.deepEqual(await produce(killed.port, topics, "one", first), [0, fenced]);
    // As kafkajs goes on: the next batch in the place of the one that failed.
    assert.deepEqual(await produce(killed.port, ["b-lost"], "two", first), [0]);
    assert.deepEqual(
      await produce(killed.port, ["b-lost"], "two", first),
      [0],
      "known from now on",
    );
    assert.deepEqual(await valuesOf("a-lost"), ["one"]);
    assert.deepEqual(await valuesOf("b-lost"), ["one", "two"]);
  });

  test("a lost map costs a client one send", async () => {
    const killed = await start("stateDir: state");
    await create(killed.port, "a-client", "b-client");
    await withProducer(killed.port, async (producer) => {
      const send = async (topic: string, value: string): Promise<string> => {
        try {
          await producer.send({ topic, messages: [{ value }] });
          return "written";
        } catch (error) {
          return (error as { readonly type?: string }).type ?? `${error}`;
        }
      };
      const before = [await send("a-client", "1"), await send("b-client", "1")];
      assert.deepEqual(before, ["written", "written"]);
      await killed.kill();
      rmSync(join(folder, "state", "values.log"));
      await killed.again();
      assert.equal(await send("a-client", "2"), "written");
      assert.equal(await send("b-client", "2"), "INVALID_PRODUCER_EPOCH");
      for (const value of ["3", "4"]) assert.equal(await send("b-client", value), "written");
    });
    assert.deepEqual(await valuesOf("a-client"), ["1", "2"]);
    assert.deepEqual(await valuesOf("b-client"), ["1", "3", "4"]);
  });

  /** A Java producer as it is by default, five requests in flight, through `meanwhile`; numbers to one topic. */
  async function javaWrites(
    port: number,
    topic: string,
    meanwhile: () => Promise<void>,
  ): Promise<{ readonly written: string[]; readonly failed: number }> {
    const count = 1_500;
    const running = outputsOf(
      "3.9.1",
      ...["org.apache.kafka.tools.ProducerPerformance", "--topic", topic, "--payload-monotonic"],
      ...["--num-records", `${count}`, "--throughput", "200"],
      ...["--producer-props", `bootstrap.servers=127.0.0.1:${port}`, "linger.ms=0"],
    );
    const admin = clientOf(servers[1].port).admin();
    await admin.connect();
    try {
      const some = async (): Promise<boolean> =>
        Number((await admin.fetchTopicOffsets(topic))[0]?.high) > 100;
      await Promise.race([until(some, "some are written"), running]);
    } finally {
      await admin.disconnect();
    }
    await meanwhile();
    const { stdout, stderr } = await running;
    // The tool counts what was acknowledged, and shows why the others were not.
    const sent = Number(/^(\d+) records sent,.*99\.9th/m.exec(stdout)?.[1]);
    const failed = [...stderr.matchAll(/^\S*InvalidProducerEpochException/gm)].length;
    assert.equal(sent + failed, count, `${stdout}${stderr}`);
    const written = await valuesOf(topic);
    assert.equal(new Set(written).size, written.length, "nothing is written twice");
    assert.ok(written.length + failed >= count, `${written.length} written, ${failed} failed`);
    return { written, failed };
  }

  test("a Java producer with five requests in flight goes on, too", async () => {
    const killed = await start("stateDir: state");
    await create(killed.port, "b-java");
    const { written, failed } = await javaWrites(killed.port, "b-java", async () => {
      await killed.kill();
      await killed.again();
    });
    assert.deepEqual([written.length, failed], [1_500, 0]);
  });

  test("a lost map costs it what was in flight, visibly, and nothing is there twice", async () => {
    const killed = await start("stateDir: state");
    await create(killed.port, "b-java-lost");
    const { written } = await javaWrites(killed.port, "b-java-lost", async () => {
      await killed.kill();
      rmSync(join(folder, "state", "values.log"));
      await killed.again();
    });
    assert.ok(written.length > 100, "it has written");
  });

  test("workers share producer ids: a producer whose worker is killed goes on with another", async () => {
    const topics = ["a-workers", "b-workers"];
    const shared = await start("workers: 2");
    await create(shared.port, ...topics);
    await withProducer(shared.port, async (producer) => {
      const sent = await writeDuring(producer, topics, async () => {
        for (const pid of await shared.workers()) process.kill(pid, "SIGKILL");
      });
      for (const topic of topics) assert.deepEqual(await valuesOf(topic), sent, topic);
    });
  });
});

/** What brokers and router say while they come up. */
const retriable: ReadonlySet<number> = new Set([3, 5, 6, 7, 14, 15, 16]);
const fenced = 47;
