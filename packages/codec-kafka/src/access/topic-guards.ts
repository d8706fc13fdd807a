/** Guards of requests that name topics and nothing else. */
import { errorCodes } from "../error-codes.ts";
import { CreatePartitionsRequest } from "../generated/create-partitions-request.ts";
import {
  CreatePartitionsResponse,
  CreatePartitionsTopicResult,
} from "../generated/create-partitions-response.ts";
import { CreateTopicsRequest } from "../generated/create-topics-request.ts";
import { CreatableTopicResult, CreateTopicsResponse } from "../generated/create-topics-response.ts";
import { DeleteRecordsRequest } from "../generated/delete-records-request.ts";
import {
  DeleteRecordsPartitionResult,
  DeleteRecordsResponse,
  DeleteRecordsTopicResult,
} from "../generated/delete-records-response.ts";
import { DeleteTopicsRequest } from "../generated/delete-topics-request.ts";
import { DeletableTopicResult, DeleteTopicsResponse } from "../generated/delete-topics-response.ts";
import { FetchRequest } from "../generated/fetch-request.ts";
import {
  FetchableTopicResponse,
  FetchResponse,
  PartitionData,
} from "../generated/fetch-response.ts";
import { ListOffsetsRequest } from "../generated/list-offsets-request.ts";
import {
  ListOffsetsPartitionResponse,
  ListOffsetsResponse,
  ListOffsetsTopicResponse,
} from "../generated/list-offsets-response.ts";
import { OffsetForLeaderEpochRequest } from "../generated/offset-for-leader-epoch-request.ts";
import {
  EpochEndOffset,
  OffsetForLeaderEpochResponse,
  OffsetForLeaderTopicResult,
} from "../generated/offset-for-leader-epoch-response.ts";
import { make } from "../plans/plans.ts";
import type { RequestClass } from "./access.ts";
import { type Guard, parted } from "./guard.ts";

const errorCode = errorCodes.topicAuthorizationFailed;

/** What a guard has to know of an API. */
interface Named<Q, R, T> {
  readonly key: number;
  readonly empty: new () => R;
  /** null = it only describes. */
  readonly group: RequestClass | null;
  readonly items: (request: Q) => readonly T[];
  readonly nameOf: (item: T) => string;
  /** The request with these items alone. */
  readonly rest: (request: Q, items: readonly T[]) => Q;
  /** The answer with refusals of these items. */
  readonly refuse: (response: R, items: readonly T[]) => R;
}

function byTopics<Q, R, T>(named: Named<Q, R, T>): Guard<Q, R> {
  const { key, empty, group, items, nameOf, rest, refuse } = named;
  return {
    key,
    empty,
    look: (request, access) => {
      const [allowed, denied] = parted(items(request), (item) =>
        access.may("topic", nameOf(item), group),
      );
      if (denied.length === 0) return null;
      return {
        rest: allowed.length === 0 ? null : rest(request, allowed),
        amend: (response) => refuse(response, denied),
      };
    },
  };
}

const none = new Uint8Array(0);

/** See the module. */
export const topicGuards: readonly unknown[] = [
  byTopics({
    ...{ key: 1, empty: FetchResponse, group: "read" },
    items: (request: FetchRequest) => request.topics,
    nameOf: ({ topic }) => topic,
    // With an error to tell, nobody waits.
    rest: (request, topics) => make(FetchRequest, request, { topics, maxWaitMs: 0 }),
    refuse: (response, topics) =>
      make(FetchResponse, response, {
        responses: [
          ...response.responses,
          ...topics.map(({ topic, partitions }) =>
            make(FetchableTopicResponse, {
              topic,
              partitions: partitions.map(({ partition }) =>
                make(PartitionData, {
                  ...{ partitionIndex: partition, errorCode, highWatermark: -1n, records: none },
                }),
              ),
            }),
          ),
        ],
      }),
  }),
  byTopics({
    ...{ key: 2, empty: ListOffsetsResponse, group: null },
    items: (request: ListOffsetsRequest) => request.topics,
    nameOf: ({ name }) => name,
    rest: (request, topics) => make(ListOffsetsRequest, request, { topics }),
    refuse: (response, topics) =>
      make(ListOffsetsResponse, response, {
        topics: [
          ...response.topics,
          ...topics.map(({ name, partitions }) =>
            make(ListOffsetsTopicResponse, {
              name,
              partitions: partitions.map(({ partitionIndex }) =>
                make(ListOffsetsPartitionResponse, { partitionIndex, errorCode }),
              ),
            }),
          ),
        ],
      }),
  }),
  byTopics({
    ...{ key: 23, empty: OffsetForLeaderEpochResponse, group: null },
    items: (request: OffsetForLeaderEpochRequest) => request.topics,
    nameOf: ({ topic }) => topic,
    rest: (request, topics) => make(OffsetForLeaderEpochRequest, request, { topics }),
    refuse: (response, topics) =>
      make(OffsetForLeaderEpochResponse, response, {
        topics: [
          ...response.topics,
          ...topics.map(({ topic, partitions }) =>
            make(OffsetForLeaderTopicResult, {
              topic,
              partitions: partitions.map(({ partition }) =>
                make(EpochEndOffset, { partition, errorCode }),
              ),
            }),
          ),
        ],
      }),
  }),
  byTopics({
    ...{ key: 21, empty: DeleteRecordsResponse, group: "admin" },
    items: (request: DeleteRecordsRequest) => request.topics,
    nameOf: ({ name }) => name,
    rest: (request, topics) => make(DeleteRecordsRequest, request, { topics }),
    refuse: (response, topics) =>
      make(DeleteRecordsResponse, response, {
        topics: [
          ...response.topics,
          ...topics.map(({ name, partitions }) =>
            make(DeleteRecordsTopicResult, {
              name,
              partitions: partitions.map(({ partitionIndex }) =>
                make(DeleteRecordsPartitionResult, {
                  partitionIndex,
                  errorCode,
                  lowWatermark: -1n,
                }),
              ),
            }),
          ),
        ],
      }),
  }),
  byTopics({
    ...{ key: 19, empty: CreateTopicsResponse, group: "admin" },
    items: (request: CreateTopicsRequest) => request.topics,
    nameOf: ({ name }) => name,
    rest: (request, topics) => make(CreateTopicsRequest, request, { topics }),
    refuse: (response, topics) =>
      make(CreateTopicsResponse, response, {
        topics: [
          ...response.topics,
          ...topics.map(({ name }) => make(CreatableTopicResult, { name, errorCode })),
        ],
      }),
  }),
  byTopics({
    ...{ key: 20, empty: DeleteTopicsResponse, group: "admin" },
    items: (request: DeleteTopicsRequest) => request.topicNames,
    nameOf: (name) => name,
    rest: (request, topicNames) => make(DeleteTopicsRequest, request, { topicNames }),
    refuse: (response, names) =>
      make(DeleteTopicsResponse, response, {
        responses: [
          ...response.responses,
          ...names.map((name) => make(DeletableTopicResult, { name, errorCode })),
        ],
      }),
  }),
  byTopics({
    ...{ key: 37, empty: CreatePartitionsResponse, group: "admin" },
    items: (request: CreatePartitionsRequest) => request.topics,
    nameOf: ({ name }) => name,
    rest: (request, topics) => make(CreatePartitionsRequest, request, { topics }),
    refuse: (response, topics) =>
      make(CreatePartitionsResponse, response, {
        results: [
          ...response.results,
          ...topics.map(({ name }) => make(CreatePartitionsTopicResult, { name, errorCode })),
        ],
      }),
  }),
];
