/**
 * Session settings that a new upstream connection must hear first: AUTH,
 * SELECT, HELLO, CONNECT, SASL tokens. Only the newest value of a slot is
 * kept, so replay never grows. Immutable: a codec tries a changed copy on the
 * upstreams and commits it when they agree.
 */

/** One setting. */
export interface Slot {
  /** Its name, unique in a journal. */
  readonly name: string;
  /** Slots are replayed in ascending rank. One below 0 is never replayed: it only keeps identities apart. */
  readonly rank: number;
  /** Whether the setting is part of who the connection is: sessions share a link only if all these are equal. Others are replayed on private links only. */
  readonly identity: boolean;
  /** Restores what a new connection has anyhow: no part of the identity, and replayed only where another value was heard before. */
  readonly initial: boolean;
  /** The packet to replay. Memory that is never touched again. */
  readonly packet: Uint8Array;
  /** Other packets for clusters of these names (a will that one cluster alone may hear); null = the same for all. */
  readonly packets: ReadonlyMap<string, Uint8Array> | null;
}

/** Named slots; see the module. */
export class Journal {
  // Private, so that nothing prints them: they hold credentials.
  readonly #slots: readonly Slot[];
  readonly #key: string;

  private constructor(slots: readonly Slot[]) {
    this.#slots = slots;
    let key = "";
    for (const slot of slots) {
      if (!slot.identity || slot.initial) continue;
      key += `${slot.name}=${slot.packet.length}:`;
      for (const byte of slot.packet) key += String.fromCharCode(byte);
    }
    this.#key = key;
  }

  /** Slots by ascending rank. */
  get slots(): readonly Slot[] {
    return this.#slots;
  }

  /** Equal for journals whose identity slots are equal byte for byte. Holds credentials: never print it. */
  get key(): string {
    return this.#key;
  }

  /** The journal of a session that has set nothing. */
  static readonly empty: Journal = new Journal([]);

  /** A copy with this slot set (replacing one of the same name). */
  with(slot: Slot): Journal {
    const kept = this.slots.filter((other) => other.name !== slot.name);
    return new Journal([...kept, slot].sort((a, b) => a.rank - b.rank));
  }

  /** A copy without the slot of this name. */
  without(name: string): Journal {
    return new Journal(this.slots.filter((slot) => slot.name !== name));
  }

  /** The slot of this name, if set. */
  get(name: string): Slot | undefined {
    return this.slots.find((slot) => slot.name === name);
  }

  /** What a link that has replayed `before` must still hear; identity slots only, or all on a private link. */
  since(before: Journal, everything: boolean): readonly Slot[] {
    return this.slots.filter((slot) => {
      if (slot.rank < 0) return false;
      if (!everything && !slot.identity) return false;
      const heard = before.get(slot.name);
      return heard !== slot && !(slot.initial && (heard === undefined || heard.initial));
    });
  }
}
