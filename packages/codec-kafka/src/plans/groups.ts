/** DescribeGroups, ListGroups and DeleteGroups. */
import type { Reply } from "@echarde/core";
import { coordinatorCode, type Plan } from "../call.ts";
import { errorCodes, staleCoordinator } from "../error-codes.ts";
import { deleteGroups, describeGroups, listGroups } from "../generated/apis.ts";
import { DeleteGroupsRequest } from "../generated/delete-groups-request.ts";
import { DeletableGroupResult, DeleteGroupsResponse } from "../generated/delete-groups-response.ts";
import { DescribeGroupsRequest } from "../generated/describe-groups-request.ts";
import { DescribedGroup, DescribeGroupsResponse } from "../generated/describe-groups-response.ts";
import { ListGroupsRequest } from "../generated/list-groups-request.ts";
import { type ListedGroup, ListGroupsResponse } from "../generated/list-groups-response.ts";
import { isKnown, lookUp } from "./look-up.ts";
import { fragment, make } from "./plans.ts";

function lostCode(reply: Reply | undefined): number {
  return coordinatorCode(reply?.failure ?? null, "group");
}

/** DescribeGroups: each group is described by the cluster where it is at home. */
export const describeGroupsPlan: Plan<DescribeGroupsRequest, DescribeGroupsResponse> = {
  api: describeGroups,
  plan(call) {
    const { groups, includeAuthorizedOperations } = call.request;
    const coordinators = groups.map((key) => ({
      ...{ kind: "group" as const, key, cluster: call.layout.home("group", key) },
    }));
    return lookUp(call, { coordinators }, () => {
      const places = coordinators.map(({ key, cluster }) =>
        call.coordinator("group", key, cluster),
      );
      const refused = (groupId: string, errorCode: number) =>
        make(DescribedGroup, { groupId, errorCode });
      const asked = groups.flatMap((_, i) => (isKnown(places[i] ?? 0) ? [i] : []));
      const finish = (replies: readonly Reply[]) => {
        let throttleTimeMs = 0;
        const found = groups.map((key, i) => {
          const place = places[i] ?? errorCodes.coordinatorNotAvailable;
          if (!isKnown(place)) return refused(key, place);
          const reply = replies[asked.indexOf(i)];
          const said = call.read(describeGroups, call.version, reply);
          const group = said?.groups[0];
          if (said === null || group === undefined) {
            call.failed(place.cluster, reply?.failure ?? null);
            return refused(key, lostCode(reply));
          }
          throttleTimeMs = Math.max(throttleTimeMs, said.throttleTimeMs);
          if (staleCoordinator.has(group.errorCode)) {
            call.view(place.cluster).forgetCoordinator("group", key);
          }
          return group;
        });
        return call.answer(make(DescribeGroupsResponse, { throttleTimeMs, groups: found }));
      };
      if (asked.length === 0) return finish([]);
      const parts = asked.map((i) => {
        const place = places[i] as { readonly cluster: number; readonly node: string };
        const one = [groups[i] as string];
        const body = make(DescribeGroupsRequest, { groups: one, includeAuthorizedOperations });
        return call.part(describeGroups, call.version, place.cluster, place.node, body);
      });
      return fragment(parts, -1, finish);
    });
  },
};

/** ListGroups: every broker of every cluster lists those that it coordinates; a group is shown once. */
export const listGroupsPlan: Plan<ListGroupsRequest, ListGroupsResponse> = {
  api: listGroups,
  plan(call) {
    const { clusters } = call.layout;
    return lookUp(call, { brokers: clusters }, () => {
      const refused = (errorCode: number) => call.answer(make(ListGroupsResponse, { errorCode }));
      const places = clusters.flatMap((cluster) => {
        const { brokers } = call.view(cluster);
        return brokers.length === 0 ? [null] : brokers.map((id) => call.place(cluster, id));
      });
      const known = places.filter((place) => place !== null);
      // A list that lacks a broker's groups would say that they are gone.
      if (known.length < places.length) return refused(errorCodes.coordinatorNotAvailable);
      const body = make(ListGroupsRequest, call.request);
      const parts = known.map(({ cluster, node }) =>
        call.part(listGroups, call.version, cluster, node, body),
      );
      return fragment(parts, -1, (replies) => {
        const groups = new Map<string, ListedGroup>();
        let throttleTimeMs = 0;
        for (const [i, { cluster }] of known.entries()) {
          const said = call.read(listGroups, call.version, replies[i]);
          if (said === null) call.failed(cluster, replies[i]?.failure ?? null);
          if (said === null || said.errorCode !== 0) {
            return refused(said?.errorCode ?? lostCode(replies[i]));
          }
          throttleTimeMs = Math.max(throttleTimeMs, said.throttleTimeMs);
          for (const group of said.groups) {
            const home = call.layout.home("group", group.groupId) === cluster;
            if (home || !groups.has(group.groupId)) groups.set(group.groupId, group);
          }
        }
        const all = [...groups.values()];
        return call.answer(make(ListGroupsResponse, { throttleTimeMs, groups: all }));
      });
    });
  },
};

/** DeleteGroups: at home, and the offsets that other clusters keep for the group. */
export const deleteGroupsPlan: Plan<DeleteGroupsRequest, DeleteGroupsResponse> = {
  api: deleteGroups,
  plan(call) {
    const { groupsNames } = call.request;
    const wanted = groupsNames.flatMap((key) =>
      call.layout.clusters.map((cluster) => ({ kind: "group" as const, key, cluster })),
    );
    return lookUp(call, { coordinators: wanted }, () => {
      const places = wanted.map(({ key, cluster }) => call.coordinator("group", key, cluster));
      const asked = wanted.flatMap((_, i) => (isKnown(places[i] ?? 0) ? [i] : []));
      const finish = (replies: readonly Reply[]) => {
        const codes = new Map<string, number>();
        let throttleTimeMs = 0;
        wanted.forEach(({ key, cluster }, i) => {
          const place = places[i] ?? errorCodes.coordinatorNotAvailable;
          const reply = replies[asked.indexOf(i)];
          const said = isKnown(place) ? call.read(deleteGroups, call.version, reply) : null;
          if (isKnown(place) && said === null) call.failed(cluster, reply?.failure ?? null);
          throttleTimeMs = Math.max(throttleTimeMs, said?.throttleTimeMs ?? 0);
          let code = said?.results[0]?.errorCode ?? (isKnown(place) ? lostCode(reply) : place);
          if (staleCoordinator.has(code)) call.view(cluster).forgetCoordinator("group", key);
          const home = cluster === call.layout.home("group", key);
          if (!home && code === errorCodes.groupIdNotFound) code = 0;
          const before = codes.get(key) ?? 0;
          codes.set(key, home ? code || before : before || code);
        });
        const results = groupsNames.map((groupId) =>
          make(DeletableGroupResult, { groupId, errorCode: codes.get(groupId) ?? 0 }),
        );
        return call.answer(make(DeleteGroupsResponse, { throttleTimeMs, results }));
      };
      if (asked.length === 0) return finish([]);
      const parts = asked.map((i) => {
        const { cluster, node } = places[i] as { readonly cluster: number; readonly node: string };
        const body = make(DeleteGroupsRequest, { groupsNames: [wanted[i]?.key ?? ""] });
        return call.part(deleteGroups, call.version, cluster, node, body);
      });
      return fragment(parts, -1, finish);
    });
  },
};
