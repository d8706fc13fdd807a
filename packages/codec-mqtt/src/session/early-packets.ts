/**
 * What brokers send before the client has its CONNACK: a broker that is
 * quicker than the others begins to deliver what it has kept, and the client
 * must hear CONNACK first [MQTT-3.2.0-1].
 */

/** One of them. */
interface EarlyPacket {
  readonly frame: Uint8Array;
  /** Name of its broker. */
  readonly broker: string;
  /** When it came, Unix milliseconds. */
  readonly at: number;
}

/** See the module. */
export class EarlyPackets {
  readonly #packets: EarlyPacket[] = [];
  #bytes = 0;

  /** Holds a packet, which outlives the call. False when it is too much. */
  add(frame: Uint8Array, broker: string, at: number): boolean {
    this.#bytes += frame.length;
    this.#packets.push({ frame, broker, at });
    return this.#bytes <= maxEarly;
  }

  /** Forgets them and returns them, oldest first. */
  take(): readonly EarlyPacket[] {
    return this.#packets.splice(0);
  }
}

/** As much as may wait for one client in the host. */
const maxEarly = 64 << 20;
