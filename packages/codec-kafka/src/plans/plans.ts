/** Plans in few words. */
import type { Fragment, NextPlan, Part, Refuse, Reply } from "@echarde/core";

/** Packets, and what follows from the replies; later requests of the client may be read meanwhile. */
export function fragment(
  parts: readonly Part[],
  timeout: number,
  coalesce: (replies: readonly Reply[]) => NextPlan,
  hold = false,
): Fragment {
  return {
    ...{ type: "fragment", parts, coalesce, timeout, hold },
    ...{ journal: null, carries: null, silent: false },
  };
}

/** The client is closed: the protocol has no words for what is wrong. `reason` is for the log, without data of the client. */
export function close(reason: string): Refuse {
  return { type: "refuse", bytes: [], end: true, reason };
}

/** Items by key, keys in the order of their first item. */
export function groupBy<K, T>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** `base` with other values, as a new object of the same class. */
export function make<T extends object>(kind: new () => T, ...values: readonly Partial<T>[]): T {
  return Object.assign(new kind(), ...values) as T;
}
