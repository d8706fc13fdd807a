/** Plans with the usual values filled in. A codec of your own may start from these. */
import type { Forward, Fragment, Local, Part, Refuse, Reply, Skip } from "@echarde/core";
import { latin1 } from "../text.ts";

/** The very bytes received, for one cluster. */
export function forward(cluster: number, more: Partial<Forward> = {}): Forward {
  return {
    type: "forward",
    cluster,
    node: "",
    lane: "shared",
    hold: false,
    silent: false,
    timeout: -1,
    frames: 1,
    expect: 0,
    id: -1,
    ...more,
  };
}

/** A packet of a split request. */
export function part(cluster: number, bytes: Uint8Array, more: Partial<Part> = {}): Part {
  return {
    cluster,
    node: "",
    lane: "shared",
    bytes: [bytes],
    frames: 1,
    expect: 0,
    id: -1,
    ...more,
  };
}

/** A split request. */
export function fragment(
  parts: readonly Part[],
  coalesce: Fragment["coalesce"],
  more: Partial<Fragment> = {},
): Fragment {
  const sending = { hold: false, silent: false, timeout: -1, journal: null, carries: null };
  return { type: "fragment", parts, coalesce, ...sending, ...more };
}

/** An answer of the router's own. */
export function local(bytes: Uint8Array | string, more: Partial<Local> = {}): Local {
  const chunk = typeof bytes === "string" ? latin1(bytes) : bytes;
  return { type: "local", bytes: [chunk], end: false, release: false, ...more };
}

/** An error of the router's own. */
export function refuse(bytes: Uint8Array | string, end = false): Refuse {
  return { type: "refuse", bytes: [typeof bytes === "string" ? latin1(bytes) : bytes], end };
}

/** Nothing. */
export const skip: Skip = { type: "skip" };

/** The first failure among the replies, in the order of the parts. */
export function firstFailure(replies: readonly Reply[]): NonNullable<Reply["failure"]> | null {
  return replies.find((reply) => reply.failure !== null)?.failure ?? null;
}

/** Groups items by owner, in the order in which owners first appear. Returns owner → positions. */
export function groupBy<T>(
  items: readonly T[],
  ownerOf: (item: T) => number,
): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  items.forEach((item, position) => {
    const owner = ownerOf(item);
    const group = groups.get(owner);
    if (group === undefined) groups.set(owner, [position]);
    else group.push(position);
  });
  return groups;
}
