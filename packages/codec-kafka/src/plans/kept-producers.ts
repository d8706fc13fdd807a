/** Producer ids that the host keeps: for all its routers, and over a restart. */
import { equalBytes, type NextPlan, type ValueQuestion } from "@echarde/core";
import type { Call } from "../call.ts";
import { decodeProducer, encodeProducer, type Producer, withIds } from "../producer.ts";

/** Takes over what the host knows of ids; `then` hears of which it could not say anything now. */
export function findProducers<Q, R>(
  call: Call<Q, R>,
  ids: readonly bigint[],
  then: (unsaid: ReadonlySet<bigint>) => NextPlan,
): NextPlan {
  const { producers, keepsValues } = call.runtime;
  const unsaid = new Set<bigint>();
  if (!keepsValues) return then(unsaid);
  const next = (at: number): NextPlan => {
    const id = ids[at];
    if (id === undefined) return then(unsaid);
    const known = producers.get(id);
    return ask(id, null, null, (standing) => {
      if (standing === undefined) {
        if (known === undefined) unsaid.add(id);
        return next(at + 1);
      }
      const kept = standing === null ? null : decodeProducer(standing);
      if (kept !== null) producers.set(id, kept, call.now, false);
      // The host has lost what the router still knows.
      else if (known !== undefined) return keepProducer(call, id, known, () => next(at + 1), null);
      return next(at + 1);
    });
  };
  return next(0);
}

/**
 * Has a producer kept to which clusters have given ids; those of others that came first stay. `then` hears
 * whether it is kept. `standing` = null where the host is known to have nothing.
 */
export function keepProducer<Q, R>(
  call: Call<Q, R>,
  id: bigint,
  mine: Producer,
  then: (kept: boolean) => NextPlan,
  standing?: null,
): NextPlan {
  const { producers, keepsValues } = call.runtime;
  const known = producers.get(id);
  if (!keepsValues) {
    producers.set(id, known === undefined ? mine : withIds(known, mine.ids), call.now, false);
    return then(true);
  }
  const over = (seen: Uint8Array | null, before: Producer | null, left: number): NextPlan => {
    if (left === 0) return then(false);
    const all = before === null ? mine : withIds(before, mine.ids);
    const value = encodeProducer(all);
    return ask(id, value, seen, (now) => {
      if (now === undefined) return then(false);
      if (now === null || !equalBytes(now, value)) {
        return over(now, now === null ? null : decodeProducer(now), left - 1);
      }
      producers.set(id, all, call.now, false);
      return then(true);
    });
  };
  const last = known === undefined ? null : encodeProducer(known);
  return over(standing === null ? null : last, known ?? null, tries);
}

/** Has a producer kept whose id a client is to get: whatever was known of the id is of another time. */
export function keepNewProducer<Q, R>(
  call: Call<Q, R>,
  id: bigint,
  producer: Producer,
  then: (kept: boolean) => NextPlan,
): NextPlan {
  const { producers, keepsValues } = call.runtime;
  const take = (kept: boolean): NextPlan => {
    if (kept) producers.set(id, producer, call.now, true);
    return then(kept);
  };
  if (!keepsValues) return take(true);
  return ask(id, encodeProducer(producer), "anything", (standing) => take(standing !== undefined));
}

function ask(
  id: bigint,
  value: Uint8Array | null,
  over: ValueQuestion["over"],
  then: (standing: Uint8Array | null | undefined) => NextPlan,
): NextPlan {
  const question: ValueQuestion = { kind: "producer", key: String(id), value, over };
  const answered = (standing: unknown): NextPlan =>
    then(standing === null || standing instanceof Uint8Array ? standing : undefined);
  return { type: "ask", topic: "value", value: question, answered };
}

/** One for each worker that lends an id to the same producer at the same moment, and some more. */
const tries = 8;
