/**
 * What the clusters know of measurements: fields with their types, and tags.
 * A cluster lists only what its own series have; one server would list all.
 * So columns are written out before anything is asked that meets several.
 */
import type { Measurement } from "../influxql/ast.ts";
import { printName, printSource } from "../influxql/print.ts";
import type { StatementResult } from "../merge/result.ts";
import { ownerOf, scopeOf, splitOf } from "../shard-key.ts";
import type { QueryContext } from "./step.ts";

/** What one cluster knows of one measurement. */
export interface Known {
  /** Index of the cluster. */
  readonly cluster: number;
  /** Name of the measurement. */
  readonly measurement: string;
  /** Types by field: "float", "integer", "string", "boolean". */
  readonly fields: ReadonlyMap<string, string>;
  /** Names of tags. */
  readonly tags: ReadonlySet<string>;
}

/** See the module. */
export class Schema {
  /** One for each cluster and measurement that has data. */
  readonly known: readonly Known[];
  /** Types of all fields: "mixed" where clusters differ. */
  readonly fields: ReadonlyMap<string, string>;
  /** All tags. */
  readonly tags: ReadonlySet<string>;

  constructor(known: readonly Known[]) {
    this.known = known;
    const fields = new Map<string, string>();
    const tags = new Set<string>();
    for (const one of known) {
      for (const [name, type] of one.fields) {
        fields.set(name, (fields.get(name) ?? type) === type ? type : "mixed");
      }
      for (const tag of one.tags) tags.add(tag);
    }
    this.fields = fields;
    this.tags = tags;
  }

  /** Clusters that have data, ascending. */
  get clusters(): readonly number[] {
    return [...new Set(this.known.map(({ cluster }) => cluster))].sort((a, b) => a - b);
  }

  /** Measurements that have data. */
  get measurements(): readonly string[] {
    return [...new Set(this.known.map(({ measurement }) => measurement))];
  }

  /** Fields of a measurement that this cluster does not know, while another one does. */
  missing(cluster: number, measurement: string): ReadonlySet<string> {
    const own = this.known.find(
      (one) => one.cluster === cluster && one.measurement === measurement,
    );
    const missing = new Set<string>();
    for (const one of this.known) {
      if (one.measurement !== measurement) continue;
      for (const name of one.fields.keys()) if (!own?.fields.has(name)) missing.add(name);
    }
    return missing;
  }

  /** Whether each cluster that has data knows this field. */
  everywhere(field: string): boolean {
    return this.known.every(({ fields }) => fields.has(field));
  }
}

/** The statements that ask for the schema of these measurements. */
export function schemaQuery(
  sources: readonly Measurement[],
  database: string,
): { readonly query: string; readonly first: string } {
  // Fields are those of a retention policy, tags those of the database.
  const names = sources.map((source) => printSource({ ...source, database: "" }));
  const from = `${database === "" ? "" : ` ON ${printName(database)}`} FROM ${names.join(", ")}`;
  const first = `SHOW FIELD KEYS${from}`;
  return { query: `${first}; SHOW TAG KEYS${from}`, first };
}

/** Reads the answers to {@link schemaQuery}. What a cluster knows of a measurement that another one owns does not count. */
export function readSchema(
  answers: readonly (readonly StatementResult[])[],
  clusters: readonly number[],
  context: QueryContext,
  { database, policy }: Pick<Measurement, "database" | "policy">,
): Schema {
  const scope = scopeOf(context.options, database, policy);
  const known: Known[] = [];
  answers.forEach(([fieldKeys, tagKeys], n) => {
    const cluster = clusters[n] as number;
    for (const series of fieldKeys?.series ?? []) {
      const measurement = series.name ?? "";
      const split = splitOf(context.options, database, measurement);
      if (split === null && ownerOf(context.table, scope, measurement) !== cluster) continue;
      const fields = new Map<string, string>();
      for (const [name = "", type = ""] of series.rows) fields.set(text(name), text(type));
      const own = tagKeys?.series.find((other) => other.name === measurement);
      const tags = new Set((own?.rows ?? []).map(([name = ""]) => text(name)));
      known.push({ cluster, measurement, fields, tags });
    }
  });
  return new Schema(known);
}

/** A JSON string's text. */
export function text(token: string): string {
  return token.startsWith('"') ? (JSON.parse(token) as string) : token;
}
