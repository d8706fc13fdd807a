/** Unix milliseconds with fractions, never decreasing: what a router takes as `now`. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
