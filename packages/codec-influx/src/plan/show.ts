/** Statements other than SELECT: unions of what the clusters list, and changes that all of them make. */
import type { Statement } from "../influxql/ast.ts";
import { Tokens } from "../influxql/tokens.ts";
import { compareText, failed, found, type Series, type StatementResult } from "../merge/result.ts";
import type { InfluxOptions } from "../options.ts";
import { text } from "./schema.ts";
import { everywhere, firstError, type Outcome, type QueryContext, Refusal } from "./step.ts";

/** Plans a statement that is no SELECT. Throws {@link Refusal} for what one server alone can answer. */
export function planOther(statement: Statement, context: QueryContext): Outcome {
  const { kind } = statement;
  if (perServer.has(kind)) throw new Refusal(`${kind} is about one server: ask it directly`);
  if (kind === "CREATE CONTINUOUS QUERY") {
    throw new Refusal("a continuous query would run on each cluster over its own data");
  }
  const how = lists.get(kind);
  if (how !== undefined) return list(statement, how, context);
  if (cardinalities.has(kind)) return cardinality(statement, context);
  if (changesDefault(statement, context.options)) {
    throw new Refusal("this would change a default retention policy that keys are made with");
  }
  return broadcast(statement.text, context);
}

/** Whether another policy would be what requests mean that name none, where policies are told apart. */
function changesDefault({ kind, text: words }: Statement, { policies }: InfluxOptions): boolean {
  if (!/^(?:CREATE DATABASE|(?:CREATE|ALTER) RETENTION POLICY)$/.test(kind)) return false;
  const after = new Map<string, string>();
  let before = "";
  for (const tokens = new Tokens(words); !tokens.ended; ) {
    const { kind: own, text: word } = tokens.take();
    if (!after.has(before)) after.set(before, word);
    before = own === "word" ? word.toUpperCase() : "";
  }
  after.set(before, "");
  const database = after.get(kind === "CREATE DATABASE" ? "DATABASE" : "ON") ?? "";
  if (!Object.hasOwn(policies, database)) return false;
  // The server calls it so when it is given no name.
  const made =
    kind === "CREATE DATABASE" ? (after.get("NAME") ?? "autogen") : (after.get("POLICY") ?? "");
  return (kind === "CREATE DATABASE" || after.has("DEFAULT")) && made !== policies[database];
}

/** How a list is merged: its rows united and sorted over all, or in each measurement, or as they first came. */
type ListKind = "whole" | "by-name" | "first-seen";

function list(statement: Statement, how: ListKind, context: QueryContext): Outcome {
  const { limit, offset, tail } = statement;
  const query =
    tail < 0
      ? statement.text
      : statement.text.slice(0, tail) + (limit > 0 ? `LIMIT ${limit + Math.max(0, offset)}` : "");
  return {
    asks: everywhere(context).map((cluster) => ({ cluster, query })),
    epoch: "ns",
    merge: (answers) => firstError(answers) ?? found(union(answers, how, limit, offset)),
  };
}

function union(
  answers: readonly (readonly StatementResult[])[],
  how: ListKind,
  limit: number,
  offset: number,
): readonly Series[] {
  const merged = new Map<string, { first: Series; rows: Map<string, readonly string[]> }>();
  for (const [result] of answers) {
    for (const series of result?.series ?? []) {
      const key = series.name ?? "";
      let own = merged.get(key);
      if (own === undefined) {
        own = { first: series, rows: new Map() };
        merged.set(key, own);
      }
      for (const row of series.rows) own.rows.set(row.join(), row);
    }
  }
  const names = [...merged.keys()];
  if (how === "by-name") names.sort(compareText);
  const from = Math.max(0, offset);
  return names.flatMap((name): readonly Series[] => {
    const { first, rows } = merged.get(name) as {
      first: Series;
      rows: Map<string, readonly string[]>;
    };
    const all = [...rows.values()];
    if (how !== "first-seen") all.sort(compareRows);
    const cut = limit > 0 ? all.slice(from, from + limit) : all.slice(from);
    return cut.length === 0 && all.length > 0 ? [] : [{ ...first, rows: cut }];
  });
}

function compareRows(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < a.length; i++) {
    const order = compareText(text(a[i] ?? ""), text(b[i] ?? ""));
    if (order !== 0) return order;
  }
  return 0;
}

/** Lists are asked for and counted: what two clusters both have counts once. Series are on one cluster each, so their counts add up. */
function cardinality(statement: Statement, context: QueryContext): Outcome {
  const { kind, text: words } = statement;
  if (statement.tail >= 0) throw new Refusal(`${kind} with LIMIT cannot be merged`);
  const clusters = everywhere(context);
  if (kind.startsWith("SHOW SERIES")) {
    if (Object.keys(context.options.policies).length > 0) {
      throw new Refusal("a series may be on several clusters, in one retention policy each");
    }
    return {
      asks: clusters.map((cluster) => ({ cluster, query: words })),
      epoch: "ns",
      merge: (answers) => firstError(answers) ?? found(summed(answers)),
    };
  }
  const plain = kind.replace(/(?: EXACT)? CARDINALITY$/, "");
  const listed = plain === "SHOW TAG KEY" || plain === "SHOW FIELD KEY" ? `${plain}S` : plain;
  const show = plain === "SHOW MEASUREMENT" ? "SHOW MEASUREMENTS" : listed;
  const query = words.replace(cardinalityWords, `${show} `);
  return {
    asks: clusters.map((cluster) => ({ cluster, query })),
    epoch: "ns",
    merge: (answers) => {
      const error = firstError(answers);
      if (error !== null) return error;
      const series = union(answers, "by-name", -1, -1);
      if (plain === "SHOW MEASUREMENT" && !kind.includes("EXACT")) {
        const count = String(series[0]?.rows.length ?? 0);
        return found([
          { name: null, tags: null, columns: ["cardinality estimation"], rows: [[count]] },
        ]);
      }
      if (plain === "SHOW MEASUREMENT") {
        const count = String(series[0]?.rows.length ?? 0);
        return found([{ name: null, tags: null, columns: ["count"], rows: [[count]] }]);
      }
      const first = (row: readonly string[]): string => row[0] ?? "";
      return found(
        series.map((one) => {
          const size =
            plain === "SHOW TAG VALUES" ? one.rows.length : new Set(one.rows.map(first)).size;
          return { ...one, columns: ["count"], rows: [[String(size)]] };
        }),
      );
    },
  };
}

function summed(answers: readonly (readonly StatementResult[])[]): readonly Series[] {
  const merged = new Map<string, Series>();
  for (const [result] of answers) {
    for (const series of result?.series ?? []) {
      const key = series.name ?? "";
      const before = BigInt(merged.get(key)?.rows[0]?.[0] ?? "0");
      const count = before + BigInt(series.rows[0]?.[0] ?? "0");
      merged.set(key, { ...series, rows: [[String(count)]] });
    }
  }
  return [...merged.values()].sort((a, b) => compareText(a.name ?? "", b.name ?? ""));
}

/** All clusters do it; right only when all did. Doing it again after a failure is safe. */
function broadcast(query: string, context: QueryContext): Outcome {
  return {
    asks: everywhere(context).map((cluster) => ({ cluster, query })),
    epoch: "ns",
    merge: (answers) => firstError(answers) ?? answers[0]?.[0] ?? failed("no answer"),
  };
}

const lists: ReadonlyMap<string, ListKind> = new Map([
  ["SHOW MEASUREMENTS", "whole"],
  ["SHOW SERIES", "whole"],
  ["SHOW TAG KEYS", "by-name"],
  ["SHOW TAG VALUES", "by-name"],
  ["SHOW FIELD KEYS", "by-name"],
  ["SHOW DATABASES", "first-seen"],
  ["SHOW RETENTION POLICIES", "first-seen"],
  ["SHOW USERS", "first-seen"],
  ["SHOW GRANTS", "first-seen"],
  ["SHOW CONTINUOUS QUERIES", "first-seen"],
]);
const cardinalities: ReadonlySet<string> = new Set(
  ["MEASUREMENT", "SERIES", "TAG KEY", "TAG VALUES", "FIELD KEY"].flatMap((what) => [
    `SHOW ${what} CARDINALITY`,
    `SHOW ${what} EXACT CARDINALITY`,
  ]),
);
const cardinalityWords =
  /^\s*SHOW\s+(?:MEASUREMENT|TAG\s+KEY|TAG\s+VALUES|FIELD\s+KEY)\s+(?:EXACT\s+)?CARDINALITY\s*/i;
const perServer: ReadonlySet<string> = new Set([
  "SHOW QUERIES",
  "KILL QUERY",
  "SHOW SHARDS",
  "SHOW SHARD GROUPS",
  "SHOW STATS",
  "SHOW DIAGNOSTICS",
  "SHOW SUBSCRIPTIONS",
  "CREATE SUBSCRIPTION",
  "DROP SUBSCRIPTION",
  "DROP SHARD",
]);
