/** A compiled routing table: an immutable value that answers "which cluster owns this key". */
import type { KeyMap } from "./key-map.ts";

/** One cluster of a table. */
export interface ClusterSpec {
  /** `[A-Za-z0-9._-]+`. */
  readonly name: string;
  /** Addresses, tried in order: `host:port`, `[v6]:port` or `unix:/path`. */
  readonly endpoints: readonly string[];
}

/** Why a key goes where it goes. */
export interface RouteExplanation {
  /** Cluster name, or null when no rule and no default matches. */
  readonly cluster: string | null;
  /** Index of the rule in the table's `routes`, -1 for the default cluster or none. */
  readonly rule: number;
  /** The rule in words, as in `prefix "alert:"` or `hash crc16-slots, slot 5061`. */
  readonly because: string;
}

/** A rule in words. */
export interface RuleView {
  /** Keys that it is for. */
  readonly match: "key" | "prefix" | "filter" | "range" | "rest";
  /** The same in words, as in `prefix "alert:"`; "" for a rule that is for all the rest. */
  readonly words: string;
  /** Its owner: the name of a cluster, or a hash and its clusters as in `crc16-slots over east, west`. */
  readonly owner: string;
}

/** See the module. */
export interface RoutingTable {
  /** Hash of the canonical text: equal tables have equal versions. */
  readonly version: string;
  /** Protocol that the table is for. */
  readonly protocol: string;
  /** Sorted by name; plans hold indexes into it. */
  readonly clusters: readonly ClusterSpec[];
  /** Index of the cluster that answers what needs no shard key. */
  readonly localCluster: number;
  /** Index of the cluster for keys that no rule matches, -1 = none. */
  readonly defaultCluster: number;
  /** Options of the protocol, as in the file. */
  readonly options: Readonly<Record<string, unknown>>;
  /**
   * How many keys each rule has decided since the table was compiled: entry 0 counts those that no
   * rule is for, entry i + 1 those of rule i. Null = not counted.
   */
  readonly hits: Float64Array | null;
  /** What the protocol made of the rules: see `Codec.keyMap`; null for a protocol that makes nothing of them. */
  readonly keyMap: KeyMap | null;
  /** Its rules in the order of the file; made anew with each call. */
  rules(): readonly RuleView[];
  /** Cluster index of the key at `bytes[from, to)`, -1 when nothing owns it. Cost grows with the key's length only. */
  route(bytes: Uint8Array, from: number, to: number): number;
  /** As `route`, with the reason. */
  explain(key: Uint8Array): RouteExplanation;
}
