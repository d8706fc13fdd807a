/** Brokers that a client does without for now, and when each is tried again. */

/** See the module. */
export class Away {
  readonly #brokers = new Map<string, { at: number; wait: number }>();

  /** When the next one is to be tried, Unix milliseconds; Infinity = there is none. */
  get nextAt(): number {
    let least = Number.POSITIVE_INFINITY;
    for (const { at } of this.#brokers.values()) least = Math.min(least, at);
    return least;
  }

  /** One is lost, or could not be opened (again). */
  add(name: string, now: number): void {
    const before = this.#brokers.get(name)?.wait;
    const wait = before === undefined ? firstWait : Math.min(2 * before, longestWait);
    this.#brokers.set(name, { at: now + wait, wait });
  }

  /** Those whose time has come; they are not tried again before `add`. */
  due(now: number): readonly string[] {
    const names: string[] = [];
    for (const [name, each] of this.#brokers) {
      if (each.at > now) continue;
      each.at = Number.POSITIVE_INFINITY;
      names.push(name);
    }
    return names;
  }

  /** It is there again. */
  remove(name: string): void {
    this.#brokers.delete(name);
  }
}

/** Milliseconds: a broker that was restarted is in use again within a second. */
const firstWait = 500;
const longestWait = 10_000;
