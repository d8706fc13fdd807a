/**
 * Puts pieces of several buffers together. Small results are copied into one
 * array (one write, no chain of views); large ones stay views.
 */
import { view } from "../bytes/join.ts";

/** Results up to this many bytes are copied: below it, a copy costs less than the views. */
const copyLimit = 4096;

/** A merged answer in the making; see the module. The pieces must not change before {@link Spans.chunks}. */
export class Spans {
  readonly #bytes: Uint8Array[] = [];
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  /** Bytes so far. */
  length = 0;

  /** Adds `bytes[from, to)`; a piece that continues the last one joins it. */
  add(bytes: Uint8Array, from: number, to: number): void {
    this.length += to - from;
    const last = this.#to.length - 1;
    if (last >= 0 && this.#bytes[last] === bytes && this.#to[last] === from) {
      this.#to[last] = to;
      return;
    }
    this.#bytes.push(bytes);
    this.#from.push(from);
    this.#to.push(to);
  }

  /** The pieces in order: one array of its own when they are small, else views of what was added. */
  chunks(): Uint8Array[] {
    const count = this.#bytes.length;
    if (this.length > copyLimit || count === 1) {
      return this.#bytes.map((bytes, i) =>
        view(bytes, this.#from[i] as number, this.#to[i] as number),
      );
    }
    const out = new Uint8Array(this.length);
    let at = 0;
    for (let i = 0; i < count; i++) {
      const bytes = this.#bytes[i] as Uint8Array;
      const to = this.#to[i] as number;
      for (let from = this.#from[i] as number; from < to; from++) out[at++] = bytes[from] as number;
    }
    return [out];
  }
}
