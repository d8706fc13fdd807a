/** Few enough to be loaded at once, many enough to spread evenly. */
export const KEYS = 10_000;

/** A key as redis-benchmark names it. */
export function keyName(i: number): string {
  return `key:${String(i % KEYS).padStart(12, "0")}`;
}
