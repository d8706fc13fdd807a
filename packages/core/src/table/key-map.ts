/**
 * What a protocol brings to the table when its shard keys have a structure
 * that core does not know: levels, and subscriptions with wildcards over them.
 * The table still reads and checks the rules; the protocol's map says which
 * of them decides. So that the clusters of a wildcard can be told, owners
 * depend on nothing but the key.
 */

/** Keys of a rule have one owner. */
export interface ClusterKeyOwner {
  /** Discriminates. */
  readonly type: "cluster";
  /** Index of the cluster. */
  readonly cluster: number;
}

/** Keys of a rule are spread over clusters. */
export interface HashKeyOwner {
  /** Discriminates. */
  readonly type: "hash";
  /** Level that is hashed, from 0; a key without it counts as empty there. Null = the whole key. */
  readonly level: number | null;
  /** Indexes of the clusters that have a share. */
  readonly clusters: readonly number[];
  /** Cluster index for the bytes that are hashed. */
  readonly pick: (bytes: Uint8Array, from: number, to: number) => number;
}

/** One rule, as a {@link KeyMap} gets it. */
export interface KeyMapRule {
  /** One key, all that begin so, all that a pattern matches, or what no other rule takes. */
  readonly match: "key" | "prefix" | "filter" | "rest";
  /** Key, prefix or pattern; empty for the rest. */
  readonly bytes: Uint8Array;
  /** Who owns the keys. */
  readonly owner: ClusterKeyOwner | HashKeyOwner;
}

/** Which rule decides about a key. Immutable. */
export interface KeyMap {
  /** Index of the rule for the key at `bytes[from, to)`, -1 = none. */
  rule(bytes: Uint8Array, from: number, to: number): number;
  /** Cluster index of the key at `bytes[from, to)`, -1 = nobody's. */
  owner(bytes: Uint8Array, from: number, to: number): number;
  /** Indexes of the clusters that own a key which a well-formed subscription matches; absent = the protocol has none. */
  clusters?(subscription: string): readonly number[];
}

/**
 * Makes the map of a table. `fallback` owns what no rule is for, -1 = nobody.
 * Throws `ConfigError` whose findings begin their path with the rule's index.
 */
export type MakeKeyMap = (rules: readonly KeyMapRule[], fallback: number) => KeyMap;
