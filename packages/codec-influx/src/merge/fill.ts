/**
 * Windows without values. Clusters are always asked for `fill(none)`: what one
 * of them would fill in is wrong as soon as another one has a value there.
 *
 * The server makes each column by itself and then lines them up by time. So a
 * column without a lower bound begins at its own first window, and LIMIT and
 * OFFSET count the windows of each column.
 */
import type { Select } from "../influxql/ast.ts";
import type { AggregatePlan, Cells, Column } from "./aggregate.ts";

/** Rows in the order of the answer, null when there would be more than `most`. */
export function fillRows(
  cells: Cells,
  plan: AggregatePlan,
  most: number,
): readonly (readonly string[])[] | null {
  const { select, columns } = plan;
  const times = [...cells.keys()].map(BigInt).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const rows = new Map<bigint, string[]>();
  for (const [i, column] of columns.entries()) {
    const points = pointsOf(i, column, times, cells, plan, most);
    if (points === null) return null;
    for (const [time, value] of cut(points, select)) {
      let row = rows.get(time);
      if (row === undefined) {
        row = [String(time), ...columns.map(() => "null")];
        rows.set(time, row);
      }
      row[i + 1] = value ?? "null";
    }
  }
  if (plan.windows !== null && select.fill?.kind === "number") {
    // What one column lacks in a row of another one is filled last, after LIMIT.
    for (const [i, column] of columns.entries()) {
      if (!isCount(column) && !plan.known(i)) continue;
      const value = numberOf(column, select.fill.value);
      for (const row of rows.values()) if (row[i + 1] === "null") row[i + 1] = value;
    }
  }
  const sign = select.descending ? -1 : 1;
  const order = [...rows.keys()].sort((a, b) => (a < b ? -sign : a > b ? sign : 0));
  const ordered = order.map((time) => rows.get(time) as string[]);
  if (plan.windows !== null && select.fill?.kind === "previous") repeatPrevious(ordered);
  return ordered;
}

/** Where LIMIT has ended one column and not another, its last value goes on. */
function repeatPrevious(rows: readonly string[][]): void {
  let before: readonly string[] = [];
  for (const row of rows) {
    for (let i = 1; i < row.length; i++) if (row[i] === "null") row[i] = before[i] ?? "null";
    before = row;
  }
}

/** Time and value. */
type Point = [time: bigint, value: string | null];

/** Points of one column in the order of the answer. */
function pointsOf(
  i: number,
  column: Column,
  times: readonly bigint[],
  cells: Cells,
  plan: AggregatePlan,
  most: number,
): readonly Point[] | null {
  const { windows, select, range } = plan;
  const valued: Point[] = [];
  for (const time of times) {
    const value = cells.get(String(time))?.[i] ?? null;
    if (value !== null) valued.push([time, value]);
  }
  if (windows === null || select.fill?.kind === "none") {
    return select.descending ? valued.reverse() : valued;
  }
  const byNumber = select.fill?.kind === "number" && (isCount(column) || plan.known(i));
  if (valued.length === 0 && !(byNumber && times.length > 0)) return [];
  const { every, offset } = windows;
  const startOf = (time: bigint): bigint => {
    const rest = (time - offset) % every;
    return time - (rest < 0n ? rest + every : rest);
  };
  const first = range.from === null ? (valued[0]?.[0] ?? times[0] ?? 0n) : startOf(range.from);
  const last = startOf(range.to ?? plan.now);
  const count = last < first ? 0n : (last - first) / every + 1n;
  if (count > BigInt(most)) return null;
  const values = new Map(valued);
  const points: Point[] = [];
  for (let n = 0n; n < count; n++) {
    const time = first + n * every;
    points.push([time, values.get(time) ?? null]);
  }
  if (select.descending) points.reverse();
  fillPoints(points, column, select);
  return points;
}

function cut(points: readonly Point[], { limit, offset }: Select): readonly Point[] {
  const from = Math.max(0, offset);
  return limit > 0 ? points.slice(from, from + limit) : points.slice(from);
}

function isCount({ kind }: Column): boolean {
  return kind === "count" || kind === "count-distinct";
}

function isInteger(column: Column): boolean {
  return isCount(column) || (column.type === "integer" && column.kind !== "mean");
}

/** The number of a fill as the column has it: cut to an integer where it is of integers. */
function numberOf(column: Column, value: string): string {
  return String(isInteger(column) ? Math.trunc(Number(value)) : Number(value));
}

function fillPoints(points: Point[], column: Column, select: Select): void {
  const fill = select.fill ?? { kind: "null", value: "" };
  switch (fill.kind) {
    case "number": {
      const value = numberOf(column, fill.value);
      for (const point of points) point[1] ??= value;
      return;
    }
    case "previous": {
      let previous: string | null = null;
      for (const point of points) {
        point[1] ??= previous;
        previous = point[1];
      }
      return;
    }
    case "linear":
      interpolate(points, isInteger(column));
      return;
    default:
      if (isCount(column)) for (const point of points) point[1] ??= "0";
  }
}

/** Between two values; before the first and behind the last nothing is known. */
function interpolate(points: Point[], integers: boolean): void {
  let left = -1;
  points.forEach(([, value], right) => {
    if (value === null) return;
    if (left >= 0) {
      const start = Number(points[left]?.[1]);
      const slope = (Number(value) - start) / (right - left);
      for (let i = left + 1; i < right; i++) {
        const between = slope * (i - left) + start;
        (points[i] as Point)[1] = String(integers ? Math.trunc(between) : between);
      }
    }
    left = right;
  });
}
