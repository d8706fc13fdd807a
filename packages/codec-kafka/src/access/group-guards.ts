/** Guards of requests about groups. */
import { errorCodes } from "../error-codes.ts";
import { DeleteGroupsRequest } from "../generated/delete-groups-request.ts";
import { DeletableGroupResult, DeleteGroupsResponse } from "../generated/delete-groups-response.ts";
import { DescribeGroupsRequest } from "../generated/describe-groups-request.ts";
import { DescribedGroup, DescribeGroupsResponse } from "../generated/describe-groups-response.ts";
import type { FindCoordinatorRequest } from "../generated/find-coordinator-request.ts";
import { FindCoordinatorResponse } from "../generated/find-coordinator-response.ts";
import { HeartbeatResponse } from "../generated/heartbeat-response.ts";
import { JoinGroupResponse } from "../generated/join-group-response.ts";
import { LeaveGroupResponse } from "../generated/leave-group-response.ts";
import type { ListGroupsRequest } from "../generated/list-groups-request.ts";
import { ListGroupsResponse } from "../generated/list-groups-response.ts";
import { OffsetCommitRequest } from "../generated/offset-commit-request.ts";
import {
  OffsetCommitResponse,
  OffsetCommitResponsePartition,
  OffsetCommitResponseTopic,
} from "../generated/offset-commit-response.ts";
import { OffsetDeleteRequest } from "../generated/offset-delete-request.ts";
import {
  OffsetDeleteResponse,
  OffsetDeleteResponsePartition,
  OffsetDeleteResponseTopic,
} from "../generated/offset-delete-response.ts";
import { SyncGroupResponse } from "../generated/sync-group-response.ts";
import { make } from "../plans/plans.ts";
import { type Guard, parted } from "./guard.ts";

const { groupAuthorizationFailed, topicAuthorizationFailed, transactionalIdAuthorizationFailed } =
  errorCodes;

/** A request of a member. */
function ofMember<R extends { errorCode: number }>(
  key: number,
  empty: new () => R,
): Guard<{ readonly groupId: string }, R> {
  return {
    ...{ key, empty },
    look: ({ groupId }, access) =>
      access.may("group", groupId, "read")
        ? null
        : {
            rest: null,
            amend: (response) => Object.assign(response, { errorCode: groupAuthorizationFailed }),
          },
  };
}

const offsetCommit: Guard<OffsetCommitRequest, OffsetCommitResponse> = {
  ...{ key: 8, empty: OffsetCommitResponse },
  look: (request, access) => {
    const mine = access.may("group", request.groupId, "read");
    const [topics, denied] = parted(
      request.topics,
      ({ name }) => mine && access.may("topic", name, "read"),
    );
    if (denied.length === 0 && mine) return null;
    const errorCode = mine ? topicAuthorizationFailed : groupAuthorizationFailed;
    const refused = denied.map(({ name, partitions }) =>
      make(OffsetCommitResponseTopic, {
        name,
        partitions: partitions.map(({ partitionIndex }) =>
          make(OffsetCommitResponsePartition, { partitionIndex, errorCode }),
        ),
      }),
    );
    return {
      rest: topics.length === 0 ? null : make(OffsetCommitRequest, request, { topics }),
      amend: (response) =>
        make(OffsetCommitResponse, response, { topics: [...response.topics, ...refused] }),
    };
  },
};

const offsetDelete: Guard<OffsetDeleteRequest, OffsetDeleteResponse> = {
  ...{ key: 47, empty: OffsetDeleteResponse },
  look: (request, access) => {
    if (!access.may("group", request.groupId, "admin")) {
      const errorCode = groupAuthorizationFailed;
      return { rest: null, amend: () => make(OffsetDeleteResponse, { errorCode }) };
    }
    const [topics, denied] = parted(request.topics, ({ name }) =>
      access.may("topic", name, "read"),
    );
    if (denied.length === 0) return null;
    const refused = denied.map(({ name, partitions }) =>
      make(OffsetDeleteResponseTopic, {
        name,
        partitions: partitions.map(({ partitionIndex }) =>
          make(OffsetDeleteResponsePartition, {
            ...{ partitionIndex, errorCode: topicAuthorizationFailed },
          }),
        ),
      }),
    );
    return {
      rest: topics.length === 0 ? null : make(OffsetDeleteRequest, request, { topics }),
      amend: (response) =>
        make(OffsetDeleteResponse, response, { topics: [...response.topics, ...refused] }),
    };
  },
};

const findCoordinator: Guard<FindCoordinatorRequest, FindCoordinatorResponse> = {
  ...{ key: 10, empty: FindCoordinatorResponse },
  look: ({ key, keyType }, access) => {
    const kind = keyType === 0 ? "group" : "transaction";
    if ((keyType !== 0 && keyType !== 1) || access.may(kind, key, null)) return null;
    const errorCode = keyType === 0 ? groupAuthorizationFailed : transactionalIdAuthorizationFailed;
    return {
      rest: null,
      amend: () => make(FindCoordinatorResponse, { errorCode, nodeId: -1, port: -1 }),
    };
  },
};

const describeGroups: Guard<DescribeGroupsRequest, DescribeGroupsResponse> = {
  ...{ key: 15, empty: DescribeGroupsResponse },
  look: (request, access) => {
    const [groups, denied] = parted(request.groups, (id) => access.may("group", id, null));
    if (denied.length === 0) return null;
    const refused = denied.map((groupId) =>
      make(DescribedGroup, { groupId, errorCode: groupAuthorizationFailed }),
    );
    return {
      rest: groups.length === 0 ? null : make(DescribeGroupsRequest, request, { groups }),
      amend: (response) =>
        make(DescribeGroupsResponse, response, { groups: [...response.groups, ...refused] }),
    };
  },
};

const listGroups: Guard<ListGroupsRequest, ListGroupsResponse> = {
  ...{ key: 16, empty: ListGroupsResponse },
  look: (request, access) => ({
    rest: request,
    amend: (response) =>
      make(ListGroupsResponse, response, {
        groups: response.groups.filter(({ groupId }) => access.may("group", groupId, null)),
      }),
  }),
};

const deleteGroups: Guard<DeleteGroupsRequest, DeleteGroupsResponse> = {
  ...{ key: 42, empty: DeleteGroupsResponse },
  look: (request, access) => {
    const [groupsNames, denied] = parted(request.groupsNames, (id) =>
      access.may("group", id, "admin"),
    );
    if (denied.length === 0) return null;
    const refused = denied.map((groupId) =>
      make(DeletableGroupResult, { groupId, errorCode: groupAuthorizationFailed }),
    );
    return {
      rest: groupsNames.length === 0 ? null : make(DeleteGroupsRequest, request, { groupsNames }),
      amend: (response) =>
        make(DeleteGroupsResponse, response, { results: [...response.results, ...refused] }),
    };
  },
};

/** See the module. */
export const groupGuards: readonly unknown[] = [
  ofMember(11, JoinGroupResponse),
  ofMember(12, HeartbeatResponse),
  ofMember(13, LeaveGroupResponse),
  ofMember(14, SyncGroupResponse),
  offsetCommit,
  offsetDelete,
  findCoordinator,
  describeGroups,
  listGroups,
  deleteGroups,
];
