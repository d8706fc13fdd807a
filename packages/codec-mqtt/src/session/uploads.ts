/**
 * Messages from the client with QoS 1 and 2. Ids are the client's, and each
 * has one broker, so they stay as they are; what is kept says where PUBREL
 * goes, and what counts against Receive Maximum.
 *
 * ```
 *   QoS 1:  sent ──PUBACK──▶ done
 *   QoS 2:  sent ──PUBREC──▶ received ──PUBREL──▶ released ──PUBCOMP──▶ done
 *                 └─PUBREC ≥ 0x80 ▶ done
 *   a PUBREL of an earlier life of the router, its broker unknown:
 *           asked ──PUBCOMP of all of them──▶ done, the best of them passed on
 * ```
 */
import * as type from "../wire/packet-types.ts";

interface Upload {
  readonly qos: 1 | 2;
  state: "sent" | "received" | "released" | "asked";
  /** Brokers that answer. */
  readonly brokers: Set<string>;
}

/** See the module. At most 65,535, as there are ids. */
export class Uploads {
  readonly #open = new Map<number, Upload>();

  /** Messages that are not done. */
  get size(): number {
    return this.#open.size;
  }

  /** The broker that has a message of this id already. */
  owner(id: number): string | null {
    const [broker] = this.#open.get(id)?.brokers ?? [];
    return broker ?? null;
  }

  /** The client sends a message to a broker, perhaps again. */
  publish(id: number, qos: 1 | 2, broker: string): void {
    this.#open.set(id, { qos, state: "sent", brokers: new Set([broker]) });
  }

  /** PUBREL from the client. Returns the brokers it goes to: its own, or `all` when that is not known. */
  release(id: number, all: readonly string[]): readonly string[] {
    const upload = this.#open.get(id);
    if (upload === undefined) {
      this.#open.set(id, { qos: 2, state: "asked", brokers: new Set(all) });
      return all;
    }
    upload.state = upload.brokers.size > 1 ? "asked" : "released";
    return [...upload.brokers];
  }

  /** PUBACK, PUBREC or PUBCOMP from a broker. Returns whether the client is to hear it. */
  answered(packetType: number, id: number, reason: number, broker: string): boolean {
    const upload = this.#open.get(id);
    if (upload === undefined || !upload.brokers.has(broker)) return false;
    if (packetType === type.PUBREC) {
      if (upload.qos !== 2) return false;
      if (reason >= 0x80) this.#open.delete(id);
      else if (upload.state === "sent") upload.state = "received";
      return true;
    }
    if ((packetType === type.PUBACK) !== (upload.qos === 1)) return false;
    if (upload.state === "asked" && upload.brokers.size > 1 && reason !== 0) {
      upload.brokers.delete(broker); // another one may know it
      return false;
    }
    this.#open.delete(id);
    return true;
  }

  /** The client begins a new connection with its session kept: it sends again what is not done. */
  resume(): void {
    for (const [id, { qos }] of this.#open) if (qos === 1) this.#open.delete(id);
  }

  /** The session begins anew. */
  clear(): void {
    this.#open.clear();
  }
}
