/** Writes out `*` and regular expressions in columns and dimensions, as the server does it when it knows all fields and tags. */
import type { Call, Expr, Field, Ref, Select } from "../influxql/ast.ts";
import { compareText } from "../merge/result.ts";
import type { Schema } from "./schema.ts";
import { Refusal } from "./step.ts";
import { bare, isWild } from "./walk.ts";

/** A SELECT without wildcards. Throws {@link Refusal} for those that cannot be written out here. */
export function expand(select: Select, schema: Schema): Select {
  const wildGroups = select.groupBy.some(isWild);
  if (!wildGroups && !select.fields.some(({ expr }) => isWild(expr))) return select;
  const grouped = new Set(select.groupBy.map((expr) => (expr.type === "ref" ? expr.name : "")));
  const columns: Ref[] = [...schema.fields].map(([name, type]) => ({
    ...{ type: "ref", name },
    cast: type === "mixed" ? "field" : type,
  }));
  if (!wildGroups && columns.length > 0) {
    for (const name of schema.tags) {
      if (!grouped.has(name)) columns.push({ type: "ref", name, cast: "tag" });
    }
  }
  columns.sort((a, b) => compareText(a.name, b.name));
  const fields = select.fields.flatMap((field) => expandField(field, columns));
  const tags = [...schema.tags].sort(compareText);
  const groupBy = select.groupBy.flatMap((expr): readonly Expr[] => {
    if (expr.type === "wildcard") return tags.map((name) => ({ type: "ref", name, cast: "" }));
    if (expr.type !== "regex") return [expr];
    const matches = matcher(expr.text);
    return tags.filter(matches).map((name) => ({ type: "ref", name, cast: "" }));
  });
  return { ...select, fields, groupBy };
}

function expandField(field: Field, columns: readonly Ref[]): readonly Field[] {
  if (!isWild(field.expr)) return [field];
  const expr = bare(field.expr);
  if (expr.type === "wildcard") {
    const fits = ({ cast }: Ref): boolean =>
      expr.cast === "" || (expr.cast === "tag") === (cast === "tag");
    return columns.filter(fits).map(plain);
  }
  if (expr.type === "regex") {
    const matches = matcher(expr.text);
    return columns.filter(({ name }) => matches(name)).map(plain);
  }
  if (expr.type !== "call") throw new Refusal("unsupported expression with wildcard");
  const [first, ...rest] = expr.args;
  const inner = first === undefined ? null : bare(first);
  if (inner?.type !== "wildcard" && inner?.type !== "regex") {
    throw new Refusal(`${expr.name}() with a wildcard inside another call cannot be written out`);
  }
  if (inner.type === "wildcard" && inner.cast === "tag") {
    throw new Refusal(`unable to use tag wildcard in ${expr.name}()`);
  }
  const matches = inner.type === "regex" ? matcher(inner.text) : () => true;
  const types = typesOf(expr);
  const prefix = field.alias === "" ? expr.name : field.alias;
  return columns
    .filter(({ name, cast }) => types.has(cast) && matches(name))
    .map((ref) => ({
      expr: { ...expr, args: [{ ...ref, cast: "" }, ...rest] },
      alias: `${prefix}_${ref.name}`,
    }));
}

function plain(ref: Ref): Field {
  // Behind the type a field that a cluster does not know stays a column.
  return { expr: { ...ref, cast: ref.cast === "tag" ? "tag" : "" }, alias: "" };
}

/** Types of the fields that a call with a wildcard is for. */
function typesOf({ name }: Call): ReadonlySet<string> {
  const types = ["float", "integer", "unsigned"];
  if (["count", "first", "last", "distinct", "elapsed", "mode", "sample"].includes(name)) {
    types.push("string", "boolean");
  } else if (name === "min" || name === "max") types.push("boolean");
  return new Set(types);
}

/** A Go expression as a test. Only what means the same in both languages is taken. */
function matcher(source: string): (name: string) => boolean {
  const flags = source.startsWith("(?i)") ? "iu" : "u";
  const rest = flags === "iu" ? source.slice(4) : source;
  if (/\(\?(?!:)|\\[^dDwWsS.^$*+?()[\]{}|\\/-]|\[\[:|\[\^?\]/.test(rest)) {
    throw new Refusal(`the regular expression /${source}/ cannot be matched here`);
  }
  try {
    const regex = new RegExp(rest, flags);
    return (name) => regex.test(name);
  } catch {
    throw new Refusal(`the regular expression /${source}/ cannot be matched here`);
  }
}
