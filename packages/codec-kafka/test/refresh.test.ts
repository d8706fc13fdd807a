/** Offsets on foreign clusters outlive their retention while their consumer lives; the clock is the test's. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createRouter, type Effects, join, type Peer, type Router } from "@echarde/core";
import * as apis from "../src/generated/apis.ts";
import {
  DescribedGroup,
  DescribedGroupMember,
  DescribeGroupsResponse,
} from "../src/generated/describe-groups-response.ts";
import { FindCoordinatorResponse } from "../src/generated/find-coordinator-response.ts";
import { HeartbeatRequest } from "../src/generated/heartbeat-request.ts";
import { HeartbeatResponse } from "../src/generated/heartbeat-response.ts";
import { MetadataResponse, MetadataResponseBroker } from "../src/generated/metadata-response.ts";
import {
  OffsetCommitRequest,
  OffsetCommitRequestPartition,
  OffsetCommitRequestTopic,
} from "../src/generated/offset-commit-request.ts";
import {
  OffsetCommitResponse,
  OffsetCommitResponsePartition,
  OffsetCommitResponseTopic,
} from "../src/generated/offset-commit-response.ts";
import {
  OffsetFetchResponse,
  OffsetFetchResponsePartition,
  OffsetFetchResponseTopic,
} from "../src/generated/offset-fetch-response.ts";
import { kafka } from "../src/kafka.ts";
import { make } from "../src/plans/plans.ts";
import type { Api } from "../src/wire/api.ts";
import { readHead, readRequest, writeRequest, writeResponse } from "../src/wire/frame.ts";

const hour = 3_600_000;
const day = 24 * hour;
const retention = 7 * day;

interface Committed {
  readonly offset: bigint;
  readonly epoch: number;
  readonly metadata: string | null;
  readonly at: number;
}

/** Cluster `a`, where all groups are at home, and `b`, which drops offsets that are as old as its retention. */
class Bench {
  readonly router: Router;
  now = 1_000_000;
  /** Members of the group `g` at home, and what is assigned to them. */
  readonly members = new Map<string, readonly (readonly [string, readonly number[]])[]>();
  state = "Stable";
  down = false;
  /** Called when cluster b has read offsets, before the router hears of it. */
  read: () => void = () => {};
  readonly #offsets = new Map<string, Committed>();
  readonly #asked: string[] = [];

  constructor() {
    this.router = createRouter({
      codec: kafka({ advertised: ["127.0.0.1:9192"] }),
      limits: { idleTimeout: 3 * hour },
      table: {
        defaultCluster: "a",
        clusters: { a: { endpoints: ["a:1"] }, b: { endpoints: ["b:1"] } },
        routes: [{ prefix: "b-", cluster: "b" }],
      },
    });
  }

  /** What cluster b was asked since the last call, but for what comes before anything. */
  asked(): string[] {
    return this.#asked.splice(0).filter((name) => !["Metadata", "FindCoordinator"].includes(name));
  }

  /** The offset that cluster b still has. */
  offset(topic: string, partition: number): bigint | null {
    const known = this.#offsets.get(`${partition} ${topic}`);
    return known === undefined || this.now - known.at >= retention ? null : known.offset;
  }

  committed(topic: string, partition: number): Committed | undefined {
    return this.#offsets.get(`${partition} ${topic}`);
  }

  client(): Client {
    return new Client(this, this.router.open(this.now));
  }

  /** Hour after hour. */
  pass(time: number, each: () => void): void {
    for (const end = this.now + time; this.now < end; ) {
      this.now += hour;
      this.run(this.router.tick(this.now));
      each();
    }
  }

  run(first: Effects): void {
    const todo: (() => Effects)[] = [];
    const take = (effects: Effects): void => {
      for (const { peer, open, write } of effects) {
        if (peer.kind === "client") continue;
        if (open !== null) {
          const lost = this.down && open.cluster === "b";
          todo.push(() =>
            lost ? this.router.lost(peer, this.now) : this.router.opened(peer, this.now),
          );
        }
        const bytes = join(write).slice();
        for (let at = 0; at < bytes.length; ) {
          const size = new DataView(bytes.buffer, at).getInt32(0) + 4;
          const frame = bytes.slice(at, at + size);
          todo.push(() => {
            const reply = this.#reply(peer.cluster, frame);
            return this.router.bytes(peer, reply, this.now);
          });
          at += size;
        }
      }
    };
    take(first);
    for (let next = todo.shift(); next !== undefined; next = todo.shift()) take(next());
  }

  #reply(cluster: string, frame: Uint8Array): Uint8Array {
    const { key, version, correlationId } = readHead(frame, 0);
    const answer = <Q, R>(api: Api<Q, R>, of: (body: Q) => R): Uint8Array | null => {
      if (key !== api.key) return null;
      if (cluster === "b") this.#asked.push(api.name);
      const { body } = readRequest(api, version, frame);
      return join(writeResponse(api, version, correlationId, of(body)));
    };
    const node = { nodeId: 1, host: cluster, port: 1 };
    const reply =
      answer(apis.metadata, () =>
        make(MetadataResponse, { brokers: [make(MetadataResponseBroker, node)] }),
      ) ??
      answer(apis.findCoordinator, () => make(FindCoordinatorResponse, node)) ??
      answer(apis.heartbeat, ({ memberId }) =>
        make(HeartbeatResponse, { errorCode: this.members.has(memberId) ? 0 : 25 }),
      ) ??
      answer(apis.describeGroups, ({ groups: [groupId = ""] }) => {
        const members = [...this.members].map(([memberId, assigned]) =>
          make(DescribedGroupMember, { memberId, memberAssignment: assignment(assigned) }),
        );
        const { state: groupState } = this;
        const group = { groupId, groupState, protocolType: "consumer", members };
        return make(DescribeGroupsResponse, { groups: [make(DescribedGroup, group)] });
      }) ??
      answer(apis.offsetFetch, ({ topics }) => {
        assert.equal(cluster, "b", "home keeps its own");
        const said = (topics ?? []).map(({ name, partitionIndexes }) => {
          const partitions = partitionIndexes.map((partitionIndex) => {
            const known = this.committed(name, partitionIndex);
            return make(OffsetFetchResponsePartition, {
              partitionIndex,
              committedOffset: this.offset(name, partitionIndex) ?? -1n,
              committedLeaderEpoch: known?.epoch ?? -1,
              metadata: known?.metadata ?? "",
            });
          });
          return make(OffsetFetchResponseTopic, { name, partitions });
        });
        this.read();
        return make(OffsetFetchResponse, { topics: said });
      }) ??
      answer(apis.offsetCommit, (request) => {
        assert.equal(cluster, "b", "only cluster b is committed to here");
        assert.deepEqual([request.generationIdOrMemberEpoch, request.memberId], [-1, ""]);
        const said = request.topics.map(({ name, partitions }) => {
          const results = partitions.map((each) => {
            const { committedOffset: offset, committedLeaderEpoch: epoch } = each;
            const kept = { offset, epoch, metadata: each.committedMetadata, at: this.now };
            this.#offsets.set(`${each.partitionIndex} ${name}`, kept);
            return make(OffsetCommitResponsePartition, { partitionIndex: each.partitionIndex });
          });
          return make(OffsetCommitResponseTopic, { name, partitions: results });
        });
        return make(OffsetCommitResponse, { topics: said });
      });
    assert.ok(reply !== null, `key ${key} is answered`);
    return reply;
  }
}

class Client {
  readonly #bench: Bench;
  readonly #peer: Peer;

  constructor(bench: Bench, peer: Peer) {
    this.#bench = bench;
    this.#peer = peer;
  }

  beat(memberId: string): void {
    const body = make(HeartbeatRequest, { groupId: "g", generationId: 1, memberId });
    this.#send(apis.heartbeat, 3, body);
  }

  commit(topic: string, partitionIndex: number, committedOffset: bigint): void {
    const given = { partitionIndex, committedOffset, committedLeaderEpoch: 3 };
    const partitions = [make(OffsetCommitRequestPartition, given, { committedMetadata: "m" })];
    const topics = [make(OffsetCommitRequestTopic, { name: topic, partitions })];
    const body = make(OffsetCommitRequest, { groupId: "g", memberId: "m1", topics });
    this.#send(apis.offsetCommit, 7, body);
  }

  leave(): void {
    const bench = this.#bench;
    bench.run(bench.router.lost(this.#peer, bench.now));
  }

  #send<Q, R>(api: Api<Q, R>, version: number, body: Q): void {
    const bytes = join(writeRequest(api, version, "test", body)).slice();
    this.#bench.run(this.#bench.router.bytes(this.#peer, bytes, this.#bench.now));
  }
}

function assignment(assigned: readonly (readonly [string, readonly number[]])[]): Uint8Array {
  const bytes: number[] = [0, 0, 0, 0, 0, assigned.length];
  for (const [topic, partitions] of assigned) {
    bytes.push(0, topic.length, ...Buffer.from(topic), 0, 0, 0, partitions.length);
    for (const partition of partitions) bytes.push(0, 0, 0, partition);
  }
  return Uint8Array.from([...bytes, 0, 0, 0, 0]);
}

describe("idle offsets of a foreign cluster", () => {
  test("are kept as long as the member lives, and no longer", () => {
    const bench = new Bench();
    bench.members.set("m1", [
      ["a-t", [0]],
      ["b-t", [0, 1]],
    ]);
    bench.members.set("m2", [["b-t", [2]]]);
    const client = bench.client();
    client.commit("b-t", 0, 17n);
    client.commit("b-t", 2, 5n);
    bench.pass(30 * day, () => client.beat("m1"));
    const { offset, epoch, metadata } = bench.committed("b-t", 0) ?? {};
    assert.deepEqual([offset, epoch, metadata], [17n, 3, "m"]);
    assert.equal(bench.offset("b-t", 0), 17n);
    assert.equal(bench.offset("b-t", 1), null, "never committed");
    assert.equal(bench.offset("b-t", 2), null, "assigned to another, who is not here");
    assert.ok(bench.now - (bench.committed("b-t", 0)?.at ?? 0) < 2 * day, "once a day");
    bench.members.delete("m1");
    bench.pass(10 * day, () => client.beat("m1"));
    assert.equal(bench.offset("b-t", 0), null);
  });

  test("are read and committed once a day; nothing is asked of clusters that own no topic of the member", () => {
    const bench = new Bench();
    bench.members.set("m1", [["b-t", [0]]]);
    const client = bench.client();
    client.commit("b-t", 0, 17n);
    bench.asked();
    bench.pass(10 * day, () => client.beat("m1"));
    const asked = bench.asked();
    assert.deepEqual([...new Set(asked)], ["OffsetFetch", "OffsetCommit"]);
    assert.ok(asked.length >= 18 && asked.length <= 22, `${asked.length} requests`);
    bench.members.set("m1", [["a-t", [0, 1]]]);
    bench.pass(10 * day, () => client.beat("m1"));
    assert.deepEqual(bench.asked(), []);
  });

  test("are kept by connections that last a moment, one after the other", () => {
    const bench = new Bench();
    bench.members.set("m1", [["b-t", [0]]]);
    const first = bench.client();
    first.commit("b-t", 0, 17n);
    first.leave();
    bench.pass(30 * day, () => {
      const client = bench.client();
      client.beat("m1");
      bench.run(bench.router.tick(bench.now));
      client.leave();
    });
    assert.equal(bench.offset("b-t", 0), 17n);
  });

  test("that the client commits meanwhile are left alone", () => {
    const bench = new Bench();
    bench.members.set("m1", [["b-t", [0, 1]]]);
    const client = bench.client();
    client.commit("b-t", 0, 17n);
    client.commit("b-t", 1, 20n);
    bench.asked();
    let commits = 0;
    bench.read = () => {
      if (commits > 0) return;
      commits += 1;
      client.commit("b-t", 0, 18n);
    };
    bench.pass(2 * day, () => client.beat("m1"));
    assert.equal(commits, 1);
    assert.equal(bench.offset("b-t", 0), 18n);
    assert.equal(bench.offset("b-t", 1), 20n);
  });

  test("are tried again when the cluster is away, or the group takes in members", () => {
    const bench = new Bench();
    bench.members.set("m1", [["b-t", [0]]]);
    const client = bench.client();
    client.commit("b-t", 0, 17n);
    bench.state = "PreparingRebalance";
    bench.pass(3 * day, () => client.beat("m1"));
    assert.equal(bench.committed("b-t", 0)?.at, 1_000_000);
    bench.state = "Stable";
    bench.pass(2 * hour, () => client.beat("m1"));
    const again = bench.committed("b-t", 0)?.at ?? 0;
    assert.ok(again > 3 * day, "as soon as the group stands");
    bench.down = true;
    bench.pass(5 * day, () => client.beat("m1"));
    bench.down = false;
    bench.pass(2 * hour, () => client.beat("m1"));
    assert.ok((bench.committed("b-t", 0)?.at ?? 0) > again + 5 * day, "as soon as it is back");
    assert.equal(bench.offset("b-t", 0), 17n);
  });
});
