/**
 * Owner of a topic and clusters of a filter. Sound: if a filter matches a
 * topic, the topic's owner is among the filter's clusters. Tight: each of them
 * owns a topic that the filter matches (and the map can name it).
 *
 * Of several rules that match a topic the one with the first better level
 * counts: a literal is better than `+`, `+` than `#`. So the exact topic comes
 * first, then the longest prefix.
 */
import { ConfigError, type ConfigFinding, encodeUtf8 } from "@echarde/core";
import { explore, freshText, type TopicKind } from "./exploration.ts";
import { sharedFilter } from "./filter.ts";
import { LevelTrie } from "./level-trie.ts";
import { ruleLevels, type TopicOwner, type TopicRule } from "./topic-rules.ts";

/** See the module. Immutable. */
export class TopicMap {
  readonly #trie: LevelTrie = new LevelTrie();
  readonly #owners: readonly TopicOwner[];
  readonly #fallback: number;
  /** Clusters that own anything. */
  readonly #clusters: readonly number[];
  /** Clusters of the rules at and below each node. */
  readonly #below: readonly ReadonlySet<number>[];

  /** `fallback` owns what no rule matches; -1 = nobody. Throws `ConfigError` with every rule that is wrong. */
  constructor(rules: readonly TopicRule[], fallback: number) {
    this.#owners = rules.map(({ owner }) => owner);
    this.#fallback = fallback;
    const findings: ConfigFinding[] = [];
    rules.forEach((rule, index) => {
      const levels = ruleLevels(rule);
      if (typeof levels === "string") findings.push({ path: [index], message: levels });
      else {
        const other = this.#trie.add(levels, index);
        if (other >= 0) findings.push({ path: [index], message: `same topics as rule ${other}` });
      }
    });
    if (findings.length > 0) {
      const words = findings.map(({ path, message }) => `rule ${path.join(".")}: ${message}`);
      throw new ConfigError("bad-table", `bad topic rules: ${words.join("; ")}`, findings);
    }
    this.#trie.seal();
    this.#below = clustersBelow(this.#trie, this.#owners);
    const all = new Set(this.#below[0]);
    if (fallback >= 0) all.add(fallback);
    this.#clusters = [...all].sort(ascending);
  }

  /** Indexes of the clusters that own anything, in order. */
  get all(): readonly number[] {
    return this.#clusters;
  }

  /** Cluster index of the topic name at `bytes[from, to)`, -1 = nobody's. */
  owner(bytes: Uint8Array, from: number, to: number): number {
    const rule = this.#trie.find(bytes, from, to);
    if (rule < 0) return this.#fallback;
    const owner = this.#owners[rule] as TopicOwner;
    if (owner.type === "cluster") return owner.cluster;
    if (owner.level === null) return owner.pick(bytes, from, to);
    let at = from;
    for (let level = owner.level; level > 0; level--) {
      while (at < to && bytes[at] !== SLASH) at++;
      if (at === to) return owner.pick(bytes, to, to);
      at++;
    }
    let end = at;
    while (end < to && bytes[end] !== SLASH) end++;
    return owner.pick(bytes, at, end);
  }

  /** Index of the rule for the topic name at `bytes[from, to)`, -1 = none. */
  rule(bytes: Uint8Array, from: number, to: number): number {
    return this.#trie.find(bytes, from, to);
  }

  /** Indexes of the clusters of a well-formed filter, ascending; of `$share/g/f` those of `f`. */
  clusters(filter: string): readonly number[] {
    const found = new Set<number>();
    const add = (kind: TopicKind): void => {
      const fixed = this.#fixedCluster(kind);
      if (fixed >= 0) found.add(fixed);
      else for (const cluster of this.#clustersOf(kind.rule)) found.add(cluster);
    };
    return this.#explore(filter, found, add) ? [...found].sort(ascending) : this.#clusters;
  }

  /**
   * As `clusters`, with a topic that the filter matches and the cluster owns;
   * for `explain` and tests, since it costs more. "" where a hash gave no
   * example within a thousand attempts for each cluster, or the table is too
   * tangled to be explored whole.
   */
  witnesses(filter: string): ReadonlyMap<number, string> {
    const found = new Map<number, string>();
    const add = (kind: TopicKind): void => {
      const fixed = this.#fixedCluster(kind);
      if (fixed >= 0) {
        if (!found.get(fixed)) found.set(fixed, topicOf(kind, 0, -1));
        return;
      }
      const clusters = this.#clustersOf(kind.rule);
      for (const cluster of clusters) if (!found.has(cluster)) found.set(cluster, "");
      const missing = (): boolean => clusters.some((cluster) => found.get(cluster) === "");
      const owner = this.#owners[kind.rule];
      const vary = owner?.type === "hash" ? (owner.level ?? -1) : -1;
      for (let i = 0; i < 1000 * clusters.length && missing(); i++) {
        const topic = topicOf(kind, i, vary);
        const bytes = encodeUtf8(topic);
        const cluster = this.owner(bytes, 0, bytes.length);
        if (found.get(cluster) === "") found.set(cluster, topic);
      }
    };
    if (!this.#explore(filter, { has: (cluster) => Boolean(found.get(cluster)) }, add)) {
      for (const cluster of this.#clusters) if (!found.has(cluster)) found.set(cluster, "");
    }
    return new Map([...found].sort(([a], [b]) => a - b));
  }

  /** False = given up. Kinds that can only add clusters that `known` has are left out. */
  #explore(
    filter: string,
    known: { has(cluster: number): boolean },
    found: (kind: TopicKind) => void,
  ): boolean {
    const hasNew = (clusters: Iterable<number>): boolean => {
      for (const cluster of clusters) if (!known.has(cluster)) return true;
      return false;
    };
    return explore(this.#trie, sharedFilter(filter).filter.split("/"), {
      found,
      wants: (nodes, rule) =>
        hasNew(this.#clustersOf(rule)) ||
        nodes.some((node) => hasNew(this.#below[node] as ReadonlySet<number>)),
    });
  }

  #clustersOf(rule: number): readonly number[] {
    if (rule < 0) return this.#fallback < 0 ? [] : [this.#fallback];
    return clustersOf(this.#owners[rule] as TopicOwner);
  }

  /** The one cluster of all topics of the kind; -1 = the hash decides, or nobody owns them. */
  #fixedCluster(kind: TopicKind): number {
    if (kind.rule < 0) return this.#fallback;
    const owner = this.#owners[kind.rule] as TopicOwner;
    if (owner.type === "cluster") return owner.cluster;
    const { level } = owner;
    let hashed: string;
    if (level === null) {
      if (kind.open || kind.levels.some(({ except }) => except !== null)) return -1;
      hashed = topicOf(kind, 0, -1);
    } else {
      const at = kind.levels[level];
      if (at === undefined ? kind.open : at.except !== null) return -1;
      hashed = at?.text ?? "";
    }
    const bytes = encodeUtf8(hashed);
    return owner.pick(bytes, 0, bytes.length);
  }
}

const SLASH = 47;

function ascending(a: number, b: number): number {
  return a - b;
}

function clustersOf(owner: TopicOwner): readonly number[] {
  return owner.type === "cluster" ? [owner.cluster] : owner.clusters;
}

/** Nodes stand behind their parents, so one walk from the last to the first gathers all. */
function clustersBelow(trie: LevelTrie, owners: readonly TopicOwner[]): Set<number>[] {
  const sets = trie.parents.map(() => new Set<number>());
  for (let node = sets.length - 1; node >= 0; node--) {
    const own = sets[node] as Set<number>;
    for (const rule of [trie.ends[node] as number, trie.hashes[node] as number]) {
      if (rule >= 0) for (const cluster of clustersOf(owners[rule] as TopicOwner)) own.add(cluster);
    }
    const parent = sets[trie.parents[node] as number];
    if (parent !== undefined) for (const cluster of own) parent.add(cluster);
  }
  return sets;
}

/**
 * An example of the kind, another one for each `index`: they differ in the
 * level `vary` (which an open kind is given if it lacks it), or for -1 in one
 * that may differ.
 */
function topicOf(kind: TopicKind, index: number, vary: number): string {
  const free = vary >= 0 ? vary : kind.levels.findIndex(({ except }) => except !== null);
  const levels = kind.levels.map(({ text, except }, at) =>
    except !== null && at === free ? freshText(except, index) : text,
  );
  // "" alone is no topic, and what has no free level differs in a further one.
  const least = vary >= 0 ? vary + 1 : levels.length + (free < 0 ? 1 : 0);
  while (kind.open && levels.length < least) levels.push(`x${index}`);
  return levels.join("/");
}
