import type { Spares } from "./spares.ts";

/**
 * Bytes received and not consumed yet. A chunk that is consumed whole is
 * never copied; a remainder is joined with the next chunk in a buffer that
 * grows by doubling, so that any cutting costs O(n). Bytes once handed out as
 * views are never moved or overwritten; with spares that holds until the turn
 * ends, as it does for memory of the embedder's that is used again.
 */
export class Inbox {
  /** Holds the bytes; valid in `[from, to)`. */
  bytes: Uint8Array = nothing;
  /** First byte not consumed. */
  from = 0;
  /** End of the bytes received. */
  to = 0;
  readonly #spares: Spares | null;
  #owned = false;

  /** `spares` = where its memory comes from and goes to; null = it is new, and nobody's else. */
  constructor(spares: Spares | null = null) {
    this.#spares = spares;
  }

  /** Bytes that wait. */
  get length(): number {
    return this.to - this.from;
  }

  /** Takes a chunk in. `expected` = bytes known to come in all (a hint for the first allocation). */
  append(chunk: Uint8Array, expected: number): void {
    const rest = this.to - this.from;
    if (rest === 0) {
      this.#leave();
      this.bytes = chunk;
      this.from = 0;
      this.to = chunk.length;
      this.#owned = false;
      return;
    }
    if (!this.#owned || this.to + chunk.length > this.bytes.length) {
      const size = rest + chunk.length;
      this.#move(Math.max(size, this.#owned ? 2 * rest : 0), expected, 2 * size + 65_536);
    }
    this.bytes.set(chunk, this.to);
    this.to += chunk.length;
  }

  /** Makes what waits independent of the embedder's memory. `expected` as in `append`. */
  own(expected: number): void {
    const rest = this.to - this.from;
    if (rest === 0) this.clear();
    else if (!this.#owned) this.#move(rest, expected, 4 * rest);
  }

  /** Forgets everything. */
  clear(): void {
    this.#leave();
    this.bytes = nothing;
    this.from = 0;
    this.to = 0;
    this.#owned = false;
  }

  #move(least: number, expected: number, most: number): void {
    const rest = this.to - this.from;
    const bytes =
      this.#spares?.take(least, expected, most) ??
      new Uint8Array(Math.max(least, Math.min(expected, most)));
    bytes.set(
      this.from === 0 && this.to === this.bytes.length
        ? this.bytes
        : this.bytes.subarray(this.from, this.to),
    );
    this.#leave();
    this.bytes = bytes;
    this.from = 0;
    this.to = rest;
    this.#owned = true;
  }

  #leave(): void {
    if (this.#owned) this.#spares?.give(this.bytes);
  }
}

const nothing = new Uint8Array(0);
