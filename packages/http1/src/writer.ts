/**
 * Writes heads and chunks. What HTTP does not allow is not written: values
 * that come from a peer go through {@link cleanValue} first.
 */
import { allOf, HIGH, latin1, TARGET, TEXT, TOKEN } from "./bytes.ts";
import { HttpMisuseError } from "./faults.ts";

/** A header to write: its name, and its value as bytes or as text of one byte a character. */
export type HeaderLine = readonly [name: string, value: Uint8Array | string];

/** The head `method SP target SP HTTP/1.1 CRLF headers CRLF`, in new memory. Throws {@link HttpMisuseError} when a part is not what HTTP allows. */
export function writeRequestHead(
  method: string,
  target: Uint8Array | string,
  headers: readonly HeaderLine[],
): Uint8Array {
  const target8 = toBytes(target);
  if (!isToken(method)) throw new HttpMisuseError("the method is not a token");
  if (target8.length === 0 || !allOf(target8, 0, target8.length, TARGET)) {
    throw new HttpMisuseError("the target has bytes that a request line cannot carry");
  }
  return writeHead([latin1(`${method} `), target8, latin1(" HTTP/1.1\r\n")], headers);
}

/** The head `HTTP/1.minor SP status SP reason CRLF headers CRLF`, in new memory. Throws {@link HttpMisuseError} when a part is not what HTTP allows. */
export function writeResponseHead(
  status: number,
  headers: readonly HeaderLine[],
  reason: string = reasons[status] ?? "",
  minor: 0 | 1 = 1,
): Uint8Array {
  if (!Number.isInteger(status) || status < 100 || status > 999) {
    throw new HttpMisuseError("the status is not a number of three digits");
  }
  const text = latin1(reason);
  if (!allOf(text, 0, text.length, TEXT | HIGH)) {
    throw new HttpMisuseError("the reason has control bytes");
  }
  return writeHead([latin1(`HTTP/1.${minor} ${status} `), text, latin1("\r\n")], headers);
}

/** One header line with its CRLF, in new memory. Throws {@link HttpMisuseError} for a name that is no token or a value with control bytes. */
export function writeHeader(line: HeaderLine): Uint8Array {
  const [name, value] = line;
  const bytes = toBytes(value);
  if (!isToken(name)) throw new HttpMisuseError("a header name is not a token");
  if (!allOf(bytes, 0, bytes.length, TEXT | HIGH)) {
    throw new HttpMisuseError(`the value of ${name} has control bytes`);
  }
  const all = new Uint8Array(name.length + bytes.length + 4);
  for (let i = 0; i < name.length; i++) all[i] = name.charCodeAt(i);
  all[name.length] = 0x3a;
  all[name.length + 1] = 0x20;
  all.set(bytes, name.length + 2);
  all[all.length - 2] = 13;
  all[all.length - 1] = 10;
  return all;
}

/** A peer's bytes made fit for a header value: control bytes become spaces, blanks at both ends go, at most `most` bytes stay. New memory. */
export function cleanValue(bytes: Uint8Array, most: number): Uint8Array {
  const copy = bytes.slice(0, most);
  for (let i = 0; i < copy.length; i++) {
    const byte = copy[i] as number;
    if (byte < 0x20 || byte === 0x7f) copy[i] = 0x20;
  }
  let from = 0;
  let to = copy.length;
  while (to > 0 && copy[to - 1] === 0x20) to--;
  while (from < to && copy[from] === 0x20) from++;
  return copy.subarray(from, to);
}

/** The line before a chunk of `length` bytes (above 0); {@link chunkEnd} goes behind the data. */
export function chunkStart(length: number): Uint8Array {
  if (!Number.isSafeInteger(length) || length <= 0) {
    throw new HttpMisuseError("a chunk of no length would end the body");
  }
  return latin1(`${length.toString(16)}\r\n`);
}

/** What goes behind the data of each chunk. Do not write into it. */
export const chunkEnd: Uint8Array = latin1("\r\n");

/** Ends a chunked body, without trailers. Do not write into it. */
export const lastChunk: Uint8Array = latin1("0\r\n\r\n");

/** The interim response that makes a client send its body. Do not write into it. */
export const continueResponse: Uint8Array = latin1("HTTP/1.1 100 Continue\r\n\r\n");

function writeHead(start: readonly Uint8Array[], headers: readonly HeaderLine[]): Uint8Array {
  const pieces = [...start, ...headers.map(writeHeader), chunkEnd];
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return text.length > 0 && allOf(latin1(text), 0, text.length, TOKEN);
}

/** Text must be of code points below 256, or bytes would be lost without a word. */
function toBytes(value: Uint8Array | string): Uint8Array {
  if (typeof value !== "string") return value;
  for (let i = 0; i < value.length; i++) {
    if (value.charCodeAt(i) > 0xff) throw new HttpMisuseError("text beyond one byte a character");
  }
  return latin1(value);
}

const reasons: Readonly<Record<number, string>> = {
  100: "Continue",
  200: "OK",
  204: "No Content",
  304: "Not Modified",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  411: "Length Required",
  413: "Request Entity Too Large",
  414: "Request URI Too Long",
  415: "Unsupported Media Type",
  417: "Expectation Failed",
  422: "Unprocessable Entity",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
};
