/**
 * The headers that say where a message ends and whether the connection goes
 * on, judged line by line (RFC 9112 §6, §9.3). Strict: every way in which two
 * parsers could disagree about the end of a message is a fault.
 */
import { AUTHORITY, allOf, classes, equalsWord, latin1, TOKEN } from "./bytes.ts";
import { type Fault, faults } from "./faults.ts";
import { TokenList } from "./header-fields.ts";

/** What the framing headers of one head say. */
export class Framing {
  /** Declared Content-Length, -1 if there is none. */
  length = -1;
  /** Whether the body is chunked. */
  chunked = false;
  /** Value of Expect: none, `100-continue`, or anything else. */
  expectation: "none" | "continue" | "other" = "none";
  /** `close` in Connection. */
  close = false;
  /** `keep-alive` in Connection. */
  keepAlive = false;
  /** `upgrade` in Connection, and an Upgrade header. */
  upgrade = false;
  #connectionUpgrade = false;
  #upgradeHeader = false;
  #hosts = 0;
  #codings = 0;
  #chunkedAt = 0;
  #chunkedCount = 0;

  /** Forgets the last head. */
  clear(): void {
    this.length = -1;
    this.chunked = false;
    this.expectation = "none";
    this.close = false;
    this.keepAlive = false;
    this.upgrade = false;
    this.#connectionUpgrade = false;
    this.#upgradeHeader = false;
    this.#hosts = 0;
    this.#codings = 0;
    this.#chunkedAt = 0;
    this.#chunkedCount = 0;
  }

  /** Takes the line with its name at `[nameFrom, nameTo)` and its value at `[from, to)`. `control` tells of control bytes in the value. */
  line(
    bytes: Uint8Array,
    nameFrom: number,
    nameTo: number,
    from: number,
    to: number,
    control: boolean,
  ): Fault | null {
    switch (nameTo - nameFrom) {
      case 4:
        if (!equalsWord(bytes, nameFrom, nameTo, host)) return null;
        this.#hosts += 1;
        return control || this.#hosts > 1 || !allOf(bytes, from, to, AUTHORITY)
          ? faults["bad-host"]
          : null;
      case 6:
        if (!equalsWord(bytes, nameFrom, nameTo, expect)) return null;
        if (from === to) return null;
        this.expectation =
          this.expectation !== "other" && equalsWord(bytes, from, to, continue100)
            ? "continue"
            : "other";
        return null;
      case 7:
        if (equalsWord(bytes, nameFrom, nameTo, upgrade)) this.#upgradeHeader = true;
        return null;
      case 10:
        if (!equalsWord(bytes, nameFrom, nameTo, connection)) return null;
        if (control) return faults["bad-header-value"];
        this.#connection(new TokenList(bytes, from, to), bytes);
        return null;
      case 14:
        if (!equalsWord(bytes, nameFrom, nameTo, contentLength)) return null;
        return this.#contentLength(bytes, from, to);
      case 17:
        if (!equalsWord(bytes, nameFrom, nameTo, transferEncoding)) return null;
        return this.#transferEncoding(bytes, from, to);
      default:
        return null;
    }
  }

  /** The head is whole. `minor` is the HTTP/1 minor version, `request` whose head it is. */
  finish(minor: number, request: boolean): Fault | null {
    if (request && minor === 1 && this.#hosts === 0) return faults["missing-host"];
    this.upgrade = this.#connectionUpgrade && this.#upgradeHeader;
    if (minor === 0) this.expectation = "none"; // RFC 9110 §10.1.1
    if (this.#codings === 0) return null;
    // RFC 9112 §6.1: HTTP/1.0 has no transfer codings, so whoever sent this took another framing.
    if (minor === 0) return faults["bad-coding"];
    if (this.length >= 0) return faults["length-and-coding"];
    if (this.#chunkedCount > 1) return faults["bad-coding"];
    if (this.#chunkedCount === 1 && this.#chunkedAt !== this.#codings) return faults["bad-coding"];
    if (this.#codings > 1 || this.#chunkedCount === 0) return faults["coding-unsupported"];
    this.chunked = true;
    return null;
  }

  #connection(list: TokenList, bytes: Uint8Array): void {
    while (list.next()) {
      if (equalsWord(bytes, list.from, list.to, close)) this.close = true;
      else if (equalsWord(bytes, list.from, list.to, keepAlive)) this.keepAlive = true;
      else if (equalsWord(bytes, list.from, list.to, upgrade)) this.#connectionUpgrade = true;
    }
  }

  /** Digits alone: no sign, no list, no second line, even when the values agree. */
  #contentLength(bytes: Uint8Array, from: number, to: number): Fault | null {
    if (this.length >= 0) return faults["repeated-length"];
    if (from === to) return faults["bad-length"];
    let value = 0;
    for (let i = from; i < to; i++) {
      const digit = (bytes[i] as number) - 0x30;
      if (digit < 0 || digit > 9) return faults["bad-length"];
      value = value * 10 + digit;
      if (value > Number.MAX_SAFE_INTEGER) return faults["bad-length"];
    }
    this.length = value;
    return null;
  }

  /** Empty elements are legal in lists, but parsers differ about them here, so they are refused. */
  #transferEncoding(bytes: Uint8Array, from: number, to: number): Fault | null {
    let at = from;
    for (;;) {
      while (at < to && (bytes[at] === 0x20 || bytes[at] === 9)) at++;
      const word = at;
      while (at < to && ((classes[bytes[at] as number] as number) & TOKEN) !== 0) at++;
      if (at === word) return faults["bad-coding"];
      this.#codings += 1;
      if (equalsWord(bytes, word, at, chunked)) {
        this.#chunkedCount += 1;
        this.#chunkedAt = this.#codings;
      }
      while (at < to && (bytes[at] === 0x20 || bytes[at] === 9)) at++;
      if (at === to) return null;
      if (bytes[at] !== 0x2c) return faults["bad-coding"];
      at++;
    }
  }
}

const host = latin1("host");
const expect = latin1("expect");
const continue100 = latin1("100-continue");
const upgrade = latin1("upgrade");
const connection = latin1("connection");
const contentLength = latin1("content-length");
const transferEncoding = latin1("transfer-encoding");
const chunked = latin1("chunked");
const close = latin1("close");
const keepAlive = latin1("keep-alive");
