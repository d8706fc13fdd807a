/**
 * Bytes received and not consumed yet. A chunk that is consumed whole is
 * never copied; a remainder is joined with the next chunk in a buffer that
 * grows by doubling, so that any cutting costs O(n). Bytes once handed out as
 * views are never moved or overwritten.
 */
export class Inbox {
  /** Holds the bytes; valid in `[from, to)`. */
  bytes: Uint8Array = nothing;
  /** First byte not consumed. */
  from = 0;
  /** End of the bytes received. */
  to = 0;
  #owned = false;

  /** Bytes that wait. */
  get length(): number {
    return this.to - this.from;
  }

  /** Takes a chunk in. `expected` = bytes known to come in all (a hint for the first allocation). */
  append(chunk: Uint8Array, expected: number): void {
    const rest = this.to - this.from;
    if (rest === 0) {
      this.bytes = chunk;
      this.from = 0;
      this.to = chunk.length;
      this.#owned = false;
      return;
    }
    if (!this.#owned || this.to + chunk.length > this.bytes.length) {
      const size = rest + chunk.length;
      this.#move(Math.max(size, Math.min(expected, 2 * size + 65_536), this.#owned ? 2 * rest : 0));
    }
    this.bytes.set(chunk, this.to);
    this.to += chunk.length;
  }

  /** Makes what waits independent of the embedder's memory. */
  own(): void {
    if (this.from === this.to) this.clear();
    else if (!this.#owned) this.#move(this.to - this.from);
  }

  /** Forgets everything. */
  clear(): void {
    this.bytes = nothing;
    this.from = 0;
    this.to = 0;
    this.#owned = false;
  }

  #move(capacity: number): void {
    const rest = this.to - this.from;
    const bytes = new Uint8Array(capacity);
    bytes.set(
      this.from === 0 && this.to === this.bytes.length
        ? this.bytes
        : this.bytes.subarray(this.from, this.to),
    );
    this.bytes = bytes;
    this.from = 0;
    this.to = rest;
    this.#owned = true;
  }
}

const nothing = new Uint8Array(0);
