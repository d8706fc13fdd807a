/** Two clusters that keep offsets of a group and one of them its members, in a clock that the test drives. */
import assert from "node:assert/strict";
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
import { InitProducerIdResponse } from "../src/generated/init-producer-id-response.ts";
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
import {
  readHead,
  readRequest,
  readResponse,
  writeRequest,
  writeResponse,
} from "../src/wire/frame.ts";

/** Milliseconds. */
export const hour = 3_600_000;
/** Milliseconds. */
export const day = 24 * hour;
const retention = 7 * day;

interface Committed {
  readonly offset: bigint;
  readonly epoch: number;
  readonly metadata: string | null;
  readonly at: number;
}

/** Cluster `a`, where all groups are at home, and `b`, which drops offsets that are as old as its retention. */
export class Bench {
  readonly router: Router;
  now = 1_000_000;
  /** Members of the group `g` at home, and what is assigned to them. */
  readonly members = new Map<string, readonly (readonly [string, readonly number[]])[]>();
  state = "Stable";
  /** What home answers to a member's heartbeat. */
  beating = 0;
  down = false;
  /** It takes requests, and answers none. */
  silent: "a" | "b" | null = null;
  /** What clients got. */
  readonly answers: Uint8Array[] = [];
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
        if (peer.kind === "client") {
          if (write.length > 0) this.answers.push(join(write).slice());
          continue;
        }
        if (open !== null) {
          const lost = this.down && open.cluster === "b";
          todo.push(() =>
            lost ? this.router.lost(peer, this.now) : this.router.opened(peer, this.now),
          );
        }
        if (peer.cluster === this.silent) continue;
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
      answer(apis.initProducerId, () => make(InitProducerIdResponse, { producerId: 7n })) ??
      answer(apis.heartbeat, ({ memberId }) =>
        make(HeartbeatResponse, { errorCode: this.members.has(memberId) ? this.beating : 25 }),
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
        assert.ok(cluster === "b" || this.silent === "b", "home keeps its own");
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

/** A client of the router, in the group `g`. */
class Client {
  readonly #bench: Bench;
  readonly #peer: Peer;

  constructor(bench: Bench, peer: Peer) {
    this.#bench = bench;
    this.#peer = peer;
  }

  beat(memberId: string): void {
    const body = make(HeartbeatRequest, { groupId: "g", generationId: 1, memberId });
    this.ask(apis.heartbeat, 3, body);
  }

  /** Commits as a member of a generation; the error codes, when the answer is there at once. */
  commit(
    topic: string,
    partitionIndex: number,
    committedOffset: bigint,
    { memberId = "m1", generationIdOrMemberEpoch = 1 }: Partial<OffsetCommitRequest> = {},
  ): number[] {
    const given = { partitionIndex, committedOffset, committedLeaderEpoch: 3 };
    const partitions = [make(OffsetCommitRequestPartition, given, { committedMetadata: "m" })];
    const topics = [make(OffsetCommitRequestTopic, { name: topic, partitions })];
    const member = { groupId: "g", memberId, generationIdOrMemberEpoch };
    const answer = this.ask(apis.offsetCommit, 7, make(OffsetCommitRequest, member, { topics }));
    return (answer?.topics ?? []).flatMap(({ partitions }) =>
      partitions.map(({ errorCode }) => errorCode),
    );
  }

  leave(): void {
    const bench = this.#bench;
    bench.run(bench.router.lost(this.#peer, bench.now));
  }

  /** The answer, when it is there at once. */
  ask<Q, R>(api: Api<Q, R>, version: number, body: Q): R | null {
    const bytes = join(writeRequest(api, version, "test", body)).slice();
    this.#bench.run(this.#bench.router.bytes(this.#peer, bytes, this.#bench.now));
    return this.answer(api, version);
  }

  /** The last answer that came. */
  answer<Q, R>(api: Api<Q, R>, version: number): R | null {
    const frame = this.#bench.answers.pop();
    return frame === undefined ? null : readResponse(api, version, frame);
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
