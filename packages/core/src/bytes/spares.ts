/**
 * Memory of inboxes, used again: what a large request was gathered in. New
 * memory for each would be cleared by the system, page by page, and V8 would
 * collect garbage all the time.
 *
 * ```
 *   free ──take──▶ in use ──give──▶ given ──next turn──▶ free
 * ```
 * What was given stays as it is until the turn ends, since effects may show
 * views of it. Sizes are powers of two; what rests here has a bound.
 */
export class Spares {
  readonly #bound: number;
  /** Exponent of the smallest. */
  readonly #smallest: number;
  /** Those of 2 ** i bytes at i. */
  readonly #free: Uint8Array[][] = Array.from({ length: largest + 1 }, () => []);
  readonly #given: Uint8Array[] = [];
  /** Bytes that rest here. */
  #resting = 0;

  /** At most `bound` bytes rest here, none of less than 2 ** `smallest`: 16 KiB, as what is smaller costs little. */
  constructor(bound: number, smallest: number = 14) {
    this.#bound = bound;
    this.#smallest = smallest;
  }

  /**
   * Memory with room for `least` bytes; its content is anything. For `wished` bytes where it is here
   * already; new memory is of `most` bytes then (or `least`), since a peer's wish costs it nothing.
   */
  take(least: number, wished: number, most: number): Uint8Array {
    const exponent = exponentOf(Math.max(least, wished));
    const spare = this.#free[exponent]?.pop();
    if (spare !== undefined) {
      this.#resting -= spare.length;
      return spare;
    }
    const size = Math.max(least, Math.min(wished, most));
    const rounded = exponentOf(size);
    return new Uint8Array(this.#keeps(rounded) ? 2 ** rounded : size);
  }

  /** Memory that `take` gave is needed no more. Once for each. */
  give(bytes: Uint8Array): void {
    const { length } = bytes;
    const exponent = exponentOf(length);
    if (!this.#keeps(exponent) || length !== 2 ** exponent) return;
    if (this.#resting + length > this.#bound) return;
    this.#resting += length;
    this.#given.push(bytes);
  }

  /** Views of what was given are void from now on. */
  turn(): void {
    for (let bytes = this.#given.pop(); bytes !== undefined; bytes = this.#given.pop()) {
      this.#free[exponentOf(bytes.length)]?.push(bytes);
    }
  }

  /** Whether `turn` has something to do. */
  get given(): boolean {
    return this.#given.length > 0;
  }

  #keeps(exponent: number): boolean {
    return exponent >= this.#smallest && exponent <= largest;
  }
}

/** 2 MiB: what is larger is rare. */
const largest = 21;

/** Of the least power of two that is not below `size`. */
function exponentOf(size: number): number {
  return size <= 1 ? 0 : 32 - Math.clz32(size - 1);
}
