/** DescribeGroups and ListGroups. */
import type { Reply } from "@echarde/core";
import { coordinatorCode, type Plan } from "../call.ts";
import { errorCodes, staleCoordinator } from "../error-codes.ts";
import { describeGroups, listGroups } from "../generated/apis.ts";
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
      const { statesFilter, typesFilter } = call.request;
      const filtered = statesFilter.length > 0 || typesFilter.length > 0;
      // A filter hides groups at home whose offsets elsewhere pass it: which there are is asked without, too.
      const bodies = [make(ListGroupsRequest, call.request)];
      if (filtered) bodies.push(make(ListGroupsRequest));
      const asked = bodies.flatMap((body) => known.map((place) => ({ body, place })));
      const parts = asked.map(({ body, place: { cluster, node } }) =>
        call.part(listGroups, call.version, cluster, node, body),
      );
      return fragment(parts, -1, (replies) => {
        const atHome: ListedGroup[] = [];
        const elsewhere = new Map<string, ListedGroup>();
        const knownAtHome = new Set<string>();
        let throttleTimeMs = 0;
        for (const [i, { body, place }] of asked.entries()) {
          const { cluster } = place;
          const said = call.read(listGroups, call.version, replies[i]);
          if (said === null) call.failed(cluster, replies[i]?.failure ?? null);
          if (said === null || said.errorCode !== 0) {
            return refused(said?.errorCode ?? lostCode(replies[i]));
          }
          throttleTimeMs = Math.max(throttleTimeMs, said.throttleTimeMs);
          for (const group of said.groups) {
            const isHome = call.layout.home("group", group.groupId) === cluster;
            if (isHome) knownAtHome.add(group.groupId);
            if (body !== bodies[0]) continue;
            if (isHome) atHome.push(group);
            else elsewhere.set(group.groupId, group);
          }
        }
        const others = [...elsewhere.values()].filter(({ groupId }) => !knownAtHome.has(groupId));
        const groups = [...atHome, ...others];
        return call.answer(make(ListGroupsResponse, { throttleTimeMs, groups }));
      });
    });
  },
};
