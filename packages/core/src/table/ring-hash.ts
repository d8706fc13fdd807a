/**
 * The hash functions that libmemcached and twemproxy offer for ketama rings,
 * with their quirks, each checked against twemproxy 0.5.0 on x86-64. These
 * matter: `char` is signed there, so bytes from 0x80 up are
 * sign-extended by the FNV family, one_at_a_time and hsieh (a build where
 * `char` is unsigned places such keys elsewhere); crc16 does not cut its
 * register to 16 bits, and crc32 keeps 15 bits only. None of them allocates or needs 64-bit arithmetic: of the 64-bit FNV
 * variants only the low word is used, which depends on low words alone.
 */
import { crc16Wide } from "../bytes/crc16.ts";
import { crc32 } from "../bytes/crc32.ts";
import { md5, md5Words } from "../bytes/md5.ts";

/** Hashes `bytes[from, to)` to a 32-bit word, signed: engines box larger numbers when a call returns them. */
export type RingHash = (bytes: Uint8Array, from: number, to: number) => number;

/** The functions by the names that twemproxy's configuration uses. */
export const ringHashes: ReadonlyMap<string, RingHash> = new Map<string, RingHash>([
  ["one_at_a_time", oneAtATime],
  ["md5", md5Word],
  ["crc16", (bytes, from, to) => crc16Wide(bytes, from, to) | 0],
  ["crc32", (bytes, from, to) => (crc32(bytes, from, to) >>> 16) & 0x7fff],
  ["crc32a", (bytes, from, to) => crc32(bytes, from, to) | 0],
  ["fnv1_64", (bytes, from, to) => fnv1(bytes, from, to, FNV_64_START, FNV_64_PRIME)],
  ["fnv1a_64", (bytes, from, to) => fnv1a(bytes, from, to, FNV_64_START, FNV_64_PRIME)],
  ["fnv1_32", (bytes, from, to) => fnv1(bytes, from, to, FNV_32_START, FNV_32_PRIME)],
  ["fnv1a_32", (bytes, from, to) => fnv1a(bytes, from, to, FNV_32_START, FNV_32_PRIME)],
  ["hsieh", hsieh],
  ["murmur", murmur2],
  ["jenkins", jenkins],
]);

/** Low words of the 64-bit parameters. */
const FNV_64_START = 0x84222325;
const FNV_64_PRIME = 0x000001b3;
const FNV_32_START = 0x811c9dc5;
const FNV_32_PRIME = 0x01000193;

function fnv1(bytes: Uint8Array, from: number, to: number, start: number, prime: number): number {
  let hash = start;
  for (let i = from; i < to; i++) hash = Math.imul(hash, prime) ^ signed(bytes, i);
  return hash | 0;
}

function fnv1a(bytes: Uint8Array, from: number, to: number, start: number, prime: number): number {
  let hash = start;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ signed(bytes, i), prime);
  return hash | 0;
}

function md5Word(bytes: Uint8Array, from: number, to: number): number {
  md5(bytes, from, to);
  return (md5Words[0] as number) | 0;
}

function oneAtATime(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0;
  for (let i = from; i < to; i++) {
    hash = (hash + signed(bytes, i)) | 0;
    hash = (hash + (hash << 10)) | 0;
    hash ^= hash >>> 6;
  }
  hash = (hash + (hash << 3)) | 0;
  hash ^= hash >>> 11;
  return (hash + (hash << 15)) | 0;
}

/** Hsieh's SuperFastHash, started at 0. */
function hsieh(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0;
  let at = from;
  for (; at + 4 <= to; at += 4) {
    hash = (hash + pair(bytes, at)) | 0;
    hash = (hash << 16) ^ (pair(bytes, at + 2) << 11) ^ hash;
    hash = (hash + (hash >>> 11)) | 0;
  }
  const rest = to - at;
  if (rest === 3) {
    hash = (hash + pair(bytes, at)) | 0;
    hash ^= hash << 16;
    hash ^= signed(bytes, at + 2) << 18;
    hash = (hash + (hash >>> 11)) | 0;
  } else if (rest === 2) {
    hash = (hash + pair(bytes, at)) | 0;
    hash ^= hash << 11;
    hash = (hash + (hash >>> 17)) | 0;
  } else if (rest === 1) {
    hash = (hash + (bytes[at] as number)) | 0;
    hash ^= hash << 10;
    hash = (hash + (hash >>> 1)) | 0;
  }
  hash ^= hash << 3;
  hash = (hash + (hash >>> 5)) | 0;
  hash ^= hash << 4;
  hash = (hash + (hash >>> 17)) | 0;
  hash ^= hash << 25;
  return (hash + (hash >>> 6)) | 0;
}

/** MurmurHash2 with a seed made of the length. */
function murmur2(bytes: Uint8Array, from: number, to: number): number {
  const m = 0x5bd1e995;
  const length = to - from;
  let hash = Math.imul(0xdeadbeef, length) ^ length;
  let at = from;
  for (; at + 4 <= to; at += 4) {
    let word = Math.imul(quad(bytes, at, to), m);
    word = Math.imul(word ^ (word >>> 24), m);
    hash = Math.imul(hash, m) ^ word;
  }
  if (at < to) hash = Math.imul(hash ^ quad(bytes, at, to), m);
  hash = Math.imul(hash ^ (hash >>> 13), m);
  return hash ^ (hash >>> 15);
}

/** Jenkins' lookup3 (little-endian) with the start value 13. */
function jenkins(bytes: Uint8Array, from: number, to: number): number {
  let a = (0xdeadbeef + (to - from) + 13) | 0;
  let b = a;
  let c = a;
  let at = from;
  for (; to - at > 12; at += 12) {
    a = (a + quad(bytes, at, to)) | 0;
    b = (b + quad(bytes, at + 4, to)) | 0;
    c = (c + quad(bytes, at + 8, to)) | 0;
    a = (a - c) ^ turn(c, 4);
    c = (c + b) | 0;
    b = (b - a) ^ turn(a, 6);
    a = (a + c) | 0;
    c = (c - b) ^ turn(b, 8);
    b = (b + a) | 0;
    a = (a - c) ^ turn(c, 16);
    c = (c + b) | 0;
    b = (b - a) ^ turn(a, 19);
    a = (a + c) | 0;
    c = (c - b) ^ turn(b, 4);
    b = (b + a) | 0;
  }
  if (at === to) return c;
  a = (a + quad(bytes, at, to)) | 0;
  b = (b + quad(bytes, at + 4, to)) | 0;
  c = (c + quad(bytes, at + 8, to)) | 0;
  c = ((c ^ b) - turn(b, 14)) | 0;
  a = ((a ^ c) - turn(c, 11)) | 0;
  b = ((b ^ a) - turn(a, 25)) | 0;
  c = ((c ^ b) - turn(b, 16)) | 0;
  a = ((a ^ c) - turn(c, 4)) | 0;
  b = ((b ^ a) - turn(a, 14)) | 0;
  return ((c ^ b) - turn(b, 24)) | 0;
}

function turn(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** The byte as a signed `char`. */
function signed(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 24) >> 24;
}

/** Two bytes, little-endian. */
function pair(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

/** Up to four bytes, little-endian; bytes from `to` on count as 0. */
function quad(bytes: Uint8Array, at: number, to: number): number {
  let word = 0;
  for (let i = Math.min(at + 4, to) - 1; i >= at; i--) word = (word << 8) | (bytes[i] as number);
  return word;
}
