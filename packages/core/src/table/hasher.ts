/** What a hash rule compiles to. */
export interface Hasher {
  /** Cluster of each share of the key space (slot, point, bucket, entry); null = no such array. */
  readonly owned: Uint32Array | null;
  /** Cluster index of the (tagged part of the) key at `bytes[from, to)`. Allocates nothing. */
  pick(bytes: Uint8Array, from: number, to: number): number;
  /** What `pick` came by, in words, as in `crc16-slots, slot 5061`. */
  words(bytes: Uint8Array, from: number, to: number): string;
}

/** A cluster that a hash rule spreads over. */
export interface HashMember {
  /** Index into the table's clusters. */
  readonly cluster: number;
  /** What stands for the cluster in the hash: its name, or the name that a ring gives it. */
  readonly name: string;
  /** Share of the keys, relative to the other members; a whole number from 1. */
  readonly weight: number;
}
