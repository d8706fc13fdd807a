/** Replies that the router gives itself. Constants are shared: nobody may write into them. */
import { latin1 } from "./ascii.ts";

/** Protocol that a session speaks. */
export type Protocol = 2 | 3;

/** `+OK` */
export const OK: Uint8Array = latin1("+OK\r\n");
/** `+QUEUED` */
export const QUEUED: Uint8Array = latin1("+QUEUED\r\n");
/** `+PONG` */
export const PONG: Uint8Array = latin1("+PONG\r\n");
/** `+RESET` */
export const RESET: Uint8Array = latin1("+RESET\r\n");
/** `:0` */
export const ZERO_REPLY: Uint8Array = latin1(":0\r\n");
/** `:1` */
export const ONE_REPLY: Uint8Array = latin1(":1\r\n");
/** `*0` */
export const EMPTY_ARRAY: Uint8Array = latin1("*0\r\n");
/** `$0` */
export const EMPTY_BULK: Uint8Array = latin1("$0\r\n\r\n");
/** End of a bulk. */
const CRLF: Uint8Array = latin1("\r\n");

const NULL_BULK: Uint8Array = latin1("$-1\r\n");
const NULL_ARRAY: Uint8Array = latin1("*-1\r\n");
const NULL3: Uint8Array = latin1("_\r\n");

/** The null that stands for a missing string. */
export function nullBulk(protocol: Protocol): Uint8Array {
  return protocol === 3 ? NULL3 : NULL_BULK;
}

/** The null that stands for a missing array. */
export function nullArray(protocol: Protocol): Uint8Array {
  return protocol === 3 ? NULL3 : NULL_ARRAY;
}

/** `+text`. The text holds no line end. */
export function simple(text: string): Uint8Array {
  return latin1(`+${text}\r\n`);
}

/** `-text`. Begins with a code word (`ERR ...`); line ends become spaces, as Redis does. Characters are bytes. */
export function error(text: string): Uint8Array {
  return latin1(`-${text.replace(/[\r\n]/g, " ")}\r\n`);
}

/** `:value`. */
export function integer(value: number | bigint): Uint8Array {
  return latin1(`:${value}\r\n`);
}

/** `$length`, the bytes and a line end in one piece (a copy). */
export function bulk(bytes: Uint8Array): Uint8Array {
  const head = latin1(`$${bytes.length}\r\n`);
  const out = new Uint8Array(head.length + bytes.length + 2);
  out.set(head);
  out.set(bytes, head.length);
  out.set(CRLF, head.length + bytes.length);
  return out;
}

/** A bulk of characters that are bytes. */
export function bulkText(text: string): Uint8Array {
  return latin1(`$${text.length}\r\n${text}\r\n`);
}

/** INFO's type in RESP3, a bulk in RESP2. */
export function verbatimText(text: string, protocol: Protocol): Uint8Array {
  return protocol === 3 ? latin1(`=${text.length + 4}\r\ntxt:${text}\r\n`) : bulkText(text);
}

/** Header of an array. */
export function arrayHeader(count: number): Uint8Array {
  return latin1(`*${count}\r\n`);
}

/** Header of a map of `pairs`; an array of twice as many in RESP2. */
export function mapHeader(pairs: number, protocol: Protocol): Uint8Array {
  return protocol === 3 ? latin1(`%${pairs}\r\n`) : arrayHeader(pairs * 2);
}

/** Header of a set; an array in RESP2. */
export function setHeader(count: number, protocol: Protocol): Uint8Array {
  return protocol === 3 ? latin1(`~${count}\r\n`) : arrayHeader(count);
}

/** Header of a push; an array in RESP2. */
export function pushHeader(count: number, protocol: Protocol): Uint8Array {
  return protocol === 3 ? latin1(`>${count}\r\n`) : arrayHeader(count);
}
