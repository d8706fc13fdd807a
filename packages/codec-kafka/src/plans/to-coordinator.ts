/** Requests for the coordinator of one group or transactional id: sent as they are, answered as they come. */
import type { NextPlan } from "@echarde/core";
import { type Call, coordinatorCode } from "../call.ts";
import type { CoordinatorKind } from "../cluster-view.ts";
import { staleCoordinator } from "../error-codes.ts";
import { renumbered } from "../wire/frame.ts";
import { isKnown, lookUp } from "./look-up.ts";
import { fragment } from "./plans.ts";

/** What is particular to an API. */
export interface CoordinatorRequest<R> {
  /** Error code of a response, 0 = none. */
  readonly code: (response: R) => number;
  /** A response that is an error. */
  readonly refused: (code: number) => R;
  /** Milliseconds that a broker may take; -1 = as long as any request. */
  readonly timeout: number;
}

/** See the module. `cluster` is asked; by default the one where the key is at home. */
export function sendToCoordinator<Q, R>(
  call: Call<Q, R>,
  kind: CoordinatorKind,
  key: string,
  { code, refused, timeout }: CoordinatorRequest<R>,
): NextPlan {
  const cluster = call.layout.home(kind, key);
  return lookUp(call, { coordinators: [{ kind, key, cluster }] }, () => {
    const place = call.coordinator(kind, key, cluster);
    if (!isKnown(place)) return call.answer(refused(place));
    const wait = timeout < 0 ? -1 : timeout + call.runtime.requestTimeout;
    return fragment([call.whole(place.cluster, place.node)], wait, ([reply]) => {
      const response = call.read(call.api, call.version, reply);
      const frame = reply?.frames[0];
      if (response === null || frame === undefined) {
        const failure = reply?.failure ?? null;
        call.failed(cluster, failure);
        return call.answer(refused(coordinatorCode(failure, kind)));
      }
      if (staleCoordinator.has(code(response))) call.view(cluster).forgetCoordinator(kind, key);
      if (call.amend !== null) return call.answer(response);
      const bytes = renumbered(frame, 4, call.correlationId);
      return { type: "local", bytes, end: false, release: false };
    });
  });
}
