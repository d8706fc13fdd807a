import { avalanche, murmur3 } from "../bytes/murmur.ts";
import { encodeUtf8 } from "../bytes/utf8.ts";
import type { Hasher, HashMember } from "./hasher.ts";

/**
 * Highest random weight: each member draws a number from the key, the best
 * one wins. Adding or removing a member moves only that member's keys. The
 * cost grows with the members of the rule (not with the table's rules).
 * Draws are MurmurHash3 of the key, mixed with MurmurHash3 of the name.
 */
export class RendezvousHasher implements Hasher {
  readonly owned: null = null;
  readonly #seeds: Uint32Array;
  readonly #weights: Float64Array;
  readonly #clusters: Uint32Array;
  readonly #even: boolean;

  /** The order of the members decides ties only. */
  constructor(members: readonly HashMember[]) {
    this.#seeds = Uint32Array.from(members, ({ name }) => {
      const bytes = encodeUtf8(name);
      return murmur3(bytes, 0, bytes.length, 0);
    });
    this.#weights = Float64Array.from(members, (member) => member.weight);
    this.#clusters = Uint32Array.from(members, (member) => member.cluster);
    this.#even = members.every((member) => member.weight === members[0]?.weight);
  }

  pick(bytes: Uint8Array, from: number, to: number): number {
    const hash = murmur3(bytes, from, to, 0);
    const seeds = this.#seeds;
    let best = 0;
    if (this.#even) {
      let most = -1;
      for (let i = 0; i < seeds.length; i++) {
        const draw = avalanche(hash ^ (seeds[i] as number));
        if (draw <= most) continue;
        most = draw;
        best = i;
      }
    } else {
      let least = Number.POSITIVE_INFINITY;
      for (let i = 0; i < seeds.length; i++) {
        const draw = avalanche(hash ^ (seeds[i] as number));
        const wait = waitOf(draw) / (this.#weights[i] as number);
        if (wait >= least) continue;
        least = wait;
        best = i;
      }
    }
    return this.#clusters[best] as number;
  }

  words(): string {
    return "rendezvous";
  }
}

/**
 * −ln of a draw scaled to (0, 1): an exponential waiting time, so that
 * dividing by weights gives each member its share. `Math.log` may differ in
 * the last bit between engines; this uses exactly rounded operations only.
 * Absolute error below 1e-12.
 */
export function waitOf(draw: number): number {
  const x = draw + 0.5;
  const exponent = draw === 0 ? -1 : 31 - Math.clz32(draw);
  const s = x / (draw === 0 ? 0.5 : (1 << exponent) >>> 0);
  const t = (s - 1) / (s + 1);
  const square = t * t;
  let sum = 0;
  for (let odd = 25; odd >= 1; odd -= 2) sum = sum * square + 1 / odd;
  return (32 - exponent) * Math.LN2 - 2 * t * sum;
}
