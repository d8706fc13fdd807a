/**
 * Percentile of a latency histogram as `UpstreamStats.latency` has it (bucket
 * i ends at 2^i × 0.125 ms), in milliseconds; linear within the bucket, NaN
 * when it is empty.
 *
 * @param share - 0.5 for the median, 0.99 for the 99th percentile
 */
export function latencyPercentile(buckets: ArrayLike<number>, share: number): number {
  let all = 0;
  for (let i = 0; i < buckets.length; i++) all += buckets[i] ?? 0;
  if (all === 0) return Number.NaN;
  let left = all * share;
  for (let i = 0; i < buckets.length; i++) {
    const count = buckets[i] ?? 0;
    if (left <= count && count > 0) {
      const from = i === 0 ? 0 : firstEdge * 2 ** (i - 1);
      const to = firstEdge * 2 ** i;
      return from + ((to - from) * left) / count;
    }
    left -= count;
  }
  return firstEdge * 2 ** (buckets.length - 1);
}

/** Milliseconds. */
const firstEdge = 0.125;
