/**
 * Seeded pseudo-random numbers: equal seeds give equal runs, on every engine.
 * (mulberry32: 32 bits of state are enough for schedules, not for secrets.)
 */
export class Random {
  #state: number;

  /** Equal seeds give equal sequences. */
  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Integer in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** Bytes of any value. */
  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /** Sorted cut positions inside `[1, length)`, on average one for each `average` bytes. */
  cuts(length: number, average: number): number[] {
    const cuts: number[] = [];
    for (let at = 1 + this.below(2 * average); at < length; at += 1 + this.below(2 * average)) {
      cuts.push(at);
    }
    return cuts;
  }

  /** A generator of its own, so that taking more from one place does not shift another. */
  fork(): Random {
    return new Random(Math.floor(this.next() * 2 ** 32));
  }
}
