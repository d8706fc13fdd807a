/** ListOffsets, OffsetForLeaderEpoch and DeleteRecords: each partition is asked of its leader. */
import type { Plan } from "../call.ts";
import { staleLeader } from "../error-codes.ts";
import { deleteRecords, listOffsets, offsetForLeaderEpoch } from "../generated/apis.ts";
import {
  type DeleteRecordsPartition,
  DeleteRecordsRequest,
  DeleteRecordsTopic,
} from "../generated/delete-records-request.ts";
import {
  DeleteRecordsPartitionResult,
  DeleteRecordsResponse,
  DeleteRecordsTopicResult,
} from "../generated/delete-records-response.ts";
import {
  type ListOffsetsPartition,
  ListOffsetsRequest,
  ListOffsetsTopic,
} from "../generated/list-offsets-request.ts";
import {
  ListOffsetsPartitionResponse,
  ListOffsetsResponse,
  ListOffsetsTopicResponse,
} from "../generated/list-offsets-response.ts";
import {
  OffsetForLeaderEpochRequest,
  type OffsetForLeaderPartition,
  OffsetForLeaderTopic,
} from "../generated/offset-for-leader-epoch-request.ts";
import {
  EpochEndOffset,
  OffsetForLeaderEpochResponse,
  OffsetForLeaderTopicResult,
} from "../generated/offset-for-leader-epoch-response.ts";
import { lookUp } from "./look-up.ts";
import { fragment, make } from "./plans.ts";
import { byTopic, divide, forgetLeader, itemsByTopic, type Shape } from "./split.ts";

function planOf<Q, R, P, S>(
  shape: Shape<Q, R, P, S>,
  timeoutOf: (request: Q) => number = () => 0,
): Plan<Q, R> {
  return {
    api: shape.api,
    plan(call) {
      const items = shape.items(call.request);
      const leaders = items.map(({ topic, index }) => [topic, index] as const);
      return lookUp(call, { leaders }, () => {
        const placeOf = ({ topic, index }: (typeof items)[number]) => call.leader(topic, index);
        const division = divide(call, shape, items, placeOf);
        if (division.groups.length === 0) return call.answer(division.merge([]).response);
        const wait = timeoutOf(call.request) + call.runtime.requestTimeout;
        return fragment(division.parts(), wait, (replies) =>
          call.answer(division.merge(replies).response),
        );
      });
    },
  };
}

const common = { serves: "leader", stale: forgetLeader(staleLeader) } as const;

/** ListOffsets. */
export const listOffsetsPlan: Plan<ListOffsetsRequest, ListOffsetsResponse> = planOf<
  ListOffsetsRequest,
  ListOffsetsResponse,
  ListOffsetsPartition,
  ListOffsetsPartitionResponse
>({
  ...common,
  api: listOffsets,
  items: ({ topics }) =>
    topics.flatMap(({ name, partitions }) =>
      partitions.map((asked) => ({ topic: name, index: asked.partitionIndex, asked })),
    ),
  request: (request, items) =>
    make(ListOffsetsRequest, request, {
      topics: itemsByTopic(items).map(([name, partitions]) =>
        make(ListOffsetsTopic, { name, partitions }),
      ),
    }),
  *results({ topics }) {
    for (const { name, partitions } of topics)
      for (const result of partitions) yield [name, result.partitionIndex, result];
  },
  refused: ({ index }, errorCode) =>
    make(ListOffsetsPartitionResponse, { partitionIndex: index, errorCode }),
  code: ({ errorCode }) => errorCode,
  response: (results, throttleTimeMs) =>
    make(ListOffsetsResponse, {
      throttleTimeMs,
      topics: byTopic(results).map(([name, partitions]) =>
        make(ListOffsetsTopicResponse, { name, partitions }),
      ),
    }),
  throttle: ({ throttleTimeMs }) => throttleTimeMs,
});

/** OffsetForLeaderEpoch: without it a consumer that resumes stands still. */
export const offsetForLeaderEpochPlan: Plan<
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse
> = planOf<
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
  OffsetForLeaderPartition,
  EpochEndOffset
>({
  ...common,
  api: offsetForLeaderEpoch,
  items: ({ topics }) =>
    topics.flatMap(({ topic, partitions }) =>
      partitions.map((asked) => ({ topic, index: asked.partition, asked })),
    ),
  request: (request, items) =>
    make(OffsetForLeaderEpochRequest, request, {
      topics: itemsByTopic(items).map(([topic, partitions]) =>
        make(OffsetForLeaderTopic, { topic, partitions }),
      ),
    }),
  *results({ topics }) {
    for (const { topic, partitions } of topics)
      for (const result of partitions) yield [topic, result.partition, result];
  },
  refused: ({ index }, errorCode) => make(EpochEndOffset, { partition: index, errorCode }),
  code: ({ errorCode }) => errorCode,
  response: (results, throttleTimeMs) =>
    make(OffsetForLeaderEpochResponse, {
      throttleTimeMs,
      topics: byTopic(results).map(([topic, partitions]) =>
        make(OffsetForLeaderTopicResult, { topic, partitions }),
      ),
    }),
  throttle: ({ throttleTimeMs }) => throttleTimeMs,
});

/** DeleteRecords. */
export const deleteRecordsPlan: Plan<DeleteRecordsRequest, DeleteRecordsResponse> = planOf<
  DeleteRecordsRequest,
  DeleteRecordsResponse,
  DeleteRecordsPartition,
  DeleteRecordsPartitionResult
>(
  {
    ...common,
    api: deleteRecords,
    items: ({ topics }) =>
      topics.flatMap(({ name, partitions }) =>
        partitions.map((asked) => ({ topic: name, index: asked.partitionIndex, asked })),
      ),
    request: (request, items) =>
      make(DeleteRecordsRequest, request, {
        topics: itemsByTopic(items).map(([name, partitions]) =>
          make(DeleteRecordsTopic, { name, partitions }),
        ),
      }),
    *results({ topics }) {
      for (const { name, partitions } of topics)
        for (const result of partitions) yield [name, result.partitionIndex, result];
    },
    refused: ({ index }, errorCode) =>
      make(DeleteRecordsPartitionResult, { partitionIndex: index, errorCode, lowWatermark: -1n }),
    code: ({ errorCode }) => errorCode,
    response: (results, throttleTimeMs) =>
      make(DeleteRecordsResponse, {
        throttleTimeMs,
        topics: byTopic(results).map(([name, partitions]) =>
          make(DeleteRecordsTopicResult, { name, partitions }),
        ),
      }),
    throttle: ({ throttleTimeMs }) => throttleTimeMs,
  },
  ({ timeoutMs }) => Math.max(0, timeoutMs),
);
