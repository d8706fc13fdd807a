/** Bytes of a packet that is not whole yet: joined once as many are there as it needs, not with every chunk. */
export class HeldBytes {
  #chunks: Uint8Array[] = [];
  #length = 0;
  #need = 1;

  /** What is held with `chunk` behind it, as a copy; null while that is less than is needed. */
  add(chunk: Uint8Array): Uint8Array | null {
    this.#chunks.push(new Uint8Array(chunk));
    this.#length += chunk.length;
    if (this.#length < this.#need) return null;
    const [only] = this.#chunks;
    const whole = this.#chunks.length === 1 && only ? only : Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#length = 0;
    return new Uint8Array(whole.buffer, whole.byteOffset, whole.byteLength);
  }

  /** Holds what is left of what `add` gave, until there are `need` bytes. */
  keep(rest: Uint8Array, need: number): void {
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#length = rest.length;
    this.#need = Math.max(1, need);
  }
}
