/** Guards of requests of producers: Produce, producer ids, transactions. */
import { errorCodes } from "../error-codes.ts";
import type { AddOffsetsToTxnRequest } from "../generated/add-offsets-to-txn-request.ts";
import { AddOffsetsToTxnResponse } from "../generated/add-offsets-to-txn-response.ts";
import type { AddPartitionsToTxnRequest } from "../generated/add-partitions-to-txn-request.ts";
import {
  AddPartitionsToTxnPartitionResult,
  AddPartitionsToTxnResponse,
  AddPartitionsToTxnTopicResult,
} from "../generated/add-partitions-to-txn-response.ts";
import type { EndTxnRequest } from "../generated/end-txn-request.ts";
import { EndTxnResponse } from "../generated/end-txn-response.ts";
import type { InitProducerIdRequest } from "../generated/init-producer-id-request.ts";
import { InitProducerIdResponse } from "../generated/init-producer-id-response.ts";
import { ProduceRequest } from "../generated/produce-request.ts";
import {
  PartitionProduceResponse,
  ProduceResponse,
  TopicProduceResponse,
} from "../generated/produce-response.ts";
import { TxnOffsetCommitRequest } from "../generated/txn-offset-commit-request.ts";
import {
  TxnOffsetCommitResponse,
  TxnOffsetCommitResponsePartition,
  TxnOffsetCommitResponseTopic,
} from "../generated/txn-offset-commit-response.ts";
import { make } from "../plans/plans.ts";
import { type Guard, parted } from "./guard.ts";

const {
  clusterAuthorizationFailed,
  groupAuthorizationFailed,
  operationNotAttempted,
  topicAuthorizationFailed,
  transactionalIdAuthorizationFailed,
} = errorCodes;

const produce: Guard<ProduceRequest, ProduceResponse> = {
  ...{ key: 0, empty: ProduceResponse },
  look: (request, access) => {
    const { transactionalId: id, acks } = request;
    const mine = id === null || access.may("transaction", id, "write");
    const [topicData, denied] = parted(
      request.topicData,
      ({ name }) => mine && access.may("topic", name, "write"),
    );
    if (denied.length === 0 && mine) return null;
    const errorCode = mine ? topicAuthorizationFailed : transactionalIdAuthorizationFailed;
    const refused = denied.map(({ name, partitionData }) =>
      make(TopicProduceResponse, {
        name,
        partitionResponses: partitionData.map(({ index }) =>
          make(PartitionProduceResponse, { index, errorCode, baseOffset: -1n }),
        ),
      }),
    );
    const nothing = topicData.length === 0 || acks === 0;
    return {
      rest: nothing ? null : make(ProduceRequest, request, { topicData }),
      amend: (response) =>
        make(ProduceResponse, response, { responses: [...response.responses, ...refused] }),
    };
  },
};

const initProducerId: Guard<InitProducerIdRequest, InitProducerIdResponse> = {
  ...{ key: 22, empty: InitProducerIdResponse },
  look: ({ transactionalId: id }, access) => {
    if (id === null ? access.allows("write") : access.may("transaction", id, "write")) return null;
    const errorCode = id === null ? clusterAuthorizationFailed : transactionalIdAuthorizationFailed;
    return {
      rest: null,
      amend: () => make(InitProducerIdResponse, { errorCode, producerId: -1n }),
    };
  },
};

/** All partitions or none, as with a broker. */
const addPartitions: Guard<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse> = {
  ...{ key: 24, empty: AddPartitionsToTxnResponse },
  look: (request, access) => {
    const topics = request.v3AndBelowTopics;
    const mine = access.may("transaction", request.v3AndBelowTransactionalId, "write");
    const may = (name: string) => access.may("topic", name, "write");
    if (mine && topics.every(({ name }) => may(name))) return null;
    const codeOf = (name: string): number =>
      !mine
        ? transactionalIdAuthorizationFailed
        : may(name)
          ? operationNotAttempted
          : topicAuthorizationFailed;
    const resultsByTopicV3AndBelow = topics.map(({ name, partitions }) =>
      make(AddPartitionsToTxnTopicResult, {
        name,
        resultsByPartition: partitions.map((partitionIndex) =>
          make(AddPartitionsToTxnPartitionResult, {
            ...{ partitionIndex, partitionErrorCode: codeOf(name) },
          }),
        ),
      }),
    );
    return {
      rest: null,
      amend: () => make(AddPartitionsToTxnResponse, { resultsByTopicV3AndBelow }),
    };
  },
};

const addOffsets: Guard<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse> = {
  ...{ key: 25, empty: AddOffsetsToTxnResponse },
  look: ({ transactionalId, groupId }, access) => {
    const mine = access.may("transaction", transactionalId, "write");
    if (mine && access.may("group", groupId, "read")) return null;
    const errorCode = mine ? groupAuthorizationFailed : transactionalIdAuthorizationFailed;
    return { rest: null, amend: () => make(AddOffsetsToTxnResponse, { errorCode }) };
  },
};

const endTxn: Guard<EndTxnRequest, EndTxnResponse> = {
  ...{ key: 26, empty: EndTxnResponse },
  look: ({ transactionalId }, access) => {
    if (access.may("transaction", transactionalId, "write")) return null;
    const errorCode = transactionalIdAuthorizationFailed;
    return { rest: null, amend: () => make(EndTxnResponse, { errorCode }) };
  },
};

const txnOffsetCommit: Guard<TxnOffsetCommitRequest, TxnOffsetCommitResponse> = {
  ...{ key: 28, empty: TxnOffsetCommitResponse },
  look: (request, access) => {
    const mine = access.may("transaction", request.transactionalId, "write");
    const both = mine && access.may("group", request.groupId, "read");
    const [topics, denied] = parted(
      request.topics,
      ({ name }) => both && access.may("topic", name, "read"),
    );
    if (denied.length === 0 && both) return null;
    const errorCode = !mine
      ? transactionalIdAuthorizationFailed
      : both
        ? topicAuthorizationFailed
        : groupAuthorizationFailed;
    const refused = denied.map(({ name, partitions }) =>
      make(TxnOffsetCommitResponseTopic, {
        name,
        partitions: partitions.map(({ partitionIndex }) =>
          make(TxnOffsetCommitResponsePartition, { partitionIndex, errorCode }),
        ),
      }),
    );
    return {
      rest: topics.length === 0 ? null : make(TxnOffsetCommitRequest, request, { topics }),
      amend: (response) =>
        make(TxnOffsetCommitResponse, response, { topics: [...response.topics, ...refused] }),
    };
  },
};

/** See the module. */
export const producerGuards: readonly unknown[] = [
  produce,
  initProducerId,
  addPartitions,
  addOffsets,
  endTxn,
  txnOffsetCommit,
];
