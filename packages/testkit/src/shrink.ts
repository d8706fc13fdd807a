/**
 * The smallest part of a failing list that still fails, by delta debugging:
 * leaves out ever smaller runs as long as the rest fails, at most `budget` tries.
 */
export function shrinkList<T>(
  list: readonly T[],
  fails: (shorter: readonly T[]) => boolean,
  budget = 400,
): readonly T[] {
  let best = list;
  let left = budget;
  for (let run = Math.ceil(best.length / 2); run >= 1; run = run === 1 ? 0 : Math.ceil(run / 2)) {
    let from = 0;
    while (from < best.length && left > 0) {
      const shorter = [...best.slice(0, from), ...best.slice(from + run)];
      left -= 1;
      if (shorter.length < best.length && fails(shorter)) best = shorter;
      else from += run;
    }
  }
  return best;
}

/** As {@link shrinkList} for a test that must await. */
export async function shrinkListAsync<T>(
  list: readonly T[],
  fails: (shorter: readonly T[]) => Promise<boolean>,
  budget = 400,
): Promise<readonly T[]> {
  let best = list;
  let left = budget;
  for (let run = Math.ceil(best.length / 2); run >= 1; run = run === 1 ? 0 : Math.ceil(run / 2)) {
    let from = 0;
    while (from < best.length && left > 0) {
      const shorter = [...best.slice(0, from), ...best.slice(from + run)];
      left -= 1;
      if (shorter.length < best.length && (await fails(shorter))) best = shorter;
      else from += run;
    }
  }
  return best;
}
