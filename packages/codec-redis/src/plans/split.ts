/**
 * Commands over many keys that split exactly: one sub-command for each
 * cluster, never one for each key, and the very bytes when one cluster owns
 * all keys.
 *
 * ```
 *   MGET a b c a      a, b → redis1   c → redis2
 *   MGET a b a  ─▶ redis1   [A, B, A]  ┐
 *   MGET c      ─▶ redis2   [C]        ┴▶ [A, B, C, A]     place by place, in the client's order
 *   DEL a b c   ─▶ DEL a b, DEL c      ─▶ sum
 *   MSET a 1 c 2 ─▶ MSET a 1, MSET c 2 ─▶ +OK when all say so
 * ```
 */
import {
  addByPosition,
  exactSum,
  fragment,
  type Grouping,
  groupByOwner,
  type ItemSource,
  type NextPlan,
  type Part,
  type Plan,
  part,
  type Reply,
  Spans,
} from "@echarde/core";
import type { Command } from "../commands/command.ts";
import { wrongArity } from "../commands/errors.ts";
import { frameOf, local, malformed, refuse, splitFailure } from "../failures.ts";
import type { Request } from "../request.ts";
import type { RedisSession } from "../session.ts";
import { isError, ReplyItem, readInteger, skipReply } from "../wire/reply-reader.ts";
import { arrayHeader, integer, OK } from "../wire/reply-writer.ts";
import { bulkStart, countHeader } from "../wire/request-writer.ts";

/** MGET: values place by place. */
export function splitMget(session: RedisSession, request: Request): Plan {
  const groups = group(session, request, 1, 1);
  if (groups === null) return session.noOwner();
  if (groups.owners.length === 1) return session.forward(request, groups.owners[0] as number);
  const perKey = session.runtime.options.mgetErrors === "per-key";
  return fragment(partsOf(request, groups, 1, 1), (replies) =>
    mergeByPosition(groups, replies, 1, perKey),
  );
}

/** DEL, UNLINK, EXISTS, TOUCH: the sum. `writes` = a partial success has changed data. */
export function splitSum(session: RedisSession, request: Request, writes: boolean): Plan {
  const groups = group(session, request, 1, 1);
  if (groups === null) return session.noOwner();
  if (groups.owners.length === 1) return session.forward(request, groups.owners[0] as number);
  return fragment(partsOf(request, groups, 1, 1), (replies) => summed(replies, writes));
}

/** MSET: `+OK` when every cluster says so. */
export function splitMset(session: RedisSession, request: Request, command: Command): Plan {
  if (request.argc % 2 === 0) return refuse(wrongArity(command));
  const groups = group(session, request, 1, 2);
  if (groups === null) return session.noOwner();
  if (groups.owners.length === 1) return session.forward(request, groups.owners[0] as number);
  return fragment(
    partsOf(request, groups, 1, 2),
    (replies) => splitFailure(replies, true) ?? local(OK),
  );
}

/** PUBSUB NUMSUB, SHARDNUMSUB: each channel is counted where it lives. */
export function splitNumsub(session: RedisSession, request: Request): Plan {
  const groups = group(session, request, 2, 1);
  if (groups === null) return session.noOwner();
  if (groups.owners.length === 1) return session.forward(request, groups.owners[0] as number);
  return fragment(partsOf(request, groups, 2, 1), (replies) =>
    mergeByPosition(groups, replies, 2, false),
  );
}

/** Adds integer replies. */
export function summed(replies: readonly Reply[], writes: boolean): NextPlan {
  const failure = splitFailure(replies, writes);
  if (failure !== null) return failure;
  const total = exactSum(replies.map((reply) => readInteger(frameOf(reply) as Uint8Array)));
  return Number.isNaN(total) ? malformed() : local(integer(total));
}

/** Arguments from `first` on by owner, every `stride`th one being a key; null when nobody owns one. */
function group(
  session: RedisSession,
  request: Request,
  first: number,
  stride: number,
): Grouping | null {
  const { runtime } = session;
  const { bytes, start, end, argc } = request;
  const owners: number[] = new Array(Math.ceil((argc - first) / stride)).fill(0);
  for (let i = first, key = 0; i < argc; i += stride, key++)
    owners[key] = runtime.owner(bytes, start[i] as number, end[i] as number);
  return groupByOwner(owners, runtime.clusterCount);
}

/** One request for each owner: the arguments before `first`, then its keys (and what belongs to them). */
function partsOf(request: Request, groups: Grouping, first: number, stride: number): Part[] {
  const { bytes, start, end, argc } = request;
  const head = bulkStart(start[0] as number, end[0] as number);
  const headEnd = (end[first - 1] as number) + 2;
  const spans = groups.counts.map((count) => {
    const piece = new Spans();
    const header = countHeader(first + count * stride);
    piece.add(header, 0, header.length);
    piece.add(bytes, head, headEnd);
    return piece;
  });
  for (let i = first, key = 0; i < argc; i += stride, key++) {
    const piece = spans[groups.groupOf[key] as number] as Spans;
    const to = (end[i + stride - 1] as number) + 2;
    piece.add(bytes, bulkStart(start[i] as number, end[i] as number), to);
  }
  return groups.owners.map((cluster, i) => part(cluster, (spans[i] as Spans).chunks()));
}

/** Puts the elements of array replies in the order of the keys, `width` elements for each. */
function mergeByPosition(
  groups: Grouping,
  replies: readonly Reply[],
  width: number,
  perKey: boolean,
): NextPlan {
  const failure = splitFailure(replies, false);
  if (failure !== null && !perKey) return failure;
  const item = new ReplyItem();
  const sources: ItemSource[] = [];
  for (const [i, reply] of replies.entries()) {
    const frame = frameOf(reply);
    if (frame === null || isError(frame)) {
      const error = splitFailure([reply], false)?.bytes[0] as Uint8Array;
      sources.push({ bytes: error, at: 0, repeats: true });
      continue;
    }
    sources.push({ bytes: frame, at: item.open(frame), repeats: false });
    if (item.count !== (groups.counts[i] as number) * width) return malformed();
  }
  const header = arrayHeader(groups.groupOf.length * width);
  const merged = new Spans();
  merged.add(header, 0, header.length);
  addByPosition(merged, groups.groupOf, sources, skipReply, width);
  return local(...merged.chunks());
}
