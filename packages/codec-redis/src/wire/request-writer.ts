/** Requests that the router sends itself: parts of a split command, replayed settings, requests put into plain RESP. */
import { CR, DOLLAR, LF, STAR, ZERO } from "./ascii.ts";

/** A request of these arguments, copied into one piece. */
export function encodeRequest(args: readonly Uint8Array[]): Uint8Array {
  let size = 1 + digits(args.length) + 2;
  for (const arg of args) size += bulkSize(arg.length);
  const out = new Uint8Array(size);
  let at = writeHeader(out, 0, STAR, args.length);
  for (const arg of args) {
    at = writeHeader(out, at, DOLLAR, arg.length);
    out.set(arg, at);
    at = writeEnd(out, at + arg.length);
  }
  return out;
}

/** A request of the arguments at `source[argStart[i], argEnd[i])`, `i < argc`, copied into one piece: an inline or inexact request in plain RESP. */
export function encodeArguments(
  source: Uint8Array,
  argStart: ArrayLike<number>,
  argEnd: ArrayLike<number>,
  argc: number,
): Uint8Array {
  let size = 1 + digits(argc) + 2;
  for (let i = 0; i < argc; i++) size += bulkSize((argEnd[i] as number) - (argStart[i] as number));
  const out = new Uint8Array(size);
  let at = writeHeader(out, 0, STAR, argc);
  for (let i = 0; i < argc; i++) {
    const from = argStart[i] as number;
    const to = argEnd[i] as number;
    at = writeHeader(out, at, DOLLAR, to - from);
    out.set(source.subarray(from, to), at);
    at = writeEnd(out, at + to - from);
  }
  return out;
}

/** The header `*argc` and the first argument of a split command: `*3 $4 MGET`. `name` is the command as bytes. */
export function requestHeader(argc: number, name: Uint8Array): Uint8Array {
  const out = new Uint8Array(1 + digits(argc) + 2 + bulkSize(name.length));
  let at = writeHeader(out, 0, STAR, argc);
  at = writeHeader(out, at, DOLLAR, name.length);
  out.set(name, at);
  writeEnd(out, at + name.length);
  return out;
}

/** The header `*argc`. Do not write to it: small ones are shared. */
export function countHeader(argc: number): Uint8Array {
  const known = countHeaders[argc];
  if (known !== undefined) return known;
  const out = new Uint8Array(1 + digits(argc) + 2);
  writeHeader(out, 0, STAR, argc);
  return out;
}

/** Offset of the `$` of an argument that starts at `argStart` of an exact request: the bulk can be cut out as a view from here to `argEnd + 2`. */
export function bulkStart(argStart: number, argEnd: number): number {
  return argStart - 3 - digits(argEnd - argStart);
}

/** Bytes of an argument with its header and line end. */
function bulkSize(length: number): number {
  return 1 + digits(length) + 2 + length + 2;
}

/** Writes `type value CRLF` at `at`; returns the offset after it. */
function writeHeader(out: Uint8Array, at: number, type: number, value: number): number {
  out[at] = type;
  const end = at + 1 + digits(value);
  let rest = value;
  for (let i = end - 1; i > at; i--) {
    out[i] = ZERO + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  return writeEnd(out, end);
}

function writeEnd(out: Uint8Array, at: number): number {
  out[at] = CR;
  out[at + 1] = LF;
  return at + 2;
}

function digits(value: number): number {
  let count = 1;
  for (let bound = 10; value >= bound; bound *= 10) count++;
  return count;
}

/** Headers of what most split requests have. */
const countHeaders: readonly Uint8Array[] = Array.from({ length: 64 }, (_, argc) => {
  const out = new Uint8Array(1 + digits(argc) + 2);
  writeHeader(out, 0, STAR, argc);
  return out;
});
