/** Static checks of rules against each other: what is ambiguous, and what can never match. */
import { compareBytes, equalBytes } from "../bytes/compare.ts";
import { canonicalOwner } from "./canonical.ts";
import type { Findings } from "./findings.ts";
import { covers, type Interval, pointInterval, prefixIntervals, union } from "./intervals.ts";
import type { Match, Rule, TableModel } from "./model.ts";
import { quote } from "./quote.ts";

/** Adds what is wrong with the rules of a table that was read without an error. */
export function checkRules(model: TableModel, separator: number, findings: Findings): void {
  const keys = sorted(model.rules, "key");
  const prefixes = sorted(model.rules, "prefix");
  const ranges = sorted(model.rules, "range");
  checkEqual(keys, "key", findings);
  checkEqual(prefixes, "prefix", findings);
  checkRanges(ranges, findings);
  checkPrefixes(keys, prefixes, separator, findings);

  const above = keys.map((key) => pointInterval(key.match.bytes));
  for (const prefix of prefixes) above.push(...prefixIntervals(prefix.match.bytes, separator));
  const covered = union(above);
  for (const { match, path } of ranges) {
    if (isEmpty(match) || !covers(covered, match)) continue;
    findings.warning(path, "never matches: key and prefix rules take the whole range");
  }

  const [first, ...others] = model.rules.filter((rule) => rule.match.type === "rest");
  for (const other of others) {
    findings.error(other.path, `a second hash rule without prefix; the first is ${place(first)}`);
  }
  const all = union([...above, ...ranges.map((range) => range.match)]);
  if (covers(all, everything)) {
    const message = "never matches: rules of higher precedence take every key";
    if (first !== undefined) findings.warning(first.path, message);
  } else if (first === undefined && model.defaultCluster === null) {
    findings.warning([], "keys that no rule matches have no owner: name a defaultCluster");
  }
}

type RuleFor<Type extends Match["type"]> = Rule & {
  readonly match: Extract<Match, { type: Type }>;
};

const everything: Interval = { from: new Uint8Array(0), to: null };

/** Rules that only a protocol with a map of its own understands, and one that no such map can hold. */
export function checkKinds(model: TableModel, mapped: boolean, findings: Findings): void {
  for (const { match, owner, path } of model.rules) {
    if (mapped && match.type === "range") {
      findings.error(path, "ranges have no meaning for keys with levels: use prefix or filter");
    }
    if (mapped) continue;
    if (match.type === "filter") {
      findings.error([...path, "filter"], "needs a protocol whose keys have levels");
    }
    if (owner.type === "hash" && owner.level !== null) {
      findings.error([...path, "level"], "needs a protocol whose keys have levels");
    }
  }
}

/** Rules of one kind in bytewise order, those of equal bytes in the order of the input. */
function sorted<Type extends "key" | "prefix" | "range">(
  rules: readonly Rule[],
  type: Type,
): RuleFor<Type>[] {
  const chosen = rules.filter((rule) => rule.match.type === type) as RuleFor<Type>[];
  return chosen.sort((a, b) => compareBytes(startOf(a.match), startOf(b.match)));
}

function startOf(match: Extract<Match, { type: "key" | "prefix" | "range" }>): Uint8Array {
  return match.type === "range" ? match.from : match.bytes;
}

function checkEqual(
  rules: readonly RuleFor<"key" | "prefix">[],
  word: string,
  findings: Findings,
): void {
  rules.forEach((rule, i) => {
    const before = rules[i - 1];
    if (before === undefined || !equalBytes(before.match.bytes, rule.match.bytes)) return;
    const what = `the ${word} ${quote(rule.match.bytes)} stands in ${place(before)} already`;
    if (canonicalOwner(before.owner) === canonicalOwner(rule.owner)) {
      findings.warning(rule.path, `never matches: ${what}, with the same owner`);
    } else findings.error(rule.path, `ambiguous: ${what}, with another owner`);
  });
}

function checkRanges(ranges: readonly RuleFor<"range">[], findings: Findings): void {
  let widest: RuleFor<"range"> | null = null;
  for (const range of ranges) {
    if (isEmpty(range.match)) {
      findings.error(
        [...range.path, "range"],
        "holds no key: the second end must be above the first",
      );
      continue;
    }
    if (widest !== null && compareEnds(widest.match.to, range.match.from) > 0) {
      findings.error(range.path, `ambiguous: overlaps the range of ${place(widest)}`);
    }
    if (widest === null || compareEnds(range.match.to, widest.match.to) > 0) widest = range;
  }
}

function isEmpty(match: Extract<Match, { type: "range" }>): boolean {
  return match.to !== null && compareBytes(match.from, match.to) >= 0;
}

/** An interval of a key or prefix rule, with how far the intervals inside it have filled it from its start. */
interface Nested extends Interval {
  readonly rule: RuleFor<"prefix"> | null;
  /** What wins where intervals are equal: keys over prefixes, longer over shorter. */
  readonly rank: number;
  reach: Uint8Array | null;
  gap: boolean;
}

/**
 * A prefix never matches when keys and longer prefixes take all that it
 * would. Their intervals are nested or disjoint, so one sweep with a stack
 * finds the ones that are filled by those directly inside.
 */
function checkPrefixes(
  keys: readonly RuleFor<"key">[],
  prefixes: readonly RuleFor<"prefix">[],
  separator: number,
  findings: Findings,
): void {
  const nested: Nested[] = [];
  for (const { match } of keys) {
    const point = pointInterval(match.bytes);
    nested.push({
      ...point,
      rule: null,
      rank: Number.POSITIVE_INFINITY,
      reach: point.from,
      gap: false,
    });
  }
  prefixes.forEach((rule, i) => {
    const { bytes } = rule.match;
    const before = prefixes[i - 1];
    if (before !== undefined && equalBytes(before.match.bytes, bytes)) return;
    for (const part of prefixIntervals(bytes, separator)) {
      nested.push({ ...part, rule, rank: bytes.length, reach: part.from, gap: false });
    }
  });
  nested.sort((a, b) => compareBytes(a.from, b.from) || compareEnds(b.to, a.to) || a.rank - b.rank);
  const open: Nested[] = [];
  for (const interval of nested) {
    while (open.length > 0 && compareEnds(open.at(-1)?.to ?? null, interval.from) <= 0) open.pop();
    const around = open.at(-1);
    if (around !== undefined) {
      if (around.reach === null || compareBytes(around.reach, interval.from) < 0) around.gap = true;
      around.reach = interval.to;
    }
    open.push(interval);
  }
  const alive = new Set<Rule>();
  for (const { rule, gap, reach, to } of nested) {
    if (rule !== null && (gap || compareEnds(reach, to) !== 0)) alive.add(rule);
  }
  const all = new Set(nested.map(({ rule }) => rule).filter((rule) => rule !== null));
  for (const rule of all) {
    if (alive.has(rule)) continue;
    findings.warning(rule.path, "never matches: keys and longer prefixes take all of it");
  }
}

/** Order of the ends of intervals; null is behind everything. */
function compareEnds(a: Uint8Array | null, b: Uint8Array | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return compareBytes(a, b);
}

/** `routes[2]`, or `routingTable["user1"]`. */
function place(rule: Rule | undefined): string {
  const [form, at] = rule?.path ?? [];
  return `${form}[${typeof at === "string" ? JSON.stringify(at) : at}]`;
}
