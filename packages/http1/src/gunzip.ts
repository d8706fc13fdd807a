/**
 * Gunzips a body that comes in pieces (RFC 1952), with every check of the
 * format: header, CRC-32, length, truncation, several members.
 *
 * ```
 * body   = *member
 * member = 1F 8B 08 flags mtime(4) xfl os [xlen extra] [name 00] [comment 00] [crc16] deflate crc32 isize
 * ```
 */
import { Crc32 } from "./crc32.ts";
import { Inflate } from "./inflate.ts";

/** Bounds of {@link Gunzip}. */
export interface GunzipLimits {
  /** Most bytes of output. A small body can expand a thousandfold. */
  readonly output: number;
}

/** 256 MB: ten times the largest plain body that servers usually take. */
export const defaultGunzipLimits: GunzipLimits = { output: 256_000_000 };

/** Why a gzip body is bad. The texts are those that Go's library gives, which clients may know. */
export type GunzipFailure =
  /** The body is empty. */
  | "EOF"
  /** The body ends inside a member, or a few bytes follow the last. */
  | "unexpected EOF"
  /** The body, or what follows a member, is not gzip. */
  | "gzip: invalid header"
  /** CRC-32 or length differ. */
  | "gzip: invalid checksum"
  /** Not a deflate stream. */
  | "flate: corrupt input"
  /** More output than allowed. */
  | "too large";

/** See the module. One reads one body, and holds about 260 KB of window and tables meanwhile. */
export class Gunzip {
  /** Why the body is bad, null as long as it is not. Stays. */
  failure: GunzipFailure | null = null;
  /** Bytes of output so far. */
  written = 0;
  /** Bytes of input so far that belong to it. */
  consumed = 0;
  readonly #limits: GunzipLimits;
  readonly #inflate = new Inflate();
  readonly #crc = new Crc32();
  #state: State = "fixed";
  #count = 0;
  #flags = 0;
  #extra = 0;
  #magic = true;
  #size = 0;
  #want = 0;
  #headerCrc = 0;

  constructor(limits: GunzipLimits = defaultGunzipLimits) {
    this.#limits = limits;
  }

  /** Reads all of `bytes[from, to)`. Returns its output in new memory: the caller's. Look at {@link failure} after it; output before a failure is given. */
  write(bytes: Uint8Array, from: number, to: number): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    let at = from;
    while (at < to && this.failure === null) {
      if (this.#state === "data") at = this.#data(bytes, at, to, pieces);
      else this.#byte(bytes[at++] as number);
    }
    this.consumed += at - from;
    return pieces;
  }

  /** The body is at its end: whether it is whole. If not, sets {@link failure}. */
  end(): boolean {
    if (this.failure === null && !(this.#state === "fixed" && this.#count === 0)) {
      this.failure = "unexpected EOF";
    } else if (this.failure === null && this.consumed === 0) this.failure = "EOF";
    return this.failure === null;
  }

  #data(bytes: Uint8Array, from: number, to: number, pieces: Uint8Array[]): number {
    const inflate = this.#inflate;
    const at = inflate.read(bytes, from, to);
    const over = inflate.ready + this.written > this.#limits.output;
    if (inflate.ready > 0) {
      let piece = inflate.take();
      if (over) piece = piece.subarray(0, this.#limits.output - this.written);
      this.#crc.add(piece, 0, piece.length);
      this.written += piece.length;
      this.#size = (this.#size + piece.length) >>> 0;
      if (piece.length > 0) pieces.push(piece);
    }
    if (over) this.failure = "too large";
    else if (inflate.corrupt) this.failure = "flate: corrupt input";
    else if (inflate.done) this.#enter("crc");
    return at;
  }

  #enter(state: State): void {
    this.#state = state;
    this.#count = 0;
    this.#want = 0;
  }

  /** One byte of a header or a trailer. */
  #byte(byte: number): void {
    const i = this.#count++;
    switch (this.#state) {
      case "fixed":
        this.#fixed(byte, i);
        return;
      case "extra-length":
        this.#headerByte(byte);
        this.#extra |= byte << (8 * i);
        if (i === 1) this.#optional(this.#extra > 0 ? "extra" : "name");
        return;
      case "extra":
        this.#headerByte(byte);
        if (i + 1 === this.#extra) this.#optional("name");
        return;
      case "name":
      case "comment":
        this.#headerByte(byte);
        if (byte === 0) this.#optional(this.#state === "name" ? "comment" : "header-crc");
        return;
      case "header-crc":
        this.#want |= byte << (8 * i);
        if (i < 1) return;
        if (this.#want !== (this.#headerCrc & 0xffff)) this.failure = "gzip: invalid header";
        this.#begin();
        return;
      case "crc":
        this.#want |= byte << (8 * i);
        if (i < 3) return;
        this.#headerCrc = this.#want >>> 0; // kept until the length is there: one error for both
        this.#enter("size");
        return;
      default:
        this.#want |= byte << (8 * i);
        if (i < 3) return;
        if (this.#headerCrc !== this.#crc.value || this.#want >>> 0 !== this.#size) {
          this.failure = "gzip: invalid checksum";
        }
        this.#enter("fixed");
    }
  }

  #headerByte(byte: number): void {
    this.#crc.addByte(byte);
  }

  /** The first ten bytes are judged together, so that a shorter rest is a truncation whatever it holds. */
  #fixed(byte: number, i: number): void {
    if (i === 0) {
      this.#magic = true;
      this.#crc.clear();
    }
    this.#headerByte(byte);
    if (i < 3) this.#magic &&= byte === magic[i];
    else if (i === 3) this.#flags = byte;
    else if (i === 9) {
      if (!this.#magic || (this.#flags & RESERVED) !== 0) {
        this.failure = "gzip: invalid header";
        return;
      }
      this.#extra = 0;
      this.#optional("extra-length");
    }
  }

  /** Goes to this part of the header, or to the next one that the flags announce. */
  #optional(part: "extra-length" | "extra" | "name" | "comment" | "header-crc"): void {
    const flags = this.#flags;
    if (part === "extra" || (part === "extra-length" && (flags & EXTRA) !== 0)) this.#enter(part);
    else if ((part === "name" || part === "extra-length") && (flags & NAME) !== 0) {
      this.#enter("name");
    } else if (part !== "header-crc" && (flags & COMMENT) !== 0) this.#enter("comment");
    else if ((flags & HEADER_CRC) !== 0) {
      this.#headerCrc = this.#crc.value;
      this.#enter("header-crc");
    } else this.#begin();
  }

  #begin(): void {
    this.#enter("data");
    this.#inflate.begin();
    this.#crc.clear();
    this.#size = 0;
  }
}

type State =
  | "fixed"
  | "extra-length"
  | "extra"
  | "name"
  | "comment"
  | "header-crc"
  | "data"
  | "crc"
  | "size";

const magic: readonly number[] = [0x1f, 0x8b, 8];
const HEADER_CRC = 2;
const EXTRA = 4;
const NAME = 8;
const COMMENT = 16;
const RESERVED = 0xe0;
