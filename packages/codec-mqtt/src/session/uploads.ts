/**
 * Messages from the client with QoS 1 and 2. Ids are the client's, and each
 * has one broker, so they stay as they are; what is kept says where PUBREL
 * goes, and what counts against Receive Maximum.
 *
 * ```
 *   QoS 1:  sent ──PUBACK──▶ done
 *   QoS 2:  sent ──PUBREC──▶ received ──PUBREL──▶ released ──PUBCOMP──▶ done
 *                 └─PUBREC ≥ 0x80 ▶ done
 *   sent late, and expired by then ▶ QoS 1: done      QoS 2: dropped ──PUBREL──▶ done
 *   a PUBREL of an earlier life of the router, its broker unknown:
 *           asked ──PUBCOMP of all of them──▶ done, the best of them passed on
 * ```
 */
import * as type from "../wire/packet-types.ts";
import { keptPublish } from "./expiry.ts";
import { acknowledgement } from "./own-packets.ts";

interface Upload {
  readonly qos: 1 | 2;
  state: "sent" | "received" | "released" | "asked" | "dropped";
  /** Brokers that answer. */
  readonly brokers: Set<string>;
  /** Its PUBLISH, to be sent again when the broker's link is lost; null = that is the client's business. */
  packet: Uint8Array | null;
  /** Whether it has been sent. */
  isSent: boolean;
  /** When the client sent it, Unix milliseconds. */
  readonly came: number;
}

/** What is done for a broker that is there again. */
export interface Resent {
  /** Packets for it. */
  readonly packets: readonly Uint8Array[];
  /** Acknowledgements of expired messages, for the client. */
  readonly dropped: readonly Uint8Array[];
}

/** See the module. At most 65,535, as there are ids. */
export class Uploads {
  /** Bytes of packets that are kept. */
  heldBytes = 0;
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

  /** The client sends a message to a broker, perhaps again. `packet` is kept where the router is to send it again, and came then. */
  publish(
    id: number,
    qos: 1 | 2,
    broker: string,
    packet: Uint8Array | null = null,
    isSent = true,
    came = 0,
  ): void {
    this.#forget(id);
    this.#open.set(id, { qos, state: "sent", brokers: new Set([broker]), packet, isSent, came });
    this.heldBytes += packet?.length ?? 0;
  }

  /** A broker is there again: what it has not answered to, in order. */
  resend(broker: string, version: type.Version, now: number): Resent {
    const packets: Uint8Array[] = [];
    const dropped: Uint8Array[] = [];
    for (const [id, upload] of this.#open) {
      const { qos, state, packet: kept, isSent, came } = upload;
      if (!upload.brokers.has(broker)) continue;
      if (state === "released") packets.push(acknowledgement("pubrel", id, version));
      if (state !== "sent" || kept === null) continue;
      const due = version === 5 ? keptPublish(kept, came, now, !isSent) : kept;
      if (due === null) {
        dropped.push(acknowledgement(qos === 1 ? "puback" : "pubrec", id, version));
        this.#drop(id, upload);
        continue;
      }
      const packet = due.slice();
      if (isSent) packet[0] = (packet[0] as number) | DUP;
      upload.isSent = true;
      packets.push(packet);
    }
    return { packets, dropped };
  }

  #drop(id: number, upload: Upload): void {
    this.#forget(id);
    if (upload.qos === 1) return;
    this.#open.set(id, { ...upload, state: "dropped", brokers: new Set(), packet: null });
  }

  /** The client has gone: it sends again by itself what is not done. */
  rest(): void {
    for (const upload of this.#open.values()) upload.packet = null;
    this.heldBytes = 0;
  }

  /** PUBREL from the client. Returns the brokers it goes to: its own, or `all` when that is not known; null = no broker has had the message, it is done. */
  release(id: number, all: readonly string[]): readonly string[] | null {
    const upload = this.#open.get(id);
    if (upload === undefined) {
      const asked = { state: "asked", brokers: new Set(all), packet: null, isSent: true } as const;
      this.#open.set(id, { qos: 2, ...asked, came: 0 });
      return all;
    }
    if (upload.state === "dropped") {
      this.#forget(id);
      return null;
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
      if (reason >= 0x80) this.#forget(id);
      else if (upload.state === "sent") {
        this.heldBytes -= upload.packet?.length ?? 0;
        upload.packet = null;
        upload.state = "received";
      }
      return true;
    }
    if ((packetType === type.PUBACK) !== (upload.qos === 1)) return false;
    if (upload.state === "asked" && upload.brokers.size > 1 && reason !== 0) {
      upload.brokers.delete(broker); // another one may know it
      return false;
    }
    this.#forget(id);
    return true;
  }

  /** The client begins a new connection with its session kept: it sends again what is not done. */
  resume(): void {
    for (const [id, { qos }] of this.#open) if (qos === 1) this.#forget(id);
  }

  /** The session begins anew. */
  clear(): void {
    this.#open.clear();
    this.heldBytes = 0;
  }

  #forget(id: number): void {
    this.heldBytes -= this.#open.get(id)?.packet?.length ?? 0;
    this.#open.delete(id);
  }
}

/** The flag of a PUBLISH that is sent again. */
const DUP = 8;
