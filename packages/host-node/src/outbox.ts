/**
 * What is to be written to one socket in this turn of the event loop: small
 * chunks copied together, so that one turn costs one write. Everything is
 * copied, since a reused read buffer is overwritten before the turn ends; the
 * memory comes from a pool and goes back as soon as the system has the bytes.
 *
 * ```
 *   none ──first chunk──▶ small slab ──it is full──▶ large slab ──it is full──▶ a list of them
 *          a chunk larger than these ──────────────▶ slabs for a whole read each
 * ```
 * A turn may answer thousands of clients with a few bytes each, and each
 * holds its slab until the turn ends: hence the small ones.
 */
export class Outbox {
  #chunks: Uint8Array[] = [];
  #slab: Buffer | null = null;
  #at = 0;

  /** Adds a copy of the chunk. */
  append(chunk: Uint8Array): void {
    const size = chunk.length;
    if (size > readSize) {
      for (let from = 0; from < size; from += readSize) {
        this.append(chunk.subarray(from, from + readSize));
      }
      return;
    }
    if (size > largeSize) {
      this.#close();
      const slab = whole.pop() ?? Buffer.allocUnsafeSlow(readSize);
      slab.set(chunk);
      this.#chunks.push(size === readSize ? slab : slab.subarray(0, size));
      return;
    }
    let slab = this.#slab;
    if (slab === null || this.#at + size > slab.length) slab = this.#room(slab, size);
    slab.set(chunk, this.#at);
    this.#at += size;
  }

  /** Whether there is nothing to write. */
  get empty(): boolean {
    return this.#slab === null && this.#chunks.length === 0;
  }

  /** All that was added, in order, and forgets it. Give it to {@link recycle} once the bytes are gone. */
  take(): Uint8Array[] {
    this.#close();
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks;
  }

  /** A slab with room for `size` bytes behind what is in the one at hand. */
  #room(slab: Buffer | null, size: number): Buffer {
    if (slab !== null && (slab.length === largeSize || this.#at + size > largeSize)) {
      this.#close();
      return this.#room(null, size);
    }
    const next =
      slab === null && size <= smallSize
        ? (small.pop() ?? Buffer.allocUnsafeSlow(smallSize))
        : (large.pop() ?? Buffer.allocUnsafeSlow(largeSize));
    if (slab !== null) {
      next.set(this.#at === slab.length ? slab : slab.subarray(0, this.#at));
      if (small.length < mostSmall) small.push(slab);
    }
    this.#slab = next;
    return next;
  }

  #close(): void {
    if (this.#slab === null) return;
    this.#chunks.push(
      this.#at === this.#slab.length ? this.#slab : this.#slab.subarray(0, this.#at),
    );
    this.#slab = null;
    this.#at = 0;
  }
}

/** Takes back the memory of chunks that {@link Outbox.take} gave and nobody holds any more. */
export function recycle(chunks: readonly Uint8Array[]): void {
  for (const { buffer } of chunks) {
    const size = buffer.byteLength;
    if (size === smallSize) {
      if (small.length < mostSmall) small.push(Buffer.from(buffer as ArrayBuffer));
    } else if (size === largeSize && large.length < mostLarge) {
      large.push(Buffer.from(buffer as ArrayBuffer));
    } else if (size === readSize && whole.length < mostWhole) {
      whole.push(Buffer.from(buffer as ArrayBuffer));
    }
  }
}

/** Holds the reply of a tick to one client without a pipeline, a kibibyte and its header. */
const smallSize = 2 << 10;
/** Holds sixteen of them; larger pieces are not worth gathering. */
const largeSize = 32 << 10;
/** The most that one read of a socket gives: bodies come in such pieces, and new memory for each makes V8 collect garbage all the time. */
const readSize = 64 << 10;
/** At most 8 MiB of small slabs rest in the pool, */
const mostSmall = 4096;
/** 4 MiB of large ones */
const mostLarge = 128;
/** and 4 MiB of those for whole reads. */
const mostWhole = 64;
const small: Buffer[] = [];
const large: Buffer[] = [];
const whole: Buffer[] = [];
