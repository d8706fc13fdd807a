/**
 * Windows without values. Clusters are always asked for `fill(none)`: what one
 * of them would fill in is wrong as soon as another one has a value there.
 */
import type { AggregatePlan, Cells, Column } from "./aggregate.ts";

/** Rows in the order of the answer, null when there would be more than `most`. */
export function fillRows(
  cells: Cells,
  plan: AggregatePlan,
  most: number,
): readonly (readonly string[])[] | null {
  const { windows, select } = plan;
  const times = [...cells.keys()].map(BigInt).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const kind = select.fill?.kind ?? "null";
  if (windows === null || kind === "none" || times.length === 0) {
    const rows = times.map((time) => [String(time), ...row(cells, time, plan)]);
    return select.descending ? rows.reverse() : rows;
  }
  const { every, offset } = windows;
  const startOf = (time: bigint): bigint => {
    const rest = (time - offset) % every;
    return time - (rest < 0n ? rest + every : rest);
  };
  const { from, to } = plan.range;
  const first = from === null ? (times[0] as bigint) : startOf(from);
  const last = startOf(to ?? plan.now);
  const count = last < first ? 0n : (last - first) / every + 1n;
  if (count > BigInt(most)) return null;
  const size = Number(count);
  const rows: (string | null)[][] = [];
  for (let i = 0; i < size; i++) {
    const time = first + BigInt(i) * every;
    const own = cells.get(String(time)) ?? plan.columns.map(() => null);
    rows.push([String(time), ...own]);
  }
  if (select.descending) rows.reverse();
  plan.columns.forEach((column, i) => {
    fillColumn(rows, i + 1, column, plan.known(i), plan);
  });
  return rows.map((cellsOfRow) => cellsOfRow.map((cell) => cell ?? "null"));
}

function row(cells: Cells, time: bigint, { columns }: AggregatePlan): string[] {
  const own = cells.get(String(time)) ?? columns.map(() => null);
  return own.map((cell) => cell ?? "null");
}

function fillColumn(
  rows: (string | null)[][],
  at: number,
  column: Column,
  known: boolean,
  { select, range }: AggregatePlan,
): void {
  const counts = column.kind === "count" || column.kind === "count-distinct";
  const integers = counts || (column.type === "integer" && column.kind !== "mean");
  const fill = select.fill ?? { kind: "null", value: "" };
  const valued = rows.map((cells, i) => (cells[at] === null ? -1 : i)).filter((i) => i >= 0);
  switch (fill.kind) {
    case "number": {
      if (!counts && !known) return;
      const value = integers ? String(Math.trunc(Number(fill.value))) : String(Number(fill.value));
      for (const cells of rows) cells[at] ??= value;
      return;
    }
    case "previous": {
      let previous: string | null = null;
      for (const cells of rows) {
        cells[at] ??= previous;
        previous = cells[at] ?? null;
      }
      return;
    }
    case "linear":
      for (let n = 1; n < valued.length; n++) {
        interpolate(rows, at, valued[n - 1] as number, valued[n] as number, integers);
      }
      return;
    default: {
      if (!counts || valued.length === 0) return;
      // Without a lower bound a column begins with its own first window.
      const begin = select.descending ? 0 : range.from === null ? (valued[0] as number) : 0;
      const end =
        select.descending && range.from === null ? (valued.at(-1) as number) : rows.length - 1;
      for (let i = begin; i <= end; i++) (rows[i] as (string | null)[])[at] ??= "0";
    }
  }
}

function interpolate(
  rows: (string | null)[][],
  at: number,
  left: number,
  right: number,
  integers: boolean,
): void {
  const a = Number(rows[left]?.[at]);
  const b = Number(rows[right]?.[at]);
  const slope = (b - a) / (right - left);
  for (let i = left + 1; i < right; i++) {
    const value = slope * (i - left) + a;
    (rows[i] as (string | null)[])[at] = String(integers ? Math.trunc(value) : value);
  }
}
