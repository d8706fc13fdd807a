import { murmur3 } from "../bytes/murmur.ts";
import { encodeUtf8 } from "../bytes/utf8.ts";
import type { Hasher, HashMember } from "./hasher.ts";

/** Entries of the look-up table: prime, and more than 100 for each of 655 members. */
const MAGLEV_SIZE = 65_537;

/**
 * Maglev (Eisenbud et al., 2016): members take turns in filling a table, each
 * along its own permutation, as often as its weight says. One look-up for
 * each key; few keys of other members move when one comes or goes. Hashes
 * are MurmurHash3, of the key and of the name (seeds 0 and 1).
 */
export class MaglevHasher implements Hasher {
  readonly owned: Uint32Array;

  /** The order of the members decides who takes the first turn. */
  constructor(members: readonly HashMember[]) {
    this.owned = fill(members);
  }

  pick(bytes: Uint8Array, from: number, to: number): number {
    return this.owned[murmur3(bytes, from, to, 0) % MAGLEV_SIZE] as number;
  }

  words(bytes: Uint8Array, from: number, to: number): string {
    return `maglev, entry ${murmur3(bytes, from, to, 0) % MAGLEV_SIZE}`;
  }
}

function fill(members: readonly HashMember[]): Uint32Array {
  const table = new Uint32Array(MAGLEV_SIZE);
  const taken = new Uint8Array(MAGLEV_SIZE);
  let heaviest = 0;
  for (const member of members) heaviest = Math.max(heaviest, member.weight);
  const turns = members.map(({ name, weight, cluster }) => {
    const bytes = encodeUtf8(name);
    return {
      cluster,
      weight,
      credit: 0,
      at: murmur3(bytes, 0, bytes.length, 0) % MAGLEV_SIZE,
      skip: (murmur3(bytes, 0, bytes.length, 1) % (MAGLEV_SIZE - 1)) + 1,
    };
  });
  for (let filled = 0; filled < MAGLEV_SIZE; ) {
    for (const member of turns) {
      member.credit += member.weight;
      if (member.credit < heaviest || filled === MAGLEV_SIZE) continue;
      member.credit -= heaviest;
      while (taken[member.at] === 1) member.at = (member.at + member.skip) % MAGLEV_SIZE;
      taken[member.at] = 1;
      table[member.at] = member.cluster;
      filled++;
    }
  }
  return table;
}
