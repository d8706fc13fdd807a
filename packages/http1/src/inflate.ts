/**
 * Inflates one deflate stream (RFC 1951) that comes in pieces.
 *
 * Takes no more bytes than the stream has: outside the inner loop a byte is
 * read only when the bits at hand do not decide, so that at most 7 bits are
 * held between calls, and what follows the stream stays with the caller.
 *
 * ```
 * head ─▶ stored length ─▶ stored data ─┐
 *  ▲ ├──▶ counts ─▶ code lengths ─▶ lengths ─▶ symbol ─▶ length ─▶ distance ─▶ copy
 *  │ └────────────────(fixed codes)──────────▶    ▲ │                          │
 *  └──────────────(end of block)──────────────────│─┘ ◀────────────────────────┘
 * ```
 */
import {
  codeLengthOrder,
  distanceBase,
  distanceExtra,
  Huffman,
  lengthBase,
  lengthExtra,
} from "./huffman.ts";

/** See the module. Its output goes to `pieces` of the caller through {@link take}. */
export class Inflate {
  /** Whether the last block is at its end. */
  done = false;
  /** Whether the input is not a deflate stream. Stays until {@link begin}. */
  corrupt = false;
  readonly #out = new Uint8Array(OUT);
  readonly #lengths = new Uint8Array(320);
  readonly #literals = new Huffman(15);
  readonly #distances = new Huffman(15);
  readonly #codeLengths = new Huffman(7);
  #bytes: Uint8Array = noBytes;
  #at = 0;
  #to = 0;
  #hold = 0;
  #bits = 0;
  #state: State = "head";
  #last = false;
  #need = 0;
  #literalCount = 0;
  #distanceCount = 0;
  #lengthCount = 0;
  #symbol = 0;
  #length = 0;
  /** Output is in `#out[#taken, #pos)`; at most 32 KiB before `#pos` are the window. */
  #pos = 0;
  #taken = 0;
  /** Bytes in the window. */
  #history = 0;

  /** Begins a stream: all is forgotten. */
  begin(): void {
    this.done = false;
    this.corrupt = false;
    this.#hold = 0;
    this.#bits = 0;
    this.#state = "head";
    this.#pos = 0;
    this.#taken = 0;
    this.#history = 0;
  }

  /** Bytes of output not taken yet. */
  get ready(): number {
    return this.#pos - this.#taken;
  }

  /** The output since the last call, in new memory. */
  take(): Uint8Array {
    const piece = this.#out.slice(this.#taken, this.#pos);
    this.#history = Math.min(WINDOW, this.#history + piece.length);
    if (this.#pos > OUT - WINDOW) {
      this.#out.copyWithin(0, this.#pos - WINDOW, this.#pos);
      this.#pos = WINDOW;
    }
    this.#taken = this.#pos;
    return piece;
  }

  /** Reads on at `bytes[from, to)`. Returns the offset after what was read: before `to` when the stream ended, is corrupt, or when the output must be taken first. */
  read(bytes: Uint8Array, from: number, to: number): number {
    this.#bytes = bytes;
    this.#at = from;
    this.#to = to;
    while (!this.done && !this.corrupt && this.#pos <= OUT - ROOM && this.#step());
    this.#bytes = noBytes;
    return this.#at;
  }

  /** Holds at least `count` bits (at most 24), or says that bytes are missing. */
  #has(count: number): boolean {
    while (this.#bits < count) {
      if (this.#at === this.#to) return false;
      this.#hold |= (this.#bytes[this.#at++] as number) << this.#bits;
      this.#bits += 8;
    }
    return true;
  }

  #drop(count: number): number {
    const value = this.#hold & ((1 << count) - 1);
    this.#hold >>>= count;
    this.#bits -= count;
    return value;
  }

  /** The next symbol, -1 when bytes are missing, -2 for none. */
  #decode(code: Huffman): number {
    for (;;) {
      const entry = code.table[this.#hold & code.mask] as number;
      const length = entry & 15;
      if (length !== 0 && length <= this.#bits) {
        this.#drop(length);
        return entry >> 4;
      }
      if (this.#bits >= code.bits) return -2;
      if (!this.#has(this.#bits + 1)) return -1;
    }
  }

  /** One step of the machine; false when bytes are missing. */
  #step(): boolean {
    switch (this.#state) {
      case "head":
        return this.#has(3) && this.#head();
      case "stored-length":
        if (!this.#has(16)) return false;
        this.#need = this.#drop(16);
        this.#state = "stored-check";
        return true;
      case "stored-check":
        if (!this.#has(16)) return false;
        if ((this.#drop(16) ^ 0xffff) !== this.#need) return this.#bad();
        this.#state = "stored";
        return true;
      case "stored":
        return this.#stored();
      case "counts":
        return this.#has(14) && this.#counts();
      case "code-lengths":
        return this.#codeLength();
      case "lengths":
        return this.#readLength();
      case "symbol":
        return this.#readSymbol();
      case "length-extra": {
        const extra = lengthExtra[this.#symbol] as number;
        if (!this.#has(extra)) return false;
        this.#length = (lengthBase[this.#symbol] as number) + this.#drop(extra);
        this.#state = "distance";
        return true;
      }
      case "distance": {
        const symbol = this.#decode(this.#distances);
        if (symbol === -1) return false;
        if (symbol < 0 || symbol > 29) return this.#bad();
        this.#symbol = symbol;
        this.#state = "distance-extra";
        return true;
      }
      default: {
        const extra = distanceExtra[this.#symbol] as number;
        if (!this.#has(extra)) return false;
        const distance = (distanceBase[this.#symbol] as number) + this.#drop(extra);
        if (distance > this.#history + this.#pos - this.#taken) return this.#bad();
        const out = this.#out;
        let at = this.#pos;
        for (const end = at + this.#length; at < end; at++) out[at] = out[at - distance] as number;
        this.#pos = at;
        this.#state = "symbol";
        return true;
      }
    }
  }

  #head(): boolean {
    this.#last = this.#drop(1) === 1;
    switch (this.#drop(2)) {
      case 0:
        this.#drop(this.#bits & 7);
        this.#state = "stored-length";
        return true;
      case 1:
        this.#lengths.fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280, 288);
        this.#lengths.fill(5, 288, 320);
        this.#literals.build(this.#lengths, 0, 288, false);
        this.#distances.build(this.#lengths, 288, 320, false);
        this.#state = "symbol";
        return true;
      case 2:
        this.#state = "counts";
        return true;
      default:
        return this.#bad();
    }
  }

  #blockEnd(): boolean {
    this.#state = "head";
    this.done = this.#last;
    return true;
  }

  #stored(): boolean {
    if (this.#need === 0) return this.#blockEnd();
    const count = Math.min(this.#need, this.#to - this.#at, OUT - this.#pos);
    if (count === 0) return false;
    this.#out.set(this.#bytes.subarray(this.#at, this.#at + count), this.#pos);
    this.#at += count;
    this.#pos += count;
    this.#need -= count;
    return true;
  }

  #counts(): boolean {
    this.#literalCount = this.#drop(5) + 257;
    this.#distanceCount = this.#drop(5) + 1;
    this.#need = this.#drop(4) + 4;
    this.#lengthCount = 0;
    this.#lengths.fill(0);
    if (this.#literalCount > 286 || this.#distanceCount > 30) return this.#bad();
    this.#state = "code-lengths";
    return true;
  }

  #codeLength(): boolean {
    if (this.#lengthCount < this.#need) {
      if (!this.#has(3)) return false;
      this.#lengths[codeLengthOrder[this.#lengthCount++] as number] = this.#drop(3);
      return true;
    }
    if (!this.#codeLengths.build(this.#lengths, 0, 19, false)) return this.#bad();
    this.#lengths.fill(0);
    this.#lengthCount = 0;
    this.#symbol = -1;
    this.#state = "lengths";
    return true;
  }

  #readLength(): boolean {
    const total = this.#literalCount + this.#distanceCount;
    if (this.#symbol < 0) {
      if (this.#lengthCount === total) return this.#codesRead();
      this.#symbol = this.#decode(this.#codeLengths);
      if (this.#symbol === -1) return false;
      if (this.#symbol < 0) return this.#bad();
    }
    const symbol = this.#symbol;
    let value = symbol;
    let repeat = 1;
    if (symbol >= 16) {
      const extra = symbol === 16 ? 2 : symbol === 17 ? 3 : 7;
      if (!this.#has(extra)) return false;
      repeat = this.#drop(extra) + (symbol === 18 ? 11 : 3);
      if (symbol === 16 && this.#lengthCount === 0) return this.#bad();
      value = symbol === 16 ? (this.#lengths[this.#lengthCount - 1] as number) : 0;
    }
    if (this.#lengthCount + repeat > total) return this.#bad();
    this.#lengths.fill(value, this.#lengthCount, this.#lengthCount + repeat);
    this.#lengthCount += repeat;
    this.#symbol = -1;
    return true;
  }

  #codesRead(): boolean {
    const literals = this.#literalCount;
    const lengths = this.#lengths;
    if (lengths[256] === 0) return this.#bad(); // a block without an end
    if (!this.#literals.build(lengths, 0, literals, true)) return this.#bad();
    if (!this.#distances.build(lengths, literals, literals + this.#distanceCount, true)) {
      return this.#bad();
    }
    this.#state = "symbol";
    return true;
  }

  #readSymbol(): boolean {
    if (this.#to - this.#at >= AHEAD) {
      this.#run();
      if (this.done || this.corrupt || this.#state !== "symbol") return true;
      if (this.#pos > OUT - ROOM) return true;
    }
    const symbol = this.#decode(this.#literals);
    if (symbol === -1) return false;
    if (symbol < 0) return this.#bad();
    if (symbol < 256) this.#out[this.#pos++] = symbol;
    else if (symbol === 256) return this.#blockEnd();
    else {
      this.#symbol = symbol - 257;
      if (this.#symbol > 28) return this.#bad();
      this.#state = "length-extra";
    }
    return true;
  }

  /** The inner loop: as the steps above, while there are bytes ahead and room behind. Gives back the bytes that it did not need. */
  #run(): void {
    const out = this.#out;
    const bytes = this.#bytes;
    const literals = this.#literals.table;
    const literalMask = this.#literals.mask;
    const distances = this.#distances.table;
    const distanceMask = this.#distances.mask;
    const stop = this.#to - AHEAD;
    const oldest = this.#taken - this.#history;
    let at = this.#at;
    let hold = this.#hold;
    let bits = this.#bits;
    let pos = this.#pos;
    while (at <= stop && pos <= OUT - ROOM) {
      for (; bits < 24; bits += 8) hold |= (bytes[at++] as number) << bits;
      let entry = literals[hold & literalMask] as number;
      let length = entry & 15;
      if (length === 0) {
        this.corrupt = true;
        break;
      }
      hold >>>= length;
      bits -= length;
      const symbol = entry >> 4;
      if (symbol < 256) {
        out[pos++] = symbol;
        continue;
      }
      if (symbol === 256) {
        this.#blockEnd();
        break;
      }
      if (symbol > 285) {
        this.corrupt = true;
        break;
      }
      let extra = lengthExtra[symbol - 257] as number;
      let end = pos + (lengthBase[symbol - 257] as number) + (hold & ((1 << extra) - 1));
      hold >>>= extra;
      bits -= extra;
      for (; bits < 24; bits += 8) hold |= (bytes[at++] as number) << bits;
      entry = distances[hold & distanceMask] as number;
      length = entry & 15;
      if (length === 0 || entry >> 4 > 29) {
        this.corrupt = true;
        break;
      }
      hold >>>= length;
      bits -= length;
      for (; bits < 16; bits += 8) hold |= (bytes[at++] as number) << bits;
      extra = distanceExtra[entry >> 4] as number;
      let from = pos - (distanceBase[entry >> 4] as number) - (hold & ((1 << extra) - 1));
      hold >>>= extra;
      bits -= extra;
      if (from < oldest) {
        this.corrupt = true;
        break;
      }
      while (pos < end) out[pos++] = out[from++] as number;
      end = 0;
    }
    this.#at = at - (bits >> 3);
    this.#bits = bits & 7;
    this.#hold = hold & ((1 << this.#bits) - 1);
    this.#pos = pos;
  }

  #bad(): boolean {
    this.corrupt = true;
    return true;
  }
}

type State =
  | "head"
  | "stored-length"
  | "stored-check"
  | "stored"
  | "counts"
  | "code-lengths"
  | "lengths"
  | "symbol"
  | "length-extra"
  | "distance"
  | "distance-extra";

/** Farthest distance (RFC 1951 §2). */
const WINDOW = 32768;
/** Output and window. */
const OUT = 4 * WINDOW;
/** Most bytes that one symbol gives. */
const ROOM = 258;
/** Bytes that the inner loop may read in one round without looking. */
const AHEAD = 12;
const noBytes = new Uint8Array(0);
