/**
 * What must be known before a request can be sent: leaders of topics, coordinators, brokers. What is not
 * known is asked for, once for each request; while that lasts the client's later requests wait, so that
 * none overtakes this one.
 */
import type { NextPlan, Part, Reply } from "@echarde/core";
import type { Call, Place } from "../call.ts";
import type { CoordinatorKind } from "../cluster-view.ts";
import { findCoordinator, metadata } from "../generated/apis.ts";
import { FindCoordinatorRequest } from "../generated/find-coordinator-request.ts";
import { MetadataRequest, MetadataRequestTopic } from "../generated/metadata-request.ts";
import { fragment, make } from "./plans.ts";

/** A coordinator that is needed. */
export interface CoordinatorWanted {
  readonly kind: CoordinatorKind;
  readonly key: string;
  readonly cluster: number;
}

/** What a request needs to know. */
export interface Wanted {
  /** Partitions whose leaders it needs. */
  readonly leaders?: Iterable<readonly [topic: string, partition: number]>;
  /** Coordinators. */
  readonly coordinators?: readonly CoordinatorWanted[];
  /** Clusters whose brokers it needs. */
  readonly brokers?: readonly number[];
}

/** Asks for what is not known, then does `then`; what could not be learned is not known then either. */
export function lookUp<Q, R>(
  call: Call<Q, R>,
  wanted: Wanted,
  then: (call: Call<Q, R>) => NextPlan,
): NextPlan {
  const topics = new Map<number, Set<string>>();
  const brokers = new Set<number>();
  for (const [topic, partition] of wanted.leaders ?? []) {
    const cluster = call.layout.owner(topic);
    if (cluster < 0 || isKnown(call.leader(topic, partition))) continue;
    const names = topics.get(cluster) ?? new Set();
    topics.set(cluster, names.add(topic));
  }
  const coordinators = (wanted.coordinators ?? []).filter(({ kind, key, cluster }) => {
    if (cluster < 0 || isKnown(call.coordinator(kind, key, cluster))) return false;
    if (!call.view(cluster).known) brokers.add(cluster);
    return true;
  });
  for (const cluster of wanted.brokers ?? []) if (!call.view(cluster).known) brokers.add(cluster);
  const parts: Part[] = [];
  const takes: ((reply: Reply | undefined) => void)[] = [];
  for (const cluster of new Set([...topics.keys(), ...brokers])) {
    const names = [...(topics.get(cluster) ?? [])];
    const body = make(MetadataRequest, {
      topics: names.map((name) => make(MetadataRequestTopic, { name })),
      allowAutoTopicCreation: false,
    });
    parts.push(call.part(metadata, metadataVersion, cluster, "", body));
    takes.push((reply) => {
      const said = call.read(metadata, metadataVersion, reply);
      if (said !== null) call.view(cluster).learn(said);
      else call.failed(cluster, reply?.failure ?? null);
    });
  }
  for (const { kind, key, cluster } of coordinators) {
    const body = make(FindCoordinatorRequest, { key, keyType: kind === "group" ? 0 : 1 });
    parts.push(call.part(findCoordinator, coordinatorVersion, cluster, "", body));
    takes.push((reply) => {
      const said = call.read(findCoordinator, coordinatorVersion, reply);
      if (said?.errorCode === 0) call.view(cluster).coordinates(kind, key, said.nodeId);
    });
  }
  if (parts.length === 0) return then(call);
  return fragment(
    parts,
    -1,
    (replies) => {
      takes.forEach((take, i) => {
        take(replies[i]);
      });
      return then(call);
    },
    true,
  );
}

/** Whether it is a node and not an error code. */
export function isKnown(place: Place): place is Exclude<Place, number> {
  return typeof place !== "number";
}

/** The last one with names alone that all brokers since 2.4 know. */
const metadataVersion = 9;
/** The last one with one key. */
export const coordinatorVersion = 3;
