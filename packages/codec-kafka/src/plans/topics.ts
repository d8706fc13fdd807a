/** CreateTopics, DeleteTopics and CreatePartitions: by the controller of the cluster that owns the topic. */
import type { Place, Plan, Where } from "../call.ts";
import { errorCodes } from "../error-codes.ts";
import { createPartitions, createTopics, deleteTopics } from "../generated/apis.ts";
import { CreatePartitionsRequest } from "../generated/create-partitions-request.ts";
import {
  CreatePartitionsResponse,
  CreatePartitionsTopicResult,
} from "../generated/create-partitions-response.ts";
import { CreateTopicsRequest } from "../generated/create-topics-request.ts";
import { CreatableTopicResult, CreateTopicsResponse } from "../generated/create-topics-response.ts";
import { DeleteTopicsRequest } from "../generated/delete-topics-request.ts";
import { DeletableTopicResult, DeleteTopicsResponse } from "../generated/delete-topics-response.ts";
import { byName, controllerOf } from "./by-name.ts";
import { lookUp } from "./look-up.ts";
import { make } from "./plans.ts";

/** Clusters that own some of the topics. */
function owners(call: Where, topics: readonly string[]): number[] {
  const clusters = new Set(topics.map((topic) => call.layout.owner(topic)));
  return [...clusters].filter((cluster) => cluster >= 0);
}

/** Node ids that clients see are the router's: none of theirs can be meant. */
function unlessAssigned(assigned: boolean, place: () => Place): Place {
  return assigned ? errorCodes.invalidReplicaAssignment : place();
}

/** What is known of the topics is no longer so. */
function forget(call: Where, topics: readonly string[]): void {
  for (const topic of topics) {
    const cluster = call.layout.owner(topic);
    if (cluster >= 0) call.view(cluster).forgetTopic(topic);
  }
}

/** CreateTopics. */
export const createTopicsPlan: Plan<CreateTopicsRequest, CreateTopicsResponse> = {
  api: createTopics,
  plan(call) {
    const { topics, timeoutMs } = call.request;
    const names = topics.map(({ name }) => name);
    return lookUp(call, { brokers: owners(call, names) }, () => {
      forget(call, names);
      return byName(call, {
        api: createTopics,
        items: topics,
        place: ({ name, assignments }) =>
          unlessAssigned(assignments.length > 0, () => controllerOf(call, name)),
        keyOf: ({ name }) => name,
        request: (items) => make(CreateTopicsRequest, call.request, { topics: items }),
        results: (response) => response.topics.map((result) => [result.name, result] as const),
        refused: ({ name }, errorCode, errorMessage) =>
          make(CreatableTopicResult, { name, errorCode, errorMessage }),
        code: ({ errorCode }) => errorCode,
        response: (results, throttleTimeMs) =>
          make(CreateTopicsResponse, { topics: results, throttleTimeMs }),
        throttle: ({ throttleTimeMs }) => throttleTimeMs,
        timeout: Math.max(0, timeoutMs),
      });
    });
  },
};

/** DeleteTopics. */
export const deleteTopicsPlan: Plan<DeleteTopicsRequest, DeleteTopicsResponse> = {
  api: deleteTopics,
  plan(call) {
    const { topicNames, timeoutMs } = call.request;
    return lookUp(call, { brokers: owners(call, topicNames) }, () => {
      forget(call, topicNames);
      return byName(call, {
        api: deleteTopics,
        items: topicNames,
        place: (name) => controllerOf(call, name),
        keyOf: (name) => name,
        request: (items) => make(DeleteTopicsRequest, call.request, { topicNames: items }),
        results: ({ responses }) => responses.map((result) => [result.name ?? "", result] as const),
        refused: (name, errorCode, errorMessage) =>
          make(DeletableTopicResult, { name, errorCode, errorMessage }),
        code: ({ errorCode }) => errorCode,
        response: (responses, throttleTimeMs) =>
          make(DeleteTopicsResponse, { responses, throttleTimeMs }),
        throttle: ({ throttleTimeMs }) => throttleTimeMs,
        timeout: Math.max(0, timeoutMs),
      });
    });
  },
};

/** CreatePartitions. */
export const createPartitionsPlan: Plan<CreatePartitionsRequest, CreatePartitionsResponse> = {
  api: createPartitions,
  plan(call) {
    const { topics, timeoutMs } = call.request;
    const names = topics.map(({ name }) => name);
    return lookUp(call, { brokers: owners(call, names) }, () => {
      forget(call, names);
      return byName(call, {
        api: createPartitions,
        items: topics,
        place: ({ name, assignments }) =>
          unlessAssigned(assignments !== null, () => controllerOf(call, name)),
        keyOf: ({ name }) => name,
        request: (items) => make(CreatePartitionsRequest, call.request, { topics: items }),
        results: (response) => response.results.map((result) => [result.name, result] as const),
        refused: ({ name }, errorCode, errorMessage) =>
          make(CreatePartitionsTopicResult, { name, errorCode, errorMessage }),
        code: ({ errorCode }) => errorCode,
        response: (results, throttleTimeMs) =>
          make(CreatePartitionsResponse, { results, throttleTimeMs }),
        throttle: ({ throttleTimeMs }) => throttleTimeMs,
        timeout: Math.max(0, timeoutMs),
      });
    });
  },
};
