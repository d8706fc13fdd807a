/** Compares the replies to one command, and counts. */
import { parseReply, type RawClient } from "@echarde/testkit/servers";
import { isError, same, sameValue } from "./compare.ts";
import { type Item, show } from "./item.ts";
import type { Planned, SessionModel } from "./model.ts";
import type { Tally } from "./tally.ts";

/** What went wrong, in words. */
export class Difference extends Error {}

/** One client, at both sides. */
export interface Pair {
  /** To the single server. */
  single: RawClient;
  /** To the router. */
  router: RawClient;
  /** What the router may do differently. */
  model: SessionModel;
  /** Milliseconds for a reply of the router. */
  readonly patience: number;
}

/** Throws {@link Difference} unless both replies, or the router's refusal, are as planned. */
export function judge(one: Planned, ours: Buffer | null, theirs: Buffer, tally: Tally): void {
  const { item } = one;
  if (one.verdict === "router") {
    tally.refused += 1;
    if (!one.words.test(theirs.toString("latin1"))) {
      throw new Difference(`${show(item)}\n  expected: ${one.words}\n  router:   ${text(theirs)}`);
    }
    return;
  }
  if (
    ours === null ||
    !(one.queued === null
      ? same(one.compare, ours, theirs)
      : sameExec(one.queued, ours, theirs, tally))
  ) {
    throw new Difference(
      `${show(item)} (${one.compare})\n  single:   ${text(ours ?? undefined)}\n  router:   ${text(theirs)}`,
    );
  }
  if (isError(theirs)) tally.errors += 1;
  else if (!one.waits) tally.success(item.label);
}

/** The reply to EXEC: element by element. */
function sameExec(queued: readonly Item[], ours: Buffer, theirs: Buffer, tally: Tally): boolean {
  if (ours.equals(theirs) && (isError(ours) || ours.length <= 5)) return true;
  if (isError(ours) || isError(theirs)) return false;
  const [one, other] = [parseReply(ours), parseReply(theirs)];
  if (!("elements" in one) || !("elements" in other)) return false;
  if (one.elements.length !== queued.length || other.elements.length !== queued.length)
    return false;
  return queued.every((item, i) => {
    const [a, b] = [one.elements[i], other.elements[i]];
    if (a === undefined || b === undefined || !sameValue(item.compare, a, b)) return false;
    if (a.type !== "-") tally.success(item.label);
    return true;
  });
}

/** A reply in words. */
export function text(reply: Buffer | undefined): string {
  if (reply === undefined) return "nothing";
  const shown = JSON.stringify(reply.toString("latin1", 0, 700));
  return reply.length > 700 ? `${shown}… (${reply.length} bytes)` : shown;
}
