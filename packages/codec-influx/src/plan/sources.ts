/** What a SELECT reads. */
import type { Measurement, Select } from "../influxql/ast.ts";

/** Database and retention policy of a source; a policy of "" = the default one. */
export type Place = Pick<Measurement, "database" | "policy">;

/** Where a source is: what it does not say, the request does. */
export function placeOf(source: Place, request: Place): Place {
  return {
    database: source.database || request.database,
    policy: source.policy || request.policy,
  };
}

/** The query at the bottom of sub-queries, or the query itself. */
export function innermost(select: Select): Select {
  const [source] = select.sources;
  return source?.type === "subquery" ? innermost(source.select) : select;
}

/** All measurements that a SELECT reads. */
export function measurementsOf(select: Select): readonly Measurement[] {
  return select.sources.flatMap((source) =>
    source.type === "measurement" ? [source] : measurementsOf(source.select),
  );
}
