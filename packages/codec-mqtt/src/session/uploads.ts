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
  /** Broker that answers; "" = several, or none. */
  readonly broker: string;
  /** All that may know it, while they are asked; null = just the one. */
  readonly asked: Set<string> | null;
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
    const upload = this.#open.get(id);
    if (upload === undefined) return null;
    const [asked = null] = upload.asked ?? [];
    return upload.broker || asked;
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
    const asked = null;
    this.#open.set(id, { qos, state: "sent", broker, asked, packet, isSent, came });
    if (packet !== null) this.heldBytes += packet.length;
  }

  /** A broker is there again: what it has not answered to, in order. */
  resend(broker: string, version: type.Version, now: number): Resent {
    const packets: Uint8Array[] = [];
    const dropped: Uint8Array[] = [];
    for (const [id, upload] of this.#open) {
      const { qos, state, packet: kept, isSent, came } = upload;
      if (!answers(upload, broker)) continue;
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
    this.#open.set(id, { ...upload, state: "dropped", broker: "", packet: null });
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
      const rest = { packet: null, isSent: true, came: 0 } as const;
      const asked = { state: "asked", broker: "", asked: new Set(all) } as const;
      this.#open.set(id, { qos: 2, ...asked, ...rest });
      return all;
    }
    if (upload.state === "dropped") {
      this.#forget(id);
      return null;
    }
    const { asked } = upload;
    upload.state = asked !== null && asked.size > 1 ? "asked" : "released";
    return asked === null ? [upload.broker] : [...asked];
  }

  /** PUBACK, PUBREC or PUBCOMP from a broker. Returns whether the client is to hear it. */
  answered(packetType: number, id: number, reason: number, broker: string): boolean {
    const upload = this.#open.get(id);
    if (upload === undefined || !answers(upload, broker)) return false;
    if (packetType === type.PUBREC) {
      if (upload.qos !== 2) return false;
      if (reason >= 0x80) this.#done(id, upload);
      else if (upload.state === "sent") {
        this.heldBytes -= upload.packet?.length ?? 0;
        upload.packet = null;
        upload.state = "received";
      }
      return true;
    }
    if ((packetType === type.PUBACK) !== (upload.qos === 1)) return false;
    if (upload.asked !== null && upload.asked.size > 1 && reason !== 0) {
      upload.asked.delete(broker); // another one may know it
      return false;
    }
    this.#done(id, upload);
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
    const upload = this.#open.get(id);
    if (upload !== undefined) this.#done(id, upload);
  }

  #done(id: number, { packet }: Upload): void {
    if (packet !== null) this.heldBytes -= packet.length;
    this.#open.delete(id);
  }
}

function answers({ broker, asked }: Upload, name: string): boolean {
  return asked === null ? broker === name : asked.has(name);
}

/** The flag of a PUBLISH that is sent again. */
const DUP = 8;
