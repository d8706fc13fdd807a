/** Users and credentials of the router's own: clients are checked by it, clusters hear its own names, one of them over TLS. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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
import type { SASLOptions } from "kafkajs";
import { DescribeClusterRequest } from "../../packages/codec-kafka/src/generated/describe-cluster-request.ts";
import { type Authority, makeAuthority } from "../security/certificates.ts";
import { Asking, apiOf } from "./asking.ts";
import { clientOf, outputsOf, until } from "./clusters.ts";

const sha = (password: string): string => `#${createHash("sha256").update(password).digest("hex")}`;

const noTopic = /Not authorized to access topics/;

describe("a Kafka router with users and credentials of its own", {
  skip: skipWithoutKafka(),
}, () => {
  let authority: Authority;
  let a: KafkaServer;
  let b: KafkaServer;
  let router: ShardServer;
  let port: number;
  const logged: string[] = [];
  const put = (fields: object): void => {
    logged.push(JSON.stringify(fields));
  };
  const logger = { debug: put, info: put, warn: put, error: put };

  before(async () => {
    authority = makeAuthority();
    const { cert, key } = authority.issue("broker", "IP:127.0.0.1");
    const pem = join(authority.dir, "broker.pem");
    writeFileSync(pem, readFileSync(key, "utf8") + readFileSync(cert, "utf8"));
    writeFileSync(join(authority.dir, "b.secret"), "word of b\n");
    // Neither cluster knows any user of the router, nor the other one's.
    [a, b] = await Promise.all([
      startKafka({ users: { "router-a": "word of a" } }),
      startKafka({
        version: "4.3.1",
        users: { "router-b": "word of b" },
        properties: {
          "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,CLIENT:SASL_SSL",
          "ssl.keystore.type": "PEM",
          "ssl.keystore.location": pem,
          "ssl.truststore.type": "PEM",
          "ssl.truststore.location": authority.ca,
        },
      }),
    ]);
    port = await freePort();
    process.env["ECHARDE_TEST_KAFKA_PASSWORD"] = "word of a";
    router = await createShardServer({
      codec: kafka(),
      folder: authority.dir,
      logger,
      listen: `127.0.0.1:${port}`,
      auth: {
        wrongPasswords: 0,
        users: {
          boss: { password: sha("all") },
          orders: { password: sha("some"), prefixes: ["a-order", "b-order"] },
          reader: { password: sha("look"), commands: ["read"] },
          edge: { password: sha("edge"), clusters: ["b"] },
        },
      },
      table: {
        protocol: "kafka",
        clusters: {
          a: {
            endpoints: [`127.0.0.1:${a.port}`],
            auth: { user: "router-a", passwordEnv: "ECHARDE_TEST_KAFKA_PASSWORD" },
          },
          b: {
            endpoints: [`127.0.0.1:${b.port}`],
            tls: { ca: "ca.pem" },
            auth: { user: "router-b", passwordFile: "b.secret" },
          },
        },
        defaultCluster: "a",
        routes: [{ prefix: "b-", cluster: "b" }],
        options: {
          advertised: `127.0.0.1:${port}`,
          groups: [{ prefix: "b-", cluster: "b" }],
          transactionalIds: [{ prefix: "b-", cluster: "b" }],
        },
      },
    });
    delete process.env["ECHARDE_TEST_KAFKA_PASSWORD"];
    const admin = clientOf(port, sasl("boss", "all")).admin();
    await admin.connect();
    try {
      const topics = ["a-order", "b-order", "a-other", "b-other"].map((topic) => ({ topic }));
      await admin.createTopics({ topics });
    } finally {
      await admin.disconnect();
    }
  });
  after(async () => {
    await router?.close();
    await Promise.all([a?.stop(), b?.stop()]);
    authority?.remove();
  });

  const sasl = (username: string, password: string): SASLOptions => ({
    ...{ mechanism: "plain", username, password },
  });

  /** Sends, and gives the words of the error if there was one. */
  async function send(user: readonly [string, string], topic: string): Promise<string> {
    const client = clientOf(port, sasl(...user));
    const producer = client.producer({ retry: { retries: 0 }, allowAutoTopicCreation: false });
    try {
      await producer.connect();
      await producer.send({ topic, messages: [{ value: `${user[0]} ${topic}` }] });
      return "sent";
    } catch (error) {
      const { name, message } = error as Error;
      return `${name}: ${message}`;
    } finally {
      await producer.disconnect();
    }
  }

  /** Reads one message as a member of the group. */
  async function read(
    user: readonly [string, string],
    topics: string[],
    groupId: string,
  ): Promise<string[]> {
    const consumer = clientOf(port, sasl(...user)).consumer({ groupId, maxWaitTimeInMs: 500 });
    const got = new Set<string>();
    try {
      await consumer.connect();
      await consumer.subscribe({ topics, fromBeginning: true });
      await consumer.run({
        eachMessage: async ({ topic }) => {
          got.add(topic);
        },
      });
      await until(() => got.size === topics.length, `a message of each of ${topics.join(" ")}`);
      return [...got].sort();
    } finally {
      await consumer.disconnect();
    }
  }

  test("whoever may do all writes to both clusters and reads them in a group", async () => {
    for (const topic of ["a-order", "b-order", "a-other", "b-other"]) {
      assert.equal(await send(["boss", "all"], topic), "sent", topic);
    }
    const topics = ["a-other", "b-other"];
    assert.deepEqual(await read(["boss", "all"], topics, "boss"), topics);
  });

  test("wrong passwords, unknown users and strangers are refused", async () => {
    for (const [user, password] of [
      ["boss", "wrong"],
      ["nobody", "all"],
      ["router-a", "word of a"],
    ] as const) {
      const said = await send([user, password], "a-order");
      assert.match(said, /^KafkaJSSASLAuthenticationError: .*Invalid username or password/, user);
    }
    const asking = new Asking(port);
    try {
      await asking.ask(apiOf("ApiVersions"), 2, {});
      await assert.rejects(
        asking.ask(apiOf("DescribeCluster"), 0, new DescribeClusterRequest()),
        /closed/,
      );
    } finally {
      asking.close();
    }
    const closings = logged.filter((line) => line.includes("client-closed")).join("\n");
    assert.match(closings, /"SaslAuthenticate","reason":"the client could not sign in"/);
    assert.match(closings, /"DescribeCluster","reason":"the client has not signed in"/);
    assert.doesNotMatch(logged.join("\n"), /word of|wrong/);
  });

  test("a user with prefixes has its topics and groups, and no others", async () => {
    const user = ["orders", "some"] as const;
    for (const topic of ["a-order", "b-order"]) assert.equal(await send(user, topic), "sent");
    for (const topic of ["a-other", "b-other"]) {
      assert.match(await send(user, topic), noTopic, topic);
    }
    const topics = ["a-order", "b-order"];
    assert.deepEqual(await read(user, topics, "a-order-group"), topics);
    const admin = clientOf(port, sasl(...user)).admin({ retry: { retries: 0 } });
    try {
      await admin.connect();
      assert.deepEqual((await admin.listTopics()).sort(), topics);
      const { groups } = await admin.listGroups();
      assert.deepEqual(
        groups.map(({ groupId }) => groupId),
        ["a-order-group"],
      );
      await assert.rejects(
        admin.fetchOffsets({ groupId: "boss", topics }),
        /coordinator/, // kafkajs drops the words of the answer
      );
      await assert.rejects(
        admin.fetchTopicMetadata({ topics: ["a-other"] }),
        /Not authorized to access topics/,
      );
      const configOf = (type: number, name: string) =>
        admin.describeConfigs({ includeSynonyms: false, resources: [{ type, name }] });
      const { resources } = await configOf(2, "b-order");
      assert.equal(resources[0]?.resourceName, "b-order");
      await assert.rejects(configOf(2, "b-other"), /Not authorized to access topics/);
      await assert.rejects(configOf(4, "0"), /Cluster authorization failed/);
      await assert.rejects(
        admin.createTopics({ topics: [{ topic: "a-more" }] }),
        /Topic creation errors/,
      );
    } finally {
      await admin.disconnect();
    }
  });

  test("a user who reads alone does not write, and one of a cluster stays there", async () => {
    assert.match(await send(["reader", "look"], "a-order"), noTopic);
    const all = ["a-other", "b-other"];
    assert.deepEqual(await read(["reader", "look"], all, "reader"), all);
    assert.equal(await send(["edge", "edge"], "b-other"), "sent");
    assert.match(await send(["edge", "edge"], "a-other"), noTopic);
    assert.deepEqual(await read(["edge", "edge"], ["b-other"], "b-edge"), ["b-other"]);
  });

  test("transactions are a user's by their id", async () => {
    const transact = async (id: string): Promise<string> => {
      const producer = clientOf(port, sasl("orders", "some")).producer({
        ...{ transactionalId: id, idempotent: true, maxInFlightRequests: 1 },
        retry: { retries: 5 },
      });
      try {
        await producer.connect();
        const transaction = await producer.transaction();
        await transaction.send({ topic: "b-order", messages: [{ value: "in a transaction" }] });
        await transaction.commit();
        return "committed";
      } catch (error) {
        return String(error);
      } finally {
        await producer.disconnect();
      }
    };
    assert.equal(await transact("b-order-tx"), "committed");
    assert.match(await transact("b-tx"), /coordinator/); // kafkajs drops the broker's words here
  });

  test("the Java tools of both releases", async () => {
    for (const version of ["3.9.1", "4.3.1"] as const) {
      const config = join(authority.dir, `${version}.properties`);
      const login = "org.apache.kafka.common.security.plain.PlainLoginModule";
      writeFileSync(
        config,
        [
          "security.protocol=SASL_PLAINTEXT",
          "sasl.mechanism=PLAIN",
          `sasl.jaas.config=${login} required username="orders" password="some";\n`,
        ].join("\n"),
      );
      const common = ["--bootstrap-server", `127.0.0.1:${port}`, "--command-config", config];
      const topics = "org.apache.kafka.tools.TopicCommand";
      const listed = await outputsOf(version, topics, ...common, "--list");
      assert.deepEqual(listed.stdout.trim().split("\n").sort(), ["a-order", "b-order"]);
      const groups = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";
      const reset = ["--group", "a-order-group", "--topic", "b-order", "--reset-offsets"];
      const { stdout } = await outputsOf(
        ...([version, groups, ...common, ...reset, "--to-earliest", "--execute"] as const),
      );
      assert.match(stdout, /a-order-group\s+b-order\s+0\s+0/);
      const refused = await outputsOf(
        ...([version, groups, ...common, "--group", "boss", "--describe"] as const),
      ).then(
        (outputs) => outputs.stdout + outputs.stderr,
        (error: { readonly stdout: string; readonly stderr: string }) =>
          error.stdout + error.stderr,
      );
      assert.match(refused, /GroupAuthorizationException|Not authorized to access group/);
    }
  });

  test("kcat", { skip: skipWithout("kcat") }, async () => {
    const kcat = async (...args: readonly string[]): Promise<string> => {
      const login = ["security.protocol=SASL_PLAINTEXT", "sasl.mechanism=PLAIN"];
      const user = ["sasl.username=orders", "sasl.password=some"];
      const options = [...login, ...user].flatMap((option) => ["-X", option]);
      const all = ["-b", `127.0.0.1:${port}`, ...options, ...args];
      const child = spawn(available("kcat") ?? "kcat", all, { timeout: 120_000 });
      child.stdin.end("by kcat\n");
      const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
      return output + errors;
    };
    assert.doesNotMatch(await kcat("-P", "-t", "b-order"), /ERROR/);
    assert.match(await kcat("-P", "-t", "b-other"), /[Aa]uthorization failed/);
    assert.match(await kcat("-C", "-t", "b-order", "-o", "-1", "-e", "-q"), /by kcat/);
  });
});
