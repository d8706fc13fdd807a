/** What the home of a group says of it, for clusters that know no members; and what those say. */
import type { NextPlan, Reply } from "@echarde/core";
import { type Call, coordinatorCode } from "../call.ts";
import { errorCodes, staleCoordinator } from "../error-codes.ts";
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
  return askAbout(call, key, [cluster], ([said]) => then(said ?? errorCodes.groupIdNotFound));
}

/** `then` hears what each of the clusters says of the group: a description, or an error code. */
export function askAbout<Q, R>(
  call: Call<Q, R>,
  key: string,
  clusters: readonly number[],
  then: (said: readonly (DescribedGroup | number)[]) => NextPlan,
): NextPlan {
  const coordinators = clusters.map((cluster) => ({
    ...({ kind: "group", key, cluster } as const),
  }));
  return lookUp(call, { coordinators }, () => {
    const places = clusters.map((cluster) => call.coordinator("group", key, cluster));
    const asked = places.filter(isKnown);
    if (asked.length === 0) return then(places as number[]);
    const body = make(DescribeGroupsRequest, { groups: [key] });
    const parts = asked.map(({ cluster, node }) =>
      call.part(describeGroups, version, cluster, node, body),
    );
    return fragment(
      parts,
      -1,
      (replies) =>
        then(
          places.map((place) =>
            isKnown(place)
              ? described(call, key, place.cluster, replies[asked.indexOf(place)])
              : place,
          ),
        ),
      true,
    );
  });
}

function described<Q, R>(
  call: Call<Q, R>,
  key: string,
  cluster: number,
  reply: Reply | undefined,
): DescribedGroup | number {
  const group = call.read(describeGroups, version, reply)?.groups[0];
  if (group === undefined) {
    const failure = reply?.failure ?? null;
    call.failed(cluster, failure);
    return coordinatorCode(failure, "group");
  }
  const { errorCode } = group;
  if (staleCoordinator.has(errorCode)) call.view(cluster).forgetCoordinator("group", key);
  return errorCode === 0 ? group : errorCode;
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
