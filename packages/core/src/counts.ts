/**
 * What a router counts for each name of a request. Plain data that only
 * grows: an embedder reads it whenever it likes, and works out rates itself.
 */

/** Requests of one name at one upstream, since the router was made. */
export interface CommandStats {
  /** Packets sent that await a reply; a split request counts once for each part. */
  requests: number;
  /** Packets sent that no reply follows. */
  oneWay: number;
  /** Replies that came. */
  replies: number;
  /** Of these, errors of the upstream. */
  errors: number;
  /** Outcomes that were not a reply. */
  failures: number;
  /** Bytes to the upstream. */
  bytesOut: number;
  /** Bytes from the upstream. */
  bytesIn: number;
  /** Latencies of all replies together. */
  milliseconds: number;
  /** Replies by latency, in the buckets of `UpstreamStats.latency`. */
  readonly latency: Float64Array;
}

/** Requests of one name that went to no upstream. */
export interface LocalStats {
  /** Answered by the router itself. */
  answered: number;
  /** Answered by the router with an error. */
  refused: number;
}

/** Buckets of a latency histogram: entry i ends at 2^i × 0.125 ms, the last one has no end. */
export const latencyBuckets = 20;

/** All zero. */
export function commandStats(): CommandStats {
  return {
    requests: 0,
    oneWay: 0,
    replies: 0,
    errors: 0,
    failures: 0,
    bytesOut: 0,
    bytesIn: 0,
    milliseconds: 0,
    latency: new Float64Array(latencyBuckets),
  };
}

/** The entry of `label`, made when it is new. A codec has a few hundred names; what it has beyond `manyLabels` is one entry. */
export function entryOf<Stats>(map: Map<string, Stats>, label: string, make: () => Stats): Stats {
  const known = map.get(label);
  if (known !== undefined) return known;
  const name = map.size < manyLabels ? label : otherLabel;
  const entry = map.get(name) ?? make();
  map.set(name, entry);
  return entry;
}

const manyLabels = 1_000;
const otherLabel = "OTHER";

/** A packet left that no reply follows. */
export function countOneWay(counts: CommandStats, bytes: number): void {
  counts.oneWay += 1;
  counts.bytesOut += bytes;
}
