import type { Hasher, HashMember } from "./hasher.ts";
import { JumpHasher } from "./jump-hasher.ts";
import { KetamaHasher } from "./ketama-hasher.ts";
import { MaglevHasher } from "./maglev-hasher.ts";
import type { Owner } from "./model.ts";
import { RendezvousHasher } from "./rendezvous-hasher.ts";
import { type RingHash, ringHashes } from "./ring-hash.ts";
import { SLOT_COUNT, SlotHasher, sharesOf } from "./slot-hasher.ts";

/** Owner of a hash rule. */
export type HashOwner = Extract<Owner, { type: "hash" }>;

/** Compiles the hash of a rule. `indexOf` gives a cluster's index in the table. */
export function makeHasher(owner: HashOwner, indexOf: (cluster: string) => number): Hasher {
  const members = owner.shares.map(({ cluster, name, weight }): HashMember => {
    return { cluster: indexOf(cluster), name, weight };
  });
  switch (owner.kind) {
    case "crc16-slots":
      return new SlotHasher(
        owner.slots === null ? sharesOf(members) : slotsOf(owner.slots, members),
      );
    case "ketama":
      return new KetamaHasher(members, ringHashes.get(owner.function) as RingHash, owner.function);
    case "rendezvous":
      return new RendezvousHasher(members);
    case "jump":
      return new JumpHasher(members);
    case "maglev":
      return new MaglevHasher(members);
  }
}

function slotsOf(
  slots: NonNullable<HashOwner["slots"]>,
  members: readonly HashMember[],
): Uint32Array {
  const owners = new Uint32Array(SLOT_COUNT);
  for (const [share, first, last] of slots) {
    owners.fill((members[share] as HashMember).cluster, first, last + 1);
  }
  return owners;
}
