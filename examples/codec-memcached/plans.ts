/** Plans, with what is the same for every request that has one reply on a shared link. */
import type { Forward, Fragment, Local, Part, Refuse } from "@echarde/core";

// #region plans
const packet = { node: "", lane: "shared", frames: 1, expect: 0, id: -1 } as const;
const sending = { hold: false, silent: false, timeout: -1 } as const;

/** The very bytes received, to one cluster. */
export function forward(cluster: number): Forward {
  return { type: "forward", cluster, ...packet, ...sending };
}

/** One packet of a request that is split. */
export function part(cluster: number, bytes: readonly Uint8Array[]): Part {
  return { cluster, bytes, ...packet };
}

/** Packets to several clusters; `silent` = the client wants no answer. */
export function fragment(
  parts: readonly Part[],
  coalesce: Fragment["coalesce"],
  silent: boolean,
): Fragment {
  return { type: "fragment", parts, coalesce, journal: null, carries: null, ...sending, silent };
}

/** An answer of the router's own. */
export function local(bytes: readonly Uint8Array[], end = false): Local {
  return { type: "local", bytes, end, release: false };
}

/** An error; `end` = nobody can say where the next request starts. */
export function refuse(bytes: Uint8Array, end = false): Refuse {
  return { type: "refuse", bytes: [bytes], end };
}
// #endregion
