/**
 * Walks over a message that is still arriving, in pieces cut anywhere, and lets it through. A grammar says
 * what comes next; nothing is gathered but what it wants to see, and only what it changes is made anew.
 *
 * ```
 *   piece ─▶ pass · see · put … ─▶ views of the piece, and new bytes in place of those that differ
 * ```
 */
import { Malformed } from "./reader.ts";

/** Yields a step at a time and gets back the number that the step has seen; may throw {@link Malformed}. */
export type Grammar = Generator<void, void, number>;

/** See the module. */
export class Walk {
  /** What the last `take` has taken; a copy. */
  taken: Uint8Array = none;
  /** The message has ended. */
  done = false;
  readonly #grammar: Grammar;
  #step: "pass" | "see" | "put" | "take" = "pass";
  /** Bytes of the step that are still to come. */
  #left = 0;
  /** Bytes that it has in all. */
  #size = 0;
  #value = 0;

  constructor(grammar: (walk: Walk) => Grammar) {
    this.#grammar = grammar(this);
    this.#next();
  }

  /** Bytes of no interest. */
  pass(bytes: number): void {
    this.#begin("pass", bytes);
  }

  /** A signed number of at most 32 bits. */
  see(bytes: number): void {
    this.#begin("see", bytes);
  }

  /** Puts an int32 in place of the one that stands here. */
  put(value: number): void {
    this.#begin("put", 4);
    this.#value = value;
  }

  /** Bytes that are to stand in `taken`. */
  take(bytes: number): void {
    this.#begin("take", bytes);
    this.taken = new Uint8Array(bytes);
  }

  /** A length or count: an unsigned varint of one more than it says, 0 = null, which is -1 here. */
  *compact(): Generator<void, number, number> {
    return (yield* this.uvarint()) - 1;
  }

  /** An unsigned varint of 31 bits. */
  *uvarint(): Generator<void, number, number> {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = yield this.see(1);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte >= 0) {
        if (value > 0x7fffffff) break;
        return value;
      }
    }
    throw new Malformed("a varint that is too long");
  }

  /** The next piece; returns what leaves in its place. Throws {@link Malformed}, also for bytes behind the message. */
  feed(bytes: Uint8Array): Uint8Array[] {
    const out: Uint8Array[] = [];
    let from = 0;
    let at = 0;
    while (at < bytes.length) {
      if (this.done) throw new Malformed("bytes behind the message");
      const end = Math.min(bytes.length, at + this.#left);
      const other = this.#look(bytes, at, end);
      if (other !== null) {
        if (at > from) out.push(bytes.subarray(from, at));
        out.push(other);
        from = end;
      }
      this.#left -= end - at;
      at = end;
      if (this.#left === 0) this.#next();
    }
    if (at > from) out.push(bytes.subarray(from, at));
    return out;
  }

  /** Looks at bytes of the step; returns what stands in their place, null = themselves. */
  #look(bytes: Uint8Array, from: number, to: number): Uint8Array | null {
    switch (this.#step) {
      case "pass":
        return null;
      case "see":
        for (let i = from; i < to; i++) this.#value = (this.#value << 8) | (bytes[i] as number);
        return null;
      case "take":
        this.taken.set(bytes.subarray(from, to), this.taken.length - this.#left);
        return null;
      case "put":
        return this.#other(bytes, from, to);
    }
  }

  #other(bytes: Uint8Array, from: number, to: number): Uint8Array | null {
    const other = new Uint8Array(to - from);
    let differs = false;
    for (let i = from; i < to; i++) {
      const byte = (this.#value >>> ((this.#left - 1 - (i - from)) * 8)) & 0xff;
      other[i - from] = byte;
      differs ||= byte !== bytes[i];
    }
    return differs ? other : null;
  }

  #begin(step: "pass" | "see" | "put" | "take", bytes: number): void {
    if (bytes < 0) throw new Malformed("a negative length");
    this.#step = step;
    this.#left = bytes;
    this.#value = 0;
    this.#size = bytes;
  }

  /** On to the next step that has bytes. */
  #next(): void {
    do {
      const unused = 32 - this.#size * 8;
      const seen = this.#step === "see" ? (this.#value << unused) >> unused : 0;
      this.done = this.#grammar.next(seen).done === true;
    } while (this.#left === 0 && !this.done);
  }
}

const none = new Uint8Array(0);
