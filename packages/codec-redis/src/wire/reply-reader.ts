/**
 * Looks into a whole reply frame (one that `ReplyScanner` has ended): offsets
 * only, no copies, no recursion. The functions trust the frame's shape.
 */
import { CR, latin1Text, parseInteger, ZERO } from "./ascii.ts";
import * as type from "./reply-types.ts";

/** Whether the reply at `at` is an error of either form. */
export function isError(frame: Uint8Array, at = 0): boolean {
  const first = frame[at];
  return first === type.SIMPLE_ERROR || first === type.BULK_ERROR;
}

/** Whether the reply at `at` is one of the three nulls: `$-1`, `*-1`, `_`. */
export function isNull(frame: Uint8Array, at = 0): boolean {
  const first = frame[at];
  if (first === type.NULL) return true;
  return (first === type.BULK || first === type.ARRAY) && frame[at + 1] === 45;
}

/** Offset of the first byte behind the line that starts at `at`. */
function lineEnd(frame: Uint8Array, at: number): number {
  let end = at;
  while (frame[end] !== CR && end < frame.length) end++;
  return end + 2;
}

/** Value of the integer reply at `at`; NaN when it is none. Beyond 2^53 use {@link lineText}. */
export function readInteger(frame: Uint8Array, at = 0): number {
  if (frame[at] !== type.INTEGER) return Number.NaN;
  return parseInteger(frame, at + 1, lineEnd(frame, at) - 2);
}

/** Characters of the line at `at` without its type byte: `OK`, `ERR no such key`, `123`. One character a byte. */
function lineText(frame: Uint8Array, at = 0): string {
  return latin1Text(frame, at + 1, lineEnd(frame, at) - 2);
}

/** Text of the error at `at`, "" when it is none. One character a byte. */
export function errorText(frame: Uint8Array, at = 0): string {
  if (frame[at] === type.SIMPLE_ERROR) return lineText(frame, at);
  if (frame[at] !== type.BULK_ERROR) return "";
  const item = new ReplyItem();
  item.open(frame, at);
  return latin1Text(frame, item.from, item.to);
}

/** One reply of a frame, opened in place. Reuse it: nothing is allocated. */
export class ReplyItem {
  /** First byte of the reply, attributes skipped: see reply-types. */
  type = 0;
  /** Aggregates: items inside (a map of two pairs has four), -1 for the null array; 0 for all others. */
  count = 0;
  /** First byte of the content: text of a line, payload of a bulk, first item of an aggregate. */
  from = 0;
  /** Offset after the text or payload. Null bulk: equals `from`. Aggregates: equals `from`. */
  to = 0;
  /** The reply is one of the three nulls. */
  isNull = false;

  /** Opens the reply at `at`. Returns the offset of what follows it; for an aggregate that of its first item. */
  open(frame: Uint8Array, at = 0): number {
    let start = at;
    while (frame[start] === type.ATTRIBUTE) start = skipAttribute(frame, start);
    const first = frame[start] as number;
    this.type = first;
    this.count = 0;
    this.isNull = first === type.NULL;
    const line = lineEnd(frame, start);
    switch (first) {
      case type.BULK:
      case type.BULK_ERROR:
      case type.VERBATIM: {
        this.from = line;
        this.to = line;
        const length = readLength(frame, start + 1);
        if (length < 0) {
          this.isNull = true;
          return line;
        }
        this.to = line + length;
        return this.to + 2;
      }
      case type.ARRAY:
      case type.SET:
      case type.PUSH:
      case type.MAP: {
        const count = readLength(frame, start + 1);
        this.isNull = count < 0;
        this.count = first === type.MAP ? count * 2 : count;
        this.from = line;
        this.to = line;
        return line;
      }
      default:
        this.from = start + 1;
        this.to = line - 2;
        return line;
    }
  }
}

/** Offset after the reply at `at`, whatever is inside. */
export function skipReply(frame: Uint8Array, at = 0): number {
  let next = at;
  for (let left = 1; left > 0; left--) {
    const first = frame[next] as number;
    const line = lineEnd(frame, next);
    switch (first) {
      case type.BULK:
      case type.BULK_ERROR:
      case type.VERBATIM: {
        const length = readLength(frame, next + 1);
        next = length < 0 ? line : line + length + 2;
        break;
      }
      case type.ARRAY:
      case type.SET:
      case type.PUSH:
        left += Math.max(0, readLength(frame, next + 1));
        next = line;
        break;
      case type.MAP:
        left += readLength(frame, next + 1) * 2;
        next = line;
        break;
      case type.ATTRIBUTE:
        left += readLength(frame, next + 1) * 2 + 1;
        next = line;
        break;
      default:
        next = line;
    }
    if (next > frame.length) return frame.length;
  }
  return next;
}

function skipAttribute(frame: Uint8Array, at: number): number {
  let next = lineEnd(frame, at);
  for (let left = readLength(frame, at + 1) * 2; left > 0; left--) next = skipReply(frame, next);
  return next;
}

/** Length or count in a header, -1 for a null. */
function readLength(frame: Uint8Array, at: number): number {
  if (frame[at] === 45) return -1;
  let value = 0;
  for (let i = at; ; i++) {
    const digit = (frame[i] as number) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return value;
    value = value * 10 + digit;
  }
}
