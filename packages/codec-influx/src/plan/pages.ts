/**
 * Rows of one series merged by time, page by page, so that no more than a page
 * of each cluster is held at a time.
 *
 * ```
 *  each cluster: rows from the bound on, LIMIT n
 *    a full page tells nothing behind its last time, so rows before the least
 *    last time of all full pages are certain; that time is the next bound
 *  no page is full ─▶ the rest
 * ```
 * A bound is inclusive: a page may end amid rows of one time. Rows behind the
 * bound are asked for again.
 */
import type { Select } from "../influxql/ast.ts";
import { found, type StatementResult } from "../merge/result.ts";
import { mergeRows } from "../merge/rows.ts";
import { timeRange, withTime } from "./condition.ts";
import {
  type Ask,
  firstError,
  type Outcome,
  type QueryContext,
  Refusal,
  type Step,
} from "./step.ts";

/** Whether a SELECT without functions over one measurement is answered in pages. */
export function isPaged(select: Select, { pageRows }: QueryContext): boolean {
  const all =
    select.limit <= 0 ? Number.POSITIVE_INFINITY : select.limit + Math.max(0, select.offset);
  if (pageRows === 0 || all <= pageRows || select.groupBy.length > 0) return false;
  try {
    timeRange(select.where); // a condition that a bound can stand beside
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** See the module; `ask` makes the questions of a SELECT. */
export function pageRows(
  select: Select,
  context: QueryContext,
  ask: (select: Select) => readonly Ask[],
): Step {
  return nextPage({ select, context, ask }, { bound: null, size: context.pageRows }, 0);
}

interface Paged {
  readonly select: Select;
  readonly context: QueryContext;
  readonly ask: (select: Select) => readonly Ask[];
}

/** Where a page begins (null = anywhere), and how many rows it has. */
interface From {
  readonly bound: bigint | null;
  readonly size: number;
}

/** `passed` = rows behind which this page begins, those of OFFSET included. */
function nextPage(paged: Paged, { bound, size }: From, passed: number): Step {
  const { select, context, ask } = paged;
  const { descending } = select;
  const op = descending ? "<=" : ">=";
  const where = bound === null ? select.where : withTime(select.where, op, bound);
  const merge = (answers: readonly (readonly StatementResult[])[]): Outcome => {
    const error = firstError(answers);
    if (error !== null) return error;
    const certain = certainBefore(answers, size, descending);
    const rows =
      certain === null ? answers : answers.map((one) => before(one, certain, descending));
    const all = mergeRows(rows, { descending, limit: -1, offset: -1 });
    const count = all[0]?.rows.length ?? 0;
    const now = passed + count;
    const from = Math.max(0, select.offset);
    const to = select.limit <= 0 ? Number.POSITIVE_INFINITY : from + select.limit;
    const cut = (index: number): number => Math.min(Math.max(0, index - passed), count);
    const series = all
      .map((one) => ({ ...one, rows: one.rows.slice(cut(from), cut(to)) }))
      .filter((one) => one.rows.length > 0);
    if (certain === null || now >= to) return found(series);
    if (count > 0) {
      const next = nextPage(paged, { bound: certain, size: context.pageRows }, now);
      return { page: found(series), next };
    }
    // All of a page is of one time.
    if (size > context.options.maxRows) {
      throw new Refusal(`more than ${context.options.maxRows} rows of one time cannot be merged`);
    }
    return nextPage(paged, { bound, size: 2 * size }, passed);
  };
  return { asks: ask({ ...select, where, limit: size, offset: -1 }), epoch: "ns", merge };
}

/** The time that the first of the full pages ends with, null when none is full. */
function certainBefore(
  answers: readonly (readonly StatementResult[])[],
  size: number,
  descending: boolean,
): bigint | null {
  let least: bigint | null = null;
  for (const [result] of answers) {
    const rows = result?.series[0]?.rows ?? [];
    if (rows.length < size) continue;
    const last = BigInt(rows.at(-1)?.[0] ?? "0");
    if (least === null || last < least !== descending) least = last;
  }
  return least;
}

function before(
  results: readonly StatementResult[],
  bound: bigint,
  descending: boolean,
): readonly StatementResult[] {
  return results.map((result) => ({
    ...result,
    series: result.series.map((one) => ({
      ...one,
      rows: one.rows.filter(([time = "0"]) => {
        const at = BigInt(time);
        return at !== bound && at < bound !== descending;
      }),
    })),
  }));
}
