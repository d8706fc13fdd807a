/** What the home of a group says of it, for clusters that know no members. */
import type { NextPlan } from "@echarde/core";
import { type Call, coordinatorCode } from "../call.ts";
import { staleCoordinator } from "../error-codes.ts";
import { describeGroups } from "../generated/apis.ts";
import { DescribeGroupsRequest } from "../generated/describe-groups-request.ts";
import type { DescribedGroup } from "../generated/describe-groups-response.ts";
import { isKnown, lookUp } from "./look-up.ts";
import { fragment, make } from "./plans.ts";

/** `then` hears the group's description, or the error code that home has for everybody. */
export function askHome<Q, R>(
  call: Call<Q, R>,
  key: string,
  then: (said: DescribedGroup | number) => NextPlan,
): NextPlan {
  const cluster = call.layout.home("group", key);
  return lookUp(call, { coordinators: [{ kind: "group", key, cluster }] }, () => {
    const place = call.coordinator("group", key, cluster);
    if (!isKnown(place)) return then(place);
    const body = make(DescribeGroupsRequest, { groups: [key] });
    const asked = call.part(describeGroups, version, place.cluster, place.node, body);
    return fragment(
      [asked],
      -1,
      ([reply]) => {
        const group = call.read(describeGroups, version, reply)?.groups[0];
        if (group === undefined) {
          const failure = reply?.failure ?? null;
          call.failed(cluster, failure);
          return then(coordinatorCode(failure, "group"));
        }
        const { errorCode } = group;
        if (staleCoordinator.has(errorCode)) call.view(cluster).forgetCoordinator("group", key);
        return then(errorCode === 0 ? group : errorCode);
      },
      true,
    );
  });
}

/** Whether the group has no members; nobody has heard of one that is dead. */
export function isEmpty({ groupState }: DescribedGroup): boolean {
  return groupState === "Empty" || isUnknown({ groupState });
}

/** Whether its home knows nothing of it. */
export function isUnknown({ groupState }: Pick<DescribedGroup, "groupState">): boolean {
  return groupState === "Dead";
}

/** The last one before brokers say "no such group" with an error. */
const version = 4;
