/**
 * OffsetDelete. The home of the group knows whether somebody consumes a topic, and refuses then; clusters that
 * keep offsets alone would delete them, so home is asked first. The group is there when one of them knows it.
 */
import type { NextPlan, Reply } from "@echarde/core";
import type { Call, Place, Plan } from "../call.ts";
import { errorCodes } from "../error-codes.ts";
import { offsetDelete } from "../generated/apis.ts";
import type { DescribedGroup } from "../generated/describe-groups-response.ts";
import {
  OffsetDeleteRequest,
  type OffsetDeleteRequestPartition,
  OffsetDeleteRequestTopic,
} from "../generated/offset-delete-request.ts";
import {
  OffsetDeleteResponse,
  OffsetDeleteResponsePartition,
  OffsetDeleteResponseTopic,
} from "../generated/offset-delete-response.ts";
import { Malformed, Reader } from "../wire/reader.ts";
import { askAbout, askHome, isEmpty, isUnknown } from "./home.ts";
import { lookUp } from "./look-up.ts";
import { forget } from "./offsets.ts";
import { fragment, make } from "./plans.ts";
import { byTopic, divide, itemsByTopic, type Shape } from "./split.ts";

type Request = Call<OffsetDeleteRequest, OffsetDeleteResponse>;

/** See the module. */
export const offsetDeletePlan: Plan<OffsetDeleteRequest, OffsetDeleteResponse> = {
  api: offsetDelete,
  plan(call) {
    const { groupId, topics } = call.request;
    const home = call.layout.home("group", groupId);
    const foreign = topics.some(({ name }) => {
      const owner = call.layout.owner(name);
      return owner >= 0 && owner !== home;
    });
    if (!foreign) return deleteAll(call, false, () => 0);
    return askHome(call, groupId, (said) => {
      if (typeof said === "number") return refuse(call, said);
      if (isEmpty(said)) return deleteAll(call, !isUnknown(said), () => 0);
      if (said.protocolType !== "consumer") return refuse(call, errorCodes.nonEmptyGroup);
      const { groupSubscribedToTopic, rebalanceInProgress } = errorCodes;
      const subscribed = subscribedTo(said);
      return deleteAll(call, true, (topic) => {
        if (subscribed === null) return rebalanceInProgress;
        return subscribed.has(topic) ? groupSubscribedToTopic : 0;
      });
    });
  },
};

function refuse(call: Request, errorCode: number): NextPlan {
  return call.answer(make(OffsetDeleteResponse, { errorCode }));
}

/** Topics that members of the group consume; null = not known. */
function subscribedTo({ groupState, members }: DescribedGroup): ReadonlySet<string> | null {
  if (groupState !== "Stable") return null;
  try {
    return new Set(
      members.flatMap(({ memberMetadata }) => {
        const reader = new Reader(memberMetadata);
        reader.int16(); // version of the protocol of consumers
        return reader.array(false, (r) => r.string(false), 0);
      }),
    );
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

/** `isThere` = home knows the group; `foreign` = error code of a topic that home does not own, 0 = none. */
function deleteAll(call: Request, isThere: boolean, foreign: (topic: string) => number): NextPlan {
  const key = call.request.groupId;
  const home = call.layout.home("group", key);
  const items = shape.items(call.request);
  const owners = new Set(items.map(({ topic }) => call.layout.owner(topic)));
  const coordinators = [...owners].map((cluster) => ({
    ...({ kind: "group", key, cluster } as const),
  }));
  return lookUp(call, { coordinators }, () => {
    const placeOf = ({ topic }: (typeof items)[number]): Place => {
      const owner = call.layout.owner(topic);
      if (owner < 0) return errorCodes.unknownTopicOrPartition;
      const code = owner === home ? 0 : foreign(topic);
      return code === 0 ? call.coordinator("group", key, owner) : code;
    };
    const division = divide(call, shape, items, placeOf);
    if (division.groups.length === 0) return call.answer(division.merge([]).response);
    return fragment(division.parts(), -1, (replies) => {
      const { response } = division.merge(replies);
      const codes = replies.map((reply) => codeOf(call, reply));
      division.groups.forEach(({ cluster }, i) => {
        forget(call, cluster, null, codes[i] ?? 0);
      });
      const problem = codes.find((code) => code !== 0 && code !== errorCodes.groupIdNotFound) ?? 0;
      if (problem !== 0) return refuse(call, problem);
      // Those that are asked keep no offsets of the group, so there is nothing to delete.
      division.groups.forEach(({ items: mine }, i) => {
        if (codes[i] !== errorCodes.groupIdNotFound) return;
        const names = new Set(mine.map(({ topic, index }) => `${index} ${topic}`));
        for (const { name, partitions } of response.topics)
          for (const result of partitions)
            if (names.has(`${result.partitionIndex} ${name}`)) result.errorCode = 0;
      });
      const answer = (): NextPlan => call.answer(response);
      return isThere || codes.includes(0) ? answer() : ifKnown(call, owners, answer);
    });
  });
}

/** `then` where a cluster knows the group that has not been asked yet. */
function ifKnown(call: Request, asked: ReadonlySet<number>, then: () => NextPlan): NextPlan {
  const others = call.layout.clusters.filter((cluster) => !asked.has(cluster));
  return askAbout(call, call.request.groupId, others, (said) => {
    if (said.some((group) => typeof group !== "number" && !isUnknown(group))) return then();
    return refuse(
      call,
      said.find((code) => typeof code === "number") ?? errorCodes.groupIdNotFound,
    );
  });
}

/** Error code of a whole response; that of a lost one stands at each of its partitions. */
function codeOf(call: Request, reply: Reply | undefined): number {
  return call.read(offsetDelete, call.version, reply)?.errorCode ?? 0;
}

const shape: Shape<
  OffsetDeleteRequest,
  OffsetDeleteResponse,
  OffsetDeleteRequestPartition,
  OffsetDeleteResponsePartition
> = {
  api: offsetDelete,
  serves: "coordinator",
  stale: forget,
  items: ({ topics }) =>
    topics.flatMap(({ name, partitions }) =>
      partitions.map((asked) => ({ topic: name, index: asked.partitionIndex, asked })),
    ),
  request: (request, items) =>
    make(OffsetDeleteRequest, request, {
      topics: itemsByTopic(items).map(([name, partitions]) =>
        make(OffsetDeleteRequestTopic, { name, partitions }),
      ),
    }),
  *results({ topics }) {
    for (const { name, partitions } of topics)
      for (const result of partitions) yield [name, result.partitionIndex, result];
  },
  refused: ({ index }, errorCode) =>
    make(OffsetDeleteResponsePartition, { partitionIndex: index, errorCode }),
  code: ({ errorCode }) => errorCode,
  response: (results, throttleTimeMs) =>
    make(OffsetDeleteResponse, {
      throttleTimeMs,
      topics: byTopic(results).map(([name, partitions]) =>
        make(OffsetDeleteResponseTopic, { name, partitions }),
      ),
    }),
  throttle: ({ throttleTimeMs }) => throttleTimeMs,
};
