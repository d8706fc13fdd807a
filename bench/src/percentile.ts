/**
 * The value that a share of all values does not exceed (nearest rank).
 *
 * @param sorted - ascending, at least one
 * @param share - above 0, at most 1
 */
export function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] as number;
}
