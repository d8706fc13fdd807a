/**
 * What is to be written to one socket in this turn of the event loop: small
 * chunks copied together, so that one turn costs one write. Everything is
 * copied, since a reused read buffer is overwritten before the turn ends; the
 * memory comes from a pool and goes back as soon as the system has the bytes.
 */
export class Outbox {
  #chunks: Uint8Array[] = [];
  #slab: Buffer | null = null;
  #at = 0;

  /** Adds a copy of the chunk. */
  append(chunk: Uint8Array): void {
    const size = chunk.length;
    if (size > slabSize) {
      this.#close();
      const copy = Buffer.allocUnsafeSlow(size);
      copy.set(chunk);
      this.#chunks.push(copy);
      return;
    }
    if (this.#slab !== null && this.#at + size > slabSize) this.#close();
    if (this.#slab === null) this.#slab = pool.pop() ?? Buffer.allocUnsafeSlow(slabSize);
    this.#slab.set(chunk, this.#at);
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

  #close(): void {
    if (this.#slab === null) return;
    this.#chunks.push(this.#at === slabSize ? this.#slab : this.#slab.subarray(0, this.#at));
    this.#slab = null;
    this.#at = 0;
  }
}

/** Takes back the memory of chunks that {@link Outbox.take} gave and nobody holds any more. */
export function recycle(chunks: readonly Uint8Array[]): void {
  for (const { buffer } of chunks) {
    if (pool.length >= poolSize) return;
    if (buffer.byteLength === slabSize) pool.push(Buffer.from(buffer as ArrayBuffer));
  }
}

/** Holds the replies of a tick to one client, sixteen of a kibibyte each with their headers; larger pieces are not worth gathering. */
const slabSize = 32 << 10;
/** At most 4 MiB rest in the pool. */
const poolSize = 128;
const pool: Buffer[] = [];
