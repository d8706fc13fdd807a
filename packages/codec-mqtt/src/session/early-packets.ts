/**
 * What brokers send before the client has its CONNACK: a broker that is
 * quicker than the others begins to deliver what it has kept, and the client
 * must hear CONNACK first [MQTT-3.2.0-1].
 */

/** See the module. */
export class EarlyPackets {
  readonly #packets: { readonly frame: Uint8Array; readonly broker: string }[] = [];
  #bytes = 0;

  /** Holds a packet, which outlives the call. False when it is too much. */
  add(frame: Uint8Array, broker: string): boolean {
    this.#bytes += frame.length;
    this.#packets.push({ frame, broker });
    return this.#bytes <= maxEarly;
  }

  /** Forgets them and returns them, oldest first. */
  take(): readonly { readonly frame: Uint8Array; readonly broker: string }[] {
    return this.#packets.splice(0);
  }
}

/** As much as may wait for one client in the host. */
const maxEarly = 64 << 20;
