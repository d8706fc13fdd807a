/**
 * Messages that come while a SUBSCRIBE over several clusters waits for the
 * last of them. One server acknowledges before it delivers, so they wait for
 * the merged acknowledgement.
 *
 * ```
 *   redis1: ack a, message a 1 ──▶ held        redis2: ack b ──▶ ack a, ack b, message a 1
 * ```
 */

/** Bytes held before the client is given up: it asked for more than can be put in order. */
const maxHeld = 8 << 20;

/** See the module. */
export class HeldMessages {
  /** A subscription is waiting for acknowledgements. */
  waiting = false;
  #frames: Uint8Array[] = [];
  #bytes = 0;

  /** Holds a copy of a message; false when there are too many. */
  hold(frame: Uint8Array): boolean {
    this.#bytes += frame.length;
    if (this.#bytes > maxHeld) return false;
    this.#frames.push(Uint8Array.from(frame));
    return true;
  }

  /** What was held, oldest first; holds no more. */
  release(): Uint8Array[] {
    const frames = this.#frames;
    this.waiting = false;
    this.#frames = [];
    this.#bytes = 0;
    return frames;
  }
}
