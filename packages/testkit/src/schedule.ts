/** Virtual time: what is to happen, in order of time, then of scheduling. */

interface Entry {
  readonly at: number;
  readonly act: () => void;
}

/** See the module. */
export class Schedule {
  #entries: Entry[] = [];

  /** When the next thing happens; Infinity = never. */
  get next(): number {
    return this.#entries[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** Adds something behind all that is scheduled for the same time. */
  add(at: number, act: () => void): void {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#entries[middle] as Entry).at <= at) low = middle + 1;
      else high = middle;
    }
    this.#entries.splice(low, 0, { at, act });
  }

  /** Takes the next thing out. */
  take(): (() => void) | undefined {
    return this.#entries.shift()?.act;
  }
}
