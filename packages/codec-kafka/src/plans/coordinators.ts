/** FindCoordinator, and the requests of members to the coordinator of their group. */
import type { Plan } from "../call.ts";
import { coordinatorCode } from "../call.ts";
import type { CoordinatorKind } from "../cluster-view.ts";
import { errorCodes } from "../error-codes.ts";
import { findCoordinator, heartbeat, joinGroup, leaveGroup, syncGroup } from "../generated/apis.ts";
import { FindCoordinatorRequest } from "../generated/find-coordinator-request.ts";
import { FindCoordinatorResponse } from "../generated/find-coordinator-response.ts";
import type { HeartbeatRequest } from "../generated/heartbeat-request.ts";
import { HeartbeatResponse } from "../generated/heartbeat-response.ts";
import type { JoinGroupRequest } from "../generated/join-group-request.ts";
import { JoinGroupResponse } from "../generated/join-group-response.ts";
import type { LeaveGroupRequest } from "../generated/leave-group-request.ts";
import { LeaveGroupResponse } from "../generated/leave-group-response.ts";
import type { SyncGroupRequest } from "../generated/sync-group-request.ts";
import { SyncGroupResponse } from "../generated/sync-group-response.ts";
import { coordinatorVersion } from "./look-up.ts";
import { fragment, make } from "./plans.ts";
import { sendToCoordinator } from "./to-coordinator.ts";

/**
 * FindCoordinator: the router itself. Offsets of a group are kept by every cluster, so each of them is asked
 * first: that makes it ready for them. One that cannot be reached keeps nobody from the others.
 */
export const findCoordinatorPlan: Plan<FindCoordinatorRequest, FindCoordinatorResponse> = {
  api: findCoordinator,
  plan(call) {
    const { key, keyType } = call.request;
    const refused = (errorCode: number) =>
      call.answer(make(FindCoordinatorResponse, { errorCode, nodeId: -1, port: -1 }));
    if (keyType !== 0 && keyType !== 1) return refused(errorCodes.invalidRequest);
    const kind: CoordinatorKind = keyType === 0 ? "group" : "transaction";
    const home = call.layout.home(kind, key);
    if (home < 0) return refused(errorCodes.coordinatorNotAvailable);
    const clusters = keyType === 0 ? call.layout.clusters : [home];
    const body = make(FindCoordinatorRequest, { key, keyType });
    const parts = clusters.map((cluster) =>
      call.part(findCoordinator, coordinatorVersion, cluster, "", body),
    );
    return fragment(parts, -1, (replies) => {
      let code = 0;
      let throttleTimeMs = 0;
      clusters.forEach((cluster, i) => {
        const said = call.read(findCoordinator, coordinatorVersion, replies[i]);
        throttleTimeMs = Math.max(throttleTimeMs, said?.throttleTimeMs ?? 0);
        if (said?.errorCode === 0) {
          call.view(cluster).coordinates(kind, key, said.nodeId);
          return;
        }
        const failure = replies[i]?.failure ?? null;
        if (said === null) call.failed(cluster, failure);
        if (said === null && cluster !== home && failure?.reason !== "handshake") return;
        const own = coordinatorCode(failure, kind);
        if (code === 0 || cluster === home) code = said?.errorCode ?? own;
      });
      if (code !== 0) return refused(code);
      const node = call.layout.facade.coordinator(key);
      const errorMessage = "NONE"; // as brokers say
      return call.answer(make(FindCoordinatorResponse, { throttleTimeMs, errorMessage, ...node }));
    });
  },
};

/** JoinGroup: may last as long as the other members take to come. */
export const joinGroupPlan: Plan<JoinGroupRequest, JoinGroupResponse> = {
  api: joinGroup,
  plan(call) {
    const { groupId, rebalanceTimeoutMs, sessionTimeoutMs, memberId } = call.request;
    return sendToCoordinator(call, "group", groupId, {
      code: ({ errorCode }) => errorCode,
      refused: (errorCode) => make(JoinGroupResponse, { errorCode, memberId }),
      timeout: Math.max(rebalanceTimeoutMs, sessionTimeoutMs, 0),
    });
  },
};

/** SyncGroup: lasts until the group's leader has sent what it decided. */
export const syncGroupPlan: Plan<SyncGroupRequest, SyncGroupResponse> = {
  api: syncGroup,
  plan(call) {
    return sendToCoordinator(call, "group", call.request.groupId, {
      code: ({ errorCode }) => errorCode,
      refused: (errorCode) => make(SyncGroupResponse, { errorCode }),
      timeout: longestRebalance,
    });
  },
};

/** Heartbeat. */
export const heartbeatPlan: Plan<HeartbeatRequest, HeartbeatResponse> = {
  api: heartbeat,
  plan(call) {
    return sendToCoordinator(call, "group", call.request.groupId, {
      code: ({ errorCode }) => errorCode,
      refused: (errorCode) => make(HeartbeatResponse, { errorCode }),
      timeout: -1,
    });
  },
};

/** LeaveGroup. */
export const leaveGroupPlan: Plan<LeaveGroupRequest, LeaveGroupResponse> = {
  api: leaveGroup,
  plan(call) {
    return sendToCoordinator(call, "group", call.request.groupId, {
      code: ({ errorCode }) => errorCode,
      refused: (errorCode) => make(LeaveGroupResponse, { errorCode }),
      timeout: -1,
    });
  },
};

/** Members do not say how long it may last when they sync; the default of `max.poll.interval.ms`. */
const longestRebalance = 300_000;
