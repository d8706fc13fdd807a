/** How one statement is carried out: questions to clusters, then an answer or more questions. */
import type { RoutingTable } from "@echarde/core";
import type { StatementResult } from "../merge/result.ts";
import type { StreamRule } from "../merge/series-merge.ts";
import type { InfluxOptions } from "../options.ts";

/** A query for one cluster. */
export interface Ask {
  /** Index of the cluster. */
  readonly cluster: number;
  /** Statements, joined by semicolons. */
  readonly query: string;
  /** The first of several statements. The server says only of the last one that it was not executed, so the first is asked again for its error. */
  readonly first?: string;
}

/** Questions to several clusters at a time. */
export interface Step {
  /** What is asked. */
  readonly asks: readonly Ask[];
  /** Unit of the times in the answers; null = as the client asked. */
  readonly epoch: "ns" | null;
  /** What follows; the answers stand in the order of `asks`, each with one result a statement. */
  readonly merge: (answers: readonly (readonly StatementResult[])[]) => Outcome;
  /** How the answers become one while they come; then `merge` is not asked. Only of one question to each cluster, each of one statement. */
  readonly stream?: StreamRule;
}

/** What comes next. */
export type Outcome = Step | StatementResult;

/** What a statement is planned with. */
export interface QueryContext {
  /** The table. */
  readonly table: RoutingTable;
  /** Options of the codec. */
  readonly options: InfluxOptions;
  /** Database of the request, "" for none. */
  readonly database: string;
  /** Retention policy of the request, "" for none. */
  readonly policy: string;
  /** The client's unit of times, "" = RFC 3339. */
  readonly epoch: string;
  /** Unix nanoseconds. */
  readonly now: bigint;
  /** Bound parameters: JSON tokens by name. */
  readonly params: ReadonlyMap<string, string>;
  /** Whether an answer may leave while it is made. */
  readonly streams: boolean;
}

/** Whether there is more to ask. */
export function isStep(outcome: Outcome): outcome is Step {
  return "asks" in outcome;
}

/** Thrown while a statement is planned: no answer would be right. The message is for the client. */
export class Refusal extends Error {}

/** The first error among answers, null when there is none; an answer that a server cut short is an error, too. */
export function firstError(
  answers: readonly (readonly StatementResult[])[],
): StatementResult | null {
  for (const results of answers) {
    for (const result of results) {
      if (result.error !== "") return { ...result, series: [] };
      if (result.partial) {
        const error = "an upstream's answer ended before it was whole";
        return { series: [], error, messages: [], partial: false };
      }
    }
  }
  return null;
}

/** All clusters of the table. */
export function everywhere({ table }: QueryContext): number[] {
  return table.clusters.map((_, cluster) => cluster);
}

/** The step with a way to merge its answers while they come, where that can be: each cluster must be asked but one thing, or its second answer would wait for the first. */
export function streamed(step: Step, rule: StreamRule, { streams }: QueryContext): Step {
  const clusters = new Set(step.asks.map(({ cluster }) => cluster));
  const lone = step.asks.every(({ first }) => first === undefined);
  if (!streams || !lone || clusters.size !== step.asks.length) return step;
  return { ...step, stream: rule };
}

/** All series, with all their rows. */
export const everything: StreamRule = {
  ...{ descending: false, limit: -1, offset: -1, group: null },
  keep: () => true,
};
