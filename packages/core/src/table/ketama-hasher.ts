import { md5, md5Words } from "../bytes/md5.ts";
import { encodeUtf8 } from "../bytes/utf8.ts";
import type { Hasher, HashMember } from "./hasher.ts";
import type { RingHash } from "./ring-hash.ts";

/**
 * The hash ring of twemproxy's `distribution: ketama`, point for point: about
 * 160 points for each member, four from each MD5 of `<name>-<number>`. The
 * point at or after a key's hash owns it; behind the last comes the first.
 * Source: twemproxy 0.5.0, checked against the program.
 */
export class KetamaHasher implements Hasher {
  readonly #points: Uint32Array;
  readonly owned: Uint32Array;
  readonly #hash: RingHash;
  readonly #function: string;

  /** `functionName` names `hash` in explanations. */
  constructor(members: readonly HashMember[], hash: RingHash, functionName: string) {
    const points: { value: number; cluster: number }[] = [];
    let total = 0;
    for (const member of members) total += member.weight;
    for (const { name, weight, cluster } of members) {
      const rounds = roundsOf(weight, total, members.length);
      for (let round = 0; round < rounds; round++) {
        const label = encodeUtf8(`${name}-${round}`);
        md5(label, 0, Math.min(label.length, LABEL_LIMIT));
        for (const value of md5Words) points.push({ value, cluster });
      }
    }
    points.sort((a, b) => a.value - b.value);
    this.#points = Uint32Array.from(points, (point) => point.value);
    this.owned = Uint32Array.from(points, (point) => point.cluster);
    this.#hash = hash;
    this.#function = functionName;
  }

  pick(bytes: Uint8Array, from: number, to: number): number {
    return this.owned[this.#pointOf(this.#hash(bytes, from, to))] as number;
  }

  words(bytes: Uint8Array, from: number, to: number): string {
    const hash = this.#hash(bytes, from, to);
    return `ketama with ${this.#function}, hash ${hash >>> 0}, ring point ${this.#points[this.#pointOf(hash)]}`;
  }

  #pointOf(hash: number): number {
    const points = this.#points;
    const place = hash >>> 0;
    let low = 0;
    let high = points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((points[middle] as number) < place) low = middle + 1;
      else high = middle;
    }
    return low === points.length ? 0 : low;
  }
}

/** The original formats labels into 86 bytes with a terminating zero. */
const LABEL_LIMIT = 85;

/** MD5 rounds of a member, of `count` in all. The original computes in single precision, and the rounding decides. */
export function roundsOf(weight: number, total: number, count: number): number {
  const f = Math.fround;
  const share = f(f(weight) / f(total));
  const scaled = f(f(f(share * 160) / 4) * f(count));
  return Math.floor(f(scaled + 0.0000000001));
}
