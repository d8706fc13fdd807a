/** What a WHERE says about time and about tags. */
import type { Expr } from "../influxql/ast.ts";
import { durationNs, parseTime } from "../merge/time.ts";
import { type QueryContext, Refusal } from "./step.ts";
import { bare, chain, mapExpr, refsOf } from "./walk.ts";

/** Bounds of time, both included; null = open. */
export interface TimeRange {
  /** First nanosecond. */
  readonly from: bigint | null;
  /** Last nanosecond. */
  readonly to: bigint | null;
}

/** A bound parameter as a literal. Throws {@link Refusal} for one that is none. */
function literalOf(expr: Expr, { params }: QueryContext): Expr {
  if (expr.type !== "param") return expr;
  const token = params.get(expr.text);
  if (token === undefined) throw new Refusal(`missing parameter: ${expr.text}`);
  if (token.startsWith('"')) return { type: "string", text: JSON.parse(token) as string };
  if (token === "true" || token === "false") return { type: "boolean", text: token };
  if (/^-?\d+$/.test(token)) return { type: "integer", text: token };
  if (/^-?\d+\.\d+$/.test(token)) return { type: "number", text: token };
  throw new Refusal(`parameter ${expr.text} is no literal that several clusters can be asked with`);
}

/** The condition with parameters and `now()` replaced by what they stand for: all clusters then mean the same moment. */
export function resolved(where: Expr, context: QueryContext): Expr {
  return mapExpr(where, (expr) => {
    if (expr.type === "call" && expr.name === "now" && expr.args.length === 0) {
      return { type: "integer", text: String(context.now) };
    }
    const literal = literalOf(expr, context);
    if (literal.type !== "binary" || (literal.op !== "+" && literal.op !== "-")) return literal;
    const left = instant(bare(literal.left));
    const right = bare(literal.right);
    if (left === null || right.type !== "duration") return literal;
    const span = durationNs(right.text);
    const sum = literal.op === "+" ? left + span : left - span;
    return { type: "integer", text: String(sum) };
  });
}

function instant(expr: Expr): bigint | null {
  if (expr.type === "integer") return BigInt(expr.text);
  return null;
}

/** Bounds that a resolved condition sets. Throws {@link Refusal} where time is said in a way that this does not read. */
export function timeRange(where: Expr | null): TimeRange {
  let from: bigint | null = null;
  let to: bigint | null = null;
  for (const part of where === null ? [] : chain(where, "AND")) {
    if (!refsOf(part).some(({ name }) => name === "time")) continue;
    if (part.type !== "binary") throw unreadable();
    const left = bare(part.left);
    const right = bare(part.right);
    const turned = right.type === "ref";
    const ref = turned ? right : left;
    const value = moment(turned ? left : right);
    const op = turned ? (turnedOps.get(part.op) ?? part.op) : part.op;
    if (ref.type !== "ref" || ref.name !== "time" || value === null) throw unreadable();
    const least = op === ">" ? value + 1n : op === ">=" || op === "=" ? value : null;
    const most = op === "<" ? value - 1n : op === "<=" || op === "=" ? value : null;
    if (least === null && most === null) throw unreadable();
    if (least !== null && (from === null || least > from)) from = least;
    if (most !== null && (to === null || most < to)) to = most;
  }
  return { from, to };
}

/** The condition, and a bound of time beside it. */
export function withTime(where: Expr | null, op: "<=" | ">=", value: bigint): Expr {
  const right: Expr = {
    ...{ type: "binary", op, left: { type: "ref", name: "time", cast: "" } },
    right: { type: "integer", text: String(value) },
  } as Expr;
  if (where === null) return right;
  return { type: "binary", op: "AND", left: { type: "paren", inner: where }, right };
}

function unreadable(): Refusal {
  return new Refusal("time must be compared with a literal, joined by AND, to merge clusters");
}

function moment(expr: Expr): bigint | null {
  if (expr.type === "integer") return BigInt(expr.text);
  if (expr.type === "duration") return durationNs(expr.text);
  return expr.type === "string" ? parseTime(expr.text) : null;
}

const turnedOps: ReadonlyMap<string, string> = new Map([
  ["<", ">"],
  ["<=", ">="],
  [">", "<"],
  [">=", "<="],
]);

/** Values that a condition leaves a tag, null = any. Only what stands in the top AND counts. */
export function tagValues(
  where: Expr | null,
  tag: string,
  context: QueryContext,
): readonly string[] | null {
  if (where === null) return null;
  for (const part of chain(where, "AND")) {
    const values = chain(part, "OR").map((one) => equalTo(one, tag, context));
    if (values.every((value) => value !== null)) return values;
  }
  return null;
}

function equalTo(expr: Expr, tag: string, context: QueryContext): string | null {
  const whole = bare(expr);
  if (whole.type !== "binary" || whole.op !== "=") return null;
  const sides = [bare(whole.left), bare(whole.right)];
  const ref = sides.find((side) => side.type === "ref");
  const value = sides.find((side) => side.type === "string" || side.type === "param");
  if (ref?.type !== "ref" || ref.name !== tag || value === undefined) return null;
  if (ref.cast !== "" && ref.cast !== "tag") return null;
  const literal = literalOf(value, context);
  return literal.type === "string" ? literal.text : null;
}
