/**
 * Takes out of a request what its client has no right to, has the rest carried out, and adds the refusals
 * to the answer, as a broker's own ACL check does.
 *
 * ```
 *   request ─▶ guard ─┬─▶ rest ─▶ plan ─▶ answer ─▶ amend ─▶ client
 *                     └─▶ nothing left ─▶ empty answer ─▶ amend ─┘
 * ```
 */
import { join, type NextPlan } from "@echarde/core";
import { Call } from "../call.ts";
import { close } from "../plans/plans.ts";
import { writeRequest } from "../wire/frame.ts";
import type { Access } from "./access.ts";

/** What a guard makes of a request. */
export interface Guarded<Q, R> {
  /** What may be carried out; null = nothing. */
  readonly rest: Q | null;
  /** Adds what is refused to an answer. */
  readonly amend: (response: R) => R;
}

/** Looks at a request; null = all of it may be carried out. */
export interface Guard<Q, R> {
  /** Key of the API. */
  readonly key: number;
  /** An answer without items. */
  readonly empty: new () => R;
  /** See {@link Guard}. */
  readonly look: (request: Q, access: Access, version: number) => Guarded<Q, R> | null;
}

/** The call that is left, or what is answered because none is. */
export function guarded<Q, R>(
  call: Call<Q, R>,
  guard: Guard<Q, R> | undefined,
  access: Access,
): Call<Q, R> | NextPlan {
  const found = guard?.look(call.request, access, call.version) ?? null;
  if (guard === undefined || found === null) return call;
  const { rest, amend } = found;
  if (rest === null) {
    const answer = call.answer(amend(new guard.empty()));
    // acks=0: only a closed connection tells such a producer that something went wrong.
    const silent = call.api.key === produceKey && (call.request as { acks?: number }).acks === 0;
    return silent ? close("a batch with acks=0 that the client may not write") : answer;
  }
  const { runtime, session, api, version, correlationId, clientId } = call;
  const frame = join(writeRequest(api, version, clientId, rest));
  return new Call({
    ...{ runtime, session, api, version, correlationId, clientId },
    ...{ request: rest, frame, amend },
  });
}

const produceKey = 0;

/** A list in two. */
export function parted<T>(
  list: readonly T[],
  may: (item: T) => boolean,
): readonly [allowed: T[], denied: T[]] {
  return [list.filter(may), list.filter((item) => !may(item))];
}
