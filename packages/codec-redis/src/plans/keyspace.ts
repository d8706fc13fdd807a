/** Commands over the whole key space: every cluster is asked, one answer is made. */
import {
  addConcatenated,
  allEqual,
  ascending,
  ByteSet,
  type CursorScope,
  equalBytes,
  type ItemSource,
  max,
  type NextPlan,
  nextCursor,
  type Plan,
  type Reply,
  Spans,
  unpackCursor,
} from "@echarde/core";
import { frameOf, local, malformed, refuse, splitFailure } from "../failures.ts";
import type { Request } from "../request.ts";
import type { RedisSession } from "../session.ts";
import { latin1, latin1Text } from "../wire/ascii.ts";
import { isNull, ReplyItem, readInteger } from "../wire/reply-reader.ts";
import { arrayHeader, bulkText, integer, setHeader } from "../wire/reply-writer.ts";
import { requestHeader } from "../wire/request-writer.ts";
import { fragment, part } from "./sending.ts";
import { summed } from "./split.ts";

/** The same request to every cluster. */
export function broadcast(
  session: RedisSession,
  request: Request,
  coalesce: (replies: readonly Reply[]) => NextPlan,
  lane: "shared" | "private" = "shared",
): Plan {
  const bytes = [request.whole()];
  return fragment(
    session.runtime.allClusters.map((cluster) => part(cluster, lane, bytes)),
    coalesce,
  );
}

/** DBSIZE and other counts over all clusters. */
export function broadcastSum(session: RedisSession, request: Request): Plan {
  return broadcast(session, request, (replies) => summed(replies, false));
}

/** PUBSUB NUMPAT: patterns stand on every cluster, so the largest count. */
export function broadcastMax(session: RedisSession, request: Request): Plan {
  return broadcast(session, request, (replies) => {
    const failure = splitFailure(replies, false);
    if (failure !== null) return failure;
    const counts = replies.map((reply) => readInteger(frameOf(reply) as Uint8Array));
    const largest = counts.some(Number.isNaN) ? undefined : max(counts, ascending);
    return largest === undefined ? malformed() : local(integer(largest));
  });
}

/** FLUSHALL and others: the first reply when every cluster succeeds. */
export function broadcastOk(session: RedisSession, request: Request): Plan {
  return broadcast(
    session,
    request,
    (replies) => splitFailure(replies, true) ?? local(frameOf(replies[0]) as Uint8Array),
  );
}

/** FUNCTION LOAD, SCRIPT LOAD: every cluster says the same. */
export function broadcastEqual(session: RedisSession, request: Request): Plan {
  return broadcast(session, request, (replies) => {
    const failure = splitFailure(replies, true);
    if (failure !== null) return failure;
    const frames = replies.map((reply) => frameOf(reply) as Uint8Array);
    const [first] = frames;
    if (first === undefined) return malformed();
    if (!allEqual(frames, equalBytes))
      return refuse("ERR upstream clusters gave different replies");
    return local(first);
  });
}

/** KEYS, PUBSUB CHANNELS: all elements; `unique` drops repetitions. */
export function broadcastConcat(session: RedisSession, request: Request, unique: boolean): Plan {
  return broadcast(session, request, (replies) => concat(replies, unique));
}

/**
 * RANDOMKEY: another cluster first each time (core has no randomness); an
 * empty cluster passes the question on, so nil means that all are empty.
 */
export function randomKey(session: RedisSession, request: Request): Plan {
  const { allClusters } = session.runtime;
  const first = session.runtime.nextStart();
  const bytes = [request.whole().slice()];
  const ask = (tried: number): Plan & NextPlan =>
    fragment(
      [part(allClusters[(first + tried) % allClusters.length] as number, "shared", bytes)],
      (replies) => {
        const failure = splitFailure(replies, false);
        if (failure !== null) return failure;
        const frame = frameOf(replies[0]) as Uint8Array;
        return isNull(frame) && tried + 1 < allClusters.length ? ask(tried + 1) : local(frame);
      },
    );
  return ask(0);
}

/**
 * SCAN: one call asks one cluster. The client's cursor says which, and that
 * cluster's own cursor; one from before a change of the list of clusters is
 * refused, never continued in a wrong place.
 */
export function scan(session: RedisSession, request: Request): Plan {
  const cursor = unpackCursor(request.text(1), scopeOf(session));
  if (cursor === null) return refuse("ERR invalid cursor");
  const { cluster } = cursor;
  const head = requestHeader(request.argc, latin1("SCAN"));
  const number = bulkText(cursor.inner.toString());
  const rest = request.argc > 2 ? [request.bulks(2, request.argc)] : [];
  return fragment([part(cluster, "shared", [head, number, ...rest])], (replies) => {
    const failure = splitFailure(replies, false);
    if (failure !== null) return failure;
    return nextPage(frameOf(replies[0]) as Uint8Array, cluster, scopeOf(session));
  });
}

function scopeOf({ runtime }: RedisSession): CursorScope {
  return { clusters: runtime.clusterCount, fingerprint: runtime.fingerprint };
}

function nextPage(frame: Uint8Array, cluster: number, scope: CursorScope): NextPlan {
  const item = new ReplyItem();
  const first = item.open(frame);
  if (item.count !== 2) return malformed();
  const rest = item.open(frame, first);
  const text = latin1Text(frame, item.from, item.to);
  if (!/^\d{1,20}$/.test(text)) return malformed();
  const next = nextCursor(BigInt(text), cluster, scope);
  if (next === null) return refuse("ERR cursor of the upstream is too large for this proxy");
  return local(arrayHeader(2), bulkText(next), frame.subarray(rest));
}

/** Elements of all arrays (or sets) in one. */
function concat(replies: readonly Reply[], unique: boolean): NextPlan {
  const failure = splitFailure(replies, false);
  if (failure !== null) return failure;
  const item = new ReplyItem();
  const merged = new Spans();
  const sources: ItemSource[] = [];
  const seen = new ByteSet();
  let count = 0;
  let isSet = false;
  for (const reply of replies) {
    const frame = frameOf(reply) as Uint8Array;
    let at = item.open(frame);
    isSet ||= frame[0] === 126;
    if (!unique) {
      count += item.count;
      sources.push({ bytes: frame, at, repeats: false });
      continue;
    }
    for (let left = item.count; left > 0; left--) {
      const next = item.open(frame, at);
      if (seen.add(frame, item.from, item.to)) merged.add(frame, at, next);
      at = next;
    }
  }
  addConcatenated(merged, sources);
  if (unique) count = seen.size;
  return local(
    isSet ? setHeader(count, 3) : arrayHeader(count),
    ...(count === 0 ? [] : merged.chunks()),
  );
}
