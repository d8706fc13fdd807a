/**
 * Control messages in MessagePack: one array of a word and its arguments.
 * Only what these need is written and read, since the module has no text
 * codec of an engine to lean on.
 *
 * | to the bridge | | from the bridge | |
 * |---|---|---|---|
 * | `open` cluster, endpoint | connect the link | `opened` | it stands |
 * | `read` on | read it, or not | `lost` cause | it is gone, or could not be made |
 * | `end` | close it when all is sent | `ended` | the server closed its side |
 * | `abort` | close it at once | `full` bytes, `drained` | what waits for the server |
 * | `nudge` (link 0) | say something | `nudge` (link 0) | so that the filter may write to its client |
 * | `bye` (link 0) | close the connection | | |
 */
import { decodeUtf8, encodeUtf8 } from "@echarde/core";

/** A value of a control message. */
export type Value = string | number | boolean | null;

/** A word and its arguments. */
export type Control = readonly [word: string, ...values: Value[]];

/** Encodes a control message; numbers are whole, from 0 to 2^32 - 1. */
export function encodeControl(message: Control): Uint8Array {
  const bytes: number[] = [0x90 | message.length];
  for (const value of message) {
    if (value === null) bytes.push(0xc0);
    else if (typeof value === "boolean") bytes.push(value ? 0xc3 : 0xc2);
    else if (typeof value === "number") writeNumber(bytes, value);
    else writeText(bytes, value);
  }
  return Uint8Array.from(bytes);
}

/** Decodes a control message; null when it is none. */
export function decodeControl(bytes: Uint8Array): Control | null {
  const count = (bytes[0] ?? 0) & 15;
  if (((bytes[0] ?? 0) & 0xf0) !== 0x90 || count === 0) return null;
  const values: Value[] = [];
  let at = 1;
  for (let left = count; left > 0; left--) {
    const kind = bytes[at] ?? 0xc1;
    const size = sizeOf(kind);
    if (size < 0 || at + 1 + size > bytes.length) return null;
    const number = readNumber(bytes, at + 1, size);
    at += 1 + size;
    if (kind < 0x80) values.push(kind);
    else if (kind === 0xc0) values.push(null);
    else if (kind === 0xc2 || kind === 0xc3) values.push(kind === 0xc3);
    else if (kind >= 0xcc && kind <= 0xce) values.push(number);
    else {
      const length = kind < 0xc0 ? kind & 31 : number;
      if (at + length > bytes.length) return null;
      values.push(decodeUtf8(bytes.subarray(at, at + length)));
      at += length;
    }
  }
  const [word, ...rest] = values;
  return typeof word === "string" && at === bytes.length ? [word, ...rest] : null;
}

/** Bytes of a length or number behind the first byte of a value, -1 = not one of ours. */
function sizeOf(kind: number): number {
  if (kind < 0x80 || (kind >= 0xa0 && kind < 0xc0)) return 0; // small number, short text
  if (kind === 0xc0 || kind === 0xc2 || kind === 0xc3) return 0; // nil, false, true
  if (kind === 0xcc || kind === 0xd9) return 1; // uint 8, str 8
  if (kind === 0xcd || kind === 0xda) return 2; // uint 16, str 16
  return kind === 0xce ? 4 : -1; // uint 32
}

function readNumber(bytes: Uint8Array, from: number, size: number): number {
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + (bytes[from + i] as number);
  return value;
}

function writeNumber(bytes: number[], value: number): void {
  if (value < 0x80) bytes.push(value);
  else if (value < 0x100) bytes.push(0xcc, value);
  else if (value < 0x10000) bytes.push(0xcd, value >> 8, value & 255);
  else bytes.push(0xce, value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255);
}

function writeText(bytes: number[], text: string): void {
  const encoded = encodeUtf8(text);
  const { length } = encoded;
  if (length < 32) bytes.push(0xa0 | length);
  else if (length < 0x100) bytes.push(0xd9, length);
  else bytes.push(0xda, (length >> 8) & 255, length & 255);
  for (const byte of encoded) bytes.push(byte);
}
