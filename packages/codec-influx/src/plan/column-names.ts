import type { Expr, Field } from "../influxql/ast.ts";

/** Names of the columns behind `time`, as the server gives them: aliases first, then the others, with `_1`, `_2` for those that are taken. */
export function columnNames(fields: readonly Field[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { alias } of fields) if (alias !== "") counts.set(alias, 1);
  return fields.map(({ expr, alias }) => {
    if (alias !== "") return alias;
    let name = nameOf(expr);
    let count = counts.get(name);
    if (count !== undefined) {
      while (counts.has(`${name}_${count}`)) count++;
      counts.set(name, count + 1);
      name = `${name}_${count}`;
    }
    counts.set(name, (counts.get(name) ?? 0) + 1);
    return name;
  });
}

function nameOf(expr: Expr): string {
  if (expr.type === "call" || expr.type === "ref") return expr.name;
  if (expr.type === "paren") return nameOf(expr.inner);
  if (expr.type !== "binary") return "";
  return [nameOf(expr.left), nameOf(expr.right)].filter((name) => name !== "").join("_");
}
