import { crc16 } from "../bytes/crc16.ts";
import type { Hasher, HashMember } from "./hasher.ts";

/** Slots of `crc16-slots`. */
export const SLOT_COUNT = 16_384;

/** Slot of the (tagged part of the) key at `bytes[from, to)`: CRC-16/XMODEM modulo 16,384. */
export function slotOf(bytes: Uint8Array, from: number, to: number): number {
  return crc16(bytes, from, to) & (SLOT_COUNT - 1);
}

/** An array from slot to cluster. */
export class SlotHasher implements Hasher {
  readonly owned: Uint32Array;

  /** `owners` has the cluster index of each slot. */
  constructor(owners: Uint32Array) {
    this.owned = owners;
  }

  pick(bytes: Uint8Array, from: number, to: number): number {
    return this.owned[slotOf(bytes, from, to)] as number;
  }

  words(bytes: Uint8Array, from: number, to: number): string {
    return `crc16-slots, slot ${slotOf(bytes, from, to)}`;
  }
}

/**
 * Contiguous shares by weight, in the order of the members: shares end at
 * the rounded cumulative weight, as the usual cluster set-up tools cut them
 * (three equal members: 0-5460, 5461-10922, 10923-16383).
 */
export function sharesOf(members: readonly HashMember[]): Uint32Array {
  const owners = new Uint32Array(SLOT_COUNT);
  let total = 0;
  for (const member of members) total += member.weight;
  let weight = 0;
  let slot = 0;
  for (const member of members) {
    weight += member.weight;
    const end = Math.round((SLOT_COUNT * weight) / total);
    owners.fill(member.cluster, slot, end);
    slot = end;
  }
  return owners;
}
