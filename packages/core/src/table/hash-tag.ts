/** Hash tags written with two marks, as in `user:{1000}:name`. */
import type { HashTag } from "../codec.ts";

/**
 * The bytes between the first `open` and the first `close` after it; the
 * whole key when there is no such pair or nothing between them. There is no
 * second attempt behind an empty pair. Both marks are byte values; they may
 * be the same.
 */
export function braceTag(open: number, close: number): HashTag {
  return new BraceTag(open, close);
}

class BraceTag implements HashTag {
  from = 0;
  to = 0;
  readonly #open: number;
  readonly #close: number;

  constructor(open: number, close: number) {
    this.#open = open;
    this.#close = close;
  }

  find(bytes: Uint8Array, from: number, to: number): void {
    this.from = from;
    this.to = to;
    const open = this.#open;
    let at = from;
    while (at < to && bytes[at] !== open) at++;
    const inside = at + 1;
    for (at = inside; at < to; at++) {
      if (bytes[at] !== this.#close) continue;
      if (at > inside) {
        this.from = inside;
        this.to = at;
      }
      return;
    }
  }
}
