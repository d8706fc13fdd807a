/**
 * Committed offsets. They are kept by the cluster that owns the topic, in its group of the same name. At
 * home the group's members are known; elsewhere the group is one without members, whose offsets anybody may
 * commit: such commits carry no generation, and home is asked first (fence.ts).
 */
import type { NextPlan, Part } from "@echarde/core";
import { type Call, coordinatorCode, type Place, type Plan, type Where } from "../call.ts";
import { errorCodes, staleCoordinator } from "../error-codes.ts";
import { offsetCommit, offsetFetch } from "../generated/apis.ts";
import {
  OffsetCommitRequest,
  type OffsetCommitRequestPartition,
  OffsetCommitRequestTopic,
} from "../generated/offset-commit-request.ts";
import {
  OffsetCommitResponse,
  OffsetCommitResponsePartition,
  OffsetCommitResponseTopic,
} from "../generated/offset-commit-response.ts";
import {
  OffsetFetchRequest,
  OffsetFetchRequestGroup,
  OffsetFetchRequestTopic,
  OffsetFetchRequestTopics,
} from "../generated/offset-fetch-request.ts";
import {
  OffsetFetchResponse,
  OffsetFetchResponseGroup,
  OffsetFetchResponsePartition,
  OffsetFetchResponsePartitions,
  OffsetFetchResponseTopic,
  OffsetFetchResponseTopics,
} from "../generated/offset-fetch-response.ts";
import { fence } from "./fence.ts";
import { isKnown, lookUp } from "./look-up.ts";
import { fragment, make } from "./plans.ts";
import { byTopic, divide, type Item, itemsByTopic, type Shape } from "./split.ts";

/** Divides a request about one group by the owners of its topics. `foreign` = an error of those that are not its home, 0 = none. */
function byOwner<Q extends { readonly groupId: string }, R, P, S>(
  call: Call<Q, R>,
  shape: Shape<Q, R, P, S>,
  foreign = 0,
): NextPlan {
  const key = call.request.groupId;
  const home = call.layout.home("group", key);
  const items = shape.items(call.request);
  const owners = new Set(items.map(({ topic }) => call.layout.owner(topic)));
  if (items.length === 0) owners.add(home);
  const coordinators = [...owners].map((cluster) => ({ kind: "group", key, cluster }) as const);
  return lookUp(call, { coordinators }, () => {
    const placeOf = ({ topic }: Item<P>): Place => {
      const owner = call.layout.owner(topic);
      if (owner < 0) return errorCodes.unknownTopicOrPartition;
      if (owner !== home && foreign !== 0) return foreign;
      return call.coordinator("group", key, owner);
    };
    const division = divide(call, shape, items, placeOf);
    if (division.groups.length === 0) return call.answer(division.merge([]).response);
    return fragment(division.parts(), -1, (replies) =>
      call.answer(division.merge(replies).response),
    );
  });
}

/** An error says that somebody else coordinates the group. */
export function forget<Q extends { readonly groupId: string }, R>(
  call: Call<Q, R>,
  cluster: number,
  _item: unknown,
  code: number,
): void {
  if (staleCoordinator.has(code)) {
    call.view(cluster).forgetCoordinator("group", call.request.groupId);
  }
}

const commits = (
  call: Call<OffsetCommitRequest, OffsetCommitResponse>,
): Shape<
  OffsetCommitRequest,
  OffsetCommitResponse,
  OffsetCommitRequestPartition,
  OffsetCommitResponsePartition
> => ({
  api: offsetCommit,
  serves: "coordinator",
  stale: forget,
  items: ({ topics }) =>
    topics.flatMap(({ name, partitions }) =>
      partitions.map((asked) => ({ topic: name, index: asked.partitionIndex, asked })),
    ),
  request: (request, items, cluster) =>
    make(OffsetCommitRequest, request, {
      topics: itemsByTopic(items).map(([name, partitions]) =>
        make(OffsetCommitRequestTopic, { name, partitions }),
      ),
      ...(cluster === call.layout.home("group", request.groupId)
        ? {}
        : { generationIdOrMemberEpoch: -1, memberId: "", groupInstanceId: null }),
    }),
  *results({ topics }) {
    for (const { name, partitions } of topics)
      for (const result of partitions) yield [name, result.partitionIndex, result];
  },
  refused: ({ index }, errorCode) =>
    make(OffsetCommitResponsePartition, { partitionIndex: index, errorCode }),
  code: ({ errorCode }) => errorCode,
  response: (results, throttleTimeMs) =>
    make(OffsetCommitResponse, {
      throttleTimeMs,
      topics: byTopic(results).map(([name, partitions]) =>
        make(OffsetCommitResponseTopic, { name, partitions }),
      ),
    }),
  throttle: ({ throttleTimeMs }) => throttleTimeMs,
});

/** OffsetCommit. */
export const offsetCommitPlan: Plan<OffsetCommitRequest, OffsetCommitResponse> = {
  api: offsetCommit,
  plan: (call) => fence(call, (foreign) => byOwner(call, commits(call), foreign)),
};

/** A group whose offsets are wanted; null topics = all. */
type WantedGroup = Pick<OffsetFetchRequestGroup, "groupId" | "memberId" | "memberEpoch" | "topics">;

/** What one cluster is asked about one group. */
interface Question {
  readonly group: WantedGroup;
  readonly cluster: number;
  readonly place: Place;
}

/** OffsetFetch. One packet for each group and cluster: groups may have different coordinators. */
export const offsetFetchPlan: Plan<OffsetFetchRequest, OffsetFetchResponse> = {
  api: offsetFetch,
  plan(call) {
    const { request, version } = call;
    const groups: readonly WantedGroup[] =
      version < 8
        ? [{ groupId: request.groupId, topics: request.topics, memberId: null, memberEpoch: -1 }]
        : request.groups;
    const wanted = groups.flatMap((group) =>
      clustersOf(call, group).map((cluster) => ({ group, cluster })),
    );
    const coordinators = wanted.map(({ group, cluster }) => ({
      ...{ kind: "group", key: group.groupId, cluster },
    })) as { readonly kind: "group"; readonly key: string; readonly cluster: number }[];
    return lookUp(call, { coordinators }, () => {
      const questions = wanted.map(({ group, cluster }): Question => {
        const place = call.coordinator("group", group.groupId, cluster);
        return { group, cluster, place };
      });
      const sent = questions.filter(({ place }) => isKnown(place));
      if (sent.length === 0) return call.answer(merged(call, groups, questions, () => null));
      return fragment(
        sent.map((question) => packet(call, question)),
        -1,
        (replies) => {
          const said = new Map<Question, Said>();
          sent.forEach((question, i) => {
            const reply = replies[i];
            const response = call.read(offsetFetch, version, reply);
            if (response === null) call.failed(question.cluster, reply?.failure ?? null);
            said.set(question, {
              response,
              code: coordinatorCode(reply?.failure ?? null, "group"),
            });
          });
          return call.answer(merged(call, groups, questions, (q) => said.get(q) ?? null));
        },
      );
    });
  },
};

interface Said {
  readonly response: OffsetFetchResponse | null;
  readonly code: number;
}

function clustersOf(call: Where, group: WantedGroup): number[] {
  const home = call.layout.home("group", group.groupId);
  // Home is always asked: it alone can say that the group is not there for this client.
  const owners = (group.topics ?? []).map(({ name }) => call.layout.owner(name));
  const clusters = group.topics === null ? call.layout.clusters : owners;
  return [...new Set([home, ...clusters])].filter((cluster) => cluster >= 0);
}

function packet(
  call: Call<OffsetFetchRequest, OffsetFetchResponse>,
  { group, cluster, place }: Question,
): Part {
  const { version, request, layout } = call;
  const topics = group.topics?.filter(({ name }) => layout.owner(name) === cluster) ?? group.topics;
  const home = cluster === layout.home("group", group.groupId);
  const named = topics?.map(({ name, partitionIndexes }) => ({ name, partitionIndexes })) ?? null;
  const body = make(OffsetFetchRequest, { requireStable: request.requireStable });
  if (version < 8) {
    body.groupId = group.groupId;
    body.topics = named?.map((topic) => make(OffsetFetchRequestTopic, topic)) ?? null;
  } else {
    const asked = make(OffsetFetchRequestGroup, {
      groupId: group.groupId,
      memberId: home ? group.memberId : null,
      memberEpoch: home ? group.memberEpoch : -1,
      topics: named?.map((topic) => make(OffsetFetchRequestTopics, topic)) ?? null,
    });
    body.groups = [asked];
  }
  const node = isKnown(place) ? place.node : "";
  return call.part(offsetFetch, version, cluster, node, body);
}

function merged(
  call: Call<OffsetFetchRequest, OffsetFetchResponse>,
  groups: readonly WantedGroup[],
  questions: readonly Question[],
  saidOf: (question: Question) => Said | null,
): OffsetFetchResponse {
  const { version, layout } = call;
  let throttleTimeMs = 0;
  const results = groups.map((group) => {
    const found = new Map<string, OffsetFetchResponsePartitions>();
    const topics = new Map<string, OffsetFetchResponsePartitions[]>();
    const errors = new Map<number, number>();
    for (const question of questions) {
      if (question.group !== group) continue;
      const { cluster, place } = question;
      const said = saidOf(question);
      const response = said?.response ?? null;
      if (response === null) {
        errors.set(cluster, said?.code ?? (isKnown(place) ? 0 : place));
        continue;
      }
      throttleTimeMs = Math.max(throttleTimeMs, response.throttleTimeMs);
      const mine = version < 8 ? response : response.groups[0];
      const code = mine?.errorCode ?? errorCodes.coordinatorNotAvailable;
      if (code !== 0) errors.set(cluster, code);
      if (staleCoordinator.has(code)) {
        call.view(cluster).forgetCoordinator("group", group.groupId);
      }
      for (const { name, partitions } of mine?.topics ?? []) {
        // Offsets of topics that moved to another cluster are of the old one's log.
        if (layout.owner(name) !== cluster) continue;
        for (const partition of partitions) {
          if (staleCoordinator.has(partition.errorCode)) {
            call.view(cluster).forgetCoordinator("group", group.groupId);
          }
          found.set(`${partition.partitionIndex} ${name}`, partition);
          const list = topics.get(name) ?? [];
          topics.set(name, list);
          list.push(partition);
        }
      }
    }
    const home = errors.get(layout.home("group", group.groupId)) ?? 0;
    // Consumers end when they read such an error of one partition; that of the whole makes them ask again.
    const errorCode = home || ([...errors.values()][0] ?? 0);
    if (errorCode !== 0 && version >= 2) return { group, errorCode, topics: [] };
    const named = group.topics?.map(({ name, partitionIndexes }) => {
      const owner = layout.owner(name);
      const code = owner < 0 ? 0 : (errors.get(owner) ?? 0);
      const partitions = partitionIndexes.map(
        (partitionIndex) =>
          found.get(`${partitionIndex} ${name}`) ??
          make(OffsetFetchResponsePartitions, {
            ...{ partitionIndex, committedOffset: -1n, metadata: "" },
            errorCode: code,
          }),
      );
      return { name, partitions };
    });
    const all = named ?? [...topics].map(([name, partitions]) => ({ name, partitions }));
    return { group, errorCode: 0, topics: all };
  });
  if (version >= 8) {
    const made = results.map(({ group, errorCode, topics }) =>
      make(OffsetFetchResponseGroup, {
        groupId: group.groupId,
        errorCode,
        topics: topics.map((topic) => make(OffsetFetchResponseTopics, topic)),
      }),
    );
    return make(OffsetFetchResponse, { throttleTimeMs, groups: made });
  }
  const [{ errorCode, topics } = { errorCode: 0, topics: [] }] = results;
  return make(OffsetFetchResponse, {
    throttleTimeMs,
    errorCode,
    topics: topics.map(({ name, partitions }) =>
      make(OffsetFetchResponseTopic, {
        name,
        partitions: partitions.map((partition) => make(OffsetFetchResponsePartition, partition)),
      }),
    ),
  });
}
