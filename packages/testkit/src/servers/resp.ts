/**
 * RESP, read for tests: written for clearness and apart from codec-redis, so that the two can be
 * held against each other.
 *
 *     line types     + - : _ # , (          TYPE text CRLF
 *     blob types     $ ! =                  TYPE length CRLF bytes CRLF      length -1: null
 *     aggregates     * ~ > (n) % | (2n)     TYPE count CRLF elements         count -1: null
 *
 * An attribute (|) stands before the value that it belongs to; both together are one reply here.
 * Source: https://redis.io/docs/latest/develop/reference/protocol-spec/
 */

/** One value, decoded. */
export type RespValue = RespText | RespNull | RespAggregate;

/** A value of a line or blob type. */
export interface RespText {
  /** Its type byte as a character: one of `+ - : # , ( $ ! =`. */
  readonly type: string;
  /** Its bytes, without type, length and line ends. A view of the reply. */
  readonly bytes: Buffer;
}

/** Null in any of its three forms. */
export interface RespNull {
  /** `_`, or `$` or `*` for the null bulk string and null array of RESP2. */
  readonly type: string;
  /** Always null; tells this form from the others. */
  readonly bytes: null;
}

/** An array, set, push or map. */
export interface RespAggregate {
  /** Its type byte as a character: one of `* ~ > %`. */
  readonly type: string;
  /** Its elements; for a map key, value, key, value. */
  readonly elements: readonly RespValue[];
  /** The attributes that stood before it are left out. */
  readonly bytes?: undefined;
}

const LINE_TYPES = "+-:_#,(";
const BLOB_TYPES = "$!=";
const AGGREGATE_TYPES = "*~>%|";

/** Cuts a stream of bytes into whole replies. Memory: what has not been cut off yet. */
export class RespSplitter {
  #bytes: Buffer = Buffer.alloc(0);
  #held = 0;
  /** Where the next value starts, and how many values are missing before the reply is whole. */
  #at = 0;
  #missing = 1;

  /** Bytes of a reply that is not whole yet. */
  get rest(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#held));
  }

  /**
   * Takes more bytes, in any cut.
   *
   * @returns the replies that are now whole, as copies
   * @throws Error when the bytes are not RESP
   */
  push(chunk: Uint8Array): Buffer[] {
    this.#append(chunk);
    const whole: Buffer[] = [];
    let start = 0;
    while (this.#step()) {
      if (this.#missing > 0) continue;
      whole.push(Buffer.from(this.#bytes.subarray(start, this.#at)));
      start = this.#at;
      this.#missing = 1;
    }
    this.#bytes.copyWithin(0, start, this.#held);
    this.#held -= start;
    this.#at -= start;
    return whole;
  }

  /** Steps over one head, or one head and its payload; false when more bytes are needed. */
  #step(): boolean {
    const bytes = this.#bytes.subarray(0, this.#held);
    const end = bytes.indexOf("\r\n", this.#at);
    if (end < 0) {
      if (this.#at < this.#held) typeAt(bytes, this.#at);
      return false;
    }
    const type = typeAt(bytes, this.#at);
    let next = end + 2;
    let more = 0;
    if (BLOB_TYPES.includes(type)) {
      const length = lengthAt(bytes, this.#at + 1, end);
      if (length >= 0) next += length + 2;
      if (next > this.#held) return false;
    } else if (AGGREGATE_TYPES.includes(type)) {
      more = Math.max(lengthAt(bytes, this.#at + 1, end), 0);
      if (type === "%" || type === "|") more *= 2;
      if (type === "|") more += 1; // the value that it belongs to
    }
    this.#at = next;
    this.#missing += more - 1;
    return true;
  }

  #append(chunk: Uint8Array): void {
    const needed = this.#held + chunk.length;
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
      this.#bytes.copy(grown, 0, 0, this.#held);
      this.#bytes = grown;
    }
    this.#bytes.set(chunk, this.#held);
    this.#held = needed;
  }
}

/**
 * Decodes one whole reply. Attributes are skipped.
 *
 * @throws Error when it is not RESP, not whole, or longer than one reply
 */
export function parseReply(reply: Uint8Array): RespValue {
  const bytes = Buffer.from(reply.buffer, reply.byteOffset, reply.byteLength);
  let at = 0;
  const value = next();
  if (at !== bytes.length) throw new Error(`${bytes.length - at} bytes after the reply`);
  return value;

  function next(): RespValue {
    const end = bytes.indexOf("\r\n", at);
    if (end < 0) throw new Error("the reply is not whole");
    const type = typeAt(bytes, at);
    const start = at + 1;
    at = end + 2;
    if (type === "_") return { type, bytes: null };
    if (LINE_TYPES.includes(type)) return { type, bytes: bytes.subarray(start, end) };
    const length = lengthAt(bytes, start, end);
    if (length < 0) return { type, bytes: null };
    if (BLOB_TYPES.includes(type)) {
      const blob = bytes.subarray(at, at + length);
      at += length + 2;
      if (at > bytes.length) throw new Error("the reply is not whole");
      return { type, bytes: blob };
    }
    const count = type === "%" || type === "|" ? 2 * length : length;
    const elements: RespValue[] = [];
    for (let i = 0; i < count; i++) elements.push(next());
    return type === "|" ? next() : { type, elements };
  }
}

/**
 * Encodes a command as an array of bulk strings.
 *
 * @param args - the command's name and arguments; text is sent as UTF-8
 */
export function encodeCommand(...args: readonly (string | number | Uint8Array)[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes = typeof arg === "object" ? arg : Buffer.from(String(arg));
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n"));
  }
  return Buffer.concat(parts);
}

function typeAt(bytes: Buffer, at: number): string {
  const type = String.fromCharCode(bytes[at] ?? 0);
  if ((LINE_TYPES + BLOB_TYPES + AGGREGATE_TYPES).includes(type)) return type;
  const shown = bytes.subarray(at, at + 40).toString("latin1");
  throw new Error(`not RESP: ${JSON.stringify(shown)}`);
}

function lengthAt(bytes: Buffer, start: number, end: number): number {
  const text = bytes.toString("latin1", start, end);
  if (/^(-1|\d{1,15})$/.test(text)) return Number(text);
  throw new Error(`not a RESP length: ${JSON.stringify(text.slice(0, 40))}`);
}
