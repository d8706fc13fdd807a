import { murmur3 } from "../bytes/murmur.ts";
import type { Hasher, HashMember } from "./hasher.ts";

/**
 * Jump consistent hash (Lamping and Veach, 2014) of MurmurHash3 of the key.
 * Members are buckets in their order, a weight counting as that many
 * buckets; adding one at the end moves only the keys that it takes.
 */
export class JumpHasher implements Hasher {
  readonly owned: Uint32Array;

  /** Order matters. */
  constructor(members: readonly HashMember[]) {
    this.owned = Uint32Array.from(
      members.flatMap(({ cluster, weight }) => new Array<number>(weight).fill(cluster)),
    );
  }

  pick(bytes: Uint8Array, from: number, to: number): number {
    const bucket = jump(0, murmur3(bytes, from, to, 0) | 0, this.owned.length);
    return this.owned[bucket] as number;
  }

  words(bytes: Uint8Array, from: number, to: number): string {
    const bucket = jump(0, murmur3(bytes, from, to, 0) | 0, this.owned.length);
    return `jump, bucket ${bucket} of ${this.owned.length}`;
  }
}

/**
 * Bucket of a 64-bit key (two words, signed or not) among `buckets` ≥ 1. The
 * generator's 64-bit products are made of 16-bit limbs: no BigInt.
 */
export function jump(high: number, low: number, buckets: number): number {
  let hi = high;
  let lo = low;
  let bucket = 0;
  let next = 0;
  while (next < buckets) {
    bucket = next;
    const product = Math.imul(lo, FACTOR_LOW) >>> 0;
    const carried = product + 1 > 0xffffffff ? 1 : 0;
    hi =
      (highOf(lo, FACTOR_LOW) +
        Math.imul(lo, FACTOR_HIGH) +
        Math.imul(hi, FACTOR_LOW) +
        carried) >>>
      0;
    lo = (product + 1) >>> 0;
    next = Math.floor((bucket + 1) * (0x80000000 / ((hi >>> 1) + 1)));
  }
  return bucket;
}

/** 2862933555777941757, the multiplier of the paper's generator. */
const FACTOR_HIGH = 0x27bb2ee6;
const FACTOR_LOW = 0x87b0b0fd;

/** Upper 32 bits, signed, of the product of two words taken as unsigned. */
function highOf(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const first = aHigh * bLow + ((aLow * bLow) >>> 16);
  const second = aLow * bHigh + (first & 0xffff);
  return (aHigh * bHigh + (first >>> 16) + (second >>> 16)) | 0;
}
