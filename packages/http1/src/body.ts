/**
 * Takes a body apart without keeping any of it.
 *
 * ```
 * chunked = *( 1*HEX [ ";" extensions ] CRLF data CRLF ) 1*"0" [ ";" extensions ] CRLF trailers CRLF
 * trailers = *( name ":" value CRLF )
 * ```
 * (RFC 9112 §7.1). Extensions and trailers are checked and passed over. A
 * trailer that changes framing, routing or trust is refused (RFC 9110 §6.5.1).
 */
import { classes, HIGH, hexValue, TEXT, TOKEN } from "./bytes.ts";
import { ChunkExtension } from "./chunk-extension.ts";
import { type Fault, type FaultCode, faults } from "./faults.ts";
import { defaultRequestLimits, type HttpLimits } from "./limits.ts";
import type { BodyKind } from "./response-head.ts";

/** See the module. One reader serves all messages of a connection, one after the other. */
export class BodyReader {
  /** Start of the data that the last {@link read} met. */
  dataFrom = 0;
  /** Offset after that data; equal to `dataFrom` when the bytes were framing alone. */
  dataTo = 0;
  /** Whether the body is at its end. */
  done = true;
  /** Why the body is bad, else null. Stays. */
  fault: Fault | null = null;
  /** Data bytes of this body so far. */
  received = 0;
  readonly #limits: HttpLimits;
  readonly #extension = new ChunkExtension();
  #state: State = "fixed";
  /** Bytes left of the body or of the chunk. */
  #left = 0;
  /** Of the current size line: its length, its digits, its value. */
  #lineLength = 0;
  #digits = 0;
  #size = 0;
  #trailerLength = 0;
  #name = "";
  #overhead = 0;

  constructor(limits: HttpLimits = defaultRequestLimits) {
    this.#limits = limits;
  }

  /** Begins a body. `length` counts for `length` bodies alone. */
  begin(kind: BodyKind, length: number): void {
    this.received = 0;
    this.done = kind === "none" || (kind === "length" && length === 0);
    this.#overhead = 0;
    if (kind === "chunked") this.#sizeLine();
    else {
      this.#state = "fixed";
      this.#left = kind === "length" ? length : Number.POSITIVE_INFINITY;
      if (kind === "length" && length > this.#limits.body) this.fault = faults["body-too-large"];
    }
  }

  /**
   * Reads on at `bytes[from]`, through framing up to the end of the next piece
   * of data, of the body, or of `bytes`. Returns the offset after what was
   * read. Nothing needs to be kept: call again with what follows. Look at
   * {@link fault}, then at the data, then at {@link done}.
   */
  read(bytes: Uint8Array, from: number): number {
    this.dataFrom = from;
    this.dataTo = from;
    let at = from;
    while (at < bytes.length && !this.done && this.fault === null) {
      if (this.#left > 0) {
        const end = Math.min(bytes.length, at + this.#left);
        return this.#data(at, end);
      }
      this.#step(bytes[at] as number);
      at++;
    }
    if (this.dataTo === from) {
      this.dataFrom = at;
      this.dataTo = at;
    }
    return at;
  }

  /** The peer closed its side: whether that is how this body ends. */
  ended(): boolean {
    if (this.done) return true;
    if (this.fault !== null || this.#left !== Number.POSITIVE_INFINITY) return false;
    this.done = true;
    return true;
  }

  #data(from: number, end: number): number {
    const allowed = this.#limits.body - this.received;
    const to = end - from > allowed ? from + allowed : end;
    this.dataFrom = from;
    this.dataTo = to;
    this.received += to - from;
    this.#left -= to - from;
    if (to < end) this.fault = faults["body-too-large"];
    else if (this.#left === 0) {
      if (this.#state === "fixed") this.done = true;
      else this.#state = "data-cr";
    }
    return to;
  }

  #sizeLine(): void {
    this.#state = "size";
    this.#left = 0;
    this.#lineLength = 0;
    this.#digits = 0;
    this.#size = 0;
  }

  #step(byte: number): void {
    switch (this.#state) {
      case "fixed":
        return;
      case "size":
        this.#sizeByte(byte);
        return;
      case "extension":
        if (byte === CR && this.#extension.canEnd) this.#state = "size-lf";
        else if (byte === CR || !this.#extension.take(byte)) this.#bad("bad-chunk");
        else this.#count();
        return;
      case "size-lf":
        if (byte !== LF) {
          this.#bad("bad-chunk");
          return;
        }
        this.#chunk();
        return;
      case "data-cr":
        if (byte !== CR) {
          this.#bad("bad-chunk");
          return;
        }
        this.#state = "data-lf";
        return;
      case "data-lf":
        if (byte !== LF) {
          this.#bad("bad-chunk");
          return;
        }
        this.#sizeLine();
        return;
      default:
        this.#trailerByte(byte);
    }
  }

  #sizeByte(byte: number): void {
    const digit = hexValue(byte);
    if (digit >= 0) {
      this.#digits += 1;
      this.#size = this.#size * 16 + digit;
      if (this.#size > Number.MAX_SAFE_INTEGER) {
        this.#bad("bad-chunk");
        return;
      }
      this.#count();
      return;
    }
    if (this.#digits === 0) {
      this.#bad("bad-chunk");
      return;
    }
    if (byte === CR) this.#state = "size-lf";
    else if (byte === SEMICOLON) {
      this.#state = "extension";
      this.#extension.begin();
      this.#count();
    } else this.#bad("bad-chunk");
  }

  #count(): void {
    this.#lineLength += 1;
    if (this.#lineLength > this.#limits.chunkLine) this.#bad("chunk-line-too-long");
  }

  /** A size line is whole. Framing may outweigh the data by a fixed amount alone, or a small body would cost a large one's work. */
  #chunk(): void {
    if (this.#size === 0) {
      this.#state = "trailer";
      this.#trailerLength = 0;
      this.#name = "";
      return;
    }
    const surplus = this.#lineLength - FREE_LINE - 2 * this.#size;
    this.#overhead = Math.max(0, this.#overhead + surplus);
    if (this.#overhead > MAX_OVERHEAD) {
      this.#bad("chunk-overhead");
      return;
    }
    if (this.received + this.#size > this.#limits.body) {
      this.#bad("body-too-large");
      return;
    }
    this.#state = "data";
    this.#left = this.#size;
  }

  #trailerByte(byte: number): void {
    this.#trailerLength += 1;
    if (this.#trailerLength > this.#limits.trailers) {
      this.#bad("trailers-too-long");
      return;
    }
    const mask = classes[byte] as number;
    switch (this.#state) {
      case "trailer":
        if (byte === CR) {
          this.#state = "last-lf";
          return;
        }
        this.#name = "";
        this.#state = "trailer-name";
        this.#nameByte(byte, mask);
        return;
      case "trailer-name":
        this.#nameByte(byte, mask);
        return;
      case "trailer-value":
        if (byte === CR) this.#state = "trailer-lf";
        else if ((mask & (TEXT | HIGH)) === 0) this.#bad("bad-trailer");
        return;
      case "trailer-lf":
        if (byte !== LF) {
          this.#bad("bad-trailer");
          return;
        }
        this.#state = "trailer";
        return;
      default:
        if (byte !== LF) {
          this.#bad("bad-trailer");
          return;
        }
        this.done = true;
    }
  }

  #nameByte(byte: number, mask: number): void {
    if (byte === COLON && this.#name !== "") {
      if (forbiddenTrailers.has(this.#name.toLowerCase())) {
        this.#bad("bad-trailer");
        return;
      }
      this.#state = "trailer-value";
    } else if ((mask & TOKEN) === 0) this.#bad("bad-trailer");
    // Longer than any forbidden name: its letters do not matter any more.
    else if (this.#name.length < 32) this.#name += String.fromCharCode(byte);
  }

  #bad(code: FaultCode): void {
    this.fault = faults[code];
  }
}

type State =
  /** By length or up to the end of the connection. */
  | "fixed"
  | "size"
  | "extension"
  | "size-lf"
  | "data"
  | "data-cr"
  | "data-lf"
  | "trailer"
  | "trailer-name"
  | "trailer-value"
  | "trailer-lf"
  | "last-lf";

/** Bytes of a size line that cost nothing. */
const FREE_LINE = 16;
/** Bytes of surplus framing in one body. */
const MAX_OVERHEAD = 16384;

const forbiddenTrailers: ReadonlySet<string> = new Set([
  "transfer-encoding",
  "content-length",
  "host",
  "trailer",
  "connection",
  "te",
  "upgrade",
  "content-encoding",
  "content-type",
  "content-range",
  "authorization",
  "proxy-authorization",
  "set-cookie",
  "cookie",
  "expect",
]);

const CR = 13;
const LF = 10;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
