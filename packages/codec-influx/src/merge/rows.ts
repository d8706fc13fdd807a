/** Merges of whole series and of rows. Times are nanoseconds, as the clusters were asked for them. */
import type { Select } from "../influxql/ast.ts";
import { compareSeries, type Series, type StatementResult, tagsKey } from "./result.ts";

/** What of a SELECT says which rows and series leave. */
export type Cut = Pick<Select, "descending" | "limit" | "offset">;

/** Answers that have no series in common, in the server's order. Rows were limited by the clusters. */
export function unite(
  answers: readonly (readonly StatementResult[])[],
  cut: Cut,
): readonly Series[] {
  return sorted(
    answers.flatMap((results) => results[0]?.series ?? []),
    cut,
  );
}

/** Rows of each series by time. Rows of equal time keep the order of the clusters. */
export function mergeRows(
  answers: readonly (readonly StatementResult[])[],
  cut: Cut,
): readonly Series[] {
  const groups = new Map<string, Series[]>();
  for (const results of answers) {
    for (const series of results[0]?.series ?? []) {
      const key = `${JSON.stringify(series.name)}${tagsKey(series.tags)}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [series]);
      else group.push(series);
    }
  }
  const merged = [...groups.values()].map((group): Series => {
    const [first] = group as [Series];
    if (group.length === 1) return first;
    return {
      ...first,
      rows: byTime(
        group.map(({ rows }) => rows),
        cut.descending,
      ),
    };
  });
  return finish(merged, cut);
}

/** The server's order, then the limits of rows. */
export function finish(series: readonly Series[], cut: Cut): readonly Series[] {
  const limited = sorted(series, cut).map((one) => ({ ...one, rows: cutRows(one.rows, cut) }));
  return limited.filter(({ rows }) => rows.length > 0);
}

function sorted(series: readonly Series[], { descending }: Cut): readonly Series[] {
  const order = [...series].sort(compareSeries);
  return descending ? order.reverse() : order;
}

function cutRows(rows: Series["rows"], { limit, offset }: Cut): Series["rows"] {
  const from = Math.max(0, offset);
  if (limit <= 0) return from === 0 ? rows : rows.slice(from);
  return rows.slice(from, from + limit);
}

/** Merges lists that are in order. */
function byTime(lists: readonly Series["rows"][], descending: boolean): Series["rows"] {
  const all: { time: bigint; row: readonly string[] }[] = [];
  for (const rows of lists) for (const row of rows) all.push({ time: BigInt(row[0] ?? "0"), row });
  // The sort is stable and knows runs, so that this is a merge.
  all.sort((a, b) => {
    if (a.time === b.time) return 0;
    return a.time < b.time !== descending ? -1 : 1;
  });
  return all.map(({ row }) => row);
}
