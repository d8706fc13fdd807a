/** Guard of OffsetFetch, which has one group or, from version 8 on, several. */
import { errorCodes } from "../error-codes.ts";
import { OffsetFetchRequest, OffsetFetchRequestGroup } from "../generated/offset-fetch-request.ts";
import {
  OffsetFetchResponse,
  OffsetFetchResponseGroup,
  OffsetFetchResponsePartition,
  OffsetFetchResponsePartitions,
  OffsetFetchResponseTopic,
  OffsetFetchResponseTopics,
} from "../generated/offset-fetch-response.ts";
import { make } from "../plans/plans.ts";
import type { Access } from "./access.ts";
import { type Guard, parted } from "./guard.ts";

/** See the module. */
export const offsetFetchGuard: Guard<OffsetFetchRequest, OffsetFetchResponse> = {
  ...{ key: 9, empty: OffsetFetchResponse },
  look: (request, access, version) =>
    version < 8 ? one(request, access) : several(request, access),
};

type Look = ReturnType<typeof offsetFetchGuard.look>;

interface Topic {
  readonly name: string;
  readonly partitionIndexes: readonly number[];
}

function refusedOf(topics: readonly Topic[], errorCode: number) {
  return topics.map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map((partitionIndex) => ({
      ...{ partitionIndex, errorCode, committedOffset: -1n, metadata: "" },
    })),
  }));
}

function one(request: OffsetFetchRequest, access: Access): Look {
  const made = (refused: ReturnType<typeof refusedOf>) =>
    refused.map(({ name, partitions }) =>
      make(OffsetFetchResponseTopic, {
        name,
        partitions: partitions.map((result) => make(OffsetFetchResponsePartition, result)),
      }),
    );
  if (!access.may("group", request.groupId, null)) {
    const errorCode = errorCodes.groupAuthorizationFailed;
    // The first versions have no place but the partitions for it.
    const topics = made(refusedOf(request.topics ?? [], errorCode));
    return { rest: null, amend: () => make(OffsetFetchResponse, { errorCode, topics }) };
  }
  const may = ({ name }: { readonly name: string }) => access.may("topic", name, null);
  const [topics, denied] = parted(request.topics ?? [], may);
  const refused = made(refusedOf(denied, errorCodes.topicAuthorizationFailed));
  return {
    rest: request.topics === null ? request : make(OffsetFetchRequest, request, { topics }),
    amend: (response) =>
      make(OffsetFetchResponse, response, { topics: [...response.topics.filter(may), ...refused] }),
  };
}

function several(request: OffsetFetchRequest, access: Access): Look {
  const [groups, strange] = parted(request.groups, ({ groupId }) =>
    access.may("group", groupId, null),
  );
  const may = ({ name }: { readonly name: string }) => access.may("topic", name, null);
  const rest = groups.map((group) =>
    group.topics === null
      ? group
      : make(OffsetFetchRequestGroup, group, { topics: group.topics.filter(may) }),
  );
  const refusals = new Map(
    groups.map(({ groupId, topics }) => {
      const denied = parted(topics ?? [], may)[1];
      const refused = refusedOf(denied, errorCodes.topicAuthorizationFailed);
      return [groupId, refused] as const;
    }),
  );
  const errorCode = errorCodes.groupAuthorizationFailed;
  const refusedGroups = strange.map(({ groupId }) =>
    make(OffsetFetchResponseGroup, { groupId, errorCode }),
  );
  const amended = (group: OffsetFetchResponseGroup): OffsetFetchResponseGroup => {
    const refused = (refusals.get(group.groupId) ?? []).map(({ name, partitions }) =>
      make(OffsetFetchResponseTopics, {
        name,
        partitions: partitions.map((result) => make(OffsetFetchResponsePartitions, result)),
      }),
    );
    const topics = group.errorCode === 0 ? [...group.topics.filter(may), ...refused] : [];
    return make(OffsetFetchResponseGroup, group, { topics });
  };
  return {
    rest:
      strange.length > 0 && groups.length === 0
        ? null
        : make(OffsetFetchRequest, request, { groups: rest }),
    amend: (response) =>
      make(OffsetFetchResponse, response, {
        groups: [...response.groups.map(amended), ...refusedGroups],
      }),
  };
}
