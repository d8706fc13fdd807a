/**
 * What the module and the bridge say to each other on one connection: a
 * stream of frames, each a gRPC message (proto/bridge.proto):
 *
 * ```
 *   00  length (4, big-endian)  08 link  12 size data      bytes of a link, as they are
 *   00  length                  08 link  1a size control   MessagePack; link 0 = the connection itself
 * ```
 * Over plain TCP the frames follow each other; in an HTTP/2 stream they are
 * gRPC as it stands.
 */

/** Bytes of data in one frame that our side sends: below what gRPC clients take by default (4 MiB). */
export const maxData: number = 256 << 10;
/** Longest message that is taken. */
export const maxMessage: number = 4 << 20;
/** Most bytes that {@link frameHead} gives. */
export const headSize = 18;

/** Field numbers with their wire type. */
const linkField = 0x08;
const dataField = 0x12;
const controlField = 0x1a;

/** Writes what stands before `length` bytes of data (or control) at `into[at]`; returns the offset behind it. */
export function writeHead(
  into: Uint8Array,
  at: number,
  link: number,
  length: number,
  control: boolean,
): number {
  const message = 2 + varintSize(link) + varintSize(length) + length;
  into[at] = 0;
  into[at + 1] = message >>> 24;
  into[at + 2] = message >>> 16;
  into[at + 3] = message >>> 8;
  into[at + 4] = message;
  into[at + 5] = linkField;
  const next = writeVarint(into, at + 6, link);
  into[next] = control ? controlField : dataField;
  return writeVarint(into, next + 1, length);
}

/** The head alone, for those who send it before the bytes. */
export function frameHead(link: number, length: number, control: boolean): Uint8Array {
  const head = new Uint8Array(headSize);
  return head.subarray(0, writeHead(head, 0, link, length, control));
}

/** Reads frames; see the module. After a fault it stays at fault. */
export class FrameReader {
  /** Link of the frame found. */
  link = 0;
  /** Its data: a view of what was given, valid until the next `append`. */
  data: Uint8Array = none;
  /** Its control message, likewise. */
  control: Uint8Array = none;
  /** Why the bytes are no frames, "" = they are. */
  fault = "";
  #bytes: Uint8Array = none;
  #from = 0;
  #to = 0;
  #own = false;

  /** Bytes that wait for the rest of their frame. */
  get held(): number {
    return this.#to - this.#from;
  }

  /** More bytes have come. What {@link FrameReader.next} leaves is kept with {@link FrameReader.keep}. */
  append(chunk: Uint8Array): void {
    const held = this.#to - this.#from;
    if (held === 0) {
      this.#bytes = chunk;
      this.#from = 0;
      this.#to = chunk.length;
      this.#own = false;
      return;
    }
    const room = this.#own ? this.#bytes.length - this.#to : -1;
    if (room < chunk.length) {
      const size = Math.max(4096, 2 * (held + chunk.length));
      const bytes = new Uint8Array(size);
      bytes.set(this.#bytes.subarray(this.#from, this.#to));
      this.#bytes = bytes;
      this.#from = 0;
      this.#to = held;
      this.#own = true;
    }
    this.#bytes.set(chunk, this.#to);
    this.#to += chunk.length;
  }

  /** The memory of the chunk is the caller's again: copies what is left of it. */
  keep(): void {
    if (this.#own) return;
    this.#bytes = this.#bytes.slice(this.#from, this.#to);
    this.#to -= this.#from;
    this.#from = 0;
    this.#own = true;
  }

  /** Finds the next whole frame; false when there is none (yet), or a fault. */
  next(): boolean {
    if (this.fault !== "") return false;
    const bytes = this.#bytes;
    const from = this.#from;
    if (this.#to - from < 5) return false;
    if (bytes[from] !== 0) return this.#failed("a compressed message");
    const length =
      at(bytes, from + 1) * 0x1000000 +
      (at(bytes, from + 2) << 16) +
      (at(bytes, from + 3) << 8) +
      at(bytes, from + 4);
    if (length > maxMessage) return this.#failed("a message that is too long");
    const end = from + 5 + length;
    if (end > this.#to) return false;
    this.#from = end;
    return this.#read(bytes, from + 5, end);
  }

  #read(bytes: Uint8Array, from: number, end: number): boolean {
    this.link = 0;
    this.data = none;
    this.control = none;
    let position = from;
    while (position < end) {
      const field = at(bytes, position);
      const value = readVarint(bytes, position + 1, end);
      if (value < 0) return this.#failed("a field that does not end");
      position = varintEnd;
      if (field === linkField) this.link = value;
      else if ((field & 7) === 2) {
        if (position + value > end) return this.#failed("a field longer than its message");
        const view = bytes.subarray(position, position + value);
        if (field === dataField) this.data = view;
        else if (field === controlField) this.control = view;
        position += value;
      } else if ((field & 7) !== 0) return this.#failed("a field of an unknown kind");
    }
    return true;
  }

  #failed(why: string): boolean {
    this.fault = why;
    return false;
  }
}

const none = new Uint8Array(0);

function at(bytes: Uint8Array, index: number): number {
  return bytes[index] as number;
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) size += 1;
  return size;
}

function writeVarint(into: Uint8Array, at: number, value: number): number {
  let rest = value;
  let next = at;
  while (rest > 127) {
    into[next++] = (rest & 127) | 128;
    rest = Math.floor(rest / 128);
  }
  into[next++] = rest;
  return next;
}

let varintEnd = 0;

/** At most 32 bits; -1 = it does not end in time. */
function readVarint(bytes: Uint8Array, from: number, end: number): number {
  let value = 0;
  let factor = 1;
  for (let position = from; position < end && position < from + 5; position++) {
    const byte = at(bytes, position);
    value += (byte & 127) * factor;
    factor *= 128;
    if (byte < 128) {
      varintEnd = position + 1;
      return value;
    }
  }
  return -1;
}
