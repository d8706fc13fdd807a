/**
 * Bytes of a request that is not whole yet, in one piece. Memory grows by
 * doubling: a client that sends byte by byte has each byte copied a few times,
 * not as often as pieces come.
 */
export class Remainder {
  #bytes: Uint8Array = none;
  #length = 0;

  /** Bytes that are kept. */
  get length(): number {
    return this.#length;
  }

  /** Memory that it holds, in bytes. */
  get held(): number {
    return this.#bytes.length;
  }

  /** What is kept with `chunk` behind it: the chunk itself where nothing is, else a view that stands until {@link Remainder.keep}. */
  with(chunk: Uint8Array): Uint8Array {
    const length = this.#length + chunk.length;
    if (this.#length === 0) return chunk;
    if (this.#bytes.length < length) {
      const larger = new Uint8Array(2 * length);
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.#length);
    return this.#bytes.subarray(0, length);
  }

  /** Keeps `bytes[from..]` and nothing else; `bytes` = what {@link Remainder.with} gave last. */
  keep(bytes: Uint8Array, from: number): void {
    const length = bytes.length - from;
    const grown = from === 0 && this.#length > 0;
    if (!grown) this.#bytes = length === 0 ? none : bytes.slice(from);
    this.#length = length;
  }
}

const none = new Uint8Array(0);
