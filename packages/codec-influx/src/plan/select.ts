/**
 * SELECT over several clusters.
 *
 * ```
 *  one cluster owns all ──────────────▶ its own words, untouched
 *  otherwise: ask all for their schema, write out wildcards, then
 *    one cluster left ────────────────▶ any function
 *    each series is on one cluster ───▶ union
 *    no function ─────────────────────▶ rows merged by time
 *    functions that can be merged ────▶ merged from parts
 *    else ────────────────────────────▶ refused, with the reason
 * ```
 */
import type { Expr, Measurement, Select, Statement } from "../influxql/ast.ts";
import { printSelect } from "../influxql/print.ts";
import { found, type Series } from "../merge/result.ts";
import { mergeRows, unite } from "../merge/rows.ts";
import { ownerOf, ownerOfValues, type Split, scopeOf, splitOf } from "../shard-key.ts";
import { planAggregate } from "./aggregate.ts";
import { resolved, tagValues, timeRange, withTime } from "./condition.ts";
import { expand } from "./expand.ts";
import { readSchema, type Schema, schemaQuery } from "./schema.ts";
import { allowedSeries, seriesAsks } from "./series-limit.ts";
import { innermost, measurementsOf, type Place, placeOf } from "./sources.ts";
import {
  everything,
  everywhere,
  firstError,
  isStep,
  type Outcome,
  type QueryContext,
  Refusal,
  type Step,
  streamed,
} from "./step.ts";
import { callsOf, isWild, refsOf, without } from "./walk.ts";

/** The one cluster that can be asked in the statement's own words; -1 when there is none. Throws {@link Refusal} when nobody owns a source. */
export function singleCluster(select: Select, context: QueryContext): number {
  if (context.table.clusters.length === 1) return 0;
  const owners = new Set(
    measurementsOf(select).map((source) => soleOwner(source, select, context)),
  );
  const [owner = -1] = owners;
  return owners.size === 1 ? owner : -1;
}

/** Cluster of all data of a source that a SELECT can touch, -1 when there may be several. */
function soleOwner(source: Measurement, select: Select, context: QueryContext): number {
  if (source.regex) return -1;
  const { database, policy } = placeOf(source, context);
  const split = splitOf(context.options, database, source.name);
  if (split === null) {
    const scope = scopeOf(context.options, database, policy);
    const owner = ownerOf(context.table, scope, source.name);
    if (owner < 0) throw new Refusal(`no cluster owns the measurement ${source.name}`);
    return owner;
  }
  if (split === "series" || !select.sources.includes(source)) return -1;
  // The cluster knows only its own fields and tags, so nothing may depend on which there are.
  const open = (expr: Expr): boolean =>
    isWild(expr) || refsOf(expr).some((ref) => ref.cast === "" && !fixed(ref.name));
  const fixed = (name: string): boolean => name === "time" || split.includes(name);
  if (select.fields.some(({ expr }) => isWild(expr)) || select.groupBy.some(isWild)) return -1;
  if (
    select.where !== null &&
    refsOf(select.where).some(({ cast, name }) => cast === "" && !fixed(name))
  )
    return -1;
  if (
    select.fill?.kind === "number" ||
    select.fields.some(({ expr }) => open(expr) && callsOf(expr).length > 1)
  )
    return -1;
  const clusters = pinned(split, source, select.where, context);
  return clusters?.size === 1 ? ([...clusters][0] as number) : -1;
}

/** Clusters of the series that a condition leaves; null = all. */
function pinned(
  split: Split,
  source: Pick<Measurement, "name" | "database" | "policy">,
  where: Expr | null,
  context: QueryContext,
): ReadonlySet<number> | null {
  if (split === null || split === "series") return null;
  let tuples: readonly (readonly string[])[] = [[]];
  for (const tag of split) {
    const values = tagValues(where, tag, context);
    if (values === null || tuples.length * values.length > MAX_TUPLES) return null;
    tuples = tuples.flatMap((tuple) => values.map((value) => [...tuple, value]));
  }
  const { database, policy } = placeOf(source, context);
  const scope = scopeOf(context.options, database, policy);
  const owner = (values: readonly string[]): number =>
    ownerOfValues(context.table, scope, source.name, values);
  return new Set(tuples.map(owner).filter((cluster) => cluster >= 0));
}

/** Plans a SELECT for several clusters. */
export function planSelect(statement: Statement, select: Select, context: QueryContext): Outcome {
  const cluster = singleCluster(select, context);
  if (cluster >= 0) {
    const asks = [{ cluster, query: statement.text }];
    const merge: Step["merge"] = ([answer]) => answer?.[0] ?? found([]);
    const step = { asks, epoch: null, merge };
    return select.into === null ? streamed(step, everything, context) : step;
  }
  if (select.into !== null) {
    throw new Refusal("SELECT INTO needs its sources and its target on one cluster");
  }
  const sources = measurementsOf(select);
  const places = sources.map((source) => placeOf(source, context));
  const [place = placeOf(context, context)] = places;
  if (places.some(({ database }) => database !== place.database)) {
    throw new Refusal("sources in several databases cannot be merged");
  }
  if (places.some(({ policy }) => policy !== place.policy)) {
    throw new Refusal("sources in several retention policies cannot be merged");
  }
  const { database } = place;
  const clusters = everywhere(context);
  const query = schemaQuery(sources, database);
  return {
    asks: clusters.map((cluster) => ({ cluster, ...query })),
    epoch: "ns",
    merge: (answers) => {
      const error = firstError(answers);
      if (error !== null) return error;
      const schema = readSchema(answers, clusters, context, place);
      return withSchema(statement, select, schema, place, context);
    },
  };
}

function withSchema(
  statement: Statement,
  written: Select,
  all: Schema,
  place: Place,
  context: QueryContext,
): Outcome {
  if (all.known.length === 0) {
    // Nothing is there, but the statement may still be wrong: the server says so.
    return {
      asks: [{ cluster: context.table.localCluster, query: statement.text }],
      epoch: null,
      merge: ([answer]) => {
        const [result = found([])] = answer ?? [];
        return { ...result, series: [] };
      },
    };
  }
  if (written.tz !== "") throw new Refusal("tz() cannot be merged over clusters");
  const schema = all;
  const nested = written.sources.some(({ type }) => type === "subquery");
  if (nested) checkNested(written, schema, place, context);
  const select = prepare(nested ? written : expand(written, schema), context);
  checkNames(select, schema);
  if (select.fields.length === 0) return found([]);
  if ((select.slimit > 0 || select.soffset > 0) && schema.clusters.length > 1) {
    if (nested) throw new Refusal("SLIMIT with a sub-query cannot be merged");
    const open = { ...select, slimit: -1, soffset: -1 };
    return {
      asks: seriesAsks(select, schema, place.database),
      epoch: "ns",
      merge: (answers) => {
        const error = firstError(answers);
        if (error !== null) return error;
        const allowed = allowedSeries(answers, select);
        return filtered(merged(open, schema, place, context), allowed);
      },
    };
  }
  return merged(select, schema, place, context);
}

/** An outcome of which only these series are left. */
function filtered(outcome: Outcome, allowed: (series: Series) => boolean): Outcome {
  if (!isStep(outcome)) return { ...outcome, series: outcome.series.filter(allowed) };
  const { stream } = outcome;
  return {
    ...outcome,
    merge: (answers) => filtered(outcome.merge(answers), allowed),
    ...(stream === undefined ? {} : { stream: { ...stream, keep: allowed } }),
  };
}

/** Plans a SELECT that has been written out. */
function merged(select: Select, schema: Schema, place: Place, context: QueryContext): Outcome {
  const targets = targetsOf(select, schema, place, context);
  if (targets.length === 0) return found([]);
  const ask = (own: Select) =>
    targets.map(({ cluster, names }) => ({
      cluster,
      query: printSelect(names === null ? own : over(own, cluster, names, schema)),
    }));
  const calls = select.fields.flatMap(({ expr }) => callsOf(expr));
  const grouping = groupsBySplit(select, schema, place, context);
  if (new Set(targets.map(({ cluster }) => cluster)).size === 1 || grouping) {
    const fillable =
      select.fill?.kind !== "number" ||
      select.fields.every(({ expr }) => refsOf(expr).every((ref) => schema.everywhere(ref.name)));
    if (fillable || schema.clusters.length === 1) {
      const step: Step = {
        asks: ask(bounded(select, context)),
        epoch: "ns",
        merge: (answers) => firstError(answers) ?? found(unite(answers, select)),
      };
      // The server has no order of series for it.
      if (calls.some(({ name }) => name === "integral")) return step;
      return streamed(step, { ...everything, descending: select.descending }, context);
    }
  }
  if (calls.length === 0) {
    const inner = innermost(select);
    if (inner !== select && inner.fields.some(({ expr }) => callsOf(expr).length > 0)) {
      throw new Refusal("rows of a sub-query with functions have no order over clusters");
    }
    const limit = select.limit <= 0 ? -1 : select.limit + Math.max(0, select.offset);
    const step = { asks: ask({ ...select, limit, offset: -1 }), epoch: "ns" } as const;
    const { descending, offset } = select;
    const rule = { ...everything, descending, limit: select.limit, offset };
    const streams = streamed({ ...step, merge: () => found([]) }, rule, context);
    if (streams.stream !== undefined) return streams;
    const { maxRows } = context.options;
    const own = {
      ...select,
      limit: limit <= 0 || limit > maxRows ? maxRows + 1 : limit,
      offset: -1,
    };
    return {
      asks: ask(own),
      epoch: "ns",
      merge: (answers) => {
        const rows = answers
          .flatMap(([result]) => result?.series ?? [])
          .map((one) => one.rows.length);
        if (rows.some((count) => count > maxRows)) throw new Refusal(tooMany(maxRows));
        return firstError(answers) ?? found(mergeRows(answers, select));
      },
    };
  }
  const disjoint = (tags: readonly string[]): boolean => {
    const groupBy = tags.map((name): Expr => ({ type: "ref", name, cast: "" }));
    const grouped = { ...select, groupBy: [...select.groupBy, ...groupBy] };
    return groupsBySplit(grouped, schema, place, context);
  };
  return planAggregate(select, schema, context, ask, disjoint);
}

/** With an upper bound of time where the server would take its own clock. */
function bounded(select: Select, context: QueryContext): Select {
  const windows = select.groupBy.some((expr) => expr.type === "call" && expr.name === "time");
  if (!windows || timeRange(select.where).to !== null) return select;
  return { ...select, where: withTime(select.where, "<=", context.now) };
}

/** Conditions made equal for all clusters: parameters and now() resolved. */
function prepare(select: Select, context: QueryContext): Select {
  const where = select.where === null ? null : resolved(select.where, context);
  const sources = select.sources.map((source) =>
    source.type === "measurement" ? source : { ...source, select: prepare(source.select, context) },
  );
  return { ...select, where, sources };
}

/** A name that is a field on one cluster and a tag on another means two things. */
function checkNames(select: Select, schema: Schema): void {
  const exprs = [...select.fields.map(({ expr }) => expr), ...select.groupBy];
  if (select.where !== null) exprs.push(select.where);
  for (const { name } of exprs.flatMap(refsOf)) {
    if (schema.fields.has(name) && schema.tags.has(name)) {
      throw new Refusal(`${name} is the name of a field and of a tag: no merge would be right`);
    }
  }
}

/** One question of a SELECT. */
interface Target {
  readonly cluster: number;
  /** Measurements that the condition means the same for; null = the sources as they are. */
  readonly names: readonly string[] | null;
}

/** What a prepared SELECT asks of which cluster. */
function targetsOf(
  select: Select,
  schema: Schema,
  place: Place,
  context: QueryContext,
): readonly Target[] {
  const inner = innermost(select);
  const nested = inner !== select;
  const used = select.where === null ? [] : refsOf(select.where);
  const groups = new Map<string, { cluster: number; names: string[] }>();
  for (const { cluster, measurement } of schema.known) {
    const split = splitOf(context.options, place.database, measurement);
    const pins = pinned(split, { ...place, name: measurement }, inner.where, context);
    if (pins !== null && !pins.has(cluster)) continue;
    const missing = schema.missing(cluster, measurement);
    const unknown = used.filter(({ cast, name }) => cast !== "tag" && missing.has(name));
    const key = JSON.stringify([cluster, nested ? [] : unknown.map(({ name }) => name)]);
    const group = groups.get(key) ?? { cluster, names: [] };
    group.names.push(measurement);
    groups.set(key, group);
  }
  const possible = ({ cluster, names }: { cluster: number; names: string[] }): boolean =>
    nested || select.where === null || known(select.where, cluster, names, schema) !== false;
  return [...groups.values()]
    .filter(possible)
    .sort((a, b) => a.cluster - b.cluster)
    .map(({ cluster, names }) => ({ cluster, names: nested ? null : names }));
}

/** The part of one cluster: its measurements, and a condition in which it takes no field for a tag. */
function over(select: Select, cluster: number, names: readonly string[], schema: Schema): Select {
  const [first] = select.sources;
  const policy = first?.type === "measurement" ? first.policy : "";
  const database = first?.type === "measurement" ? first.database : "";
  const sources = names.map(
    (name): Measurement => ({ type: "measurement", database, policy, name, regex: false }),
  );
  const where = select.where === null ? null : known(select.where, cluster, names, schema);
  return { ...select, sources, where: where === false ? null : where };
}

/** The condition as it is for measurements of a target; false = no row can fulfil it. */
function known(
  where: Expr,
  cluster: number,
  [name = ""]: readonly string[],
  schema: Schema,
): Expr | false {
  const missing = schema.missing(cluster, name);
  return without(where, (field) => missing.has(field));
}

/** Whether each series of the answer comes from one cluster alone. */
function groupsBySplit(
  select: Select,
  schema: Schema,
  place: Place,
  context: QueryContext,
): boolean {
  const groups = new Set(select.groupBy.map((expr) => (expr.type === "ref" ? expr.name : "")));
  return schema.measurements.every((name) => {
    const split = splitOf(context.options, place.database, name);
    if (split === null) return true;
    const tags = split === "series" ? [...schema.tags] : split;
    return tags.every((tag) => groups.has(tag));
  });
}

/** A sub-query can be asked of each cluster when the rows that it makes are the same there as on one server. */
function checkNested(select: Select, schema: Schema, place: Place, context: QueryContext): void {
  const [source] = select.sources;
  if (select.sources.length !== 1 || source?.type !== "subquery") {
    throw new Refusal("several sources with a sub-query among them cannot be merged");
  }
  const inner = source.select;
  const exprs = [select, inner].flatMap(({ fields, groupBy }) => [
    ...fields.map(({ expr }) => expr),
    ...groupBy,
  ]);
  if (exprs.some(isWild)) throw new Refusal("wildcards with sub-queries cannot be merged");
  const conditions = [select.where, inner.where].flatMap((where) =>
    where === null ? [] : [where],
  );
  for (const { name } of [...exprs, ...conditions].flatMap(refsOf)) {
    if (
      schema.known.some(({ cluster, measurement }) =>
        schema.missing(cluster, measurement).has(name),
      )
    ) {
      throw new Refusal(`a sub-query over clusters of which not all know ${name}`);
    }
  }
  const limits = [inner.limit, inner.offset, inner.slimit, inner.soffset];
  const raw = inner.fields.every(({ expr }) => callsOf(expr).length === 0);
  if (raw && limits.every((limit) => limit < 0)) return;
  if (groupsBySplit(inner, schema, place, context) && inner.slimit < 0 && inner.soffset < 0) {
    return;
  }
  throw new Refusal("a sub-query must group by the tags that choose the cluster to be merged");
}

function tooMany(maxRows: number): string {
  return `more than ${maxRows} rows of a cluster to merge: ask for them without pretty, or with LIMIT`;
}

const MAX_TUPLES = 100;
