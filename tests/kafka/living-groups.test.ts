/** A group is one thing: what its home refuses while it has members is refused for topics of all clusters. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { ShardServer } from "@echarde/host-node";
import { type KafkaServer, skipWithoutKafka, startKafka } from "@echarde/testkit/servers";
import type { DeleteGroupsResponse } from "../../packages/codec-kafka/src/generated/delete-groups-response.ts";
import type { ListGroupsResponse } from "../../packages/codec-kafka/src/generated/list-groups-response.ts";
import {
  OffsetCommitRequest,
  OffsetCommitRequestPartition,
  OffsetCommitRequestTopic,
} from "../../packages/codec-kafka/src/generated/offset-commit-request.ts";
import type { OffsetCommitResponse } from "../../packages/codec-kafka/src/generated/offset-commit-response.ts";
import {
  OffsetDeleteRequest,
  OffsetDeleteRequestPartition,
  OffsetDeleteRequestTopic,
} from "../../packages/codec-kafka/src/generated/offset-delete-request.ts";
import type { OffsetDeleteResponse } from "../../packages/codec-kafka/src/generated/offset-delete-response.ts";
import {
  OffsetFetchRequest,
  OffsetFetchRequestTopic,
} from "../../packages/codec-kafka/src/generated/offset-fetch-request.ts";
import type { OffsetFetchResponse } from "../../packages/codec-kafka/src/generated/offset-fetch-response.ts";
import { make } from "../../packages/codec-kafka/src/plans/plans.ts";
import { Asking, apiOf } from "./asking.ts";
import { clientOf, startRouter, until } from "./clusters.ts";

const topics = ["a-t", "b-t"] as const;
const codes = {
  ...{ unknownMember: 25, nonEmptyGroup: 68, groupIdNotFound: 69, subscribed: 86 },
};

describe("groups over two Kafka clusters", { skip: skipWithoutKafka() }, () => {
  let a: KafkaServer;
  let b: KafkaServer;
  let router: ShardServer;
  let port: number;
  let asking: Asking;

  before(async () => {
    [a, b] = await Promise.all([startKafka(), startKafka({ version: "4.3.1" })]);
    ({ server: router, port } = await startRouter(a, b));
    asking = new Asking(port);
    const admin = clientOf(port).admin();
    try {
      await admin.connect();
      const names = [...topics, "a-other", "b-other"];
      await admin.createTopics({ topics: names.map((topic) => ({ topic, numPartitions: 1 })) });
    } finally {
      await admin.disconnect();
    }
  });
  after(async () => {
    asking?.close();
    await router?.close();
    await Promise.all([a?.stop(), b?.stop()]);
  });

  async function ask<R>(name: string, version: number, body: object): Promise<R> {
    return (await asking.ask(apiOf(name), version, body)) as R;
  }

  /** Commits without being a member; error codes. */
  async function commit(groupId: string, names: readonly string[]): Promise<number[]> {
    const partitions = [make(OffsetCommitRequestPartition, { committedOffset: 0n })];
    const body = make(OffsetCommitRequest, {
      ...{ groupId, generationIdOrMemberEpoch: -1, memberId: "" },
      topics: names.map((name) => make(OffsetCommitRequestTopic, { name, partitions })),
    });
    const said = await ask<OffsetCommitResponse>("OffsetCommit", 7, body);
    return said.topics.flatMap(({ partitions: mine }) => mine.map(({ errorCode }) => errorCode));
  }

  /** As `commit`, asked again until brokers that have just heard of the group take it. */
  async function committed(groupId: string, names: readonly string[]): Promise<void> {
    await until(
      async () => (await commit(groupId, names)).every((code) => code === 0),
      `offsets of ${groupId}`,
    );
  }

  /** Error code of the whole, and of each topic. */
  async function deleteOffsets(groupId: string, names: readonly string[]): Promise<number[]> {
    const partitions = [make(OffsetDeleteRequestPartition)];
    const body = make(OffsetDeleteRequest, {
      groupId,
      topics: names.map((name) => make(OffsetDeleteRequestTopic, { name, partitions })),
    });
    const said = await ask<OffsetDeleteResponse>("OffsetDelete", 0, body);
    const found = names.flatMap((name) => said.topics.filter((topic) => topic.name === name));
    return [
      said.errorCode,
      ...found.flatMap(({ partitions: mine }) => mine.map(({ errorCode }) => errorCode)),
    ];
  }

  async function deleteGroup(groupId: string): Promise<number | undefined> {
    const said = await ask<DeleteGroupsResponse>("DeleteGroups", 1, { groupsNames: [groupId] });
    return said.results[0]?.errorCode;
  }

  async function listed(name: string, statesFilter: readonly string[]): Promise<string[]> {
    const body = { statesFilter, typesFilter: [], unknown: [] };
    const said = await ask<ListGroupsResponse>("ListGroups", 4, body);
    assert.equal(said.errorCode, 0);
    return said.groups.filter(({ groupId }) => groupId === name).map((group) => group.groupState);
  }

  async function offsets(groupId: string): Promise<bigint[]> {
    const body = make(OffsetFetchRequest, {
      groupId,
      topics: topics.map((name) => make(OffsetFetchRequestTopic, { name, partitionIndexes: [0] })),
    });
    const said = await ask<OffsetFetchResponse>("OffsetFetch", 5, body);
    return said.topics.flatMap(({ partitions }) =>
      partitions.map(({ committedOffset }) => committedOffset),
    );
  }

  test("that have members keep their offsets, on all clusters", async () => {
    await committed("alive", topics);
    const consumer = clientOf(port).consumer({ groupId: "alive", maxWaitTimeInMs: 200 });
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics] });
      await consumer.run({ autoCommit: false, eachMessage: async () => {} });
      const stable = async (): Promise<boolean> => (await listed("alive", [])).includes("Stable");
      await until(stable, "the member");
      assert.deepEqual(await listed("alive", ["Stable"]), ["Stable"]);
      assert.deepEqual(
        await listed("alive", ["Empty"]),
        [],
        "what one cluster alone thinks is not shown",
      );
      assert.equal(await deleteGroup("alive"), codes.nonEmptyGroup);
      assert.deepEqual(await commit("alive", topics), [codes.unknownMember, codes.unknownMember]);
      const { subscribed } = codes;
      assert.deepEqual(await deleteOffsets("alive", topics), [0, subscribed, subscribed]);
      assert.deepEqual(await deleteOffsets("alive", ["b-t"]), [0, subscribed]);
      assert.deepEqual(await deleteOffsets("alive", ["a-other", "b-other"]), [0, 0, 0]);
      assert.deepEqual(await offsets("alive"), [0n, 0n]);
    } finally {
      await consumer.disconnect();
    }
    assert.deepEqual(await listed("alive", ["Empty"]), ["Empty"]);
    assert.deepEqual(await deleteOffsets("alive", topics), [0, 0, 0]);
    assert.deepEqual(await offsets("alive"), [-1n, -1n]);
    await committed("alive", topics);
    assert.equal(await deleteGroup("alive"), 0);
    assert.deepEqual(await offsets("alive"), [-1n, -1n]);
    assert.equal(await deleteGroup("alive"), codes.groupIdNotFound);
  });

  for (const [where, mine] of [
    ["its home", "a-t"],
    ["another cluster than its home", "b-t"],
  ] as const) {
    test(`that ${where} alone knows are there, and gone when they are deleted`, async () => {
      const name = `only-${mine}`;
      await committed(name, [mine]);
      assert.deepEqual(await listed(name, []), ["Empty"]);
      assert.deepEqual(await listed(name, ["Empty"]), ["Empty"]);
      assert.deepEqual(await deleteOffsets(name, topics), [0, 0, 0]);
      await committed(name, [mine]);
      const other = mine === "a-t" ? "b-t" : "a-t";
      assert.deepEqual(await deleteOffsets(name, [other]), [0, 0], "none is there");
      assert.equal(await deleteGroup(name), 0);
      assert.equal(await deleteGroup(name), codes.groupIdNotFound);
      for (const asked of [topics, ["a-t"], ["b-t"]]) {
        assert.deepEqual(await deleteOffsets(name, asked), [codes.groupIdNotFound]);
      }
    });
  }
});
