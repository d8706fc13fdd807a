/** Which cluster owns the keys of a request. */
import type { Command } from "../commands/command.ts";
import { FOUND } from "../commands/keys.ts";
import type { Request } from "../request.ts";
import type { RedisSession } from "../session.ts";

/** Keys on more than one cluster. */
export const several = -2;
/** A key that nobody owns. */
export const nobody = -3;
/** No keys at all, or none that can be found: every cluster says the same. */
export const anywhere = -1;

/** Redis Cluster's words for keys that live apart. */
export const crossSlot = "CROSSSLOT Keys in request don't hash to the same slot";

/** Owner of all keys, or one of the negative numbers above. */
export function ownerOf(session: RedisSession, request: Request, command: Command): number {
  const { runtime } = session;
  const { bytes, start, end, argc } = request;
  if (command.firstKey) {
    runtime.found = FOUND;
    const owner = runtime.owner(bytes, start[1] as number, end[1] as number);
    return owner < 0 ? nobody : owner;
  }
  if (isUnpaired(command, argc)) {
    runtime.found = FOUND;
    return anywhere;
  }
  runtime.found = runtime.finder.find(command, bytes, start, end, argc);
  return ownerOfFound(session, request);
}

/** As `ownerOf`, of the keys that the finder has just found. */
export function ownerOfFound(session: RedisSession, request: Request): number {
  const { runtime } = session;
  const { finder } = runtime;
  if (finder.count === 0) return anywhere;
  let owner = anywhere;
  let slot = -1;
  for (let i = 0; i < finder.count; i++) {
    const index = finder.indexes[i] as number;
    const from = request.start[index] as number;
    const to = request.end[index] as number;
    const next = runtime.owner(request.bytes, from, to);
    if (next < 0) return nobody;
    if (owner !== anywhere && next !== owner) return several;
    owner = next;
    if (runtime.options.crossSlot === "slot" && finder.count > 1) {
      const here = runtime.slot(request.bytes, from, to);
      if (slot >= 0 && here !== slot) return several;
      slot = here;
    }
  }
  return owner;
}

/** SORT with a pattern reads keys that it does not name. */
export function deniedPattern(session: RedisSession, command: Command): string | null {
  const { finder, clusterCount } = session.runtime;
  if (command.decision.kind !== "sort" || clusterCount === 1) return null;
  if (finder.sortBy) return "ERR BY option of SORT denied in Cluster mode.";
  return finder.sortGet ? "ERR GET option of SORT denied in Cluster mode." : null;
}

/** A key without its value: every server says that the number of arguments is wrong. */
function isUnpaired({ name }: Command, argc: number): boolean {
  return argc % 2 === 0 && (name === "mset" || name === "msetnx");
}
