/**
 * DeleteGroups: at home first, which refuses while the group has members. Then the offsets that other clusters
 * keep for it, which know no members and would delete them at any time.
 */
import type { NextPlan, Part } from "@echarde/core";
import { type Call, coordinatorCode, type Place, type Plan } from "../call.ts";
import { errorCodes, staleCoordinator } from "../error-codes.ts";
import { deleteGroups } from "../generated/apis.ts";
import { DeleteGroupsRequest } from "../generated/delete-groups-request.ts";
import { DeletableGroupResult, DeleteGroupsResponse } from "../generated/delete-groups-response.ts";
import { isKnown, lookUp } from "./look-up.ts";
import { fragment, make } from "./plans.ts";

type Request = Call<DeleteGroupsRequest, DeleteGroupsResponse>;

/** See the module. */
export const deleteGroupsPlan: Plan<DeleteGroupsRequest, DeleteGroupsResponse> = {
  api: deleteGroups,
  plan(call) {
    const { groupsNames } = call.request;
    const homeOf = (key: string): number => call.layout.home("group", key);
    const throttle = { most: 0 };
    const atHome = groupsNames.map((key) => ({ key, cluster: homeOf(key) }));
    return deleteFrom(call, atHome, throttle, (homes) => {
      const gone = groupsNames.filter((_, i) => [0, groupIdNotFound].includes(homes[i] ?? 0));
      const elsewhere = gone.flatMap((key) =>
        call.layout.clusters
          .filter((cluster) => cluster !== homeOf(key))
          .map((cluster) => ({ key, cluster })),
      );
      return deleteFrom(call, elsewhere, throttle, (others) => {
        const results = groupsNames.map((groupId, i) => {
          const home = homes[i] ?? 0;
          const codes = others.filter((_, j) => elsewhere[j]?.key === groupId);
          const failed = codes.find((code) => code !== 0 && code !== groupIdNotFound) ?? 0;
          // Home need not know a group of which other clusters alone keep offsets.
          const wasThere = home === 0 || codes.includes(0);
          const own = home === groupIdNotFound && wasThere ? 0 : home;
          return make(DeletableGroupResult, {
            groupId,
            errorCode: own === 0 || own === groupIdNotFound ? failed || own : own,
          });
        });
        const throttleTimeMs = throttle.most;
        return call.answer(make(DeleteGroupsResponse, { throttleTimeMs, results }));
      });
    });
  },
};

/** Deletes each group from a cluster; `then` hears the error codes. */
function deleteFrom(
  call: Request,
  wanted: readonly { readonly key: string; readonly cluster: number }[],
  throttle: { most: number },
  then: (codes: readonly number[]) => NextPlan,
): NextPlan {
  const coordinators = wanted.map(({ key, cluster }) => ({
    ...({ kind: "group", key, cluster } as const),
  }));
  return lookUp(call, { coordinators }, () => {
    const codes: number[] = [];
    const parts: Part[] = [];
    const asked: number[] = [];
    wanted.forEach(({ key, cluster }, i) => {
      const place: Place = call.coordinator("group", key, cluster);
      codes.push(isKnown(place) ? 0 : place);
      if (!isKnown(place)) return;
      const body = make(DeleteGroupsRequest, { groupsNames: [key] });
      parts.push(call.part(deleteGroups, call.version, cluster, place.node, body));
      asked.push(i);
    });
    if (parts.length === 0) return then(codes);
    return fragment(
      parts,
      -1,
      (replies) => {
        asked.forEach((i, j) => {
          const { key, cluster } = wanted[i] as (typeof wanted)[number];
          const failure = replies[j]?.failure ?? null;
          const said = call.read(deleteGroups, call.version, replies[j]);
          if (said === null) call.failed(cluster, failure);
          throttle.most = Math.max(throttle.most, said?.throttleTimeMs ?? 0);
          const code = said?.results[0]?.errorCode ?? coordinatorCode(failure, "group");
          if (staleCoordinator.has(code)) call.view(cluster).forgetCoordinator("group", key);
          codes[i] = code;
        });
        return then(codes);
      },
      true,
    );
  });
}

const { groupIdNotFound } = errorCodes;
