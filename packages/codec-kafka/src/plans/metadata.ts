/** Metadata and DescribeCluster: one broker (the router), and the topics of all clusters as if it had them. */
import type { NextPlan, Reply } from "@echarde/core";
import { type Call, failureCode, type Plan } from "../call.ts";
import { errorCodes } from "../error-codes.ts";
import { describeCluster, metadata } from "../generated/apis.ts";
import type { DescribeClusterRequest } from "../generated/describe-cluster-request.ts";
import {
  DescribeClusterBroker,
  DescribeClusterResponse,
} from "../generated/describe-cluster-response.ts";
import { MetadataRequest, type MetadataRequestTopic } from "../generated/metadata-request.ts";
import {
  MetadataResponse,
  MetadataResponseBroker,
  MetadataResponsePartition,
  MetadataResponseTopic,
} from "../generated/metadata-response.ts";
import { close, fragment, groupBy, make } from "./plans.ts";

type Request = Call<MetadataRequest, MetadataResponse>;

/** Metadata. */
export const metadataPlan: Plan<MetadataRequest, MetadataResponse> = {
  api: metadata,
  plan(call) {
    const { request, version } = call;
    // In version 0 an empty list means all, unless it is what is left of a longer one.
    const isAll = version === 0 && request.topics?.length === 0 && call.amend === null;
    const everything = request.topics === null || isAll;
    return everything ? everyTopic(call) : named(call, request.topics ?? []);
  },
};

function everyTopic(call: Request): NextPlan {
  const { clusters } = call.layout;
  const topics = call.version === 0 ? [] : null;
  const parts = clusters.map((cluster) =>
    call.part(metadata, call.version, cluster, "", make(MetadataRequest, call.request, { topics })),
  );
  return fragment(parts, -1, (replies) => {
    const said = replies.map((reply, cluster) => learn(call, cluster, reply));
    const all: MetadataResponseTopic[] = [];
    for (const cluster of clusters) {
      const response = said[cluster] ?? null;
      if (response !== null) {
        call.view(cluster).remembered = response.topics.flatMap(({ name }) => name ?? []);
        const mine = response.topics.filter(({ name }) => isOwn(call, name, cluster));
        all.push(...mine.map((topic) => faced(call, cluster, topic)));
        continue;
      }
      const known = call.view(cluster).remembered;
      // A list that is too short would say that topics are gone; the client asks again.
      if (known === null)
        return close("a list of all topics, and a cluster that was never listed gives none");
      for (const name of known) {
        if (isOwn(call, name, cluster)) all.push(problem(name, errorCodes.leaderNotAvailable));
      }
    }
    return call.answer(answerWith(call, all, said));
  });
}

function named(call: Request, wanted: readonly MetadataRequestTopic[]): NextPlan {
  const owners = wanted.map(({ name }) => (name === null ? -1 : call.layout.owner(name)));
  const groups = groupBy(wanted.keys(), (i) => owners[i] as number);
  const clusters = [...groups.keys()].filter((cluster) => cluster >= 0);
  const finish = (said: readonly (MetadataResponse | null)[], replies: readonly Reply[]) => {
    const found = new Map<string, MetadataResponseTopic>();
    said.forEach((response, i) => {
      for (const topic of response?.topics ?? []) {
        const cluster = clusters[i] as number;
        if (topic.name !== null) found.set(topic.name, faced(call, cluster, topic));
      }
    });
    const topics = wanted.map(({ name }, i) => {
      if (name === null) return problem(name, errorCodes.unknownTopicId);
      if ((owners[i] as number) < 0) return problem(name, errorCodes.unknownTopicOrPartition);
      const failure = replies[clusters.indexOf(owners[i] as number)]?.failure ?? null;
      const code = failureCode(
        failure,
        errorCodes.leaderNotAvailable,
        errorCodes.topicAuthorizationFailed,
      );
      return found.get(name) ?? problem(name, code);
    });
    return call.answer(answerWith(call, topics, said));
  };
  if (clusters.length === 0) return finish([], []);
  // Older versions create topics always.
  const asked = call.request.allowAutoTopicCreation ? call.version : Math.max(call.version, 4);
  const parts = clusters.map((cluster) => {
    const topics = (groups.get(cluster) ?? []).map((i) => wanted[i] as MetadataRequestTopic);
    const body = make(MetadataRequest, call.request, { topics });
    return call.part(metadata, asked, cluster, "", body);
  });
  return fragment(parts, -1, (replies) =>
    finish(
      replies.map((reply, i) => learn(call, clusters[i] as number, reply, asked)),
      replies,
    ),
  );
}

function learn(
  call: Request,
  cluster: number,
  reply: Reply | undefined,
  version: number = call.version,
): MetadataResponse | null {
  const response = call.read(metadata, version, reply);
  if (response !== null) call.view(cluster).learn(response);
  else call.failed(cluster, reply?.failure ?? null);
  return response;
}

function isOwn({ layout }: Request, name: string | null, cluster: number): boolean {
  return name !== null && layout.owner(name) === cluster;
}

function answerWith(
  { layout, version }: Request,
  topics: readonly MetadataResponseTopic[],
  said: readonly (MetadataResponse | null)[],
): MetadataResponse {
  const { facade } = layout;
  const operations = said.find((response) => response !== null)?.clusterAuthorizedOperations;
  return make(MetadataResponse, {
    throttleTimeMs: Math.max(0, ...said.map((response) => response?.throttleTimeMs ?? 0)),
    brokers: facade.nodes.map((node) => make(MetadataResponseBroker, node)),
    clusterId: facade.clusterId,
    controllerId: 0,
    topics,
    ...(operations === undefined || version < 8 ? {} : { clusterAuthorizedOperations: operations }),
  });
}

/** The topic as if the router led all of it. */
function faced(
  call: Request,
  cluster: number,
  topic: MetadataResponseTopic,
): MetadataResponseTopic {
  const { facade } = call.layout;
  const name = topic.name ?? "";
  return make(MetadataResponseTopic, topic, {
    partitions: topic.partitions.map((partition) => {
      const reachable = partition.leaderId >= 0 && call.place(cluster, partition.leaderId) !== null;
      const node = facade.leader(name, partition.partitionIndex);
      return make(MetadataResponsePartition, partition, {
        ...(reachable
          ? { leaderId: node }
          : { leaderId: -1, errorCode: partition.errorCode || errorCodes.leaderNotAvailable }),
        ...{ replicaNodes: [node], isrNodes: reachable ? [node] : [], offlineReplicas: [] },
      });
    }),
  });
}

function problem(name: string | null, errorCode: number): MetadataResponseTopic {
  return make(MetadataResponseTopic, { name, errorCode });
}

/** DescribeCluster: said by the router alone. */
export const describeClusterPlan: Plan<DescribeClusterRequest, DescribeClusterResponse> = {
  api: describeCluster,
  plan(call) {
    const { facade } = call.layout;
    const { endpointType } = call.request;
    if (endpointType !== 1) {
      const errorMessage = "The router has brokers only.";
      const errorCode = errorCodes.unsupportedEndpointType;
      return call.answer(make(DescribeClusterResponse, { errorCode, errorMessage, endpointType }));
    }
    return call.answer(
      make(DescribeClusterResponse, {
        clusterId: facade.clusterId,
        controllerId: 0,
        brokers: facade.nodes.map(({ nodeId, host, port }) =>
          make(DescribeClusterBroker, { brokerId: nodeId, host, port }),
        ),
      }),
    );
  },
};
