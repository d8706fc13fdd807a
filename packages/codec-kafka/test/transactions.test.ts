/** Transactions over topics of several clusters, and of none. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRouter, join } from "@echarde/core";
import {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnTopic,
} from "../src/generated/add-partitions-to-txn-request.ts";
import { addPartitionsToTxn, txnOffsetCommit } from "../src/generated/apis.ts";
import {
  TxnOffsetCommitRequest,
  TxnOffsetCommitRequestPartition,
  TxnOffsetCommitRequestTopic,
} from "../src/generated/txn-offset-commit-request.ts";
import { kafka } from "../src/kafka.ts";
import { make } from "../src/plans/plans.ts";
import type { Api } from "../src/wire/api.ts";
import { readResponse, writeRequest } from "../src/wire/frame.ts";

/** What a client hears at once of a router where transactions are at home on `a`, and only topics of `a-` and `b-` are owned. */
function ask<Q, R>(api: Api<Q, R>, version: number, body: Q): R {
  const router = createRouter({
    codec: kafka({ advertised: ["127.0.0.1:9192"] }),
    table: {
      clusters: { a: { endpoints: ["a:1"] }, b: { endpoints: ["b:1"] } },
      routes: [
        { prefix: "a-", cluster: "a" },
        { prefix: "b-", cluster: "b" },
      ],
    },
  });
  const client = router.open(1);
  const effects = router.bytes(client, join(writeRequest(api, version, "test", body)).slice(), 1);
  const [answer, ...more] = [...effects].map(({ peer, write }) => [peer, join(write)] as const);
  assert.ok(answer !== undefined && answer[0] === client, "nobody else is asked");
  assert.deepEqual(more, []);
  return readResponse(api, version, answer[1].slice());
}

const [unknownTopic, invalidTxnState, notAttempted] = [3, 48, 55];
const names = ["a-t", "b-t", "nobodys"];

test("partitions are added all or none; what nobody owns is unknown, and not another cluster's", () => {
  const body = make(AddPartitionsToTxnRequest, {
    v3AndBelowTransactionalId: "t",
    v3AndBelowTopics: names.map((name) => make(AddPartitionsToTxnTopic, { name, partitions: [0] })),
  });
  const codes = ask(addPartitionsToTxn, 3, body).resultsByTopicV3AndBelow.map(
    ({ resultsByPartition: [result] }) => result?.partitionErrorCode,
  );
  assert.deepEqual(codes, [notAttempted, invalidTxnState, unknownTopic]);
});

test("offsets are committed all or none", () => {
  const partitions = [make(TxnOffsetCommitRequestPartition, { committedOffset: 1n })];
  const body = make(TxnOffsetCommitRequest, {
    ...{ transactionalId: "t", groupId: "g" },
    topics: names.map((name) => make(TxnOffsetCommitRequestTopic, { name, partitions })),
  });
  const codes = ask(txnOffsetCommit, 3, body).topics.map(
    ({ partitions: [result] }) => result?.errorCode,
  );
  assert.deepEqual(codes, [invalidTxnState, invalidTxnState, unknownTopic]);
});
