/** Every API in every version that the specifications know, through the router with real clusters behind it: nothing hangs. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import type { ShardServer } from "@echarde/host-node";
import { type KafkaServer, skipWithoutKafka, startKafka } from "@echarde/testkit/servers";
import { rangeOf, readSpecs } from "../../packages/codec-kafka/scripts/specs.ts";
import { apis } from "../../packages/codec-kafka/src/generated/apis.ts";
import {
  CreatableTopic,
  CreateTopicsRequest,
} from "../../packages/codec-kafka/src/generated/create-topics-request.ts";
import type { CreateTopicsResponse } from "../../packages/codec-kafka/src/generated/create-topics-response.ts";
import { MetadataRequest } from "../../packages/codec-kafka/src/generated/metadata-request.ts";
import { refusals } from "../../packages/codec-kafka/src/generated/refusals.ts";
import { make } from "../../packages/codec-kafka/src/plans/plans.ts";
import { writeRequest } from "../../packages/codec-kafka/src/wire/frame.ts";
import { Reader } from "../../packages/codec-kafka/src/wire/reader.ts";
import { randomBody, randomOf } from "../../packages/codec-kafka/test/spec-bytes.ts";
import { Asking, apiOf } from "./asking.ts";
import { startRouter } from "./clusters.ts";

const seeds = 3;

describe("every API through the router", { skip: skipWithoutKafka() }, () => {
  let a: KafkaServer;
  let b: KafkaServer;
  let router: ShardServer;
  let port: number;

  before(async () => {
    [a, b] = await Promise.all([startKafka(), startKafka({ version: "4.3.1" })]);
    ({ server: router, port } = await startRouter(a, b));
  });
  after(async () => {
    await router?.close();
    await Promise.all([a?.stop(), b?.stop()]);
  });

  test("what is not spoken has UNSUPPORTED_VERSION, or closes the connection", async () => {
    const { messages, refused } = readSpecs();
    let answered = 0;
    for (const spec of [...messages, ...refused].filter(({ type }) => type === "response")) {
      const cap = apis.find(({ key }) => key === spec.apiKey)?.max ?? -1;
      for (let version = cap + 1; version <= rangeOf(spec.validVersions).to; version++) {
        const known = refusals.find(
          ({ key, from, to }) => key === spec.apiKey && from <= version && version <= to,
        );
        const said = await answerTo(port, headOf(spec.apiKey, version));
        const what = `${spec.name} ${version}`;
        if (known === undefined) assert.equal(said, null, what);
        else {
          answered += 1;
          const tags = known.flexible ? "00" : "";
          assert.equal(said?.toString("hex").slice(8), `01020304${tags}${known.body}`, what);
        }
      }
    }
    assert.ok(answered > 100, `${answered} of them are answered`);
    for (const [key, version] of [
      [999, 0],
      [3, 99],
      [3, -1],
    ] as const) {
      assert.equal(await answerTo(port, headOf(key, version)), null, `${key} ${version}`);
    }
  });

  test("topics are made for a client that is told of no controller", async () => {
    const fresh = await startRouter(a, b);
    const asking = new Asking(fresh.port);
    try {
      // Version 0 of Metadata names none; an empty list of topics means all.
      await asking.ask(apiOf("Metadata"), 0, make(MetadataRequest, { topics: [] }));
      const body = make(CreateTopicsRequest, {
        topics: ["a-told", "b-told"].map((name) =>
          make(CreatableTopic, { name, numPartitions: 1, replicationFactor: 1 }),
        ),
      });
      const said = (await asking.ask(apiOf("CreateTopics"), 2, body)) as CreateTopicsResponse;
      const codes = said.topics.map(({ errorCode }) => errorCode);
      assert.deepEqual(codes, [0, 0]);
    } finally {
      asking.close();
      await fresh.server.close();
    }
  });

  test("a random message of what is spoken is answered, or closes the connection", async () => {
    for (const api of apis) {
      const spec = readSpecs().messages.find(
        ({ apiKey, type }) => apiKey === api.key && type === "request",
      );
      assert.ok(spec !== undefined, api.name);
      for (let version = api.min; version <= api.max; version++) {
        const asked = Array.from({ length: seeds }, (_, seed) => {
          const bytes = randomBody(spec, version, randomOf(seed * 104_729 + version));
          const body = api.readRequest(new Reader(bytes), version);
          impatient(body);
          return Buffer.concat(writeRequest(api, version, "random", body));
        });
        await Promise.all(asked.map((frame) => answerTo(port, frame)));
      }
    }
  });
});

/** A request of which nobody reads more than the head. */
function headOf(key: number, version: number): Buffer {
  const frame = Buffer.alloc(20);
  frame.writeInt32BE(16);
  frame.writeInt16BE(key, 4);
  frame.writeInt16BE(version, 6);
  frame.writeInt32BE(0x01020304, 8);
  frame.writeInt16BE(-1, 12);
  return frame;
}

/** Lets no broker wait for long, and has every request answered. */
function impatient(body: object): void {
  const fields = body as Record<string, unknown>;
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === "number" && /timeout|maxWait/i.test(name)) fields[name] = 500;
  }
  if ("acks" in fields) fields["acks"] = -1;
}

/** The response to a request on a connection of its own; null when that is closed without one. */
function answerTo(port: number, frame: Buffer): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    const what = `API ${frame.readInt16BE(4)} version ${frame.readInt16BE(6)}`;
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`${what} hangs`));
    }, 120_000);
    let got: Buffer = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      got = Buffer.concat([got, chunk]);
      if (got.length >= 4 && got.length >= got.readInt32BE(0) + 4) socket.destroy();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(got.length === 0 ? null : got);
    });
    socket.write(frame);
  });
}
