/** Prints what the parser read, so that the server reads the same. */
import type { Expr, Field, Measurement, Select, Subquery } from "./ast.ts";

/** A name, quoted. */
export function printName(name: string): string {
  const escaped = name.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  return `"${escaped}"`;
}

/** A string, quoted. */
function printString(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\n", "\\n");
  return `'${escaped}'`;
}

/** An expression. */
export function printExpr(expr: Expr): string {
  switch (expr.type) {
    case "ref":
      return printName(expr.name) + (expr.cast === "" ? "" : `::${expr.cast}`);
    case "wildcard":
      return expr.cast === "" ? "*" : `*::${expr.cast}`;
    case "string":
      return printString(expr.text);
    case "regex":
      return `/${expr.text.replaceAll("/", "\\/")}/`;
    case "param":
      return `$${printName(expr.text)}`;
    case "call":
      return `${expr.name}(${expr.args.map(printExpr).join(", ")})`;
    case "binary":
      return `${printExpr(expr.left)} ${expr.op} ${printExpr(expr.right)}`;
    case "paren":
      return `(${printExpr(expr.inner)})`;
    default:
      return expr.text;
  }
}

/** A column. */
function printField({ expr, alias }: Field): string {
  return printExpr(expr) + (alias === "" ? "" : ` AS ${printName(alias)}`);
}

/** A source or a target. */
export function printSource(source: Measurement | Subquery): string {
  if (source.type === "subquery") return `(${printSelect(source.select)})`;
  const { database, policy, name, regex } = source;
  const printed = regex ? `/${name.replaceAll("/", "\\/")}/` : printName(name);
  if (database !== "") {
    return `${printName(database)}.${policy === "" ? "" : printName(policy)}.${printed}`;
  }
  return policy === "" ? printed : `${printName(policy)}.${printed}`;
}

/** A whole SELECT. */
export function printSelect(select: Select): string {
  let text = `SELECT ${select.fields.map(printField).join(", ")}`;
  if (select.into !== null) text += ` INTO ${printSource(select.into)}`;
  text += ` FROM ${select.sources.map(printSource).join(", ")}`;
  if (select.where !== null) text += ` WHERE ${printExpr(select.where)}`;
  if (select.groupBy.length > 0) text += ` GROUP BY ${select.groupBy.map(printExpr).join(", ")}`;
  if (select.fill !== null) {
    text += ` fill(${select.fill.kind === "number" ? select.fill.value : select.fill.kind})`;
  }
  if (select.descending) text += " ORDER BY time DESC";
  for (const [word, count] of [
    ["LIMIT", select.limit],
    ["OFFSET", select.offset],
    ["SLIMIT", select.slimit],
    ["SOFFSET", select.soffset],
  ] as const) {
    if (count >= 0) text += ` ${word} ${count}`;
  }
  return select.tz === "" ? text : `${text} TZ(${printString(select.tz)})`;
}
