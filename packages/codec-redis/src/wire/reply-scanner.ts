/**
 * Frames what a Redis server sends, RESP2 and RESP3, in any cut and without
 * holding a byte: the place inside a frame is a state, a length and a stack
 * of counters.
 *
 * ```
 * item ─▶ line ─▶ line-feed ─▶ item            + - : , ( # _
 *      ─▶ head ─▶ head-feed ─▶ payload ─▶ item    $ ! =     (* ~ % > | go back to item, one level down)
 * ```
 * An attribute (`|`) is part of the reply behind it. A push (`>`) stands
 * between replies only. Streamed strings and aggregates, which no Redis
 * sends, are garbage.
 */
import type { ScanEvent } from "@echarde/core";
import { CR, LF, ZERO } from "./ascii.ts";
import * as type from "./reply-types.ts";

/** Aggregates inside aggregates. A script that returns a table within itself sends 7,995 of them; a level costs eight bytes. */
export const MAX_DEPTH = 16_384;
/** Items of one aggregate: Redis's own bound for a list and far above any reply. */
const MAX_COUNT = 4294967295;
/** Digits of a length: a petabyte, exact in a double. Payload is never held here. */
const MAX_DIGITS = 15;

const ITEM = 0;
const LINE = 1;
const LINE_FEED = 2;
const HEAD = 3;
const HEAD_FEED = 4;
const PAYLOAD = 5;
const PAYLOAD_CR = 6;
const PAYLOAD_LF = 7;

/** See the module. One for each link. */
export class ReplyScanner {
  /** What the last `scan` met. */
  event: ScanEvent = "need";

  #state = ITEM;
  /** Items left at each level; level 0 is the frame itself. */
  #left: Float64Array = new Float64Array(16);
  #depth = 0;
  #push = false;
  /** First byte of the item at hand. */
  #type = 0;
  /** Characters of the line at hand behind its first byte. */
  #length = 0;
  #value = 0;
  #negative = false;
  #failed = false;

  /**
   * Reads on at `bytes[from]` to the end of the frame or of `bytes`, sets
   * `event` and returns the offset after what was read. "need" = there is no
   * byte at `from`. After "garbage" nothing more is read.
   */
  scan(bytes: Uint8Array, from: number): number {
    const size = bytes.length;
    if (this.#failed || from >= size) {
      this.event = this.#failed ? "garbage" : "need";
      return from;
    }
    if (this.#idle) {
      this.#push = bytes[from] === type.PUSH;
      this.#left[0] = 1;
      this.#idle = false;
    }
    let at = from;
    while (at < size) {
      switch (this.#state) {
        case ITEM:
          at = this.#item(bytes, at);
          break;
        case LINE:
          at = this.#line(bytes, at);
          break;
        case HEAD:
          at = this.#head(bytes, at);
          break;
        case PAYLOAD: {
          const step = Math.min(this.#value, size - at);
          this.#value -= step;
          at += step;
          if (this.#value === 0) this.#state = PAYLOAD_CR;
          break;
        }
        case PAYLOAD_CR:
          if (bytes[at++] !== CR) this.#failed = true;
          this.#state = PAYLOAD_LF;
          break;
        case HEAD_FEED:
          if (bytes[at++] !== LF) this.#failed = true;
          else this.#headEnd();
          break;
        default:
          if (bytes[at++] !== LF) this.#failed = true;
          else this.#itemEnd();
      }
      if (this.#failed) {
        this.event = "garbage";
        return at;
      }
      if (this.#idle) {
        this.event = this.#push ? "push" : "reply";
        return at;
      }
    }
    this.event = this.#push ? "push-piece" : "piece";
    return at;
  }

  /** Between two frames. */
  #idle = true;

  /** At the first byte of an item. Whole plain items, nearly all, are passed in one go. */
  #item(bytes: Uint8Array, from: number): number {
    const size = bytes.length;
    const first = bytes[from] as number;
    let at = from + 1;
    this.#type = first;
    this.#length = 0;
    this.#value = 0;
    this.#negative = false;
    switch (first) {
      case type.BULK: {
        let value = 0;
        const stop = Math.min(size, from + 9);
        while (at < stop) {
          const digit = (bytes[at] as number) - ZERO;
          if (!(digit >= 0 && digit <= 9)) break;
          value = value * 10 + digit;
          at++;
        }
        const end = at + 2 + value;
        if (
          at > from + 1 &&
          end + 2 <= size &&
          bytes[at] === CR &&
          bytes[at + 1] === LF &&
          bytes[end] === CR &&
          bytes[end + 1] === LF &&
          (at === from + 2 || bytes[from + 1] !== ZERO)
        ) {
          this.#itemEnd();
          return end + 2;
        }
        this.#state = HEAD;
        return from + 1;
      }
      case type.SIMPLE:
      case type.SIMPLE_ERROR:
      case type.INTEGER:
      case type.NULL:
      case type.BOOLEAN:
      case type.DOUBLE:
      case type.BIG_NUMBER:
        this.#state = LINE;
        return at;
      case type.PUSH:
        // Only as the first item of a frame, which `scan` has noted.
        if (this.#depth > 0 || !this.#push) this.#failed = true;
        this.#state = HEAD;
        return at;
      case type.ARRAY:
      case type.SET:
      case type.MAP:
      case type.ATTRIBUTE:
      case type.VERBATIM:
      case type.BULK_ERROR:
        this.#state = HEAD;
        return at;
      default:
        this.#failed = true;
        return from;
    }
  }

  #line(bytes: Uint8Array, from: number): number {
    const size = bytes.length;
    const first = this.#type;
    let at = from;
    if (first === type.SIMPLE || first === type.SIMPLE_ERROR) {
      const near = Math.min(size, from + 32);
      while (at < near && bytes[at] !== CR) at++;
      if (at === near && at < size) {
        at = bytes.indexOf(CR, at);
        if (at < 0) at = size;
      }
    } else {
      while (at < size && bytes[at] !== CR) {
        if (!fits(first, this.#length++, bytes[at++] as number)) {
          this.#failed = true;
          return at;
        }
      }
    }
    if (at === size) return at;
    // A number, a boolean without a character is none; a null is nothing but its type.
    if (first !== type.SIMPLE && first !== type.SIMPLE_ERROR) {
      if ((this.#length === 0) !== (first === type.NULL)) this.#failed = true;
    }
    this.#state = LINE_FEED;
    return at + 1;
  }

  #head(bytes: Uint8Array, from: number): number {
    const size = bytes.length;
    let at = from;
    while (at < size) {
      const byte = bytes[at++] as number;
      if (byte === CR) {
        if (this.#length === 0) this.#failed = true;
        this.#state = HEAD_FEED;
        return at;
      }
      const digit = byte - ZERO;
      if (digit >= 0 && digit <= 9) {
        // No leading zero, and -1 is the only negative.
        if (this.#length > 0 && this.#value === 0 && !(this.#negative && digit === 1)) {
          this.#failed = true;
        }
        this.#value = this.#value * 10 + digit;
      } else if (byte === 45 && this.#length === 0) this.#negative = true;
      else this.#failed = true;
      if (++this.#length > MAX_DIGITS) this.#failed = true;
      if (this.#failed) return at;
    }
    return at;
  }

  #headEnd(): void {
    const first = this.#type;
    const aggregate = first !== type.BULK && first !== type.BULK_ERROR && first !== type.VERBATIM;
    if (this.#negative) {
      if (this.#value === 1 && (first === type.BULK || first === type.ARRAY)) this.#itemEnd();
      else this.#failed = true;
      return;
    }
    if (!aggregate) {
      this.#state = PAYLOAD;
      return;
    }
    const pairs = first === type.MAP || first === type.ATTRIBUTE;
    if (this.#value > MAX_COUNT) this.#failed = true;
    else this.#open(pairs ? this.#value * 2 : this.#value, first === type.ATTRIBUTE);
  }

  /** One level down. An attribute adds an item to the level that it stands on: the reply that it is about. */
  #open(count: number, attribute: boolean): void {
    if (attribute) this.#left[this.#depth] = (this.#left[this.#depth] as number) + 1;
    if (count === 0) {
      this.#itemEnd();
      return;
    }
    if (this.#depth + 1 === this.#left.length) {
      if (this.#left.length >= MAX_DEPTH) {
        this.#failed = true;
        return;
      }
      const more = new Float64Array(this.#left.length * 2);
      more.set(this.#left);
      this.#left = more;
    }
    this.#left[++this.#depth] = count;
    this.#state = ITEM;
  }

  /** An item ended, and with it every level that it was the last of. */
  #itemEnd(): void {
    this.#state = ITEM;
    for (;;) {
      const left = (this.#left[this.#depth] as number) - 1;
      this.#left[this.#depth] = left;
      if (left > 0) return;
      if (this.#depth === 0) {
        this.#idle = true;
        return;
      }
      this.#depth--;
    }
  }
}

/** Whether a byte may stand at `index` of the line of a `:`, `,`, `(`, `#` or `_`. */
function fits(first: number, index: number, byte: number): boolean {
  switch (first) {
    case type.NULL:
      return false;
    case type.BOOLEAN:
      return index === 0 && (byte === 116 || byte === 102);
    case type.DOUBLE:
      // Digits, signs, point, exponent, "inf", "nan".
      return index < 64 && byte > 32 && byte < 127;
    default:
      if (byte >= ZERO && byte <= 57) return first === type.BIG_NUMBER || index < 20;
      return index === 0 && (byte === 45 || byte === 43);
  }
}
