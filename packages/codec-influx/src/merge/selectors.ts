/** Functions that select points: the clusters' best points are compared by value and time. */
import type { Select } from "../influxql/ast.ts";
import type { Windows } from "../plan/aggregate.ts";
import { isBetter } from "./aggregate.ts";
import { type Series, type StatementResult, tagsKey } from "./result.ts";
import { finish } from "./rows.ts";
import { compareValues } from "./values.ts";

type Answers = readonly (readonly StatementResult[])[];

/** One selector, with other columns or alone: the row of the best point of each group. */
export function mergeSelected(
  answers: Answers,
  selector: { readonly name: string; readonly at: number; readonly type: string },
  select: Select,
): readonly Series[] {
  const { name, at } = selector;
  const merged = grouped(answers).map(([first, lists]): Series => {
    let best: readonly string[] | null = null;
    for (const row of lists.flat()) {
      const value = row[at] ?? "null";
      if (value === "null") continue;
      if (best === null || wins(name, value, row[0] ?? "0", best[at] ?? "", best[0] ?? "0")) {
        best = row;
      }
    }
    return { ...first, rows: best === null ? [] : [best] };
  });
  return finish(merged, select);
}

/** Whether a point is better: by value for min and max (then the earlier time), by time for first and last. */
function wins(name: string, value: string, time: string, best: string, bestTime: string): boolean {
  if (name === "first" || name === "last") {
    return isBetter(name, value, BigInt(time), best, BigInt(bestTime));
  }
  const order = compareValues(value, best);
  if (order === 0) return BigInt(time) < BigInt(bestTime);
  return order > 0 === (name === "max");
}

/** The best N points of each group and window, in the order of time. */
export function mergeTop(
  answers: Answers,
  top: { readonly name: string; readonly most: number; readonly windows: Windows | null },
  select: Select,
): readonly Series[] {
  const sign = top.name === "top" ? -1 : 1;
  const merged = grouped(answers).map(([first, lists]): Series => {
    const windows = new Map<string, (readonly string[])[]>();
    for (const row of lists.flat()) {
      const key = String(windowOf(BigInt(row[0] ?? "0"), top.windows));
      const own = windows.get(key);
      if (own === undefined) windows.set(key, [row]);
      else own.push(row);
    }
    const rows = [...windows.values()].flatMap((own) =>
      own
        .sort((a, b) => sign * compareValues(a[1] ?? "", b[1] ?? "") || byTime(a, b))
        .slice(0, top.most),
    );
    rows.sort(byTime);
    return { ...first, rows: select.descending ? rows.reverse() : rows };
  });
  return finish(merged, select);
}

function windowOf(time: bigint, windows: Windows | null): bigint {
  if (windows === null) return 0n;
  const rest = (time - windows.offset) % windows.every;
  return time - (rest < 0n ? rest + windows.every : rest);
}

/** Union of the values of each group and window, in the order of the clusters. */
export function distinctValues(answers: Answers, select: Select): readonly Series[] {
  const merged = grouped(answers).map(([first, lists]): Series => {
    const rows = new Map<string, readonly string[]>();
    for (const row of lists.flat()) rows.set(row.join(), row);
    const order = [...rows.values()].sort(byTime);
    return { ...first, rows: select.descending ? order.reverse() : order };
  });
  return finish(merged, select);
}

function byTime(a: readonly string[], b: readonly string[]): number {
  const [x, y] = [BigInt(a[0] ?? "0"), BigInt(b[0] ?? "0")];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Lists of rows by series. */
function grouped(answers: Answers): readonly (readonly [Series, readonly Series["rows"][]])[] {
  const groups = new Map<string, [Series, Series["rows"][]]>();
  for (const results of answers) {
    for (const series of results[0]?.series ?? []) {
      const key = `${JSON.stringify(series.name)}${tagsKey(series.tags)}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [series, [series.rows]]);
      else group[1].push(series.rows);
    }
  }
  return [...groups.values()];
}
