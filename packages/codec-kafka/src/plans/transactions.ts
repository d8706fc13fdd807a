/** Transactions live on one cluster, the home of their id. What belongs to another cluster is refused. */
import type { Call, Plan } from "../call.ts";
import { errorCodes } from "../error-codes.ts";
import type { AddOffsetsToTxnRequest } from "../generated/add-offsets-to-txn-request.ts";
import { AddOffsetsToTxnResponse } from "../generated/add-offsets-to-txn-response.ts";
import type { AddPartitionsToTxnRequest } from "../generated/add-partitions-to-txn-request.ts";
import {
  AddPartitionsToTxnPartitionResult,
  AddPartitionsToTxnResponse,
  AddPartitionsToTxnTopicResult,
} from "../generated/add-partitions-to-txn-response.ts";
import { addOffsetsToTxn, addPartitionsToTxn, endTxn, txnOffsetCommit } from "../generated/apis.ts";
import type { EndTxnRequest } from "../generated/end-txn-request.ts";
import { EndTxnResponse } from "../generated/end-txn-response.ts";
import type { TxnOffsetCommitRequest } from "../generated/txn-offset-commit-request.ts";
import {
  TxnOffsetCommitResponse,
  TxnOffsetCommitResponsePartition,
  TxnOffsetCommitResponseTopic,
} from "../generated/txn-offset-commit-response.ts";
import { make } from "./plans.ts";
import { sendToCoordinator } from "./to-coordinator.ts";

/** AddPartitionsToTxn: all of them or none, as with a broker. */
export const addPartitionsToTxnPlan: Plan<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse> = {
  api: addPartitionsToTxn,
  plan(call) {
    const { v3AndBelowTransactionalId: key, v3AndBelowTopics: topics } = call.request;
    const home = call.layout.home("transaction", key);
    const answer = (codeOf: (topic: string) => number): AddPartitionsToTxnResponse =>
      make(AddPartitionsToTxnResponse, {
        resultsByTopicV3AndBelow: topics.map(({ name, partitions }) =>
          make(AddPartitionsToTxnTopicResult, {
            name,
            resultsByPartition: partitions.map((partitionIndex) =>
              make(AddPartitionsToTxnPartitionResult, {
                ...{ partitionIndex, partitionErrorCode: codeOf(name) },
              }),
            ),
          }),
        ),
      });
    const refusal = (topic: string) => refusalOf(call.layout.owner(topic), home);
    if (topics.some(({ name }) => refusal(name) !== 0)) {
      return call.answer(answer((name) => refusal(name) || errorCodes.operationNotAttempted));
    }
    return sendToCoordinator(call, "transaction", key, {
      code: ({ resultsByTopicV3AndBelow }) =>
        resultsByTopicV3AndBelow[0]?.resultsByPartition[0]?.partitionErrorCode ?? 0,
      refused: (code) => answer(() => code),
      timeout: -1,
    });
  },
};

/** AddOffsetsToTxn: group and transaction must be at home on the same cluster. */
export const addOffsetsToTxnPlan: Plan<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse> = {
  api: addOffsetsToTxn,
  plan(call) {
    const { transactionalId, groupId } = call.request;
    const refused = (errorCode: number) => make(AddOffsetsToTxnResponse, { errorCode });
    const { layout } = call;
    if (layout.home("group", groupId) !== layout.home("transaction", transactionalId)) {
      return call.answer(refused(errorCodes.invalidTxnState));
    }
    return sendToCoordinator(call, "transaction", transactionalId, {
      ...{ code: ({ errorCode }) => errorCode, refused, timeout: -1 },
    });
  },
};

/** EndTxn. */
export const endTxnPlan: Plan<EndTxnRequest, EndTxnResponse> = {
  api: endTxn,
  plan: (call) =>
    sendToCoordinator(call, "transaction", call.request.transactionalId, {
      code: ({ errorCode }) => errorCode,
      refused: (errorCode) => make(EndTxnResponse, { errorCode }),
      timeout: -1,
    }),
};

/** TxnOffsetCommit: topics of the transaction's cluster alone. */
export const txnOffsetCommitPlan: Plan<TxnOffsetCommitRequest, TxnOffsetCommitResponse> = {
  api: txnOffsetCommit,
  plan(call) {
    const { transactionalId, groupId, topics } = call.request;
    const { layout } = call;
    const home = layout.home("transaction", transactionalId);
    if (layout.home("group", groupId) !== home) {
      return call.answer(refusedCommit(call, () => errorCodes.invalidTxnState));
    }
    const refusal = (topic: string) => refusalOf(layout.owner(topic), home);
    if (topics.some(({ name }) => refusal(name) !== 0)) {
      // None of them is committed: the transaction must not end with some of its offsets.
      const { invalidTxnState } = errorCodes;
      return call.answer(refusedCommit(call, (name) => refusal(name) || invalidTxnState));
    }
    return sendToCoordinator(call, "group", groupId, {
      code: (response) => response.topics[0]?.partitions[0]?.errorCode ?? 0,
      refused: (code) => refusedCommit(call, () => code),
      timeout: -1,
    });
  },
};

type Commit = Call<TxnOffsetCommitRequest, TxnOffsetCommitResponse>;

/** Error code of a topic for a transaction at home on another cluster, or of one that nobody owns; 0 = none. */
function refusalOf(owner: number, home: number): number {
  if (owner < 0) return errorCodes.unknownTopicOrPartition;
  return owner === home ? 0 : errorCodes.invalidTxnState;
}

function refusedCommit(
  { request }: Commit,
  codeOf: (topic: string) => number,
): TxnOffsetCommitResponse {
  return make(TxnOffsetCommitResponse, {
    topics: request.topics.map(({ name, partitions }) =>
      make(TxnOffsetCommitResponseTopic, {
        name,
        partitions: partitions.map(({ partitionIndex }) =>
          make(TxnOffsetCommitResponsePartition, { partitionIndex, errorCode: codeOf(name) }),
        ),
      }),
    ),
  });
}
