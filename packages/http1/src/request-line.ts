/**
 * ```
 * request-line   = method SP target SP "HTTP/1." ( "0" / "1" )
 * origin-form    = path [ "?" query ]                  ; path begins with "/"
 * absolute-form  = scheme "://" authority [ path ] [ "?" query ]
 * authority-form = host ":" port                       ; CONNECT only
 * asterisk-form  = "*"                                 ; OPTIONS only
 * ```
 * (RFC 9112 §3). One space each, no blank in the target, no fragment.
 */
import {
  AUTHORITY,
  allOf,
  classes,
  equalsBytes,
  latin1,
  latin1Text,
  TARGET,
  TOKEN,
} from "./bytes.ts";
import { type Fault, faults } from "./faults.ts";
import type { StartLine } from "./head-lines.ts";

/** How a request names its target. */
export type TargetForm = "origin" | "absolute" | "authority" | "asterisk";

/** See the module. Offsets are relative to the base given to `read`. */
export class RequestLine implements StartLine {
  readonly blankBefore = true;
  readonly malformed: Fault = faults["bad-request-line"];
  method = "";
  minor = 1;
  form: TargetForm = "origin";
  targetFrom = 0;
  targetTo = 0;
  authorityFrom = 0;
  authorityTo = 0;
  pathFrom = 0;
  pathTo = 0;
  /** -1 without "?". */
  queryFrom = -1;

  begins(bytes: Uint8Array, from: number): boolean {
    return ((classes[bytes[from] as number] as number) & TOKEN) !== 0;
  }

  read(bytes: Uint8Array, from: number, to: number, base: number): Fault | null {
    let at = from;
    while (at < to && ((classes[bytes[at] as number] as number) & TOKEN) !== 0) at++;
    if (at === to || bytes[at] !== 0x20) return this.malformed;
    const methodTo = at;
    const target = at + 1;
    at = target;
    while (at < to && ((classes[bytes[at] as number] as number) & TARGET) !== 0) at++;
    if (at === to) return this.malformed;
    if (bytes[at] !== 0x20) return faults["bad-target"];
    if (at === target) return this.malformed;
    const minor = readVersion(bytes, at + 1, to);
    if (typeof minor !== "number") return minor;
    this.minor = minor;
    this.method = methodText(bytes, from, methodTo);
    this.targetFrom = target - base;
    this.targetTo = at - base;
    return this.#target(bytes, target, at, base) ? null : faults["bad-target"];
  }

  #target(bytes: Uint8Array, from: number, to: number, base: number): boolean {
    this.authorityFrom = 0;
    this.authorityTo = 0;
    if (this.method === "CONNECT") {
      this.form = "authority";
      this.authorityFrom = from - base;
      this.authorityTo = to - base;
      this.pathFrom = to - base;
      this.pathTo = to - base;
      this.queryFrom = -1;
      return isHostPort(bytes, from, to);
    }
    if (bytes[from] === 0x2f) {
      this.form = "origin";
      this.#path(bytes, from, to, base);
      return true;
    }
    if (bytes[from] === 0x2a && to - from === 1) {
      this.form = "asterisk";
      this.#path(bytes, to, to, base);
      return this.method === "OPTIONS";
    }
    let at = from;
    while (at < to && isSchemeByte(bytes[at] as number)) at++;
    if (at === from || bytes[at] !== 0x3a || bytes[at + 1] !== 0x2f || bytes[at + 2] !== 0x2f) {
      return false;
    }
    const authority = at + 3;
    at = authority;
    while (at < to && ((classes[bytes[at] as number] as number) & AUTHORITY) !== 0) at++;
    if (at === authority || (at < to && bytes[at] !== 0x2f && bytes[at] !== 0x3f)) return false;
    this.form = "absolute";
    this.authorityFrom = authority - base;
    this.authorityTo = at - base;
    this.#path(bytes, at, to, base);
    return isLetter(bytes[from] as number);
  }

  #path(bytes: Uint8Array, from: number, to: number, base: number): void {
    let at = from;
    while (at < to && bytes[at] !== 0x3f) at++;
    this.pathFrom = from - base;
    this.pathTo = at - base;
    this.queryFrom = at < to ? at + 1 - base : -1;
  }
}

/** Minor version of "HTTP/1.x" at `bytes[from, to)`, or the fault. */
export function readVersion(bytes: Uint8Array, from: number, to: number): number | Fault {
  if (to - from !== 8 || !equalsBytes(bytes, from, from + 5, http)) return faults["bad-version"];
  const major = (bytes[from + 5] as number) - 0x30;
  const minor = (bytes[from + 7] as number) - 0x30;
  if (bytes[from + 6] !== 0x2e || major < 0 || major > 9 || minor < 0 || minor > 9) {
    return faults["bad-version"];
  }
  return major === 1 && minor <= 1 ? minor : faults["version-unsupported"];
}

/** The usual methods as constants; methods are case-sensitive. */
function methodText(bytes: Uint8Array, from: number, to: number): string {
  for (const [word, text] of methods) if (equalsBytes(bytes, from, to, word)) return text;
  return latin1Text(bytes, from, to);
}

function isHostPort(bytes: Uint8Array, from: number, to: number): boolean {
  let port = to;
  while (port > from && isDigit(bytes[port - 1] as number)) port--;
  return (
    port < to &&
    port > from + 1 &&
    bytes[port - 1] === 0x3a &&
    allOf(bytes, from, port - 1, AUTHORITY)
  );
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const isLetter = (byte: number): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
const isSchemeByte = (byte: number): boolean =>
  isLetter(byte) || isDigit(byte) || byte === 0x2b || byte === 0x2d || byte === 0x2e;

const http = latin1("HTTP/");
const methods: readonly (readonly [Uint8Array, string])[] = [
  "GET",
  "POST",
  "HEAD",
  "OPTIONS",
  "PUT",
  "PATCH",
  "DELETE",
  "CONNECT",
].map((text) => [latin1(text), text]);
