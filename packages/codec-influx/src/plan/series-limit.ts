/**
 * SLIMIT and SOFFSET. The server applies them to the tag sets of each
 * measurement in the order of their tags, before it looks for data: a set
 * without a value in the answer counts. So the clusters are asked for their
 * series first.
 */
import type { Expr, Measurement, Select } from "../influxql/ast.ts";
import { printExpr, printName, printSource } from "../influxql/print.ts";
import { compareText, type Series, type StatementResult, tagsKey } from "../merge/result.ts";
import { type Schema, text } from "./schema.ts";
import { type Ask, Refusal } from "./step.ts";
import { refsOf } from "./walk.ts";

/** The questions for the series that a SELECT looks through. */
export function seriesAsks(select: Select, schema: Schema, database: string): readonly Ask[] {
  const tagged = select.where === null ? null : tagPart(select.where, schema);
  const on = database === "" ? "" : ` ON ${printName(database)}`;
  return schema.clusters.map((cluster) => {
    const names = schema.known
      .filter((one) => one.cluster === cluster)
      .map(({ measurement }) => {
        const named: Measurement = {
          ...{ type: "measurement", database: "", policy: "" },
          ...{ name: measurement, regex: false },
        };
        return printSource(named);
      });
    const where = tagged === null ? "" : ` WHERE ${printExpr(tagged)}`;
    return { cluster, query: `SHOW SERIES${on} FROM ${names.join(", ")}${where}` };
  });
}

/** What of a condition is about tags; null = any series may fulfil the rest. */
function tagPart(expr: Expr, schema: Schema): Expr | null {
  if (expr.type === "paren") {
    const inner = tagPart(expr.inner, schema);
    return inner === null ? null : { ...expr, inner };
  }
  if (expr.type === "binary" && (expr.op === "AND" || expr.op === "OR")) {
    const left = tagPart(expr.left, schema);
    const right = tagPart(expr.right, schema);
    if (left !== null && right !== null) return { ...expr, left, right };
    return expr.op === "OR" ? null : (left ?? right);
  }
  const open = refsOf(expr).some(
    ({ name, cast }) => cast !== "tag" && (name === "time" || schema.fields.has(name)),
  );
  return open ? null : expr;
}

/** Tells of each series of an answer whether SLIMIT and SOFFSET leave it. */
export function allowedSeries(
  answers: readonly (readonly StatementResult[])[],
  select: Select,
): (series: Series) => boolean {
  const dimensions = select.groupBy.flatMap((expr) => (expr.type === "ref" ? [expr.name] : []));
  const sets = new Map<string, Map<string, string>>();
  for (const [result] of answers) {
    for (const [key = ""] of result?.series.flatMap(({ rows }) => rows) ?? []) {
      const [name, tags] = seriesKey(text(key));
      const own = sortedTags(dimensions.map((tag) => [tag, tags.get(tag) ?? ""]));
      const present = own.filter(([, value]) => value !== "");
      const order = [...present.map(([tag]) => tag), ...present.map(([, value]) => value)];
      const known = sets.get(name) ?? new Map<string, string>();
      known.set(order.join("|"), tagsKey(own));
      sets.set(name, known);
    }
  }
  const allowed = new Set<string>();
  const from = Math.max(0, select.soffset);
  for (const [name, known] of sets) {
    // The server's order here is that of the tags which are there, names before values.
    const all = [...known].sort(([a], [b]) => compareText(a, b));
    const cut = select.slimit > 0 ? all.slice(from, from + select.slimit) : all.slice(from);
    for (const [, tags] of cut) allowed.add(`${name} ${tags}`);
  }
  return ({ name, tags }) => allowed.has(`${name ?? ""} ${tagsKey(sortedTags(tags ?? []))}`);
}

function sortedTags(tags: readonly (readonly [string, string])[]): [string, string][] {
  return tags
    .map(([key, value]): [string, string] => [key, value])
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Takes a series' key apart, as SHOW SERIES prints it. */
function seriesKey(key: string): readonly [string, ReadonlyMap<string, string>] {
  const parts = key.match(/(?:\\[\s\S]|[^\\,])+/g);
  if (parts === null) throw new Refusal("a series' key cannot be read");
  const [name = "", ...pairs] = parts;
  const tags = new Map<string, string>();
  for (const pair of pairs) {
    const [, tag = "", value = ""] = /^((?:\\[\s\S]|[^\\=])*)=([\s\S]*)$/.exec(pair) ?? [];
    tags.set(unescaped(tag), unescaped(value));
  }
  return [name.replace(/\\([, ])/g, "$1"), tags];
}

function unescaped(name: string): string {
  return name.replace(/\\([,= ])/g, "$1");
}
