/** A table after reading: every default filled in, names checked, bytes decoded. */
import type { ClusterSpec } from "./table.ts";

/** Keys that a rule is for. */
export type Match =
  | { readonly type: "key"; readonly bytes: Uint8Array }
  | { readonly type: "prefix"; readonly bytes: Uint8Array }
  | { readonly type: "filter"; readonly bytes: Uint8Array }
  | { readonly type: "range"; readonly from: Uint8Array; readonly to: Uint8Array | null }
  | { readonly type: "rest" };

/** A cluster in a hash rule. */
export interface Share {
  /** Name of the cluster. */
  readonly cluster: string;
  /** What the hash takes for its name. */
  readonly name: string;
  /** From 1. */
  readonly weight: number;
}

/** Kinds of hash rules. */
export type HashKind = "crc16-slots" | "ketama" | "rendezvous" | "jump" | "maglev";

/** Owner of a rule's keys. */
export type Owner =
  | { readonly type: "cluster"; readonly cluster: string }
  | {
      readonly type: "hash";
      readonly kind: HashKind;
      /** Null = the protocol's, "" = none, else two marks. */
      readonly tag: string | null;
      /** By name; for `jump` in the order of the buckets. */
      readonly shares: readonly Share[];
      /** Explicit slots as `[share, first, last]`, by first slot; null = by weight. */
      readonly slots: readonly (readonly [number, number, number])[] | null;
      /** Level of the key that is hashed; null = the key as the tag says. */
      readonly level: number | null;
      /** Hash function of a ring, "" for the others. */
      readonly function: string;
    };

/** One rule. */
export interface Rule {
  /** What it is for. */
  readonly match: Match;
  /** Who owns it. */
  readonly owner: Owner;
  /** Where it stands in the input. */
  readonly path: Path;
}

/** Keys and indexes from the root of the input. */
export type Path = readonly (string | number)[];

/** See the module. */
export interface TableModel {
  /** "" = none named. */
  readonly protocol: string;
  /** By name. */
  readonly clusters: readonly ClusterSpec[];
  /** Always known. */
  readonly localCluster: string;
  /** Null = none. */
  readonly defaultCluster: string | null;
  /** In the order of the input. */
  readonly rules: readonly Rule[];
  /** A frozen copy. */
  readonly options: Readonly<Record<string, unknown>>;
}
