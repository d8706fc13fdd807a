/**
 * ```
 * status-line = "HTTP/1." ( "0" / "1" ) SP 3DIGIT [ SP reason ]     ; RFC 9112 §4
 * ```
 * The space before an empty reason is missing from some servers, so it may be.
 */
import { allOf, HIGH, latin1, TEXT } from "./bytes.ts";
import { type Fault, faults } from "./faults.ts";
import type { StartLine } from "./head-lines.ts";
import { readVersion } from "./request-line.ts";

/** See the module. Offsets are relative to the base given to `read`. */
export class StatusLine implements StartLine {
  readonly blankBefore = false;
  readonly malformed: Fault = faults["bad-status-line"];
  minor = 1;
  status = 0;
  reasonFrom = 0;
  reasonTo = 0;

  begins(bytes: Uint8Array, from: number, to: number): boolean {
    const most = Math.min(to - from, http.length);
    for (let i = 0; i < most; i++) if (bytes[from + i] !== http[i]) return false;
    return true;
  }

  read(bytes: Uint8Array, from: number, to: number, base: number): Fault | null {
    if (to - from < 12 || bytes[from + 8] !== 0x20) return this.malformed;
    const minor = readVersion(bytes, from, from + 8);
    if (typeof minor !== "number") return minor;
    let status = 0;
    for (let i = from + 9; i < from + 12; i++) {
      const digit = (bytes[i] as number) - 0x30;
      if (digit < 0 || digit > 9) return this.malformed;
      status = status * 10 + digit;
    }
    if (status < 100) return this.malformed;
    if (to > from + 12 && bytes[from + 12] !== 0x20) return this.malformed;
    const reason = Math.min(to, from + 13);
    if (!allOf(bytes, reason, to, TEXT | HIGH)) return this.malformed;
    this.minor = minor;
    this.status = status;
    this.reasonFrom = reason - base;
    this.reasonTo = to - base;
    return null;
  }
}

const http = latin1("HTTP/");
