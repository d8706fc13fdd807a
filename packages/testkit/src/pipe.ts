/**
 * One direction of a simulated connection: bytes leave in the order in which
 * they went in, in any cut, some time later.
 */
import { join } from "@echarde/core";
import type { Random } from "./random.ts";

/** See the module. */
export class Pipe {
  /** Bytes inside. */
  size = 0;
  /** Nothing leaves while set. */
  paused = false;
  /** Set once nothing more goes in; told to the far end when empty. */
  ending = false;
  /** The end has been told, or the connection is gone. */
  closed = false;
  /** A delivery is scheduled. */
  scheduled = false;
  #chunks: Uint8Array[] = [];

  /** Puts a chunk in. It is kept as it is, so that writes to its memory would show. */
  put(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.size += chunk.length;
  }

  /** Takes a random number of bytes out, as a copy. */
  take(random: Random, averagePiece: number): Uint8Array {
    const average = Math.max(averagePiece, this.size >> 4);
    const wanted = random.chance(0.2) ? this.size : 1 + random.below(2 * average);
    let left = Math.min(this.size, wanted);
    const taken: Uint8Array[] = [];
    this.size -= left;
    while (left > 0) {
      const chunk = this.#chunks[0] as Uint8Array;
      if (chunk.length <= left) {
        taken.push(chunk);
        this.#chunks.shift();
      } else {
        taken.push(chunk.subarray(0, left));
        this.#chunks[0] = chunk.subarray(left);
      }
      left -= (taken[taken.length - 1] as Uint8Array).length;
    }
    return join(taken).slice();
  }

  /** Drops what is inside; nothing leaves any more. */
  close(): void {
    this.closed = true;
    this.#chunks = [];
    this.size = 0;
  }
}
