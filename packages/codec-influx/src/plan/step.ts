/** How one statement is carried out: questions to clusters, then an answer or more questions. */
import type { RoutingTable } from "@echarde/core";
import type { StatementResult } from "../merge/result.ts";
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
}

/** Rows that are certain, and questions for more of the same series: an answer that need not be held whole. */
export interface Page {
  /** At most one series, whose rows go on in what follows. */
  readonly page: StatementResult;
  /** How to go on. */
  readonly next: Step;
}

/** What comes next. */
export type Outcome = Step | StatementResult | Page;

/** What a statement is planned with. */
export interface QueryContext {
  /** The table. */
  readonly table: RoutingTable;
  /** Options of the codec. */
  readonly options: InfluxOptions;
  /** Database of the request, "" for none. */
  readonly database: string;
  /** The client's unit of times, "" = RFC 3339. */
  readonly epoch: string;
  /** Unix nanoseconds. */
  readonly now: bigint;
  /** Bound parameters: JSON tokens by name. */
  readonly params: ReadonlyMap<string, string>;
  /** Rows of one series to ask a cluster for at a time, where the outcome allows; 0 = all. */
  readonly pageRows: number;
}

/** Whether there is more to ask. */
export function isStep(outcome: Outcome): outcome is Step {
  return "asks" in outcome;
}

/** Whether it is a part of an answer. */
export function isPage(outcome: Outcome): outcome is Page {
  return "page" in outcome;
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
