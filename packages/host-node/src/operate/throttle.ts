/** Lets one event of a kind through in an interval, and counts the others: a log must not grow as fast as the traffic. */
export class Throttle {
  readonly #interval: number;
  readonly #kinds = new Map<string, { until: number; skipped: number }>();

  /** @param interval - milliseconds */
  constructor(interval: number) {
    this.#interval = interval;
  }

  /**
   * Null = say nothing now; else say it, and that so many of the kind were skipped since the last one.
   *
   * @param now - milliseconds, any origin
   */
  pass(kind: string, now: number): number | null {
    const known = this.#kinds.get(kind);
    if (known !== undefined && now < known.until) {
      known.skipped += 1;
      return null;
    }
    if (known === undefined && this.#kinds.size >= manyKinds) this.#kinds.clear();
    this.#kinds.set(kind, { until: now + this.#interval, skipped: 0 });
    return known?.skipped ?? 0;
  }
}

/** Kinds name upstreams, and nodes of a cluster are for its servers to say. */
const manyKinds = 1_000;
