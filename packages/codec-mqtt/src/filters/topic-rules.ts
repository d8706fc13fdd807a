/** Rules that say which cluster owns which topics, and their form as filters. */
import { checkFilter, isShared } from "./filter.ts";

/** All topics of a rule belong to one cluster. */
export interface ClusterOwner {
  /** Discriminates. */
  readonly type: "cluster";
  /** Index of the cluster. */
  readonly cluster: number;
}

/** The topics of a rule are spread over clusters. */
export interface HashOwner {
  /** Discriminates. */
  readonly type: "hash";
  /** Level that is hashed, from 0; a topic without it counts as empty there. Null = the whole topic. */
  readonly level: number | null;
  /** Indexes of the clusters that have a share. */
  readonly clusters: readonly number[];
  /** Cluster index for the bytes that are hashed. */
  readonly pick: (bytes: Uint8Array, from: number, to: number) => number;
}

/** Who owns the topics of a rule. */
export type TopicOwner = ClusterOwner | HashOwner;

/** One rule of a {@link TopicMap}. */
export interface TopicRule {
  /**
   * `exact`: this topic. `prefix`: this topic and all below (`site/a` owns
   * `site/a/b`, not `site/ab`); with a `/` at its end only those below; empty
   * = every topic that does not begin with `$`. `filter`: what this topic
   * filter matches.
   */
  readonly match: "exact" | "prefix" | "filter";
  /** Topic, prefix or filter. */
  readonly text: string;
  /** Who owns the topics. */
  readonly owner: TopicOwner;
}

/** Levels of a rule; bounds the recursion of every look-up. */
const MAX_RULE_LEVELS = 128;

/** The rule as the levels of a filter; a string says what is wrong. */
export function ruleLevels(rule: TopicRule): readonly string[] | string {
  const { match, text } = rule;
  let filter = text;
  if (match !== "filter" && /[+#]/.test(text)) return `${match} rules have no wildcards`;
  if (match === "prefix") {
    if (text === "") filter = "#";
    else filter = text.endsWith("/") ? `${text}+/#` : `${text}/#`;
  }
  if (isShared(filter)) return "a rule cannot be a shared subscription";
  const fault = checkFilter(filter, false);
  if (fault !== null) return `not a topic filter [${fault}]`;
  const levels = filter.split("/");
  return levels.length > MAX_RULE_LEVELS ? `more than ${MAX_RULE_LEVELS} levels` : levels;
}
