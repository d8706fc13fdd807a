/**
 * The input form of a routing table: plain data, as YAML or JSON gives it.
 * A configuration file holds these keys beside the host's own ones.
 */

/** Bytes of a rule: text stands for its UTF-8, `hex` for anything else. */
export type KeySpec = string | HexSpec;

/** Bytes in hexadecimal. */
export interface HexSpec {
  /** Two digits for each byte, in either case. */
  readonly hex: string;
}

/** One key. */
export interface KeyRuleSpec {
  /** The whole key. */
  readonly key: KeySpec;
  /** Name of the owner. */
  readonly cluster: string;
}

/** All keys that begin so; the longest prefix wins. */
export interface PrefixRuleSpec {
  /** First bytes of the key. */
  readonly prefix: KeySpec;
  /** Name of the owner. */
  readonly cluster: string;
}

/** All keys that a pattern matches, as the protocol's own subscriptions do (`site/+/alert/#`); for protocols whose keys have levels. */
export interface FilterRuleSpec {
  /** The pattern. */
  readonly filter: KeySpec;
  /** Name of the owner. */
  readonly cluster: string;
}

/** All keys from the first end up to, but without, the second, in bytewise order. */
export interface RangeRuleSpec {
  /** Both ends; null as the second one = no end. */
  readonly range: readonly [KeySpec, KeySpec | null];
  /** Name of the owner. */
  readonly cluster: string;
}

/** What every hash rule may say. */
export interface HashRuleBase {
  /** Spread only the keys with this prefix; without it the rule takes all that no other rule does. */
  readonly prefix?: KeySpec;
  /** Spread only the keys that this pattern matches; instead of `prefix`, for protocols whose keys have levels. */
  readonly filter?: KeySpec;
  /** Hash this level of the key, from 0, instead of the whole key; for protocols whose keys have levels. */
  readonly level?: number;
  /** Two ASCII marks of the hash tag, as in `"{}"`; `""` = hash whole keys. Without it the protocol's own tag counts. */
  readonly tag?: string;
}

/** Clusters that share the keys: names with weights from 1, or a list of names of equal weight. */
export type OverSpec = Readonly<Record<string, number>> | readonly string[];

/** 16,384 slots by CRC-16, in contiguous shares by weight (clusters by name) or given one by one. */
export interface SlotRuleSpec extends HashRuleBase {
  /** Discriminates. */
  readonly hash: "crc16-slots";
  /** Shares by weight. Either this or `slots`. */
  readonly over?: OverSpec;
  /** Slots of each cluster, as in `["0-99", 200]`; every slot exactly once. */
  readonly slots?: Readonly<Record<string, readonly (string | number)[]>>;
}

/** A ring compatible with twemproxy's. */
export interface KetamaRuleSpec extends HashRuleBase {
  /** Discriminates. */
  readonly hash: "ketama";
  /** Members. */
  readonly over: OverSpec;
  /** Hash of the key, by twemproxy's names; default `fnv1a_64`. */
  readonly function?: string;
  /** What the ring hashes for a member instead of the cluster's name: in twemproxy the server's name, or `host:port` (`host` for port 11211) when it has none. */
  readonly names?: Readonly<Record<string, string>>;
}

/** The other distributions. For `jump` the order counts: that of the list, or by name. */
export interface SpreadRuleSpec extends HashRuleBase {
  /** Discriminates. */
  readonly hash: "rendezvous" | "jump" | "maglev";
  /** Members. */
  readonly over: OverSpec;
}

/** Any rule. */
export type RouteSpec =
  | KeyRuleSpec
  | PrefixRuleSpec
  | FilterRuleSpec
  | RangeRuleSpec
  | SlotRuleSpec
  | KetamaRuleSpec
  | SpreadRuleSpec;

/** One entry of the map form; the key of the map is the key or prefix. */
export interface MapRuleSpec {
  /** Whether the map's key is a whole key or a prefix. */
  readonly type: "key" | "prefix";
  /** Name of the owner. */
  readonly cluster: string;
}

/** Where a cluster is. */
export interface ClusterEntrySpec {
  /** Addresses, tried in order: `host:port`, `[v6]:port` or `unix:/path`. */
  readonly endpoints: readonly string[];
  /** Encryption of the connections; the host's. */
  readonly tls?: unknown;
  /** The router's credentials; the host's. */
  readonly auth?: unknown;
}

/** A routing table; keys of the host (listeners, limits, …) may stand beside these. */
export interface TableSpec {
  /** Protocol that the table is for; default "". */
  readonly protocol?: string;
  /** Owner of the keys that no rule matches; without it nobody owns them. */
  readonly defaultCluster?: string;
  /** Answers what needs no key; default: the default cluster, or the first by name. */
  readonly localCluster?: string;
  /** Clusters by name. Without it the names that occur are taken, with no addresses: for hosts that know them. */
  readonly clusters?: Readonly<Record<string, ClusterEntrySpec>>;
  /** Rules. Their order has no meaning. */
  readonly routes?: readonly RouteSpec[];
  /** Rules in the map form; instead of `routes`. */
  readonly routingTable?: Readonly<Record<string, MapRuleSpec>>;
  /** Options of the protocol. */
  readonly options?: Readonly<Record<string, unknown>>;
}
