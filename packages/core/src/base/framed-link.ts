/** Framing of protocols that say at the head of a frame how long it is. */
import { BaseLink } from "./base-link.ts";

/**
 * A link whose frames say their length. `open` is left to write: it looks at
 * the head of a frame and returns the length of the whole, 0 when too few bytes
 * are there to tell, -1 when that is not the protocol. It sets `id` when
 * replies are matched by id, and `isPush`.
 */
export abstract class FramedLink extends BaseLink {
  /** Whether the current frame answers no request. */
  protected isPush = false;
  /** Bytes of the current frame that are still to come. */
  #left = 0;

  protected abstract open(bytes: Uint8Array, from: number): number;

  scan(bytes: Uint8Array, from: number, _expect: number): number {
    if (this.#left === 0) {
      const length = this.open(bytes, from);
      if (length <= 0) {
        this.event = length === 0 ? "need" : "garbage";
        return from;
      }
      this.#left = length;
    }
    const end = Math.min(bytes.length, from + this.#left);
    this.#left -= end - from;
    if (this.#left === 0) this.event = this.isPush ? "push" : "reply";
    else this.event = this.isPush ? "push-piece" : "piece";
    return end;
  }
}
