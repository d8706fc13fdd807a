/** Commands over the whole key space: every cluster is asked, one answer is made. */
import type { NextPlan, Plan, Reply } from "@echarde/core";
import { frameOf, local, malformed, refuse, splitFailure } from "../failures.ts";
import type { Request } from "../request.ts";
import type { RedisSession } from "../session.ts";
import { Spans } from "../spans.ts";
import { latin1, latin1Text } from "../wire/ascii.ts";
import { isNull, ReplyItem, readInteger } from "../wire/reply-reader.ts";
import { arrayHeader, bulkText, integer, setHeader } from "../wire/reply-writer.ts";
import { requestHeader } from "../wire/request-writer.ts";
import { fragment, part } from "./sending.ts";
import { sum } from "./split.ts";

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
  return broadcast(session, request, (replies) => sum(replies, false));
}

/** PUBSUB NUMPAT: patterns stand on every cluster, so the largest count. */
export function broadcastMax(session: RedisSession, request: Request): Plan {
  return broadcast(session, request, (replies) => {
    const failure = splitFailure(replies, false);
    if (failure !== null) return failure;
    return local(
      integer(Math.max(...replies.map((reply) => readInteger(frameOf(reply) as Uint8Array)))),
    );
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
    const [first, ...others] = replies.map((reply) => frameOf(reply) as Uint8Array);
    if (first === undefined) return malformed();
    const same = others.every((other) => equal(first, other));
    return same ? local(first) : refuse("ERR upstream clusters gave different replies");
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
 * SCAN: one call asks one cluster. The client's cursor is
 * `upstream cursor * 2^16 + fingerprint * 2^10 + cluster`, plain decimal; the
 * fingerprint is of the list of clusters, so that a cursor from before a
 * change of that list is refused, never continued in a wrong place.
 */
export function scan(session: RedisSession, request: Request): Plan {
  const { runtime } = session;
  const text = request.text(1);
  if (!/^\d{1,20}$/.test(text)) return refuse("ERR invalid cursor");
  const cursor = BigInt(text);
  let cluster = 0;
  let upstream = 0n;
  if (cursor !== 0n) {
    cluster = Number(cursor & 1023n);
    upstream = cursor >> 16n;
    const fingerprint = Number((cursor >> 10n) & 63n);
    if (
      cursor > maxCursor ||
      cluster >= runtime.clusterCount ||
      fingerprint !== runtime.fingerprint
    ) {
      return refuse("ERR invalid cursor");
    }
  }
  const head = requestHeader(request.argc, latin1("SCAN"));
  const number = bulkText(upstream.toString());
  const rest = request.argc > 2 ? [request.bulks(2, request.argc)] : [];
  return fragment([part(cluster, "shared", [head, number, ...rest])], (replies) => {
    const failure = splitFailure(replies, false);
    if (failure !== null) return failure;
    return nextPage(
      frameOf(replies[0]) as Uint8Array,
      cluster,
      runtime.clusterCount,
      runtime.fingerprint,
    );
  });
}

const maxCursor = (1n << 63n) - 1n;

function nextPage(
  frame: Uint8Array,
  cluster: number,
  clusters: number,
  fingerprint: number,
): NextPlan {
  const item = new ReplyItem();
  const first = item.open(frame);
  if (item.count !== 2) return malformed();
  const rest = item.open(frame, first);
  const text = latin1Text(frame, item.from, item.to);
  if (!/^\d{1,20}$/.test(text)) return malformed();
  const cursor = BigInt(text);
  const from = cursor === 0n ? cluster + 1 : cluster;
  const next = from === clusters ? 0n : (cursor << 16n) | BigInt((fingerprint << 10) | from);
  if (next > maxCursor) return refuse("ERR cursor of the upstream is too large for this proxy");
  return local(arrayHeader(2), bulkText(next.toString()), frame.subarray(rest));
}

/** Elements of all arrays (or sets) in one. */
function concat(replies: readonly Reply[], unique: boolean): NextPlan {
  const failure = splitFailure(replies, false);
  if (failure !== null) return failure;
  const item = new ReplyItem();
  const merged = new Spans();
  const seen = new Set<string>();
  let count = 0;
  let isSet = false;
  for (const reply of replies) {
    const frame = frameOf(reply) as Uint8Array;
    let at = item.open(frame);
    isSet ||= frame[0] === 126;
    if (!unique) {
      count += item.count;
      merged.add(frame, at, frame.length);
      continue;
    }
    for (let left = item.count; left > 0; left--) {
      const next = item.open(frame, at);
      const name = latin1Text(frame, item.from, item.to);
      if (!seen.has(name)) {
        seen.add(name);
        count += 1;
        merged.add(frame, at, next);
      }
      at = next;
    }
  }
  return local(
    isSet ? setHeader(count, 3) : arrayHeader(count),
    ...(count === 0 ? [] : merged.chunks()),
  );
}

/** Whether two frames are the same bytes. */
function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
