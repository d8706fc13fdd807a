/**
 * Fences commits on foreign clusters, which know no members of the group: the home cluster is asked first
 * whether the member is one of the present generation. As with one cluster, asking keeps it alive.
 */
import type { NextPlan } from "@echarde/core";
import { type Call, coordinatorCode } from "../call.ts";
import { errorCodes, staleCoordinator } from "../error-codes.ts";
import { heartbeat } from "../generated/apis.ts";
import { HeartbeatRequest } from "../generated/heartbeat-request.ts";
import type { OffsetCommitRequest } from "../generated/offset-commit-request.ts";
import { askHome, isEmpty } from "./home.ts";
import { isKnown, lookUp } from "./look-up.ts";
import { fragment, make } from "./plans.ts";

/** `then` hears with which error partitions of foreign clusters are to be refused, 0 = none. */
export function fence<R>(
  call: Call<OffsetCommitRequest, R>,
  then: (code: number) => NextPlan,
): NextPlan {
  const { groupId, generationIdOrMemberEpoch: generationId, memberId, topics } = call.request;
  const home = call.layout.home("group", groupId);
  const foreign = topics.some(({ name }) => {
    const owner = call.layout.owner(name);
    return owner >= 0 && owner !== home;
  });
  if (!foreign) return then(0);
  // Without a generation it is no member: anybody may commit while there are none, and nobody else.
  if (generationId < 0 && memberId === "") {
    return askHome(call, groupId, (said) => {
      if (typeof said === "number") return then(said);
      return then(isEmpty(said) ? 0 : errorCodes.unknownMemberId);
    });
  }
  return lookUp(call, { coordinators: [{ kind: "group", key: groupId, cluster: home }] }, () => {
    const place = call.coordinator("group", groupId, home);
    if (!isKnown(place)) return then(place);
    const { groupInstanceId } = call.request;
    const body = make(HeartbeatRequest, { groupId, generationId, memberId, groupInstanceId });
    const asked = call.part(heartbeat, version, place.cluster, place.node, body);
    const answered = (code: number): NextPlan => {
      if (staleCoordinator.has(code)) call.view(home).forgetCoordinator("group", groupId);
      return then(code === errorCodes.rebalanceInProgress ? 0 : code);
    };
    return fragment(
      [asked],
      -1,
      ([reply]) => {
        const said = call.read(heartbeat, version, reply);
        if (said !== null) return answered(said.errorCode);
        const failure = reply?.failure ?? null;
        call.failed(home, failure);
        return then(coordinatorCode(failure, "group"));
      },
      true,
    );
  });
}

/** With an instance id; all brokers since 2.4 know it. */
const version = 3;
