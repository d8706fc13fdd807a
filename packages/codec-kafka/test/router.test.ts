/** The codec in a router, with brokers that are a few lines: what real brokers cannot be made to do at will. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createRouter,
  type Effects,
  equalBytes,
  type HostAsk,
  join,
  noSecurity,
  type Peer,
  type Router,
  type Security,
  type ValueQuestion,
} from "@echarde/core";
import { apis, findCoordinator, initProducerId, metadata, produce } from "../src/generated/apis.ts";
import { FindCoordinatorRequest } from "../src/generated/find-coordinator-request.ts";
import { InitProducerIdRequest } from "../src/generated/init-producer-id-request.ts";
import { InitProducerIdResponse } from "../src/generated/init-producer-id-response.ts";
import { MetadataRequest } from "../src/generated/metadata-request.ts";
import {
  MetadataResponse,
  MetadataResponseBroker,
  MetadataResponsePartition,
  MetadataResponseTopic,
} from "../src/generated/metadata-response.ts";
import {
  PartitionProduceData,
  ProduceRequest,
  TopicProduceData,
} from "../src/generated/produce-request.ts";
import {
  PartitionProduceResponse,
  ProduceResponse,
  TopicProduceResponse,
} from "../src/generated/produce-response.ts";
import { kafka } from "../src/kafka.ts";
import type { KafkaOptions } from "../src/options.ts";
import { make } from "../src/plans/plans.ts";
import { producerIdOf } from "../src/wire/batch.ts";
import { crc32c } from "../src/wire/crc32c.ts";
import {
  readHead,
  readRequest,
  readResponse,
  writeRequest,
  writeResponse,
} from "../src/wire/frame.ts";

/** What a host keeps for its routers. */
class Kept {
  readonly values = new Map<string, Uint8Array>();
  /** Nothing can be kept or known at present. */
  failing = false;
  asked = 0;

  answer({ topic, value }: HostAsk): Uint8Array | null | undefined {
    assert.equal(topic, "value");
    this.asked += 1;
    if (this.failing) return undefined;
    const { kind, key, value: next, over } = value as ValueQuestion;
    const name = `${kind} ${key}`;
    const standing = this.values.get(name) ?? null;
    const fits =
      over === "anything" ||
      (over === null || standing === null ? over === standing : equalBytes(over, standing));
    if (next === null || !fits) return standing;
    this.values.set(name, next);
    return next;
  }
}

/** Brokers of clusters `a` and `b`, and one client. */
class Bench {
  readonly router: Router;
  readonly client: Peer;
  /** What the client got. */
  readonly answers: Uint8Array[] = [];
  /** Producer ids in the batches that reached a cluster. */
  readonly written: string[] = [];
  /** Addresses that were dialled. */
  readonly dialled: string[] = [];
  ended = false;
  /** Clusters that cannot be reached. */
  readonly loading = new Map<string, number>();
  readonly down = new Set<string>();
  nextId = 100n;
  /** Error codes of partitions that are written, and such as a response does not name. */
  readonly errors = new Map<string, number>();
  readonly unanswered = new Set<string>();
  /** Requests that reached brokers, as cluster and key. */
  readonly asked: string[] = [];
  #now = 1;

  /** Brokers of each cluster; partition n is led by the nth of them. */
  readonly #brokers: number;

  readonly #kept: Kept | null;

  constructor(
    reusesInput = false,
    brokers = 1,
    options: Partial<KafkaOptions> = {},
    kept: Kept | null = null,
    security: Security = noSecurity,
  ) {
    this.#brokers = brokers;
    this.#kept = kept;
    this.router = createRouter({
      codec: kafka({ advertised: ["127.0.0.1:9192"], ...options }),
      reusesInput,
      keepsValues: kept !== null,
      security,
      table: {
        defaultCluster: "a",
        clusters: { a: { endpoints: ["a:1"] }, b: { endpoints: ["b:1"] } },
        routes: [{ prefix: "b-", cluster: "b" }],
      },
    });
    this.client = this.router.open(this.#now);
  }

  /** Time passes. */
  pass(milliseconds: number): void {
    this.#now += milliseconds;
    this.#run(this.router.tick(this.#now));
  }

  swap(table: unknown): void {
    this.#run(this.router.swap(table, ++this.#now));
  }

  send(bytes: Uint8Array): void {
    this.#run(this.router.bytes(this.client, bytes, ++this.#now));
  }

  /** A request of the client's in one chunk; returns the answer's body. */
  ask<Q, R>(api: (typeof apis)[number] & object, version: number, body: Q): R {
    this.send(join(writeRequest(api as never, version, "test", body as never)));
    const frame = this.answers.pop();
    assert.ok(frame !== undefined, `an answer to ${api.name}`);
    return readResponse(api, version, frame) as R;
  }

  #run(first: Effects): void {
    const todo: (() => Effects)[] = [];
    const take = (effects: Effects): void => {
      for (const ask of effects.asks) {
        todo.push(() => this.router.answer(ask, this.#kept?.answer(ask), ++this.#now));
      }
      for (const { peer, open, write, end } of effects) {
        if (peer.kind === "client") {
          if (write.length > 0) this.answers.push(join(write).slice());
          if (end !== null) this.ended = true;
          continue;
        }
        if (open !== null) {
          const { cluster } = open;
          this.dialled.push(open.endpoint);
          todo.push(() =>
            this.down.has(cluster)
              ? this.router.lost(peer, ++this.#now)
              : this.router.opened(peer, ++this.#now),
          );
        }
        if (write.length === 0) continue;
        const bytes = join(write).slice();
        for (let at = 0; at < bytes.length; ) {
          const size = new DataView(bytes.buffer, at).getInt32(0) + 4;
          const reply = this.#reply(peer.cluster, bytes.slice(at, at + size));
          if (reply !== null) todo.push(() => this.router.bytes(peer, reply, ++this.#now));
          at += size;
        }
      }
    };
    take(first);
    for (let next = todo.shift(); next !== undefined; next = todo.shift()) take(next());
  }

  #reply(cluster: string, frame: Uint8Array): Uint8Array | null {
    const { key, version, correlationId } = readHead(frame, 0);
    this.asked.push(`${cluster} ${key}`);
    if (key === metadata.key) {
      const { body } = readRequest(metadata, version, frame);
      const ids = Array.from({ length: this.#brokers }, (_, i) => i + 1);
      const partitions = ids.map((leaderId, partitionIndex) =>
        make(MetadataResponsePartition, { leaderId, partitionIndex }),
      );
      const said = make(MetadataResponse, {
        brokers: ids.map((nodeId) =>
          make(MetadataResponseBroker, { nodeId, host: `${cluster}${nodeId}`, port: 9 }),
        ),
        controllerId: 1,
        topics: (body.topics ?? []).map(({ name }) =>
          make(MetadataResponseTopic, { name, partitions }),
        ),
      });
      return join(writeResponse(metadata, version, correlationId, said));
    }
    if (key === initProducerId.key) {
      const loading = this.loading.get(cluster) ?? 0;
      this.loading.set(cluster, loading - 1);
      const said =
        loading > 0
          ? make(InitProducerIdResponse, { errorCode: 14, producerId: -1n })
          : make(InitProducerIdResponse, { producerId: this.nextId++ });
      return join(writeResponse(initProducerId, version, correlationId, said));
    }
    assert.equal(key, produce.key);
    const { body } = readRequest(produce, version, frame);
    for (const { name, partitionData } of body.topicData) {
      for (const { records } of partitionData) {
        assert.ok(records instanceof Uint8Array, "records");
        const crc = new DataView(records.buffer, records.byteOffset).getUint32(17);
        assert.equal(crc, crc32c(records, 21), "the CRC holds");
        this.written.push(`${cluster} ${name} ${producerIdOf(records)}`);
      }
    }
    if (body.acks === 0) return null;
    const said = make(ProduceResponse, {
      responses: body.topicData.map(({ name, partitionData }) =>
        make(TopicProduceResponse, {
          name,
          partitionResponses: partitionData
            .filter(({ index }) => !this.unanswered.has(`${name} ${index}`))
            .map(({ index }) => {
              const errorCode = this.errors.get(`${name} ${index}`) ?? 0;
              return make(PartitionProduceResponse, { index, errorCode, baseOffset: 17n });
            }),
        }),
      ),
    });
    return join(writeResponse(produce, version, correlationId, said));
  }
}

/** Of a producer: a batch of one epoch that starts at a sequence. `fill` = the records. */
interface Sent {
  readonly epoch?: number;
  readonly sequence?: number;
  readonly fill?: number;
}

function batch(producerId: bigint, { epoch = 0, sequence = 0, fill = 7 }: Sent = {}): Uint8Array {
  const bytes = new Uint8Array(80).fill(fill);
  const view = new DataView(bytes.buffer);
  view.setInt32(8, 68);
  bytes[16] = 2;
  view.setBigInt64(43, producerId);
  view.setInt16(51, epoch);
  view.setInt32(53, sequence);
  view.setUint32(17, crc32c(bytes, 21));
  return bytes;
}

function writing(
  producerId: bigint,
  acks = -1,
  sent: Sent = {},
  index = 0,
  names: readonly string[] = ["a-t", "b-t"],
): ProduceRequest {
  return make(ProduceRequest, {
    ...{ acks, timeoutMs: 1000 },
    topicData: names.map((name) =>
      make(TopicProduceData, {
        name,
        partitionData: [make(PartitionProduceData, { index, records: batch(producerId, sent) })],
      }),
    ),
  });
}

const codes = ({ responses }: ProduceResponse): number[] =>
  responses.flatMap(({ partitionResponses }) => partitionResponses.map((each) => each.errorCode));
const idempotent = make(InitProducerIdRequest, { transactionalId: null, producerId: -1n });

function begin(bench: Bench): InitProducerIdResponse {
  return bench.ask<unknown, InitProducerIdResponse>(initProducerId as never, 4, idempotent);
}

for (const apart of [false, true]) {
  const how = apart ? ", a request for each cluster" : "";

  /** Writes to both clusters; the error codes. */
  function write(bench: Bench, id: bigint, sent: Sent = {}, index = 0): number[] {
    const requests = apart ? [["a-t"], ["b-t"]] : [["a-t", "b-t"]];
    return requests.flatMap((names) => {
      const request = writing(id, -1, sent, index, names);
      return codes(bench.ask<unknown, ProduceResponse>(produce as never, 9, request));
    });
  }

  for (const reusesInput of [false, true]) {
    test(`each cluster sees its own producer id (reusesInput: ${reusesInput}${how})`, () => {
      const bench = new Bench(reusesInput);
      const { producerId } = bench.ask<unknown, InitProducerIdResponse>(
        initProducerId as never,
        4,
        idempotent,
      );
      for (let turn = 0; turn < 2; turn++) {
        assert.deepEqual(write(bench, producerId), [0, 0]);
      }
      const other = producerId === 100n ? 101n : 100n;
      assert.deepEqual(bench.written.sort(), [
        ...[`a a-t ${producerId}`, `a a-t ${producerId}`],
        ...[`b b-t ${other}`, `b b-t ${other}`],
      ]);
    });
  }

  for (const keeps of [false, true]) {
    const kept = keeps ? new Kept() : null;
    test(`a producer that nobody knows loses what was in flight visibly, then goes on (host keeps: ${kept !== null}${how})`, () => {
      const bench = new Bench(false, 2, { nodes: "learned" }, kept);
      const old = { epoch: 3, sequence: 40 };
      assert.deepEqual(write(bench, 5n, old), [0, 47]);
      assert.deepEqual(write(bench, 5n, old), [0, 47], "the same again: the refusal was not heard");
      assert.deepEqual(write(bench, 5n, { epoch: 3, sequence: 41 }), [0, 47], "was in flight, too");
      assert.deepEqual(write(bench, 5n, old, 1), [0, 47], "in flight to another partition");
      assert.ok(!bench.written.some((each) => each.startsWith("b ")), "nothing is written twice");
      for (const epoch of [4, 5, 6]) {
        assert.deepEqual(write(bench, 5n, { epoch }), [0, 47], "in flight, under a new epoch");
      }
      assert.deepEqual(write(bench, 5n, { epoch: 6 }), [0, 47], "the same again");
      assert.deepEqual(
        write(bench, 5n, { epoch: 7 }),
        [0, 0],
        "more than five are never in flight",
      );
      assert.deepEqual(write(bench, 5n, { epoch: 7, sequence: 1 }), [0, 0]);
      const other = { ...old, fill: 8 };
      assert.deepEqual(
        write(bench, 5n, other, 1),
        [0, 0],
        "another batch in the refused one's place",
      );
      assert.deepEqual(write(bench, 5n, { epoch: 3, sequence: 41 }, 1), [0, 0]);
      const foreign = bench.written.filter((each) => each.startsWith("b "));
      assert.deepEqual(new Set(foreign), new Set(["b b-t 100"]));
      assert.equal(foreign.length, 4);
    });
  }

  test(`a router that is started again goes on under the ids that clusters have given${how}`, () => {
    const kept = new Kept();
    const { producerId } = begin(new Bench(false, 1, {}, kept));
    const again = new Bench(false, 1, {}, kept);
    again.nextId = 900n;
    assert.deepEqual(write(again, producerId, { sequence: 17 }), [0, 0]);
    assert.deepEqual(again.written.sort(), [`a a-t ${producerId}`, "b b-t 101"]);
    const { asked } = kept;
    assert.deepEqual(write(again, producerId, { sequence: 18 }), [0, 0]);
    assert.equal(kept.asked, asked, "the host is asked once");
  });

  test(`two routers of a host lend one id to a producer, whichever is first${how}`, () => {
    const kept = new Kept();
    const [one, two] = [new Bench(false, 1, {}, kept), new Bench(false, 1, {}, kept)];
    one.down.add("b");
    const { producerId } = begin(one);
    assert.equal(write(one, producerId)[0], 0);
    one.down.clear();
    two.nextId = 500n;
    assert.deepEqual(write(two, producerId), [0, 0]);
    one.pass(10_000);
    assert.deepEqual(write(one, producerId), [0, 0]);
    assert.ok(one.written.includes("b b-t 500"), one.written.join());
    assert.ok(two.written.includes("b b-t 500"), two.written.join());
  });

  test(`an id that another router lent in between is the one that counts${how}`, () => {
    const kept = new Kept();
    const bench = new Bench(false, 1, {}, kept);
    bench.down.add("b");
    const { producerId } = begin(bench);
    const before = kept.values.get(`producer ${producerId}`);
    bench.down.clear();
    bench.pass(10_000);
    const other = new Bench(false, 1, {}, kept);
    other.nextId = 700n;
    write(other, producerId);
    const lent = kept.values.get(`producer ${producerId}`);
    assert.ok(before !== undefined && lent !== undefined, "kept");
    // The look says what stood before the other router came, the change meets what it has left.
    kept.values.set(`producer ${producerId}`, before);
    const { answer } = kept;
    kept.answer = (ask): Uint8Array | null | undefined => {
      if ((ask.value as ValueQuestion).value !== null) {
        kept.values.set(`producer ${producerId}`, lent);
        kept.answer = answer;
      }
      return answer.call(kept, ask);
    };
    assert.deepEqual(write(bench, producerId), [0, 0]);
    assert.ok(bench.written.includes("b b-t 700"), bench.written.join());
  });

  test(`no client hears of an id, and no cluster of a batch, that cannot be kept${how}`, () => {
    const kept = new Kept();
    const bench = new Bench(false, 1, {}, kept);
    kept.failing = true;
    assert.equal(begin(bench).errorCode, 14, "ask again");
    assert.deepEqual(write(bench, 5n), [0, 6], "send again");
    kept.failing = false;
    const { producerId, errorCode } = begin(bench);
    assert.equal(errorCode, 0);
    assert.deepEqual(write(bench, producerId), [0, 0]);
    kept.failing = true;
    assert.deepEqual(
      write(bench, producerId, { sequence: 1 }),
      [0, 0],
      "what is known needs nobody",
    );
  });

  test(`the host hears now and then that a producer is in use, and gets back what it has lost${how}`, () => {
    const kept = new Kept();
    const bench = new Bench(false, 1, {}, kept);
    const { producerId } = begin(bench);
    const { asked } = kept;
    kept.values.clear();
    bench.pass(23 * 3_600_000);
    assert.deepEqual(write(bench, producerId), [0, 0]);
    assert.equal(kept.asked, asked);
    bench.pass(2 * 3_600_000);
    assert.deepEqual(write(bench, producerId), [0, 0]);
    assert.equal(kept.asked, asked + 2, "a look, and a change");
    assert.equal(kept.values.size, 1);
  });

  test(`a cluster that has no ids to give yet is asked again, but not for ever${how}`, () => {
    const bench = new Bench();
    const begin = (): InitProducerIdResponse =>
      bench.ask<unknown, InitProducerIdResponse>(initProducerId as never, 4, idempotent);
    bench.loading.set("b", 2);
    assert.deepEqual(
      [begin(), begin()].map(({ errorCode }) => errorCode),
      [14, 14],
    );
    const { errorCode, producerId } = begin();
    assert.equal(errorCode, 0);
    const said = write(bench, producerId);
    assert.deepEqual(said, [0, 0]);

    bench.loading.set("b", 1_000);
    for (let i = 0; i < 20; i++) assert.equal(begin().errorCode, 14);
    const late = begin();
    assert.equal(late.errorCode, 0, "the other cluster is written to");
    const parts = write(bench, late.producerId);
    assert.deepEqual(parts, [0, 6]);
  });

  test(`a cluster that was down when the id was given gives its own later${how}`, () => {
    const bench = new Bench();
    bench.down.add("b");
    const { producerId } = bench.ask<unknown, InitProducerIdResponse>(
      initProducerId as never,
      4,
      idempotent,
    );
    const first = write(bench, producerId);
    assert.equal(first[0], 0, "the other cluster goes on");
    assert.ok([5, 6].includes(first[1] as number), "an error that clients retry");
    bench.down.clear();
    bench.pass(10_000);
    const second = write(bench, producerId);
    assert.deepEqual(second, [0, 0]);
    assert.ok(bench.written.includes("b b-t 101"), "under the id that it gave later");
  });
}

test("one broker's response is the client's, as long as it has no error", () => {
  const bench = new Bench(false, 2, { nodes: "learned" });
  const ask = (...indexes: readonly number[]): ProduceResponse =>
    bench.ask<unknown, ProduceResponse>(produce as never, 9, toPartitions(...indexes));
  const { responses } = ask(0);
  assert.equal(responses[0]?.partitionResponses[0]?.baseOffset, 17n);
  assert.deepEqual(bench.asked, ["a 3", "a 0"]);
  assert.deepEqual(codes(ask(0, 1)), [0, 0]);
  assert.deepEqual(bench.asked.splice(0), ["a 3", "a 0", "a 0", "a 0"], "one request a leader");

  bench.unanswered.add("a-t 0");
  assert.deepEqual(codes(ask(0)), [6], "what is left out is not written");
  bench.unanswered.clear();
  bench.errors.set("a-t 0", 10);
  assert.deepEqual(codes(ask(0)), [10]);
  assert.deepEqual(bench.asked.splice(0), ["a 0", "a 0"]);
  bench.errors.set("a-t 0", 6);
  assert.deepEqual(codes(ask(0)), [6]);
  bench.errors.clear();
  assert.deepEqual(codes(ask(0)), [0]);
  assert.deepEqual(bench.asked, ["a 0", "a 3", "a 0"], "the leader is looked up again");
});

test("every batch in a request for one broker has the producer id that its cluster knows", () => {
  const bench = new Bench();
  const { producerId } = begin(bench);
  for (const topics of [["b-t"], ["b-t", "b-u"], ["b-u", "b-v", "b-t"]]) {
    const [first, ...rest] = writing(producerId, -1, {}, 0, topics).topicData;
    const [plain] = writing(-1n, -1, {}, 0, ["b-w"]).topicData;
    assert.ok(first !== undefined && plain !== undefined, "a batch of a producer, and one of none");
    const request = make(ProduceRequest, writing(producerId), {
      topicData: [first, plain, ...rest],
    });
    const said = bench.ask<unknown, ProduceResponse>(produce as never, 9, request);
    assert.deepEqual(new Set(codes(said)), new Set([0]));
    assert.deepEqual(
      new Set(bench.written.splice(0)),
      new Set(["b b-w -1", ...topics.map((name) => `b ${name} 101`)]),
    );
  }
});

test("a transaction writes to the topics of its cluster alone", () => {
  const bench = new Bench();
  const { producerId } = begin(bench);
  const cases = [
    [["a-t"], [0]],
    [["b-t"], [48]],
    [
      ["a-t", "b-t"],
      [0, 48],
    ],
  ] as const;
  for (const [names, expected] of [...cases, ...cases]) {
    const body = make(ProduceRequest, writing(producerId, -1, {}, 0, names), {
      transactionalId: "t",
    });
    const said = bench.ask<unknown, ProduceResponse>(produce as never, 9, body);
    assert.deepEqual(codes(said), expected);
  }
});

test("what a client may not write is refused beside what it may", () => {
  const prefixes = [new TextEncoder().encode("b-")];
  const rights = () => ({ prefixes, clusters: null, classes: null });
  const users = { anonymous: "some", rights };
  const bench = new Bench(false, 1, {}, null, { ...noSecurity, users });
  const { producerId } = begin(bench);
  for (let turn = 0; turn < 2; turn++) {
    const request = writing(producerId, -1, {}, 0, ["b-t", "c-t"]);
    const said = bench.ask<unknown, ProduceResponse>(produce as never, 9, request);
    assert.deepEqual(codes(said), [0, 29]);
    assert.deepEqual(bench.written.splice(0), ["b b-t 101"]);
  }
});

test("a topic of another cluster is not written where one of its name was led before", () => {
  const bench = new Bench();
  const { table } = bench.router;
  const ask = (): ProduceResponse => bench.ask(produce as never, 9, writing(-1n));
  const clusters = { a: { endpoints: ["a:1"] }, b: { endpoints: ["b:1"] } };
  bench.swap({ defaultCluster: "a", clusters });
  assert.deepEqual(codes(ask()), [0, 0]);
  bench.swap(table);
  for (let turn = 0; turn < 2; turn++) assert.deepEqual(codes(ask()), [0, 0]);
  assert.deepEqual(bench.written.splice(0, 2), ["a a-t -1", "a b-t -1"]);
  assert.deepEqual(bench.written.sort(), ["a a-t -1", "a a-t -1", "b b-t -1", "b b-t -1"]);
});

function toPartitions(...indexes: readonly number[]): ProduceRequest {
  const partitionData = indexes.map((index) =>
    make(PartitionProduceData, { index, records: batch(-1n) }),
  );
  return make(ProduceRequest, {
    ...{ acks: -1, timeoutMs: 1000 },
    topicData: [make(TopicProduceData, { name: "a-t", partitionData })],
  });
}

test("each leader is dialled at the address that its cluster tells, when the table allows it", () => {
  const ask = (bench: Bench): number[] =>
    codes(bench.ask<unknown, ProduceResponse>(produce as never, 9, toPartitions(0, 1)));
  const learned = new Bench(false, 2, { nodes: "learned" });
  ask(learned);
  assert.deepEqual(learned.dialled, ["a:1", "a1:9", "a2:9"]);
  const mapped = new Bench(false, 2, { addresses: { "a1:9": "10.0.0.1:1" } });
  assert.equal(ask(mapped)[1], 5, "no leader that may be dialled");
  assert.deepEqual(mapped.dialled, ["a:1", "10.0.0.1:1"]);
  const alone = new Bench();
  assert.equal(ask(alone)[1], 3, "no such partition");
  assert.deepEqual(alone.dialled, ["a:1"], "one broker is reached as the table says");
});

test("acks=0 has no answer, and is read by both clusters", () => {
  const bench = new Bench();
  bench.ask(metadata as never, 9, make(MetadataRequest, { topics: [] }));
  bench.send(join(writeRequest(produce, 9, null, writing(-1n, 0))));
  assert.deepEqual(bench.answers, []);
  assert.equal(bench.ended, false);
  for (const name of ["a-t", "b-t"]) {
    bench.send(join(writeRequest(produce, 9, null, writing(-1n, 0, {}, 0, [name]))));
  }
  assert.deepEqual(bench.written.sort(), ["a a-t -1", "a a-t -1", "b b-t -1", "b b-t -1"]);
  assert.deepEqual(
    codes(bench.ask<unknown, ProduceResponse>(produce as never, 9, writing(-1n))),
    [0, 0],
  );
});

test("Produce before version 3 is told that it is not served", () => {
  const said = new Bench().ask<unknown, ProduceResponse>(produce as never, 2, writing(-1n));
  assert.deepEqual(codes(said), [35, 35]);
});

test("what is not served is refused in its own words or closes the client, and never hangs", () => {
  const refusedSoon = new Set(["68 0", "4 0", "1 13", "24 4"]);
  const head = (key: number, version: number): Uint8Array => {
    const bytes = new Uint8Array(14);
    const view = new DataView(bytes.buffer);
    view.setInt32(0, 10);
    view.setInt16(4, key);
    view.setInt16(6, version);
    view.setInt16(12, -1);
    return bytes;
  };
  for (const [key, version] of [
    ...[75, 68, 4, 999, -1].map((each) => [each, 0] as const),
    ...apis.filter(({ key }) => key !== 18).map(({ key, max }) => [key, max + 1] as const),
  ]) {
    const bench = new Bench();
    bench.send(head(key, version));
    const isRefused = refusedSoon.has(`${key} ${version}`);
    assert.equal(bench.ended, !isRefused, `key ${key}, version ${version}`);
    assert.equal(bench.answers.length, isRefused ? 1 : 0);
  }
  const bench = new Bench();
  const whole = head(68, 0);
  for (let at = 0; at < whole.length; at++) {
    assert.deepEqual(bench.answers, [], `after ${at} bytes`);
    bench.send(whole.subarray(at, at + 1));
  }
  const [said] = bench.answers;
  const body = "00000000002300000000000000000000" + "ff00";
  assert.equal(Buffer.from(said ?? []).toString("hex"), `00000017${"00000000"}00${body}`);
  for (const length of [0, 9, -5]) {
    const bench = new Bench();
    const bytes = head(3, 0);
    new DataView(bytes.buffer).setInt32(0, length);
    bench.send(bytes);
    assert.ok(bench.ended, `length ${length}`);
  }
});

test("ApiVersions of the future is answered in version 0", () => {
  const bench = new Bench();
  const bytes = join(
    writeRequest({ ...findCoordinator, key: 18 }, 0, null, new FindCoordinatorRequest()),
  );
  new DataView(bytes.buffer).setInt16(6, 99);
  bench.send(bytes);
  const [frame] = bench.answers;
  assert.ok(frame !== undefined, "an answer");
  assert.equal(new DataView(frame.buffer, frame.byteOffset).getInt16(8), 35);
});
