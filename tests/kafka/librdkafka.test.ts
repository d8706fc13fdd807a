/** librdkafka, in the form of kcat, through the router over two real clusters of different releases. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import type { ShardServer } from "@echarde/host-node";
import {
  available,
  type KafkaServer,
  skipWithout,
  skipWithoutKafka,
  startKafka,
} from "@echarde/testkit/servers";
import { clientOf, startRouter } from "./clusters.ts";

const skip = skipWithout("kcat") || skipWithoutKafka();

describe("kcat", { skip }, () => {
  let a: KafkaServer;
  let b: KafkaServer;
  let router: ShardServer;
  let port: number;

  before(async () => {
    [a, b] = await Promise.all([startKafka(), startKafka({ version: "4.3.1" })]);
    ({ server: router, port } = await startRouter(a, b));
    // Ids that the clusters give must differ, or a wrong one would not be seen.
    const direct = clientOf(a.port).producer({ idempotent: true });
    await direct.connect();
    await direct.disconnect();
    const admin = clientOf(port).admin();
    await admin.connect();
    try {
      await admin.createTopics({
        topics: ["a-kcat", "b-kcat"].map((topic) => ({ topic, numPartitions: 3 })),
      });
    } finally {
      await admin.disconnect();
    }
  });
  after(async () => {
    await router?.close();
    await Promise.all([a?.stop(), b?.stop()]);
  });

  /** Its standard output; what it reads from standard input is `input`. */
  async function kcat(input: string, ...args: readonly string[]): Promise<string> {
    const all = [
      "-b",
      `127.0.0.1:${port}`,
      "-X",
      "topic.metadata.refresh.interval.ms=1000",
      ...args,
    ];
    const child = spawn(available("kcat") ?? "kcat", all, { timeout: 120_000 });
    child.stdin.end(input);
    const ended = new Promise((resolve) => child.once("close", resolve));
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
    assert.equal(await ended, 0, errors);
    return output;
  }

  /** Writes with an idempotent producer; returns what was written. */
  async function write(topic: string, compression: string, values: number): Promise<string[]> {
    const lines = Array.from({ length: values }, (_, i) => `${topic} ${compression} ${i}`);
    const options = ["-X", "enable.idempotence=true", "-z", compression];
    await kcat(`${lines.join("\n")}\n`, "-P", "-t", topic, ...options);
    return lines;
  }

  /** Reads so many messages as a member of a group, from where the group stands. */
  async function read(group: string, count: number): Promise<string[]> {
    const options = ["-X", "auto.offset.reset=earliest", "-c", String(count), "-q"];
    const output = await kcat("", ...options, "-G", group, "a-kcat", "b-kcat");
    return output.split("\n").filter((line) => line !== "");
  }

  test("it sees one broker that leads the topics of both clusters", async () => {
    const { brokers, topics } = JSON.parse(await kcat("", "-L", "-J")) as {
      readonly brokers: readonly { readonly name: string }[];
      readonly topics: readonly {
        readonly topic: string;
        readonly partitions: readonly object[];
      }[];
    };
    assert.deepEqual(
      brokers.map(({ name }) => name),
      [`127.0.0.1:${port}`],
    );
    const ours = topics.filter(({ topic }) => topic.endsWith("-kcat"));
    assert.deepEqual(ours.map(({ topic, partitions }) => `${topic} ${partitions.length}`).sort(), [
      "a-kcat 3",
      "b-kcat 3",
    ]);
  });

  test("idempotent producers and a group over both clusters: each message once, commits kept", async () => {
    const first: string[] = [];
    for (const compression of ["none", "gzip", "snappy", "lz4", "zstd"]) {
      for (const topic of ["a-kcat", "b-kcat"])
        first.push(...(await write(topic, compression, 40)));
    }
    assert.deepEqual((await read("kcat", first.length)).sort(), first.sort());
    const second = [...(await write("a-kcat", "none", 20)), ...(await write("b-kcat", "none", 20))];
    assert.deepEqual((await read("kcat", second.length)).sort(), second.sort(), "only what is new");
    const all = [...first, ...second].sort();
    assert.deepEqual((await read("home-b-kcat", all.length)).sort(), all, "a group at home on b");
  });

  test("offsets by time are asked of the leaders on both clusters", async () => {
    for (const topic of ["a-kcat", "b-kcat"]) {
      const output = await kcat("", "-Q", "-t", `${topic}:0:-1`);
      assert.match(output, new RegExp(`^${topic} \\[0\\] offset \\d+`, "m"));
    }
  });
});
