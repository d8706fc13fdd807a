/**
 * Commands of a transaction that its cluster cannot answer: about the client's
 * connection, which is the router's, or a message for another cluster. The
 * cluster is given a stand-in, which keeps the place; the command itself runs
 * when EXEC has, and its answer takes that place.
 *
 * ```
 *   MULTI, SET k v, CLIENT SETNAME me, PUBLISH c hi (c is redis2's)
 *   redis1: MULTI, SET k v, PING, PING, EXEC ─▶ [OK, PONG, PONG]
 *   redis2:                                       PUBLISH c hi ─▶ 1
 *   client:                                 ◀─ [OK, OK, 1]
 * ```
 */
import type { NextPlan } from "@echarde/core";
import { local, malformed } from "../failures.ts";
import { latin1 } from "../wire/ascii.ts";
import { isError, isNull, ReplyItem, skipReply } from "../wire/reply-reader.ts";
import { encodeRequest } from "../wire/request-writer.ts";

/** Something to be done when EXEC has run. */
export interface Deferred {
  /** Place in the transaction. */
  readonly position: number;
  /** Gets what the cluster answered in that place; what it answers goes there. */
  readonly run: (element: Uint8Array) => NextPlan;
}

/** What the cluster queues instead. */
export const standIn: Uint8Array = encodeRequest([latin1("PING")]);

/** The answer to EXEC: what was deferred runs in order, unless the transaction did not run. */
export function complete(frame: Uint8Array, deferred: readonly Deferred[]): NextPlan {
  if (deferred.length === 0 || isError(frame) || isNull(frame)) return local(frame);
  const whole = frame.slice(); // further rounds may follow
  const item = new ReplyItem();
  const first = item.open(whole);
  const left = [...deferred].sort((a, b) => a.position - b.position);
  const pieces: Uint8Array[] = [];
  const proceed = (from: number, at: number, position: number): NextPlan => {
    const next = left.shift();
    if (next === undefined) return local(...pieces, whole.subarray(from));
    if (next.position >= item.count) return malformed();
    let start = at;
    for (let i = position; i < next.position; i++) start = skipReply(whole, start);
    const end = skipReply(whole, start);
    pieces.push(whole.subarray(from, start));
    return answered(next.run(whole.subarray(start, end)), (bytes) => {
      pieces.push(...bytes);
      return proceed(end, end, next.position + 1);
    });
  };
  return proceed(0, first, 0);
}

/** What a plan answers, whatever it takes. */
function answered(plan: NextPlan, then: (bytes: readonly Uint8Array[]) => NextPlan): NextPlan {
  switch (plan.type) {
    case "local":
    case "refuse":
      return then(plan.bytes.map((chunk) => chunk.slice()));
    case "fragment":
      return { ...plan, hold: true, coalesce: (replies) => answered(plan.coalesce(replies), then) };
    default:
      return malformed();
  }
}
