/** Columns merged one by one, by group and window, then filled. */
import type { Select } from "../influxql/ast.ts";
import type { Windows } from "../plan/aggregate.ts";
import type { TimeRange } from "../plan/condition.ts";
import { Refusal } from "../plan/step.ts";
import { fillRows } from "./fill.ts";
import { failed, found, type Series, type StatementResult, tagsKey } from "./result.ts";
import { finish } from "./rows.ts";
import { add, compareValues, divide, subtract } from "./values.ts";

/** Where a part stands in the answers. */
export interface ColumnPart {
  /** Index of the statement. */
  readonly statement: number;
  /** Index of the column, time being 0. */
  readonly column: number;
}

/** One column of the answer. */
export interface Column {
  /** How its parts become its value. */
  readonly kind:
    | "sum"
    | "count"
    | "min"
    | "max"
    | "mean"
    | "spread"
    | "first"
    | "last"
    | "count-distinct";
  /** Type of its field, "" where nobody knows it. */
  readonly type: string;
  /** What it is made of. */
  readonly parts: readonly ColumnPart[];
}

/** What {@link mergeAggregates} needs to know of the statement. */
export interface AggregatePlan {
  /** Names of the columns behind `time`. */
  readonly names: readonly string[];
  /** The columns. */
  readonly columns: readonly Column[];
  /** Windows, null without GROUP BY time. */
  readonly windows: Windows | null;
  /** Bounds of time. */
  readonly range: TimeRange;
  /** Order, limits and fill. */
  readonly select: Select;
  /** Whether any cluster knows the field of a column. */
  readonly known: (column: number) => boolean;
  /** Unix nanoseconds: where windows without an upper bound end. */
  readonly now: bigint;
}

/** Cells of one series by time. */
export type Cells = Map<string, (string | null)[]>;

/** See the module. More than `maxRows` rows are an error. */
export function mergeAggregates(
  answers: readonly (readonly StatementResult[])[],
  plan: AggregatePlan,
  maxRows: number,
): StatementResult {
  const groups = new Map<string, { first: Series; cells: PartCells }>();
  for (const results of answers) {
    results.forEach((result, statement) => {
      for (const series of result.series) {
        const key = `${JSON.stringify(series.name)}${tagsKey(series.tags)}`;
        let group = groups.get(key);
        if (group === undefined) {
          group = { first: series, cells: new Map() };
          groups.set(key, group);
        }
        collect(group.cells, series, statement, plan);
      }
    });
  }
  const merged: Series[] = [];
  let rows = 0;
  for (const { first, cells } of groups.values()) {
    const values: Cells = new Map();
    for (const [time, parts] of cells) {
      values.set(
        time,
        plan.columns.map((column, i) => finishColumn(column, parts[i] ?? [])),
      );
    }
    const filled = fillRows(values, plan, maxRows - rows);
    if (filled === null) return failed(`more than ${maxRows} rows would be filled in`);
    rows += filled.length;
    if (filled.length === 0) continue;
    merged.push({ ...first, columns: ["time", ...plan.names], rows: filled });
  }
  // Each column has been cut to LIMIT and OFFSET by itself.
  return found(finish(merged, { ...plan.select, limit: -1, offset: -1 }));
}

/** By time and column: a value for each part, and for some the time that it has. */
type PartCells = Map<string, PartValue[][]>;

interface PartValue {
  value: string | null;
  time: bigint;
  values: Set<string> | null;
}

function collect(cells: PartCells, series: Series, statement: number, plan: AggregatePlan): void {
  for (const row of series.rows) {
    // Without windows there is one row; its time is the lower bound, or 0.
    const time = plan.windows === null ? String(plan.range.from ?? 0n) : (row[0] ?? "0");
    let columns = cells.get(time);
    if (columns === undefined) {
      columns = plan.columns.map(({ parts }) =>
        parts.map(() => ({ value: null, time: 0n, values: null })),
      );
      cells.set(time, columns);
    }
    plan.columns.forEach((column, i) => {
      column.parts.forEach((part, j) => {
        const token = row[part.column];
        const cell = columns?.[i]?.[j];
        if (part.statement !== statement || cell === undefined) return;
        if (token === undefined || token === "null") return;
        mergePart(cell, token, BigInt(row[0] ?? "0"), column, j);
      });
    });
  }
}

function mergePart(
  cell: PartValue,
  token: string,
  time: bigint,
  column: Column,
  part: number,
): void {
  if (column.kind === "count-distinct") {
    cell.values ??= new Set();
    cell.values.add(token);
    cell.value = String(cell.values.size);
    return;
  }
  if (cell.value === null) {
    cell.value = token;
    cell.time = time;
    return;
  }
  switch (column.kind) {
    case "count":
      cell.value = add(cell.value, token, "integer");
      return;
    case "sum":
      cell.value = add(cell.value, token, column.type);
      return;
    case "mean":
      if (part < 2) cell.value = add(cell.value, token, part === 0 ? column.type : "integer");
      else if (compareValues(token, cell.value) > 0 === (part === 2)) cell.value = token;
      return;
    case "max":
    case "min":
    case "spread": {
      const more = column.kind === "max" || (column.kind === "spread" && part === 0);
      if (compareValues(token, cell.value) > 0 === more) cell.value = token;
      return;
    }
    case "first":
    case "last":
      if (isBetter(column.kind, token, time, cell.value, cell.time)) {
        cell.value = token;
        cell.time = time;
      }
  }
}

/** Whether a point wins over another: the one nearer to that end of time; of equal times the larger value. */
export function isBetter(
  kind: "first" | "last",
  value: string,
  time: bigint,
  best: string,
  bestTime: bigint,
): boolean {
  if (time === bestTime) return compareValues(value, best) > 0;
  return time < bestTime === (kind === "first");
}

function finishColumn({ kind, type }: Column, parts: readonly PartValue[]): string | null {
  const [a = null, b = null] = parts.map(({ value }) => value);
  if (kind === "mean") {
    if (type === "integer") checkExact(parts);
    return a === null || b === null ? null : divide(a, b);
  }
  if (kind === "spread") return a === null || b === null ? null : subtract(a, b, type);
  return a;
}

/** Whether the server sums integers as such or as doubles depends on the series; below 2^53 both are the same. */
function checkExact(parts: readonly PartValue[]): void {
  const [, count, most, least] = parts.map(({ value }) => BigInt(value ?? 0));
  for (const value of [most ?? 0n, least ?? 0n]) {
    const size = value < 0n ? -value : value;
    if (size * (count ?? 0n) >= 1n << 53n) {
      throw new Refusal("mean() of integers whose sum may be beyond 2^53 cannot be merged");
    }
  }
}
