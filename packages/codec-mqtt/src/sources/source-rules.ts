/**
 * `options.sessions`: which routes hold for a whole session, by who opens it.
 * A client is known by its CONNECT alone, so that a filter of its still has
 * clusters: what a message holds is nothing to route by.
 */
import { ConfigError, type ConfigFinding, type RouteSpec } from "@echarde/core";

/** One text, or all that begin so. */
export type SourceMatch = string | { readonly prefix: string };

/** One rule: sessions that it is for, and their routes instead of the table's. */
export interface SourceRule {
  /** By the client id that CONNECT has. */
  readonly clientId?: SourceMatch;
  /** By the user name; a client without one is never meant. With `clientId` both must fit. */
  readonly user?: SourceMatch;
  /** This cluster has all topics of the session. */
  readonly cluster?: string;
  /** Routes as in a table. */
  readonly routes?: readonly RouteSpec[];
  /** Cluster for what `routes` leave; the table's own when absent. */
  readonly defaultCluster?: string;
}

/** Reads the rules. Throws `ConfigError` with all that is wrong but what only the routes' table knows. */
export function sourceRules(value: unknown): readonly SourceRule[] {
  if (value === undefined) return [];
  const findings: ConfigFinding[] = [];
  const wrong = (path: readonly (string | number)[], message: string): void => {
    findings.push({ path: ["options", "sessions", ...path], message });
  };
  if (!Array.isArray(value)) wrong([], "must be a list");
  else if (value.length > mostRules) wrong([], `more than ${mostRules} rules`);
  else for (const [i, rule] of value.entries()) checkRule(rule, i, wrong);
  if (findings.length === 0) checkOrder(value as readonly SourceRule[], wrong);
  fail(findings);
  return value as readonly SourceRule[];
}

/** Whether the rule is for a session. */
export function isFor(rule: SourceRule, clientId: string, user: string | null): boolean {
  return fits(rule.clientId, clientId) && (rule.user === undefined || fits(rule.user, user));
}

/** The rule's sessions in words, as in `client id "cam-…", user "ann"`. */
export function sourceWords({ clientId, user }: SourceRule): string {
  const words = (match: SourceMatch): string =>
    typeof match === "string" ? JSON.stringify(match) : `${JSON.stringify(match.prefix)}…`;
  return [
    ...(clientId === undefined ? [] : [`client id ${words(clientId)}`]),
    ...(user === undefined ? [] : [`user ${words(user)}`]),
  ].join(", ");
}

/** What it goes by: "clientId", "user", or both. */
export function sourceKind({ clientId, user }: SourceRule): string {
  const kinds = [
    ...(clientId === undefined ? [] : ["clientId"]),
    ...(user === undefined ? [] : ["user"]),
  ];
  return kinds.join(" ");
}

/** Throws when there are findings. */
export function fail(findings: readonly ConfigFinding[]): void {
  if (findings.length === 0) return;
  const words = findings.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new ConfigError("bad-option", words.join("; "), findings);
}

type Wrong = (path: readonly (string | number)[], message: string) => void;

function checkRule(rule: unknown, i: number, wrong: Wrong): void {
  if (typeof rule !== "object" || rule === null || Array.isArray(rule)) {
    wrong([i], "must be a map");
    return;
  }
  for (const key of Object.keys(rule)) {
    if (key === "payload") {
      wrong([i, key], "a session is known by its CONNECT: nothing is routed by what messages hold");
    } else if (!keys.includes(key)) wrong([i, key], `unknown key; known here: ${keys.join(", ")}`);
  }
  const { clientId, user, cluster, routes, defaultCluster } = rule as Record<string, unknown>;
  for (const [key, match] of Object.entries({ clientId, user })) {
    if (match !== undefined && !isMatch(match)) {
      wrong([i, key], "must be a text, or a map with `prefix` alone");
    }
  }
  if (clientId === undefined && user === undefined) wrong([i], "names neither clientId nor user");
  if ((cluster === undefined) === (routes === undefined)) {
    wrong([i], "needs `cluster` or `routes`, one of them");
  }
  if (cluster !== undefined && defaultCluster !== undefined) {
    wrong([i, "defaultCluster"], "stands beside `cluster`, which has everything");
  }
}

function isMatch(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return typeof value === "string";
  const entries = Object.entries(value);
  return entries.length === 1 && entries[0]?.[0] === "prefix" && typeof entries[0][1] === "string";
}

/** The first rule that fits counts, so one behind a wider one never does. */
function checkOrder(rules: readonly SourceRule[], wrong: Wrong): void {
  const covers = (a: SourceMatch | undefined, b: SourceMatch | undefined): boolean => {
    if (a === undefined) return true;
    if (b === undefined) return false;
    if (typeof b === "string") return fits(a, b);
    return typeof a !== "string" && b.prefix.startsWith(a.prefix);
  };
  rules.forEach((rule, i) => {
    const by = rules
      .slice(0, i)
      .findIndex((other) => covers(other.clientId, rule.clientId) && covers(other.user, rule.user));
    if (by >= 0) wrong([i], `never counts: rule ${by} takes all of its sessions`);
  });
}

function fits(match: SourceMatch | undefined, text: string | null): boolean {
  if (match === undefined) return true;
  if (text === null) return false;
  return typeof match === "string" ? text === match : text.startsWith(match.prefix);
}

const keys = ["clientId", "user", "cluster", "routes", "defaultCluster"];
/** They are tried one after the other at each CONNECT. */
const mostRules = 1_000;
