/** A Fetch that one broker answers: its response goes through as it comes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRouter, type Effects, join, type Peer, type Router } from "@echarde/core";
import fc from "fast-check";
import { fetchApi, metadata } from "../src/generated/apis.ts";
import { FetchPartition, FetchRequest, FetchTopic } from "../src/generated/fetch-request.ts";
import {
  AbortedTransaction,
  EpochEndOffset,
  FetchableTopicResponse,
  FetchResponse,
  LeaderIdAndEpoch,
  PartitionData,
  SnapshotId,
} from "../src/generated/fetch-response.ts";
import {
  MetadataResponse,
  MetadataResponseBroker,
  MetadataResponsePartition,
  MetadataResponseTopic,
} from "../src/generated/metadata-response.ts";
import { kafka } from "../src/kafka.ts";
import { FetchStream } from "../src/plans/fetch-stream.ts";
import { make } from "../src/plans/plans.ts";
import { readHead, readResponse, writeRequest, writeResponse } from "../src/wire/frame.ts";

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const unknown = fc.array(
  fc.record({ tag: fc.integer({ min: 3, max: 300 }), data: fc.uint8Array({ maxLength: 200 }) }),
  { maxLength: 2 },
);
const leader = fc
  .tuple(int32, int32, unknown)
  .map(([leaderId, leaderEpoch, more]) =>
    make(LeaderIdAndEpoch, { leaderId, leaderEpoch, unknown: more }),
  );
const aborted = fc.array(
  fc
    .tuple(fc.bigInt({ min: -5n, max: 1n << 40n }), unknown)
    .map(([producerId, more]) => make(AbortedTransaction, { producerId, unknown: more })),
  { maxLength: 3 },
);
const partition = fc
  .record({
    partitionIndex: int32,
    errorCode: fc.constantFrom(0, 0, 6, -1, 1),
    highWatermark: fc.bigInt({ min: -1n, max: 1n << 40n }),
    abortedTransactions: fc.option(aborted),
    preferredReadReplica: int32,
    divergingEpoch: fc.option(fc.constant(make(EpochEndOffset, { epoch: 3, endOffset: 9n }))),
    currentLeader: fc.option(leader),
    snapshotId: fc.option(fc.constant(make(SnapshotId, { epoch: 3, endOffset: 9n }))),
    records: fc.option(fc.uint8Array({ maxLength: 300 })),
    unknown,
  })
  .map((fields) => make(PartitionData, fields));
const message = fc
  .record({
    throttleTimeMs: int32,
    errorCode: fc.constantFrom(0, 71),
    sessionId: int32,
    responses: fc.array(
      fc
        .tuple(fc.string({ unit: "grapheme", maxLength: 20 }), fc.array(partition), unknown)
        .map(([topic, partitions, more]) =>
          make(FetchableTopicResponse, { topic, partitions, unknown: more }),
        ),
      { maxLength: 4 },
    ),
    unknown,
  })
  .map((fields) => make(FetchResponse, fields));

/** What clients may see of it. */
function faced(said: FetchResponse, version: number): FetchResponse {
  for (const { partitions } of said.responses) {
    for (const each of partitions) {
      if (version >= 11) each.preferredReadReplica = -1;
      if (each.currentLeader !== null) each.currentLeader.leaderId = -1;
    }
  }
  return make(FetchResponse, said, { sessionId: 0 });
}

test("a response in any cut, in any version, is the response without brokers and sessions", () => {
  fc.assert(
    fc.property(
      message,
      fc.integer({ min: 0, max: fetchApi.max }),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 30 }),
      (said, version, cuts) => {
        const frame = join(writeResponse(fetchApi, version, 77, said)).slice();
        const expected = writeResponse(
          fetchApi,
          version,
          -5,
          faced(readResponse(fetchApi, version, frame.slice()), version),
        );
        const wrong: number[] = [];
        const stream = new FetchStream({
          ...{ version, correlationId: -5 },
          wrong: (_topic, code) => wrong.push(code),
          instead: () => assert.fail("it is a response"),
        });
        const before = frame.slice();
        const got: Uint8Array[] = [];
        for (let at = 0, i = 0; at < frame.length; i++) {
          const end = Math.min(frame.length, at + (cuts[i % cuts.length] as number));
          got.push(...stream.piece(0, frame.subarray(at, end), end === frame.length));
          at = end;
        }
        assert.deepEqual(Buffer.concat(got), Buffer.concat(expected));
        assert.deepEqual(frame, before, "what came in is left as it was");
        assert.deepEqual(
          wrong,
          said.responses.flatMap(({ partitions }) =>
            partitions.map(({ errorCode }) => errorCode).filter((code) => code !== 0),
          ),
        );
      },
    ),
  );
});

test("bytes that are no response are answered for, and nothing that has left is gone on with", () => {
  fc.assert(
    fc.property(message, fc.nat(), fc.boolean(), fc.nat(), (said, at, longer, cut) => {
      const whole = join(writeResponse(fetchApi, 12, 1, said));
      const frame = longer
        ? join([whole, new Uint8Array(1 + (at % 9))])
        : whole.subarray(0, 8 + (at % (whole.length - 8)));
      const instead = new Uint8Array(3);
      const stream = new FetchStream({
        ...{ version: 12, correlationId: 1, wrong: () => {} },
        instead: () => [instead],
      });
      const half = 8 + (cut % (frame.length - 7));
      const first = stream.piece(0, frame.subarray(0, half), half === frame.length);
      const rest = half === frame.length ? [] : stream.piece(0, frame.subarray(half), true);
      const left = [...first, ...rest];
      const answered = left.length === 1 && left[0] === instead;
      assert.ok(answered || stream.broken, "either another answer alone, or the client is closed");
    }),
  );
});

/** One broker whose answers are given by hand, and one client. */
class Bench {
  readonly router: Router = createRouter({
    codec: kafka({ advertised: ["127.0.0.1:9192"] }),
    reusesInput: true,
    table: { defaultCluster: "a", clusters: { a: { endpoints: ["a:1"] } } },
  });
  readonly client: Peer = this.router.open(1);
  /** Names of requests that reached the broker. */
  readonly asked: string[] = [];
  got: Uint8Array[] = [];
  ended: string | null = null;
  /** What was last said of reading its link, null = nothing. */
  reads: boolean | null = null;
  #link: Peer | null = null;
  #id = 0;

  fetch(id = 4321): void {
    const body = make(FetchRequest, {
      ...{ maxWaitMs: 100, minBytes: 1 },
      topics: [make(FetchTopic, { topic: "t", partitions: [make(FetchPartition, {})] })],
    });
    const request = join(writeRequest(fetchApi, 12, "test", body)).slice();
    new DataView(request.buffer).setInt32(8, id);
    this.#take(this.router.bytes(this.client, request, 1));
  }

  /** The answer to the last Fetch on its link. */
  answer(errorCode = 0): Uint8Array {
    const partitions = [make(PartitionData, { errorCode, records: new Uint8Array(1000).fill(7) })];
    const said = make(FetchResponse, {
      responses: [make(FetchableTopicResponse, { topic: "t", partitions })],
    });
    return join(writeResponse(fetchApi, 12, this.#id, said)).slice();
  }

  say(bytes: Uint8Array): void {
    const reused = bytes.slice();
    this.#take(this.router.bytes(this.#link as Peer, reused, 1));
    reused.fill(0);
  }

  die(): void {
    this.#take(this.router.lost(this.#link as Peer, 1));
  }

  /** The client reads nothing, and so many bytes wait for it. */
  full(waiting: number): void {
    this.#take(this.router.full(this.client, waiting, 1));
  }

  /** It has read them. */
  drained(): void {
    this.#take(this.router.drained(this.client, 1));
  }

  /** What the client got since the last call. */
  response(): FetchResponse {
    const frame = join(this.got.splice(0)).slice();
    assert.equal(new DataView(frame.buffer).getInt32(4), 4321, "the client's number");
    return readResponse(fetchApi, 12, frame);
  }

  #take(effects: Effects): void {
    for (const { peer, open, write, read, end } of effects) {
      if (peer.kind === "client") {
        if (write.length > 0) this.got.push(join(write).slice());
        if (end !== null) this.ended = end;
        continue;
      }
      if (read !== null) this.reads = read;
      if (open !== null) this.#take(this.router.opened(peer, 1));
      if (write.length === 0) continue;
      const frame = join(write).slice();
      const { key, correlationId } = readHead(frame, 0);
      if (key === metadata.key) {
        this.asked.push("Metadata");
        const said = make(MetadataResponse, {
          brokers: [make(MetadataResponseBroker, { nodeId: 1, host: "a", port: 1 })],
          topics: [
            make(MetadataResponseTopic, {
              name: "t",
              partitions: [make(MetadataResponsePartition, { leaderId: 1 })],
            }),
          ],
        });
        this.#take(
          this.router.bytes(peer, join(writeResponse(metadata, 9, correlationId, said)), 1),
        );
      } else {
        this.asked.push("Fetch");
        this.#link = peer;
        this.#id = correlationId;
      }
    }
  }
}

test("records leave as they come, and the next answer follows", () => {
  const bench = new Bench();
  bench.fetch();
  const answer = bench.answer();
  bench.say(answer.subarray(0, 500));
  const sent = bench.got.reduce((sum, { length }) => sum + length, 0);
  assert.equal(sent, 500, "nothing is held back");
  bench.say(answer.subarray(500));
  const first = bench.response();
  assert.equal(first.responses[0]?.partitions[0]?.records?.length, 1000);
  bench.fetch();
  bench.say(bench.answer());
  assert.deepEqual(bench.response(), first);
  assert.deepEqual(bench.asked, ["Metadata", "Fetch", "Fetch"]);
});

test("an error that says that another broker leads makes the router ask who", () => {
  const bench = new Bench();
  bench.fetch();
  bench.say(bench.answer(6));
  assert.equal(bench.response().responses[0]?.partitions[0]?.errorCode, 6);
  bench.fetch();
  assert.deepEqual(bench.asked, ["Metadata", "Fetch", "Metadata", "Fetch"]);
});

test("a response waits for that of the request before it", () => {
  const bench = new Bench();
  bench.fetch();
  const first = bench.answer();
  bench.fetch(4322);
  const second = bench.answer();
  assert.equal(bench.asked.filter((name) => name === "Fetch").length, 2, "both are in flight");
  bench.say(second);
  assert.equal(bench.got.length, 0, "not its turn");
  bench.say(first);
  const bytes = join(bench.got.splice(0)).slice();
  const view = new DataView(bytes.buffer);
  const next = 4 + view.getInt32(0);
  assert.deepEqual([view.getInt32(4), view.getInt32(next + 4)], [4321, 4322]);
  assert.equal(bytes.length, first.length + second.length);
});

test("a client that does not read stops the reading of its broker's link, and nothing is lost", () => {
  const bench = new Bench();
  bench.fetch();
  const answer = bench.answer();
  bench.say(answer.subarray(0, 500));
  bench.full(64 << 20);
  assert.equal(bench.reads, false);
  bench.drained();
  assert.equal(bench.reads, true);
  bench.say(answer.subarray(500));
  assert.equal(bench.response().responses[0]?.partitions[0]?.records?.length, 1000);
});

test("topics have names in all versions that are spoken", () => {
  assert.ok(fetchApi.max <= 12, "above, a topic has an id, which the stream does not read");
});

test("a broker that is lost before it answers is answered for", () => {
  const bench = new Bench();
  bench.fetch();
  bench.die();
  assert.equal(bench.response().responses[0]?.partitions[0]?.errorCode, 6);
  assert.equal(bench.ended, null);
});

for (const [how, fail] of [
  ["is lost", (bench: Bench) => bench.die()],
  ["ends it too late", (bench: Bench) => bench.say(new Uint8Array(2000).fill(0xff))],
] as const) {
  test(`a broker that ${how} within its answer costs the client its connection`, () => {
    const bench = new Bench();
    bench.fetch();
    bench.say(bench.answer().subarray(0, 500));
    const before = bench.got.length;
    fail(bench);
    assert.notEqual(bench.ended, null);
    assert.ok(bench.got.length <= before + 1, "no other answer follows");
    const length = bench.got.reduce((sum, each) => sum + each.length, 0);
    assert.ok(length <= bench.answer().length, "nothing stands behind what was cut");
  });
}
