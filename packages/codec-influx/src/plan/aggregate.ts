/**
 * Functions over groups that span clusters: which of them can be merged, and
 * from which parts.
 *
 * ```
 * count, sum       parts add up             mean     sum and count        spread   max and min
 * min, max         the best part            first, last                   the part with its own time
 * distinct         union                    count(distinct)               union, counted
 * top, bottom      the best N of N each; with tags if each set of their values is on one cluster
 * ```
 */
import type { Call, Expr, Field, Select } from "../influxql/ast.ts";
import { printExpr } from "../influxql/print.ts";
import { type Column, type ColumnPart, mergeAggregates } from "../merge/aggregate.ts";
import { failed, found, type StatementResult } from "../merge/result.ts";
import { distinctValues, mergeSelected, mergeTop } from "../merge/selectors.ts";
import type { StreamRule } from "../merge/series-merge.ts";
import { durationNs } from "../merge/time.ts";
import { columnNames } from "./column-names.ts";
import { timeRange } from "./condition.ts";
import type { Schema } from "./schema.ts";
import {
  type Ask,
  everything,
  firstError,
  isStep,
  type QueryContext,
  Refusal,
  type Step,
  streamed,
} from "./step.ts";
import { bare, callsOf, refsOf } from "./walk.ts";

/** Width and shift of windows in nanoseconds. */
export interface Windows {
  /** Width. */
  readonly every: bigint;
  /** Shift. */
  readonly offset: bigint;
}

/** Plans a SELECT with functions; `disjoint` = each set of values of these tags is on one cluster. Throws {@link Refusal} for what cannot be merged. */
export function planAggregate(
  select: Select,
  schema: Schema,
  context: QueryContext,
  ask: (own: Select) => readonly Ask[],
  disjoint: (tags: readonly string[]) => boolean,
): Step {
  const step = planWhole(select, schema, context, ask, disjoint);
  // The clusters are asked for series in ascending order.
  if (select.descending) return step;
  const group: StreamRule["group"] = (answers) => {
    const outcome = step.merge(answers);
    return isStep(outcome) ? failed("a merge of functions asks again") : outcome;
  };
  return streamed(step, { ...everything, group }, context);
}

/** As {@link planAggregate}, over all groups at a time. */
function planWhole(
  select: Select,
  schema: Schema,
  context: QueryContext,
  ask: (own: Select) => readonly Ask[],
  disjoint: (tags: readonly string[]) => boolean,
): Step {
  const windows = windowsOf(select);
  const range = timeRange(select.where);
  const none = { limit: -1, offset: -1, slimit: -1, soffset: -1, descending: false };
  const where =
    windows !== null && range.to === null ? upTo(select.where, context.now) : select.where;
  const base: Select = {
    ...select,
    ...none,
    where,
    fill: windows === null ? null : { kind: "none", value: "" },
  };
  const types = typesOf(select, schema);
  const calls = select.fields.map(({ expr }) => bare(expr));
  const [only] = calls;
  const aux = calls.slice(1);
  if (only?.type === "call" && (only.name === "top" || only.name === "bottom")) {
    return planTop(only, base, select, windows, ask, types, disjoint);
  }
  const selectors = calls.filter((call) => call.type === "call" && isSelector(call));
  const plainColumns = calls.filter((expr) => callsOf(expr).length === 0);
  // The server makes one of equal calls, so that they count as one selector alone.
  const kinds = new Set(selectors.map(printExpr)).size;
  if (kinds === 1 && selectors.length + plainColumns.length === calls.length) {
    const selector = selectors[0] as Call;
    const ref = argOf(selector);
    checkType(selector, types(ref));
    if (windows === null) {
      const at = calls.indexOf(selector) + 1;
      return {
        asks: ask(base),
        epoch: "ns",
        merge: (answers) =>
          firstError(answers) ??
          found(mergeSelected(answers, { name: selector.name, at, type: types(ref) }, select)),
      };
    }
    if (plainColumns.length > 0) {
      throw new Refusal(`${selector.name}() with other columns and GROUP BY time() ${advice}`);
    }
  }
  if (only?.type === "call" && only.name === "distinct") {
    if (aux.length > 0)
      throw new Refusal(
        "aggregate function distinct() cannot be combined with other functions or fields",
      );
    // The server fills nothing in for it, whatever the FILL.
    argOf(only);
    return {
      asks: ask(base),
      epoch: "ns",
      merge: (answers) => firstError(answers) ?? found(distinctValues(answers, select)),
    };
  }
  return planColumns(select, base, types, windows, range, context, ask);
}

function planTop(
  call: Call,
  base: Select,
  select: Select,
  windows: Windows | null,
  ask: (own: Select) => readonly Ask[],
  types: (expr: Expr) => string,
  disjoint: (tags: readonly string[]) => boolean,
): Step {
  const args = call.args.map(bare);
  const [ref] = args;
  const count = args.at(-1);
  const tags = args.slice(1, -1);
  const others = select.fields.slice(1);
  if (others.some(({ expr }) => callsOf(expr).length > 0)) {
    throw new Refusal(`${call.name}() with other functions cannot be merged`);
  }
  // With tags it is the best point of each set of their values, then the best N of these.
  const named = tags.flatMap((tag) => (tag.type === "ref" ? [tag.name] : []));
  const apart = tags.length === 0 || (named.length === tags.length && disjoint(named));
  if (args.length < 2 || ref?.type !== "ref" || count?.type !== "integer" || !apart) {
    throw new Refusal(`${call.name}() with tags that do not say the cluster ${advice}`);
  }
  checkType(call, types(ref));
  const most = Number(count.text);
  return {
    asks: ask(base),
    epoch: "ns",
    merge: (answers) =>
      firstError(answers) ?? found(mergeTop(answers, { name: call.name, most, windows }, select)),
  };
}

/** Columns that are merged one by one. */
function planColumns(
  select: Select,
  base: Select,
  types: (expr: Expr) => string,
  windows: Windows | null,
  range: ReturnType<typeof timeRange>,
  context: QueryContext,
  ask: (own: Select) => readonly Ask[],
): Step {
  const filled = windows !== null && select.fill?.kind !== "none";
  if (filled && select.descending && range.from === null) {
    // Where the server's windows end then depends on more than can be seen here.
    throw new Refusal("windows in descending order need a lower bound of time to be merged");
  }
  const parts: Field[] = [];
  const lone: Field[] = [];
  const place = (name: string, arg: Expr): ColumnPart => {
    const own = { type: "call", name, args: [arg] } as const;
    const i = parts.push({ expr: own, alias: `p${parts.length}` });
    return { statement: 0, column: i };
  };
  const alone = (expr: Call): ColumnPart => {
    const statement = lone.push({ expr, alias: "" });
    return { statement: -statement, column: 1 };
  };
  const columns = select.fields.map(({ expr }): Column => {
    const call = bare(expr);
    if (call.type !== "call") {
      throw new Refusal("math on functions, and fields beside functions, cannot be merged");
    }
    const [first] = call.args.map(bare);
    if (call.name === "count" && first?.type === "call" && first.name === "distinct") {
      argOf(first);
      return { kind: "count-distinct", type: "integer", parts: [alone(first)] };
    }
    if (!merged.has(call.name)) throw new Refusal(`${call.name}() ${advice}`);
    const ref = argOf(call);
    const type = types(ref);
    checkType(call, type);
    if (filled && select.fill?.kind === "number" && type === "" && call.name !== "count") {
      throw new Refusal(
        `${call.name}() of a field that no cluster knows, with a number to fill in`,
      );
    }
    switch (call.name) {
      case "mean":
        return {
          ...{ kind: "mean", type },
          parts: (type === "integer" ? ["sum", "count", "max", "min"] : ["sum", "count"]).map(
            (part) => place(part, ref),
          ),
        };
      case "spread":
        return { kind: "spread", type, parts: [place("max", ref), place("min", ref)] };
      case "first":
      case "last":
        if (windows !== null) throw new Refusal(`${call.name}() with GROUP BY time() ${advice}`);
        return { kind: call.name, type, parts: [alone(call)] };
      default:
        return { kind: call.name as "sum", type, parts: [place(call.name, ref)] };
    }
  });
  const statements = [
    ...(parts.length > 0 ? [{ ...base, fields: parts }] : []),
    ...lone.map((field) => ({ ...base, fields: [field] })),
  ];
  const shift = parts.length > 0 ? 0 : -1;
  const placed = columns.map((column) => ({
    ...column,
    parts: column.parts.map(({ statement, column: at }) => ({
      statement: statement === 0 ? 0 : -statement + shift,
      column: at,
    })),
  }));
  const names = columnNames(select.fields);
  const asks = mergeAsks(statements.map(ask));
  const known = (column: number): boolean =>
    refsOf(select.fields[column]?.expr as Expr).every((ref) => types(ref) !== "");
  return {
    asks,
    epoch: "ns",
    merge: (answers): StatementResult => {
      const error = firstError(answers);
      if (error !== null) return error;
      const plan = { names, columns: placed, windows, range, select, known, now: context.now };
      return mergeAggregates(answers, plan, context.options.maxRows);
    },
  };
}

/** Several statements for each cluster as one query. */
function mergeAsks(lists: readonly (readonly Ask[])[]): readonly Ask[] {
  const [first = []] = lists;
  if (lists.length < 2) return first;
  return first.map(({ cluster, query }, i) => ({
    cluster,
    query: lists.map((list) => list[i]?.query ?? "").join("; "),
    first: query,
  }));
}

/** The field of a call. */
function argOf(call: Call): Expr {
  const [arg] = call.args.map(bare);
  if (call.args.length !== 1 || arg?.type !== "ref") {
    throw new Refusal(`${call.name}() of anything but one field ${advice}`);
  }
  return arg;
}

function checkType(call: Call, type: string): void {
  if (type === "mixed") {
    throw new Refusal(`${call.name}() of a field that has different types on the clusters`);
  }
  if (
    type === "string" &&
    ["sum", "mean", "spread", "min", "max", "top", "bottom"].includes(call.name)
  ) {
    throw new Refusal(`unsupported ${call.name} iterator type: *query.stringInterator`);
  }
  if (type === "boolean" && ["sum", "mean", "spread", "top", "bottom"].includes(call.name)) {
    throw new Refusal(`unsupported ${call.name} iterator type: *query.booleanInterator`);
  }
}

/** Type of a name as the clusters know it, "" = nobody does. Through a sub-query, the type of its column. */
function typesOf(select: Select, schema: Schema): (expr: Expr) => string {
  const [source] = select.sources;
  if (source?.type !== "subquery") {
    return (expr) => (expr.type === "ref" ? (schema.fields.get(expr.name) ?? "") : "");
  }
  const names = columnNames(source.select.fields);
  return (expr) => {
    if (expr.type !== "ref") return "";
    const inner = source.select.fields[names.indexOf(expr.name)];
    if (inner === undefined) return schema.tags.has(expr.name) ? "" : unknown(expr.name);
    const column = bare(inner.expr);
    if (column.type === "ref") return schema.fields.get(column.name) ?? "";
    if (column.type !== "call") return unknown(expr.name);
    if (column.name === "count") return "integer";
    if (column.name === "mean" || column.name === "median") return "float";
    if (!sameType.has(column.name)) return unknown(expr.name);
    const [arg] = column.args.map(bare);
    return arg?.type === "ref" ? (schema.fields.get(arg.name) ?? "") : unknown(expr.name);
  };
}

function unknown(name: string): never {
  throw new Refusal(`the type of ${name} in the sub-query is not known here`);
}

function windowsOf({ groupBy }: Select): Windows | null {
  for (const expr of groupBy) {
    if (expr.type !== "call") continue;
    const [every, offset] = expr.args.map(bare);
    if (every?.type !== "duration" || (offset !== undefined && offset.type !== "duration")) {
      throw new Refusal("GROUP BY time() with anything but durations cannot be merged");
    }
    const width = durationNs(every.text);
    if (width <= 0n) throw new Refusal("time dimension must have a positive duration");
    return { every: width, offset: offset === undefined ? 0n : durationNs(offset.text) };
  }
  return null;
}

function upTo(where: Expr | null, now: bigint): Expr {
  const bound: Expr = {
    type: "binary",
    op: "<=",
    left: { type: "ref", name: "time", cast: "" },
    right: { type: "integer", text: String(now) },
  };
  if (where === null) return bound;
  return { type: "binary", op: "AND", left: { type: "paren", inner: where }, right: bound };
}

function isSelector({ name }: Call): boolean {
  return ["first", "last", "min", "max"].includes(name);
}

const merged: ReadonlySet<string> = new Set("count sum min max mean spread first last".split(" "));
const sameType: ReadonlySet<string> = new Set("sum min max first last spread".split(" "));
const advice = "cannot be merged over clusters: group by or fix the tags that choose the cluster";
