/**
 * What one event asks of the host, written where the shim reads it: u32
 * operation, u32 length, payload, padded to 4 bytes, little-endian. What does
 * not fit waits for the next batch of the same event.
 */
import { encodeUtf8 } from "@echarde/core";

/** Operations, as the shim knows them. */
export const operations = {
  log: 1,
  toUpstream: 2,
  toClient: 3,
  foreign: 5,
  resume: 6,
  close: 7,
  context: 8,
  tickPeriod: 9,
  defineMetric: 10,
  addMetric: 11,
  fetch: 12,
  plain: 13,
  names: 14,
} as const;

/** Streams, as the ABI numbers them. */
export const downstream = 2;

/** Bytes of a record's head. */
const head = 8;
/** Rest of the buffer that is not worth a piece of its own. */
const smallest = 256;

interface Waiting {
  readonly operation: number;
  readonly payload: Uint8Array;
}

/** See the module. */
export class Records {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #count = 0;
  /** Operation of the record that is still open for more bytes, 0 = none. */
  #open = 0;
  #openAt = 0;
  #waiting: Waiting[] = [];

  constructor(buffer: ArrayBuffer) {
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }

  /** Bytes that wait for the next batch. */
  get held(): number {
    let held = 0;
    for (const { payload } of this.#waiting) held += payload.length;
    return held;
  }

  /** Forgets all: the event failed. */
  clear(): void {
    this.#at = 0;
    this.#count = 0;
    this.#open = 0;
    this.#waiting = [];
  }

  /** Starts a batch with what did not fit into the last one. */
  refill(): void {
    this.#at = 0;
    this.#count = 0;
    this.#open = 0;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { operation, payload } of waiting) {
      if (operation === operations.toUpstream || operation === operations.toClient)
        this.append(operation, payload);
      else this.#put(operation, payload);
    }
  }

  /** Ends the batch: the number of records, and whether there is another one. */
  take(): { readonly count: number; readonly more: boolean } {
    this.#seal();
    const count = this.#count;
    this.#at = 0;
    this.#count = 0;
    return { count, more: this.#waiting.length > 0 };
  }

  /** Bytes for a peer; chunks for the same one become one record. Copied. */
  append(operation: number, chunk: Uint8Array): void {
    let from = 0;
    while (from < chunk.length) {
      if (this.#waiting.length > 0) {
        this.#waiting.push({ operation, payload: chunk.slice(from) });
        return;
      }
      if (this.#open !== operation) {
        this.#seal();
        if (this.#bytes.length - this.#at < head + smallest) {
          this.#waiting.push({ operation, payload: chunk.slice(from) });
          return;
        }
        this.#open = operation;
        this.#openAt = this.#at;
        this.#at += head;
      }
      const room = this.#bytes.length - this.#at;
      const count = Math.min(room, chunk.length - from);
      this.#bytes.set(
        from === 0 && count === chunk.length ? chunk : chunk.subarray(from, from + count),
        this.#at,
      );
      this.#at += count;
      from += count;
      if (from < chunk.length) {
        this.#seal();
        this.#waiting.push({ operation, payload: chunk.slice(from) });
        return;
      }
    }
  }

  /** An operation with one number. */
  number(operation: number, value: number): void {
    this.numbers(operation, value);
  }

  /** An operation with numbers and a text. */
  numbers(operation: number, first: number, second = -1, text = ""): void {
    const words = encodeUtf8(text);
    const size = (second === -1 ? 4 : 8) + words.length;
    const payload = new Uint8Array(size);
    const view = new DataView(payload.buffer);
    view.setUint32(0, first >>> 0, true);
    if (second !== -1) view.setUint32(4, second >>> 0, true);
    payload.set(words, size - words.length);
    this.#put(operation, payload);
  }

  /** A counter changes. */
  metric(slot: number, by: number): void {
    const payload = new Uint8Array(8);
    const view = new DataView(payload.buffer);
    view.setUint32(0, slot, true);
    view.setInt32(4, by, true);
    this.#put(operations.addMetric, payload);
  }

  /** Writes a line to Envoy's log. Levels: 2 = info, 3 = warning, 4 = error. */
  log(level: number, text: string): void {
    this.numbers(operations.log, level, -1, text);
  }

  /** What the shim may read by itself: lower-case names of at most 255 bytes. */
  names(list: readonly string[]): void {
    const words = encodeUtf8(list.map((each) => String.fromCharCode(each.length) + each).join(""));
    if (words.length > 0) this.#put(operations.names, words);
  }

  /** Calls a foreign function. */
  foreign(name: string, argument: Uint8Array): void {
    const words = encodeUtf8(name);
    const payload = new Uint8Array(4 + words.length + argument.length);
    new DataView(payload.buffer).setUint32(0, words.length, true);
    payload.set(words, 4);
    payload.set(argument, 4 + words.length);
    this.#put(operations.foreign, payload);
  }

  #put(operation: number, payload: Uint8Array): void {
    this.#seal();
    const size = head + ((payload.length + 3) & ~3);
    if (this.#waiting.length > 0 || this.#bytes.length - this.#at < size) {
      this.#waiting.push({ operation, payload });
      return;
    }
    this.#view.setUint32(this.#at, operation, true);
    this.#view.setUint32(this.#at + 4, payload.length, true);
    this.#bytes.set(payload, this.#at + head);
    this.#at += size;
    this.#count += 1;
  }

  #seal(): void {
    if (this.#open === 0) return;
    const length = this.#at - this.#openAt - head;
    this.#view.setUint32(this.#openAt, this.#open, true);
    this.#view.setUint32(this.#openAt + 4, length, true);
    this.#at = Math.min(this.#bytes.length, (this.#at + 3) & ~3);
    this.#open = 0;
    this.#count += 1;
  }
}
