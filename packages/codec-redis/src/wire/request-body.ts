/**
 * Walks the rest of a request whose head has been handed on already. Keeps
 * its place at any byte, holds none, never looks into a payload.
 */
import { CR, DOLLAR, ZERO } from "./ascii.ts";
import * as errors from "./request-errors.ts";
import { LINE_LIMIT } from "./request-errors.ts";

/** See the module. */
export class RequestBody {
  /** Bytes of the request are still to come. */
  more = false;
  /** Text of the protocol error that ended the walk, "" for none. */
  error = "";
  /** Bytes left of the argument at hand, its line end included. */
  #left = 0;
  /** Arguments whose header is still to come. */
  #arguments = 0;
  #maxBulk = 0;
  /** Bytes of the header line so far. */
  #line = 0;
  #first = 0;
  #value = 0;
  #valid = true;
  #ended = false;

  /** Begins in an argument of which `left` bytes are missing (line end included); `behind` arguments follow it. */
  begin(left: number, behind: number, maxBulk: number): void {
    this.more = true;
    this.error = "";
    this.#left = left;
    this.#arguments = behind;
    this.#maxBulk = maxBulk;
    this.#startLine();
  }

  /** Offset after the bytes from `from` on that belong to the request; clears `more` at its end or at an error. */
  walk(bytes: Uint8Array, from: number): number {
    const size = bytes.length;
    let at = from;
    while (this.more) {
      if (this.#left > 0) {
        const step = Math.min(this.#left, size - at);
        at += step;
        this.#left -= step;
        if (this.#left > 0) return at;
      }
      if (this.#arguments === 0) {
        this.more = false;
        return at;
      }
      while (at < size && this.#left === 0 && this.more) this.#headerByte(bytes[at++] as number);
      if (this.#left === 0) return at;
    }
    return at;
  }

  #headerByte(byte: number): void {
    if (this.#ended) {
      this.#endLine();
      return;
    }
    const index = this.#line++;
    if (byte === CR) {
      this.#ended = true;
      return;
    }
    if (index === 0) this.#first = byte;
    else {
      const digit = byte - ZERO;
      if (!(digit >= 0 && digit <= 9) || (index === 2 && this.#value === 0) || index > 15) {
        this.#valid = false;
      } else this.#value = this.#value * 10 + digit;
    }
    if (index >= LINE_LIMIT) this.#fail(errors.BIG_BULK_COUNT);
  }

  #endLine(): void {
    if (this.#line === 1 || this.#first !== DOLLAR) {
      this.#fail(errors.expectedDollar(this.#line === 1 ? CR : this.#first));
    } else if (this.#line === 2 || !this.#valid || this.#value > this.#maxBulk) {
      this.#fail(errors.BULK_LENGTH);
    } else {
      this.#left = this.#value + 2;
      this.#arguments--;
      this.#startLine();
    }
  }

  #startLine(): void {
    this.#line = 0;
    this.#first = 0;
    this.#value = 0;
    this.#valid = true;
    this.#ended = false;
  }

  #fail(text: string): void {
    this.error = text;
    this.more = false;
  }
}
