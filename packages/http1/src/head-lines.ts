/**
 * Cuts a head into lines and reads its header lines. The bytes of an
 * unfinished head stay with the caller; how far they were looked at is kept
 * here, so that a head that comes byte by byte costs no second look at
 * finished lines.
 *
 * ```
 * head  = *1CRLF start-line *( name ":" OWS value OWS CRLF ) CRLF     ; the first CRLF before requests only
 * ```
 * Each limit is met at the same byte in any cut of the input: what counts is
 * the first byte beyond the nearer of the line's and the block's bound.
 */
import { classes, HIGH, TEXT, TOKEN } from "./bytes.ts";
import { type Fault, faults } from "./faults.ts";
import { Framing } from "./framing.ts";
import { HeaderFields, isBlank, MARK_CONTROL } from "./header-fields.ts";
import type { HttpLimits } from "./limits.ts";

/** Reads the start line of a head; relative to `base`, so that the head may move in memory between calls. */
export interface StartLine {
  /** Whether one blank line may stand before the start line. */
  readonly blankBefore: boolean;
  /** Whether `bytes[from, to)`, the beginning of a start line, can still become one. */
  begins(bytes: Uint8Array, from: number, to: number): boolean;
  /** What to say when it cannot. */
  readonly malformed: Fault;
  /** Reads the start line at `bytes[from, to)`, its CRLF cut off. `base` is what kept offsets are relative to. */
  read(bytes: Uint8Array, from: number, to: number, base: number): Fault | null;
}

/** See the module. */
export class HeadLines {
  readonly fields: HeaderFields = new HeaderFields();
  readonly framing: Framing = new Framing();
  /** Start of the start line, relative to where the head was first looked at. */
  startLine = 0;
  readonly #start: StartLine;
  readonly #limits: HttpLimits;
  readonly #controls: boolean;
  /** Start of the current line, relative. */
  #line = 0;
  /** Bytes known to hold no line feed, from the start of the current line on, relative. */
  #seen = 0;
  /** Start of the header lines, relative; -1 before them. */
  #block = -1;

  /** `controls` = control bytes in values are marked instead of refused. */
  constructor(start: StartLine, limits: HttpLimits, controls: boolean) {
    this.#start = start;
    this.#limits = limits;
    this.#controls = controls;
  }

  /** Begins a new head. */
  clear(): void {
    this.fields.clear();
    this.framing.clear();
    this.startLine = 0;
    this.#line = 0;
    this.#seen = 0;
    this.#block = -1;
  }

  /** Reads on in the head that starts at `bytes[from]`. Returns the offset after it, -1 for "too few bytes", or the fault. */
  read(bytes: Uint8Array, from: number): number | Fault {
    for (;;) {
      if (this.#block >= 0 && this.#seen === this.#line) {
        const end = this.#plain(bytes, from);
        if (typeof end !== "number") return end;
        if (end > 0) return end;
      }
      const line = from + this.#line;
      if (this.#block < 0 && !this.#begins(bytes, line)) return this.#start.malformed;
      const feed = bytes.indexOf(0x0a, from + this.#seen);
      const end = feed < 0 ? bytes.length : feed + 1;
      const beyond = this.#beyond(end - from);
      if (beyond !== null) return beyond;
      if (feed < 0) {
        this.#seen = bytes.length - from;
        return -1;
      }
      if (feed === line || bytes[feed - 1] !== 0x0d) return faults["bad-line-end"];
      const first = this.#line;
      this.#line = end - from;
      this.#seen = this.#line;
      if (this.#block < 0) {
        if (feed - 1 === line && first === 0 && this.#start.blankBefore) continue;
        this.startLine = first;
        const bad = this.#start.read(bytes, line, feed - 1, from);
        if (bad !== null) return bad;
        this.#block = this.#line;
      } else if (feed - 1 === line) {
        this.fields.base = from;
        return end;
      } else {
        const bad = this.#header(bytes, line, feed - 1, from);
        if (bad !== null) return bad;
      }
    }
  }

  /**
   * Reads the header lines that are whole, within their limits and of plain bytes, each in one walk, up to one
   * that deserves a second look: what is wrong with that, if anything, is not judged here. Returns the offset
   * after the head, 0 when its end was not met, or a fault of what a line says.
   */
  #plain(bytes: Uint8Array, from: number): number | Fault {
    const { fields, framing } = this;
    const { header, headers, headerCount } = this.#limits;
    const block = Math.min(bytes.length, from + this.#block + headers);
    let line = from + this.#line;
    let end = 0;
    while (fields.count < headerCount) {
      const most = Math.min(block, line + header);
      let at = line;
      while (at < most && ((classes[bytes[at] as number] as number) & TOKEN) !== 0) at++;
      const colon = at;
      if (colon === line) {
        if (line + 2 <= most && bytes[line] === 0x0d && bytes[line + 1] === 0x0a) end = line + 2;
        break;
      }
      if (at >= most || bytes[at] !== 0x3a) break;
      at++;
      while (at < most && isBlank(bytes[at])) at++;
      const valueFrom = at;
      // TEXT but for tabs: a comparison is cheaper than a table, and these are most of a head's bytes
      while (at < most && ((bytes[at] as number) - 0x20) >>> 0 < 0x5f) at++;
      if (at + 2 > most || bytes[at] !== 0x0d || bytes[at + 1] !== 0x0a) break;
      let valueTo = at;
      while (valueTo > valueFrom && isBlank(bytes[valueTo - 1])) valueTo--;
      fields.add(line - from, colon - from, valueFrom - from, valueTo - from, 0);
      const bad = framing.line(bytes, line, colon, valueFrom, valueTo, false);
      if (bad !== null) return bad;
      line = at + 2;
    }
    this.#line = line - from;
    this.#seen = this.#line;
    if (end > 0) fields.base = from;
    return end;
  }

  /** A blank line before a request passes, byte by byte; else the start line says. */
  #begins(bytes: Uint8Array, line: number): boolean {
    if (line >= bytes.length) return true;
    if (bytes[line] === 0x0d && this.#line === 0 && this.#start.blankBefore) return true;
    return this.#start.begins(bytes, line, bytes.length);
  }

  /** The fault when the current line up to `end` (relative) is too long. */
  #beyond(end: number): Fault | null {
    const limits = this.#limits;
    if (this.#block < 0) {
      return end - this.#line > limits.startLine ? faults["request-line-too-long"] : null;
    }
    const line = this.#line + limits.header;
    const block = this.#block + limits.headers;
    if (end <= line && end <= block) return null;
    return line < block ? faults["header-too-long"] : faults["headers-too-long"];
  }

  #header(bytes: Uint8Array, from: number, to: number, base: number): Fault | null {
    if (isBlank(bytes[from])) return faults["obsolete-fold"];
    if (this.fields.count === this.#limits.headerCount) return faults["too-many-headers"];
    let colon = from;
    while (colon < to && ((classes[bytes[colon] as number] as number) & TOKEN) !== 0) colon++;
    if (colon === from || colon === to || bytes[colon] !== 0x3a) return faults["bad-header-name"];
    let marks = 0;
    for (let i = colon + 1; i < to; i++) {
      const mask = classes[bytes[i] as number] as number;
      if ((mask & TEXT) !== 0) continue;
      if ((mask & HIGH) !== 0) {
        marks |= HIGH;
        continue;
      }
      if (bytes[i] === 0x0d) return faults["bad-line-end"];
      if (!this.#controls) return faults["bad-header-value"];
      marks |= MARK_CONTROL;
    }
    let valueFrom = colon + 1;
    let valueTo = to;
    while (valueFrom < valueTo && isBlank(bytes[valueFrom])) valueFrom++;
    while (valueTo > valueFrom && isBlank(bytes[valueTo - 1])) valueTo--;
    this.fields.add(from - base, colon - base, valueFrom - base, valueTo - base, marks);
    return this.framing.line(bytes, from, colon, valueFrom, valueTo, (marks & MARK_CONTROL) !== 0);
  }
}
