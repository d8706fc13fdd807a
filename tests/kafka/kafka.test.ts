/** Clients of several makers through the router over two real clusters of different releases. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { ShardServer } from "@echarde/host-node";
import { type KafkaServer, skipWithoutKafka, startKafka } from "@echarde/testkit/servers";
import { CompressionTypes, type Consumer, type Kafka } from "kafkajs";
import { clientOf, runTool, startRouter, until } from "./clusters.ts";

describe("two Kafka clusters behind one address", { skip: skipWithoutKafka() }, () => {
  let a: KafkaServer;
  let b: KafkaServer;
  let router: ShardServer;
  let port: number;
  let client: Kafka;

  before(async () => {
    [a, b] = await Promise.all([startKafka(), startKafka({ version: "4.3.1" })]);
    ({ server: router, port } = await startRouter(a, b));
    client = clientOf(port);
    // Producer ids of the clusters must differ, or a wrong one would not be seen.
    const direct = clientOf(a.port).producer({ idempotent: true });
    await direct.connect();
    await direct.disconnect();
  });
  after(async () => {
    await router?.close();
    await Promise.all([a?.stop(), b?.stop()]);
  });

  async function create(...topics: readonly string[]): Promise<void> {
    const admin = client.admin();
    await admin.connect();
    await admin.createTopics({
      topics: topics.map((topic) => ({ topic, numPartitions: 3, replicationFactor: 1 })),
    });
    await admin.disconnect();
  }

  /** Runs a member of a group; what it reads goes into `read`. */
  /** With `places`, a message that is read again is passed over: on a busy machine a member may be thrown out. */
  async function member(
    groupId: string,
    topics: string[],
    read: string[],
    places: Set<string> | null = null,
  ): Promise<Consumer> {
    const consumer = client.consumer({
      groupId,
      sessionTimeout: 30_000,
      heartbeatInterval: 500,
      maxWaitTimeInMs: 500,
    });
    await consumer.connect();
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({
      autoCommitThreshold: 1,
      eachMessage: async ({ topic, partition, message }) => {
        const place = `${topic} ${partition} ${message.offset}`;
        if (places?.has(place) !== true) read.push(String(message.value));
        places?.add(place);
      },
    });
    return consumer;
  }

  test("topics live on their clusters, and are listed as one", async () => {
    await create("a-list", "b-list");
    const listed = async (at: number): Promise<string[]> => {
      const admin = clientOf(at).admin();
      await admin.connect();
      const topics = await admin.listTopics();
      await admin.disconnect();
      return topics.filter((topic) => topic.endsWith("-list")).sort();
    };
    assert.deepEqual(await listed(a.port), ["a-list"]);
    assert.deepEqual(await listed(b.port), ["b-list"]);
    assert.deepEqual(await listed(port), ["a-list", "b-list"]);
  });

  test("batches over both clusters arrive: every acks, plain and compressed", async () => {
    await create("a-acks", "b-acks");
    const wanted: string[] = [];
    for (const acks of [0, 1, -1]) {
      for (const compression of [CompressionTypes.None, CompressionTypes.GZIP]) {
        const producer = client.producer();
        await producer.connect();
        const messages = ["a", "b"].map((name) => ({
          topic: `${name}-acks`,
          messages: Array.from({ length: 20 }, (_, i) => {
            const value = `${name} ${acks} ${compression} ${i}`;
            wanted.push(value);
            return { key: `${i}`, value };
          }),
        }));
        await producer.sendBatch({ acks, compression, topicMessages: messages });
        // Requests are answered in order, so an answer says that those before it were read.
        await producer.sendBatch({ acks: 1, topicMessages: [] });
        await producer.disconnect();
      }
    }
    const read: string[] = [];
    const consumer = await member("acks", ["a-acks", "b-acks"], read);
    await until(() => read.length >= wanted.length, `${wanted.length} messages`);
    await consumer.disconnect();
    assert.deepEqual(read.sort(), wanted.sort());
  });

  test("idempotent producers write to both clusters, each under an id of its own", async () => {
    await create("a-idem", "b-idem");
    const producers = await Promise.all(
      [1, 2, 3].map(async () => {
        const producer = client.producer({ idempotent: true, maxInFlightRequests: 1 });
        await producer.connect();
        return producer;
      }),
    );
    const wanted: string[] = [];
    for (let turn = 0; turn < 5; turn++) {
      await Promise.all(
        producers.map(async (producer, i) => {
          const messages = Array.from({ length: 10 }, (_, k) => ({ value: `${i} ${turn} ${k}` }));
          wanted.push(...messages.flatMap(({ value }) => [value, value]));
          await producer.sendBatch({
            topicMessages: ["a-idem", "b-idem"].map((topic) => ({ topic, messages })),
          });
        }),
      );
    }
    await Promise.all(producers.map((producer) => producer.disconnect()));
    const read: string[] = [];
    const consumer = await member("idem", ["a-idem", "b-idem"], read);
    await until(() => read.length >= wanted.length, `${wanted.length} messages`);
    await consumer.disconnect();
    assert.deepEqual(read.sort(), wanted.sort());
  });

  for (const groupId of ["rebalance", "home-b-rebalance"]) {
    test(`members of ${groupId} come and go; every message is read, and commits are kept`, async () => {
      const topics = ["a", "b"].map((name) => `${name}-${groupId}`);
      await create(...topics);
      const producer = client.producer();
      await producer.connect();
      const wanted: string[] = [];
      const send = async (from: string): Promise<void> => {
        const messages = Array.from({ length: 30 }, (_, i) => ({ value: `${from} ${i}` }));
        wanted.push(...messages.flatMap(({ value }) => [`a ${value}`, `b ${value}`]));
        await producer.sendBatch({
          topicMessages: ["a", "b"].map((name) => ({
            topic: `${name}-${groupId}`,
            messages: messages.map(({ value }) => ({ value: `${name} ${value}` })),
          })),
        });
      };
      const [first, second, third]: [string[], string[], string[]] = [[], [], []];
      const all = (): string[] => [...first, ...second, ...third];
      await send("one");
      const one = await member(groupId, topics, first);
      await until(() => all().length >= wanted.length, "the first member reads");
      const two = await member(groupId, topics, second);
      await until(async () => {
        await send("more");
        return second.length > 0;
      }, "the second member reads");
      await until(() => new Set(all()).size >= new Set(wanted).size, "both read all");
      await one.disconnect();
      await send("last");
      await until(
        () => new Set(all()).size >= new Set(wanted).size,
        "the one that is left reads all",
      );
      await two.disconnect();
      // What was committed counts for the next member: only what is new is read.
      await send("new");
      const next = await member(groupId, topics, third);
      await until(
        () => third.filter((value) => value.includes("new")).length >= 60,
        "the new ones",
      );
      await next.disconnect();
      await producer.disconnect();
      assert.deepEqual([...new Set(all())].sort(), [...new Set(wanted)].sort());
      assert.deepEqual(
        third.filter((value) => !value.includes("new")),
        [],
        "nothing is read again",
      );
    });
  }

  test("commits survive a restart of the router and of a broker", async () => {
    const topics = ["a-restart", "b-restart"];
    await create(...topics);
    const producer = client.producer();
    await producer.connect();
    const send = (word: string) =>
      producer.sendBatch({
        topicMessages: topics.map((topic) => ({
          topic,
          messages: [{ value: `${topic} ${word}` }],
        })),
      });
    await send("before");
    const read: string[] = [];
    const consumer = await member("restart", topics, read);
    await until(() => read.length === 2, "both");
    await consumer.disconnect();
    await router.close();
    const restarted = b.restart();
    ({ server: router } = await startRouter(a, b, port));
    // One cluster being away keeps nobody from the other.
    await producer.send({ topic: "a-restart", messages: [{ value: "a-restart between" }] });
    await restarted;
    await send("after");
    const again = await member("restart", topics, read);
    await until(() => read.length >= 5, "the rest");
    await again.disconnect();
    await producer.disconnect();
    assert.deepEqual(read.sort(), [
      ...["a-restart after", "a-restart before", "a-restart between"],
      ...["b-restart after", "b-restart before"],
    ]);
  });

  test("a broker is killed while a producer writes; what is acknowledged is there", async () => {
    await create("a-kill", "b-kill");
    const producer = client.producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const sent: string[] = [];
    let ended = false;
    const writing = (async () => {
      for (let i = 0; !ended || i < 20; i++) {
        const topic = i % 2 ? "a-kill" : "b-kill";
        await producer.send({ topic, messages: [{ value: `${topic} ${i}` }] });
        sent.push(`${topic} ${i}`);
      }
    })();
    await until(() => sent.length > 5, "some are written");
    await a.kill();
    await a.restart();
    const before = sent.length;
    await until(() => sent.length > before + 10, "it goes on");
    ended = true;
    await writing;
    await producer.disconnect();
    const read: string[] = [];
    const consumer = await member("kill", ["a-kill", "b-kill"], read, new Set()); // doubled, not read twice
    await until(() => read.length >= sent.length, "all are read");
    await consumer.disconnect();
    assert.deepEqual(read.sort(), sent.sort());
  });

  test("administration: partitions, configurations, offsets, records, groups", async () => {
    await create("a-admin", "b-admin");
    const admin = client.admin();
    await admin.connect();
    await admin.createPartitions({ topicPartitions: [{ topic: "b-admin", count: 5 }] });
    await admin.alterConfigs({
      validateOnly: false,
      resources: ["a-admin", "b-admin"].map((name, i) => ({
        ...{ type: 2, name, configEntries: [{ name: "retention.ms", value: `${1000 + i}` }] },
      })),
    });
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: ["a-admin", "b-admin"].map((name) => ({
        ...{ type: 2, name, configNames: ["retention.ms"] },
      })),
    });
    assert.deepEqual(
      resources.map(({ resourceName, configEntries }) => [
        resourceName,
        configEntries[0]?.configValue,
      ]),
      [
        ["a-admin", "1000"],
        ["b-admin", "1001"],
      ],
    );
    const { topics } = await admin.fetchTopicMetadata({ topics: ["b-admin"] });
    assert.equal(topics[0]?.partitions.length, 5);
    const producer = client.producer();
    await producer.connect();
    for (const topic of ["a-admin", "b-admin"]) {
      const messages = Array.from({ length: 4 }, () => ({ partition: 0, value: "v" }));
      await producer.send({ topic, messages });
    }
    await producer.disconnect();
    await admin.deleteTopicRecords({
      topic: "b-admin",
      partitions: [{ partition: 0, offset: "3" }],
    });
    const offsets = await admin.fetchTopicOffsets("b-admin");
    assert.equal(offsets.find(({ partition }) => partition === 0)?.low, "3");
    const groupId = "admin";
    for (const topic of ["a-admin", "b-admin"]) {
      await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: "4" }] });
    }
    const fetched = await admin.fetchOffsets({ groupId, topics: ["a-admin", "b-admin"] });
    assert.deepEqual(
      fetched.map(({ partitions }) => partitions.find(({ partition }) => partition === 0)?.offset),
      ["4", "4"],
    );
    const { groups } = await admin.listGroups();
    assert.equal(groups.filter((group) => group.groupId === groupId).length, 1, "listed once");
    await admin.deleteGroups([groupId]);
    const left = await admin.fetchOffsets({ groupId, topics: ["a-admin", "b-admin"] });
    assert.deepEqual(
      left.map(({ partitions }) => partitions.find(({ partition }) => partition === 0)?.offset),
      ["-1", "-1"],
    );
    await admin.deleteTopics({ topics: ["a-admin", "b-admin"] });
    const names = await admin.listTopics();
    assert.deepEqual(
      names.filter((name) => name.endsWith("-admin")),
      [],
    );
    await admin.disconnect();
  });

  test("transactions commit on their home cluster, and are refused elsewhere", async () => {
    await create("a-txn", "b-txn");
    const producer = client.producer({
      ...{ transactionalId: "home-b-one", idempotent: true, maxInFlightRequests: 1 },
    });
    await producer.connect();
    const good = await producer.transaction();
    await good.send({ topic: "b-txn", messages: [{ value: "kept", partition: 0 }] });
    await good.commit();
    const aborted = await producer.transaction();
    await aborted.send({ topic: "b-txn", messages: [{ value: "aborted", partition: 0 }] });
    await aborted.abort();
    const foreign = await producer.transaction();
    await assert.rejects(
      foreign.send({ topic: "a-txn", messages: [{ value: "foreign" }] }),
      ({ type }: { readonly type?: string }) => type === "INVALID_TXN_STATE",
    );
    await foreign.abort().catch(() => {}); // kafkajs may hold that nothing was begun
    await producer.disconnect();
    const plain = client.producer();
    await plain.connect();
    await plain.send({ topic: "b-txn", messages: [{ value: "behind", partition: 0 }] });
    await plain.disconnect();
    const read: string[] = [];
    const consumer = await member("txn", ["b-txn"], read);
    await until(() => read.includes("behind"), "the last message");
    await consumer.disconnect();
    assert.deepEqual(read.sort(), ["behind", "kept"]);
  });

  for (const version of ["3.9.1", "4.3.1"] as const) {
    test(`the Java tools of ${version} write to both clusters and read them in one group`, async () => {
      const topics = [`a-java-${version}`, `b-java-${version}`];
      await create(...topics);
      const bootstrap = `127.0.0.1:${port}`;
      for (const topic of topics) {
        const sent = await runTool(
          version,
          ...["org.apache.kafka.tools.ProducerPerformance", "--topic", topic],
          ...["--num-records", "500", "--record-size", "200", "--throughput", "-1"],
          ...["--producer-props", `bootstrap.servers=${bootstrap}`, "compression.type=lz4"],
        );
        assert.match(sent, /500 records sent/);
      }
      const read = await runTool(
        version,
        ...["org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server", bootstrap],
        ...["--include", topics.join("|").replaceAll(".", "\\."), "--from-beginning"],
        ...["--group", `java-${version}`, "--max-messages", "1000", "--timeout-ms", "60000"],
      );
      assert.equal(read.trimEnd().split("\n").length, 1000);
    });
  }
});
