/** Replies of a broker, with a refusal in the place of each PINGRESP that answers a ping of ours. */
import { join } from "@echarde/core";
import { operations, type Records } from "./records.ts";

/** See the module. */
export class MqttPings {
  readonly #records: Records;
  /** For each ping without an answer what takes its answer's place; null = the client's own. */
  readonly #waiting: (Uint8Array | null)[] = [];
  /** Bytes of refusals among them. */
  #bytes = 0;
  /** A head that is not whole. */
  #head: Uint8Array = none;
  /** Bytes of the current packet that are still to come. */
  #left = 0;
  #pieces = false;

  constructor(records: Records) {
    this.#records = records;
  }

  /** Bytes that it holds. */
  get held(): number {
    return this.#bytes + this.#head.length;
  }

  /** A ping goes to the broker. False = there are too many. */
  add(refusal: Uint8Array | null): boolean {
    if (this.#waiting.length >= most || this.#bytes > mostBytes) return false;
    this.#waiting.push(refusal);
    this.#bytes += refusal?.length ?? 0;
    return true;
  }

  /** The broker sent bytes. True = they go on as they are; else they are taken, and what goes on is written. */
  upstream(chunk: Uint8Array, last: boolean, end: boolean): boolean {
    const held = this.#head.length;
    const bytes = held === 0 ? chunk : join([this.#head, chunk]);
    this.#head = none;
    // What was taken before is gone from the buffer, so what follows in the same event has to be, too.
    let asIs = held === 0 && last && !this.#pieces;
    this.#pieces = !last;
    let from = 0;
    let at = 0;
    while (at < bytes.length) {
      if (this.#left > 0) {
        const to = Math.min(bytes.length, at + this.#left);
        this.#left -= to - at;
        at = to;
        continue;
      }
      const head = headAt(bytes, at);
      if (head === 0) break;
      const length = lengthAt(bytes, at);
      if (bytes[at] === pingresp && length === 0) {
        const refusal = this.#waiting.shift() ?? null;
        if (refusal !== null) {
          this.#bytes -= refusal.length;
          this.#forward(bytes.subarray(from, at));
          this.#forward(refusal);
          from = at + head;
          asIs = false;
        }
      }
      at += head;
      this.#left = length;
    }
    if (at < bytes.length) {
      // With no refusal to come, where a PINGRESP begins still has to be known: its head waits for its end.
      if (end && last) at = bytes.length;
      else {
        this.#head = bytes.slice(at);
        asIs = false;
      }
    }
    if (asIs) return true;
    this.#forward(bytes.subarray(from, at));
    return false;
  }

  #forward(bytes: Uint8Array): void {
    this.#records.append(operations.toClient, bytes);
  }
}

/** Bytes of the fixed head at `bytes[at]`, 0 = it is not whole. */
function headAt(bytes: Uint8Array, at: number): number {
  for (let i = at + 1; i < bytes.length; i++) {
    if ((bytes[i] as number) < 128 || i === at + 4) return i + 1 - at;
  }
  return 0;
}

function lengthAt(bytes: Uint8Array, at: number): number {
  let length = 0;
  for (let i = at + 1, shift = 0; i <= at + 4; i++, shift += 7) {
    const byte = bytes[i] as number;
    length += (byte & 127) << shift;
    if (byte < 128) break;
  }
  return length;
}

const pingresp = 0xd0;
/** Pings without an answer: no client has as many. */
const most = 4096;
/** Of refusals: a SUBACK has a byte for each filter. */
const mostBytes = 256 << 10;
const none = new Uint8Array(0);
