/**
 * Commits again what a member has committed on foreign clusters, so that their retention begins anew.
 *
 * ```
 *   describe the group (home) ──▶ the member's partitions ──▶ offsets of the foreign ones ──▶ the same, committed
 * ```
 * The group's own description says whether the member is one still, and what is assigned to it: nobody else
 * commits that. What its client commits in between is newer, and left alone.
 */
import type { NextPlan, Part, SessionContext } from "@echarde/core";
import { Call } from "../call.ts";
import { staleCoordinator } from "../error-codes.ts";
import { describeGroups, offsetCommit, offsetFetch } from "../generated/apis.ts";
import { DescribeGroupsRequest } from "../generated/describe-groups-request.ts";
import type { DescribeGroupsResponse } from "../generated/describe-groups-response.ts";
import {
  OffsetCommitRequest,
  OffsetCommitRequestPartition,
  OffsetCommitRequestTopic,
} from "../generated/offset-commit-request.ts";
import { OffsetFetchRequest, OffsetFetchRequestTopic } from "../generated/offset-fetch-request.ts";
import type { OffsetFetchResponse } from "../generated/offset-fetch-response.ts";
import type { Membership, Memberships } from "../memberships.ts";
import type { KafkaRuntime } from "../runtime.ts";
import { Malformed, Reader } from "../wire/reader.ts";
import { isKnown, lookUp } from "./look-up.ts";
import { fragment, groupBy, make } from "./plans.ts";

type Own = Call<DescribeGroupsRequest, DescribeGroupsResponse>;

/** When a member that is new here has its first turn: soon, but not all at once. */
export function firstRefresh(runtime: KafkaRuntime, { id, now }: SessionContext): number {
  const soon = Math.min(runtime.layout.options.offsetRefresh / 2, longestFirst);
  return now + soon + ((id * 7_919) % soon);
}

/** See the module. */
export function refreshOffsets(
  runtime: KafkaRuntime,
  session: SessionContext,
  memberships: Memberships,
  membership: Membership,
): NextPlan {
  const { group, member } = membership;
  const call: Own = new Call({
    ...{ runtime, session, api: describeGroups, version: describeVersion, correlationId: 0 },
    ...{
      clientId: null,
      request: make(DescribeGroupsRequest, { groups: [group] }),
      frame: nothing,
    },
  });
  const every = call.layout.options.offsetRefresh;
  const over = (good: boolean): NextPlan => {
    const wait = good ? every : Math.min(every, retryAfter);
    memberships.done(membership, session.now + wait);
    return { type: "skip" };
  };
  const home = call.layout.home("group", group);
  return lookUp(call, { coordinators: [{ kind: "group", key: group, cluster: home }] }, () => {
    const place = call.coordinator("group", group, home);
    if (!isKnown(place)) return over(false);
    const { api, version, request } = call;
    const asked = call.part(api, version, place.cluster, place.node, request);
    return fragment([asked], -1, ([reply]) => {
      const said = call.read(api, version, reply)?.groups[0];
      if (said === undefined || said.errorCode !== 0) {
        const stale = said === undefined || staleCoordinator.has(said.errorCode);
        if (stale) call.view(home).forgetCoordinator("group", group);
        return over(false);
      }
      const mine = said.members.find(({ memberId }) => memberId === member);
      if (mine === undefined || said.protocolType !== "consumer") {
        memberships.done(membership, null);
        return { type: "skip" };
      }
      if (said.groupState !== "Stable") return over(false);
      const assigned = assignedTo(mine.memberAssignment).filter(({ topic }) => {
        const owner = call.layout.owner(topic);
        return owner >= 0 && owner !== home;
      });
      const free = (topic: string, partition: number): boolean =>
        !memberships.hasCommitted(membership, topic, partition);
      return commitAgain(call, group, assigned, free, over);
    });
  });
}

interface Assigned {
  readonly topic: string;
  readonly partitions: readonly number[];
}

/** Of the protocol of consumers: version int16, topics with their partitions, bytes of the assignor. */
function assignedTo(bytes: Uint8Array): readonly Assigned[] {
  if (bytes.length === 0) return [];
  try {
    const reader = new Reader(bytes);
    reader.int16();
    return reader.array(
      false,
      (r) => ({ topic: r.string(false), partitions: r.array(false, (p) => p.int32(), 0) }),
      0,
    );
  } catch (error) {
    if (error instanceof Malformed) return [];
    throw error;
  }
}

function commitAgain(
  call: Own,
  group: string,
  assigned: readonly Assigned[],
  free: (topic: string, partition: number) => boolean,
  over: (good: boolean) => NextPlan,
): NextPlan {
  const byCluster = groupBy(assigned, ({ topic }) => call.layout.owner(topic));
  if (byCluster.size === 0) return over(true);
  const coordinators = [...byCluster.keys()].map((cluster) => ({
    ...({ kind: "group", key: group, cluster } as const),
  }));
  return lookUp(call, { coordinators }, () => {
    const known = coordinators.flatMap(({ cluster }) => {
      const place = call.coordinator("group", group, cluster);
      return isKnown(place) ? [place] : [];
    });
    if (known.length === 0) return over(false);
    const asked = known.map(({ cluster, node }) => {
      const topics = (byCluster.get(cluster) ?? []).map(({ topic: name, partitions }) =>
        make(OffsetFetchRequestTopic, { name, partitionIndexes: partitions }),
      );
      const body = make(OffsetFetchRequest, { groupId: group, topics });
      return call.part(offsetFetch, fetchVersion, cluster, node, body);
    });
    return fragment(asked, -1, (replies) => {
      const said = replies.map((reply) => call.read(offsetFetch, fetchVersion, reply));
      const sound = said.every((each) => each?.errorCode === 0) && known.length === byCluster.size;
      const parts = known.flatMap(({ cluster, node }, i): Part[] => {
        const topics = committed(said[i] ?? null, free);
        if (topics.length === 0) return [];
        const body = make(OffsetCommitRequest, {
          ...{ groupId: group, generationIdOrMemberEpoch: -1, memberId: "", topics },
        });
        return [call.part(offsetCommit, commitVersion, cluster, node, body)];
      });
      if (parts.length === 0) return over(sound);
      return fragment(parts, -1, (answers) => {
        const codes = answers.flatMap((reply) => {
          const response = call.read(offsetCommit, commitVersion, reply);
          if (response === null) return [-1];
          return response.topics.flatMap(({ partitions }) =>
            partitions.map(({ errorCode }) => errorCode),
          );
        });
        if (codes.some((code) => code < 0 || staleCoordinator.has(code))) {
          for (const { cluster } of known) call.view(cluster).forgetCoordinator("group", group);
        }
        return over(sound && codes.every((code) => code === 0));
      });
    });
  });
}

/** What stands, as it is committed again. */
function committed(
  said: OffsetFetchResponse | null,
  free: (topic: string, partition: number) => boolean,
): OffsetCommitRequestTopic[] {
  if (said === null || said.errorCode !== 0) return [];
  return said.topics.flatMap(({ name, partitions }) => {
    const mine = partitions
      .filter((each) => each.errorCode === 0 && each.committedOffset >= 0n)
      .filter(({ partitionIndex }) => free(name, partitionIndex))
      .map((each) =>
        make(OffsetCommitRequestPartition, {
          partitionIndex: each.partitionIndex,
          committedOffset: each.committedOffset,
          committedLeaderEpoch: each.committedLeaderEpoch,
          committedMetadata: each.metadata,
        }),
      );
    return mine.length === 0 ? [] : [make(OffsetCommitRequestTopic, { name, partitions: mine })];
  });
}

const nothing = new Uint8Array(0);
/** Versions with names and one group that all brokers since 2.4 know. */
const describeVersion = 4;
const fetchVersion = 5;
const commitVersion = 7;
/** Milliseconds until a turn that failed is taken again. */
const retryAfter = 60_000;
/** Milliseconds within which a member has its first turn: the router that it comes from may have been gone for long. */
const longestFirst = 600_000;
