/** Compiles routing tables: from plain data to flat arrays that answer without allocating. */
import { compareBytes, equalBytes } from "../bytes/compare.ts";
import type { HashTag } from "../codec.ts";
import { ConfigError } from "../errors.ts";
import { versionOf } from "./canonical.ts";
import { checkKinds, checkRules } from "./check-rules.ts";
import { ExactMap } from "./exact-map.ts";
import { Findings, type TableFinding } from "./findings.ts";
import { braceTag } from "./hash-tag.ts";
import type { Hasher } from "./hasher.ts";
import type { KeyMap, MakeKeyMap } from "./key-map.ts";
import { makeHasher } from "./make-hasher.ts";
import { mapOf } from "./map-rules.ts";
import type { Match, Owner, Rule, TableModel } from "./model.ts";
import { quote } from "./quote.ts";
import { readTable } from "./read-table.ts";
import type { ClusterSpec, RouteExplanation, RoutingTable, RuleView } from "./table.ts";
import { Trie } from "./trie.ts";

/** What compiling needs to know of the protocol. */
export interface CompileOptions {
  /** Finds the part of a key that hash rules see, unless the rule names its own marks; null = the whole key. */
  readonly hashTag: HashTag | null;
  /** Byte that divides keys into levels: prefixes then match whole levels only. Absent = prefixes match anywhere. */
  readonly levelSeparator?: number;
  /** The protocol's own map of its keys; then it says which rule decides. */
  readonly keyMap?: MakeKeyMap | undefined;
  /** Count how many keys each rule decides: `RoutingTable.hits`. */
  readonly countHits?: boolean;
}

/**
 * The table of a `TableSpec` (plain data of unknown shape). Throws
 * `ConfigError` with code `bad-table` and every error found; warnings do not
 * keep a table from being compiled, see {@link checkTable}.
 */
export function compileTable(spec: unknown, options: CompileOptions): RoutingTable {
  const separator = options.levelSeparator ?? -1;
  const findings = new Findings();
  const model = readTable(spec, findings);
  const map = model === null ? null : check(model, separator, options.keyMap, findings);
  if (model === null || findings.failed) {
    const errors = findings.all.filter((finding) => finding.severity === "error");
    const words = errors.map(({ path, message }) => `${path.join(".") || "table"}: ${message}`);
    throw new ConfigError("bad-table", `bad routing table: ${words.join("; ")}`, errors);
  }
  return new CompiledTable(model, options, separator, map);
}

/** Everything that is wrong with a table or looks so, errors and warnings. Never throws. */
export function checkTable(
  spec: unknown,
  options: Partial<CompileOptions> = {},
): readonly TableFinding[] {
  const findings = new Findings();
  const model = readTable(spec, findings);
  if (model !== null) {
    check(model, options.levelSeparator ?? -1, options.keyMap, findings);
    if (!findings.failed) checkShares(model, findings);
  }
  return findings.all;
}

/** Checks the rules; the map that the protocol makes of them, null without one or with an error. */
function check(
  model: TableModel,
  separator: number,
  make: MakeKeyMap | undefined,
  findings: Findings,
): KeyMap | null {
  checkKinds(model, make !== undefined, findings);
  if (make === undefined) checkRules(model, separator, findings);
  return make === undefined || findings.failed ? null : mapOf(model, make, findings);
}

class CompiledTable implements RoutingTable {
  readonly version: string;
  readonly protocol: string;
  readonly clusters: readonly ClusterSpec[];
  readonly localCluster: number;
  readonly defaultCluster: number;
  readonly options: Readonly<Record<string, unknown>>;
  readonly hits: Float64Array | null;
  readonly keyMap: KeyMap | null;

  readonly #rules: readonly Rule[];
  /** Cluster of each rule, or {@link HASHED}. */
  readonly #owners: Int32Array;
  readonly #hashers: readonly (Hasher | null)[];
  readonly #tags: readonly (HashTag | null)[];
  readonly #matches: readonly Match[];
  /** Structures over the bytes of rules, and the rule of each of their entries. */
  readonly #exact: ExactMap;
  readonly #exactRules: Uint32Array;
  readonly #prefixes: Trie;
  readonly #prefixRules: Uint32Array;
  /** Both ends of every range; an end that begins no range has the rule -1. */
  readonly #bounds: Trie;
  readonly #boundRules: Int32Array;
  readonly #rest: number;

  constructor(
    model: TableModel,
    { hashTag, countHits }: CompileOptions,
    separator: number,
    keyMap: KeyMap | null,
  ) {
    this.keyMap = keyMap;
    this.version = versionOf(model);
    this.protocol = model.protocol;
    this.clusters = Object.freeze(model.clusters.map((cluster) => Object.freeze({ ...cluster })));
    this.options = model.options;
    const indexes = new Map(model.clusters.map((cluster, i) => [cluster.name, i]));
    const indexOf = (name: string): number => indexes.get(name) ?? -1;
    this.localCluster = indexOf(model.localCluster);
    this.defaultCluster = model.defaultCluster === null ? -1 : indexOf(model.defaultCluster);

    const { rules } = model;
    this.hits = countHits === true ? new Float64Array(rules.length + 1) : null;
    this.#rules = rules;
    this.#matches = rules.map((rule) => rule.match);
    this.#hashers = rules.map(({ owner }) =>
      owner.type === "hash" ? makeHasher(owner, indexOf) : null,
    );
    this.#tags = rules.map(({ owner }) =>
      owner.type === "hash" ? tagOf(owner.tag, hashTag) : null,
    );
    this.#owners = Int32Array.from(rules, ({ owner }) => {
      if (owner.type === "cluster") return indexOf(owner.cluster);
      // One member owns everything: there is nothing to hash.
      const [first, second] = owner.shares;
      return first !== undefined && second === undefined ? indexOf(first.cluster) : HASHED;
    });
    this.#rest = rules.findIndex((rule) => rule.match.type === "rest");

    const keys = entriesOf(this.#matches, "key");
    this.#exact = new ExactMap(keys.map((entry) => entry.bytes));
    this.#exactRules = Uint32Array.from(keys, (entry) => entry.rule);
    const prefixes = entriesOf(this.#matches, "prefix");
    this.#prefixes = new Trie(
      prefixes.map((entry) => entry.bytes),
      separator,
    );
    this.#prefixRules = Uint32Array.from(prefixes, (entry) => entry.rule);
    const bounds = boundsOf(this.#matches);
    this.#bounds = new Trie(
      bounds.map((entry) => entry.bytes),
      -1,
    );
    this.#boundRules = Int32Array.from(bounds, (entry) => entry.rule);
    Object.freeze(this);
  }

  route(bytes: Uint8Array, from: number, to: number): number {
    const { keyMap } = this;
    if (keyMap !== null && this.hits === null) return keyMap.owner(bytes, from, to);
    const rule = this.#find(bytes, from, to);
    const { hits } = this;
    if (hits !== null) hits[rule + 1] = (hits[rule + 1] as number) + 1;
    if (rule < 0) return this.defaultCluster;
    if (keyMap !== null) return keyMap.owner(bytes, from, to);
    const owner = this.#owners[rule] as number;
    return owner !== HASHED ? owner : this.#pick(rule, bytes, from, to);
  }

  rules(): readonly RuleView[] {
    return this.#rules.map(({ match, owner }) => ({
      match: match.type,
      words: matchWords(match),
      owner: ownerWords(owner),
    }));
  }

  #pick(rule: number, bytes: Uint8Array, from: number, to: number): number {
    const hasher = this.#hashers[rule] as Hasher;
    const tag = this.#tags[rule] as HashTag | null;
    if (tag === null) return hasher.pick(bytes, from, to);
    tag.find(bytes, from, to);
    return hasher.pick(bytes, tag.from, tag.to);
  }

  explain(key: Uint8Array): RouteExplanation {
    const rule = this.#find(key, 0, key.length);
    const owner = rule < 0 ? this.defaultCluster : (this.#owners[rule] as number);
    if (this.keyMap !== null && owner === HASHED) return this.#explainMapped(rule, key);
    const index = owner === HASHED ? this.#pick(rule, key, 0, key.length) : owner;
    const cluster = this.clusters[index]?.name ?? null;
    if (rule < 0) {
      return {
        cluster,
        rule,
        because: cluster === null ? "no rule and no default" : "default cluster",
      };
    }
    const words = matchWords(this.#matches[rule] as Match);
    const hasher = this.#hashers[rule];
    if (hasher === null || hasher === undefined) return { cluster, rule, because: words };
    let hashed = key;
    const tag = this.#tags[rule] as HashTag | null;
    if (tag !== null) {
      tag.find(key, 0, key.length);
      hashed = key.subarray(tag.from, tag.to);
    }
    const part = hashed.length < key.length ? `, tag ${quote(hashed)}` : "";
    const hash = `hash ${hasher.words(hashed, 0, hashed.length)}${part}`;
    return { cluster, rule, because: words === "" ? hash : `${words}, ${hash}` };
  }

  #explainMapped(rule: number, key: Uint8Array): RouteExplanation {
    const { match, owner } = this.#rules[rule] as Rule;
    const at = this.keyMap?.owner(key, 0, key.length) ?? -1;
    const level = owner.type === "hash" && owner.level !== null ? ` by level ${owner.level}` : "";
    const words = [matchWords(match), `hash ${ownerWords(owner)}${level}`].filter(Boolean);
    return { cluster: this.clusters[at]?.name ?? null, rule, because: words.join(", ") };
  }

  /** Index of the rule that decides, -1 = none. This order is the precedence. */
  #find(bytes: Uint8Array, from: number, to: number): number {
    if (this.keyMap !== null) return this.keyMap.rule(bytes, from, to);
    const exact = this.#exact.find(bytes, from, to);
    if (exact >= 0) return this.#exactRules[exact] as number;
    const prefix = this.#prefixes.longestPrefix(bytes, from, to);
    if (prefix >= 0) return this.#prefixRules[prefix] as number;
    const bound = this.#bounds.floor(bytes, from, to);
    const range = bound < 0 ? -1 : (this.#boundRules[bound] as number);
    return range >= 0 ? range : this.#rest;
  }
}

/** Stands for the owner of a rule whose keys are spread by a hash. */
const HASHED = -2;

interface Entry {
  readonly bytes: Uint8Array;
  readonly rule: number;
}

/** Sorted, without duplicates: of equal ones the first rule counts. */
function entriesOf(matches: readonly Match[], type: "key" | "prefix"): readonly Entry[] {
  const entries: Entry[] = [];
  matches.forEach((match, rule) => {
    if (match.type === type) entries.push({ bytes: match.bytes, rule });
  });
  entries.sort((a, b) => compareBytes(a.bytes, b.bytes));
  return entries.filter(({ bytes }, i) => {
    const before = entries[i - 1];
    return before === undefined || !equalBytes(before.bytes, bytes);
  });
}

/** Ranges are disjoint, so where one ends either the next begins or nothing does. */
function boundsOf(matches: readonly Match[]): readonly Entry[] {
  const begins: Entry[] = [];
  const ends: Entry[] = [];
  matches.forEach((match, rule) => {
    if (match.type !== "range") return;
    begins.push({ bytes: match.from, rule });
    if (match.to !== null) ends.push({ bytes: match.to, rule: -1 });
  });
  // A stable sort keeps begins before ends, so the filter drops an end where a range begins.
  const all = [...begins, ...ends].sort((a, b) => compareBytes(a.bytes, b.bytes));
  return all.filter(({ bytes }, i) => {
    const before = all[i - 1];
    return before === undefined || !equalBytes(before.bytes, bytes);
  });
}

function tagOf(marks: string | null, protocolTag: HashTag | null): HashTag | null {
  if (marks === null) return protocolTag;
  return marks === "" ? null : braceTag(marks.charCodeAt(0), marks.charCodeAt(1));
}

function matchWords(match: Match): string {
  if (match.type === "rest") return "";
  if (match.type !== "range") return `${match.type} ${quote(match.bytes)}`;
  return `range [${quote(match.from)}, ${match.to === null ? "no end" : quote(match.to)})`;
}

function ownerWords(owner: Owner): string {
  if (owner.type === "cluster") return owner.cluster;
  return `${owner.kind} over ${owner.shares.map(({ cluster }) => cluster).join(", ")}`;
}

/** Members of slots and rings whose weight is too small for any share. */
function checkShares(model: TableModel, findings: Findings): void {
  const names = model.clusters.map((cluster) => cluster.name);
  for (const { owner, path } of model.rules) {
    if (owner.type !== "hash") continue;
    const owned = makeHasher(owner, (name) => names.indexOf(name)).owned;
    if (owned === null) continue;
    for (const { cluster } of owner.shares) {
      if (owned.includes(names.indexOf(cluster))) continue;
      findings.warning(path, `${cluster} owns no key: its share is too small`);
    }
  }
}
