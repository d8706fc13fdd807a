/** Looks into expressions and changes them. */
import type { Call, Expr, Ref } from "../influxql/ast.ts";

/** A copy in which `change` has replaced what it does not return as it was; parents are seen after their children. */
export function mapExpr(expr: Expr, change: (expr: Expr) => Expr): Expr {
  switch (expr.type) {
    case "call":
      return change({ ...expr, args: expr.args.map((arg) => mapExpr(arg, change)) });
    case "binary":
      return change({
        ...expr,
        left: mapExpr(expr.left, change),
        right: mapExpr(expr.right, change),
      });
    case "paren":
      return change({ ...expr, inner: mapExpr(expr.inner, change) });
    default:
      return change(expr);
  }
}

/** Calls `visit` with every part of an expression. */
function visitExpr(expr: Expr, visit: (expr: Expr) => void): void {
  mapExpr(expr, (part) => {
    visit(part);
    return part;
  });
}

/** All names in an expression. */
export function refsOf(expr: Expr): readonly Ref[] {
  const refs: Ref[] = [];
  visitExpr(expr, (part) => {
    if (part.type === "ref") refs.push(part);
  });
  return refs;
}

/** All calls in an expression. */
export function callsOf(expr: Expr): readonly Call[] {
  const calls: Call[] = [];
  visitExpr(expr, (part) => {
    if (part.type === "call") calls.push(part);
  });
  return calls;
}

/** Whether it has a wildcard, or a regular expression in a column's or a dimension's place. */
export function isWild(expr: Expr): boolean {
  let wild = false;
  visitExpr(expr, (part) => {
    if (part.type === "wildcard" || part.type === "regex") wild = true;
  });
  return wild;
}

/** Without parentheses around it. */
export function bare(expr: Expr): Expr {
  return expr.type === "paren" ? bare(expr.inner) : expr;
}

/** The operands of a chain of this operator. */
export function chain(expr: Expr, op: string): readonly Expr[] {
  const whole = bare(expr);
  if (whole.type !== "binary" || whole.op !== op) return [whole];
  return [...chain(whole.left, op), ...chain(whole.right, op)];
}

/**
 * A condition without the comparisons of fields that are nowhere: a value that
 * is not there fulfils none. False when nothing can fulfil the rest.
 */
export function without(expr: Expr, absent: (name: string) => boolean): Expr | false {
  if (expr.type === "paren") {
    const inner = without(expr.inner, absent);
    return inner === false ? false : { ...expr, inner };
  }
  if (expr.type === "binary" && (expr.op === "AND" || expr.op === "OR")) {
    const left = without(expr.left, absent);
    const right = without(expr.right, absent);
    if (left !== false && right !== false) return { ...expr, left, right };
    if (expr.op === "AND") return false;
    return left === false ? right : left;
  }
  return refsOf(expr).some(({ name, cast }) => cast !== "tag" && absent(name)) ? false : expr;
}
