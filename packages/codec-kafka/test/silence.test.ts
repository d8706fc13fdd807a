/** A broker that takes requests and answers none: what members of groups and producers hear must let them go on. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as apis from "../src/generated/apis.ts";
import { EndTxnRequest } from "../src/generated/end-txn-request.ts";
import { HeartbeatRequest } from "../src/generated/heartbeat-request.ts";
import { InitProducerIdRequest } from "../src/generated/init-producer-id-request.ts";
import { JoinGroupRequest } from "../src/generated/join-group-request.ts";
import {
  OffsetFetchRequest,
  OffsetFetchRequestTopic,
} from "../src/generated/offset-fetch-request.ts";
import { SyncGroupRequest } from "../src/generated/sync-group-request.ts";
import { make } from "../src/plans/plans.ts";
import type { Api } from "../src/wire/api.ts";
import { Bench, hour } from "./group-bench.ts";

const coordinatorNotAvailable = 15;
const coordinatorLoadInProgress = 14;

/** What a client hears of a request that cluster `silent` has taken. */
function hears<Q, R>(silent: "a" | "b", api: Api<Q, R>, version: number, body: Q): R {
  const bench = new Bench();
  bench.members.set("m1", [["b-t", [0]]]);
  const client = bench.client();
  client.beat("m1");
  client.commit("b-t", 0, 1n);
  bench.silent = silent;
  assert.equal(client.ask(api, version, body), null);
  bench.pass(2 * hour, () => {});
  const answer = client.answer(api, version);
  assert.ok(answer !== null, `${api.name} is answered`);
  return answer;
}

describe("a silent broker", () => {
  const member = { groupId: "g", memberId: "m1", generationId: 1 };
  test("lets members look for their coordinator again", () => {
    const codes = [
      hears("a", apis.heartbeat, 3, make(HeartbeatRequest, member)),
      hears("a", apis.joinGroup, 5, make(JoinGroupRequest, { groupId: "g", memberId: "m1" })),
      hears("a", apis.syncGroup, 3, make(SyncGroupRequest, member)),
      hears("a", apis.endTxn, 1, make(EndTxnRequest, { transactionalId: "t" })),
    ].map(({ errorCode }) => errorCode);
    assert.deepEqual(codes, Array(4).fill(coordinatorNotAvailable));
  });

  test("lets idempotent producers wait", () => {
    const body = make(InitProducerIdRequest, { transactionalId: null });
    const { errorCode } = hears("a", apis.initProducerId, 2, body);
    assert.equal(errorCode, coordinatorLoadInProgress);
  });

  test("lets consumers ask for all of their offsets again, since they end at an error of one", () => {
    const topics = ["a-t", "b-t"].map((name) =>
      make(OffsetFetchRequestTopic, { name, partitionIndexes: [0] }),
    );
    for (const silent of ["a", "b"] as const) {
      const body = make(OffsetFetchRequest, { groupId: "g", topics });
      const said = hears(silent, apis.offsetFetch, 5, body);
      assert.deepEqual([said.errorCode, said.topics], [coordinatorNotAvailable, []], silent);
    }
  });
});
