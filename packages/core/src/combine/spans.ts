/**
 * Puts pieces of several buffers together. Small pieces are copied into one
 * array (one write, no chain of views); large ones stay views.
 */
import { view } from "../bytes/join.ts";
import { allocate } from "../bytes/slab.ts";

/** Results up to this many bytes are copied if their pieces are small. */
const copyLimit = 4096;
/** Bytes of a piece, on average, from which a view costs less than a copy. */
const smallPiece = 128;

/** A merged answer in the making; see the module. The pieces must not change before {@link Spans.chunks}. */
export class Spans {
  readonly #bytes: Uint8Array[] = [];
  /** Start and end of each piece. */
  readonly #bounds: number[] = [];
  /** Bytes so far. */
  length = 0;

  /** Adds `bytes[from, to)`; a piece that continues the last one joins it. */
  add(bytes: Uint8Array, from: number, to: number): void {
    this.length += to - from;
    const bounds = this.#bounds;
    const count = bounds.length;
    if (count > 0 && bounds[count - 1] === from && this.#bytes[(count >> 1) - 1] === bytes) {
      bounds[count - 1] = to;
      return;
    }
    this.#bytes.push(bytes);
    bounds.push(from, to);
  }

  /** The pieces in order: one array of its own when they are small, else views of what was added. */
  chunks(): Uint8Array[] {
    const pieces = this.#bytes;
    const bounds = this.#bounds;
    const large = this.length > copyLimit || this.length > pieces.length * smallPiece;
    if (large || pieces.length === 1) {
      return pieces.map((bytes, i) =>
        view(bytes, bounds[2 * i] as number, bounds[2 * i + 1] as number),
      );
    }
    const out = allocate(this.length);
    let at = 0;
    for (let i = 0; i < pieces.length; i++) {
      const bytes = pieces[i] as Uint8Array;
      const to = bounds[2 * i + 1] as number;
      for (let from = bounds[2 * i] as number; from < to; from++) out[at++] = bytes[from] as number;
    }
    return [out];
  }
}
