/**
 * Messages to the client with QoS 1 and 2. Each broker numbers its own, so
 * they get ids of the session; a message keeps its id as long as the
 * broker and the client may speak of it, over reconnects too (MQTT-4.4.0-1).
 *
 * ```
 *   held ──room in the client's Receive Maximum──▶ sent
 *     └──its time has passed──▶ expired: the broker hears an acknowledgement in the client's place
 *   QoS 1:  sent ──PUBACK──▶ done
 *            └──the client comes back──▶ due ──the same again, DUP──▶ sent
 *                                         └──another with the broker's id──▶ done
 *   QoS 2:  sent ──PUBREC──▶ received ──PUBCOMP──▶ done
 *                 └─PUBREC ≥ 0x80 ▶ done
 *           due (kept from before the router began) ──the same again──▶ sent
 *                                                   └──PUBREL──▶ received
 *           sent · received · due ──the broker has forgotten the session──▶ abandoned
 *                                 ──the router's PUBREL, PUBCOMP──▶ done
 * ```
 * What is held is bounded by itself: each broker has the client's Receive
 * Maximum, too. Bytes have a limit of their own.
 */

import { withPacketId } from "../wire/patch.ts";
import { total } from "../wire/total.ts";
import { type Expiry, isExpired, withTimeLeft } from "./expiry.ts";
import type { KeptDelivery, SessionKeeper } from "./session-keeper.ts";

/** One message. */
interface Delivery {
  /** "" = it has forgotten the message: the router releases it in its place. */
  broker: string;
  /** The broker's id. */
  readonly brokerId: number;
  /** The client's id, 0 while it is held. */
  clientId: number;
  readonly qos: 1 | 2;
  state: "held" | "sent" | "received" | "due";
  /** Its packet, while that waits. */
  waits: Held | null;
}

interface Held {
  /** Null = its broker has sent it once more. */
  delivery: Delivery | null;
  frame: Uint8Array;
  readonly idAt: number;
  readonly expiry: Expiry | null;
}

/** A message that its broker may forget. */
export interface Expired {
  readonly broker: string;
  /** The broker's id. */
  readonly brokerId: number;
  readonly qos: 1 | 2;
}

/** See the module. */
export class Deliveries {
  /** Messages that the client takes before it acknowledges one. */
  window: number = maxIds;
  /** Bytes held back. */
  heldBytes = 0;
  /** Hears of QoS 2 messages on their way to the client; null = nobody keeps them. */
  keeper: SessionKeeper | null = null;
  #held: Held[] = [];
  #expired: Expired[] = [];
  #lastId = 0;
  /** Messages in state "due": their ids are taken, but the client does not wait for an answer to them. */
  #due = 0;
  readonly #byClient = new Map<number, Delivery>();
  readonly #byBroker = new Map<string, Map<number, Delivery>>();

  /**
   * A message came, at `now` (Unix milliseconds); `keep` makes a copy that outlives the call. Returns the
   * packet for the client, empty when it must wait or has expired.
   */
  publish(
    broker: string,
    qos: 1 | 2,
    frame: Uint8Array,
    idAt: number,
    keep: (bytes: Uint8Array) => Uint8Array,
    now = 0,
    expiry: Expiry | null = null,
  ): readonly Uint8Array[] {
    const brokerId = ((frame[idAt] as number) << 8) | (frame[idAt + 1] as number);
    const ids = this.#idsOf(broker);
    const known = ids.get(brokerId);
    if (known !== undefined && known.qos === qos && isSent(known)) {
      return withPacketId(frame, 0, idAt, frame.length, known.clientId);
    }
    const again = known !== undefined && isSameAgain(known, qos, frame);
    if (known !== undefined && known.waits !== null) this.#replace(known.waits);
    if (known !== undefined && known.state !== "held" && !again) this.#forget(known);
    const delivery: Delivery = again
      ? known
      : { broker, brokerId, clientId: 0, qos, state: "held", waits: null };
    ids.set(brokerId, delivery);
    if (!again && isExpired(expiry, now)) {
      this.#expire(delivery);
      return [];
    }
    if (this.#hasRoom && this.#held.length === 0) {
      return this.#send(delivery, frame, idAt, expiry, now);
    }
    delivery.waits = { delivery, frame: keep(frame), idAt, expiry };
    this.#held.push(delivery.waits);
    this.heldBytes += frame.length;
    return [];
  }

  /** Nothing is held, and nothing has expired. */
  get isFlowing(): boolean {
    return this.#held.length === 0 && this.#expired.length === 0;
  }

  /** Drops what is held and has expired. */
  expire(now: number): void {
    this.#held = this.#held.filter((held) => !this.#drop(held, now));
  }

  /** Forgets what has expired since the last call, and returns it: brokers are to hear PUBACK or PUBREC. */
  takeExpired(): readonly Expired[] {
    return this.#expired.length === 0 ? [] : this.#expired.splice(0);
  }

  /** PUBREL from a broker: the client's id, 0 when nothing is known of it. */
  released(broker: string, brokerId: number): number {
    const delivery = this.#byBroker.get(broker)?.get(brokerId);
    if (delivery === undefined || delivery.qos !== 2) return 0;
    if (delivery.state === "due") this.#due -= 1;
    if (delivery.clientId !== 0) delivery.state = "received"; // the broker has its PUBREC
    return delivery.clientId;
  }

  /**
   * PUBACK, PUBREC or PUBCOMP from the client: whom it is for, null when nothing is known of it, "wrong"
   * when it is not what answers the message as it stands.
   */
  answered(
    packet: "puback" | "pubrec" | "pubcomp",
    clientId: number,
    reason: number,
  ): { readonly broker: string; readonly brokerId: number } | "wrong" | null {
    const delivery = this.#byClient.get(clientId);
    if (delivery === undefined || delivery.state === "due") return null;
    if ((packet === "puback") !== (delivery.qos === 1)) return "wrong";
    if (packet === "pubcomp" && delivery.state === "sent") return "wrong";
    if (packet === "pubrec" && reason < 0x80) delivery.state = "received";
    else this.#forget(delivery);
    return delivery;
  }

  /** Messages that there is room for now; see also {@link Deliveries.takeExpired}. */
  next(now = 0): readonly Uint8Array[] {
    if (this.#held.length === 0) return nothing;
    const chunks: Uint8Array[] = [];
    let sent = 0;
    for (const held of this.#held) {
      if (!this.#drop(held, now)) {
        if (!this.#hasRoom) break;
        this.heldBytes -= held.frame.length;
        const { delivery, frame, idAt, expiry } = held;
        chunks.push(...this.#send(delivery as Delivery, frame, idAt, expiry, now));
      }
      sent += 1;
    }
    if (sent > 0) this.#held = this.#held.slice(sent);
    return chunks;
  }

  /** The client begins a new connection with its session kept: brokers send again what is not done. */
  resume(): void {
    for (const delivery of this.#byClient.values()) {
      if (delivery.qos !== 1 || delivery.state === "due") continue;
      delivery.state = "due";
      this.#due += 1;
    }
    for (const { delivery } of this.#held) {
      if (delivery === null) continue;
      delivery.waits = null;
      if (delivery.state === "held") this.#forget(delivery);
    }
    this.#held = [];
    this.heldBytes = 0;
  }

  /** Ids of new messages begin somewhere that this number decides. */
  beginAfter(seed: number): void {
    this.#lastId = Math.floor(seed) % maxIds;
  }

  /**
   * A broker has forgotten the session. The id of a QoS 2 message that the client may have stays taken
   * until the client has released it: another message under it would be taken for the same.
   */
  abandon(broker: string): void {
    for (const delivery of [...this.#byClient.values()]) {
      if (delivery.broker !== broker || delivery.qos !== 2) continue;
      if (delivery.state === "due") this.#due -= 1;
      delivery.state = "received";
      this.#byBroker.get(broker)?.delete(delivery.brokerId);
      delivery.broker = "";
      this.keeper?.delivering(delivery.clientId, "", 0);
    }
    this.clear(broker);
  }

  /** Ids that the router must release in place of brokers that have forgotten them. */
  get abandoned(): readonly number[] {
    return [...this.#byClient.values()]
      .filter(({ broker }) => broker === "")
      .map(({ clientId }) => clientId);
  }

  /** What was kept of a session that this router has not had: brokers will speak of it again. */
  restore(kept: readonly KeptDelivery[]): void {
    for (const { clientId, broker, brokerId } of kept) {
      const state = broker === "" ? "received" : "due";
      const delivery: Delivery = { broker, brokerId, clientId, qos: 2, state, waits: null };
      this.#byClient.set(clientId, delivery);
      if (broker === "") continue;
      this.#idsOf(broker).set(brokerId, delivery);
      this.#due += 1;
    }
  }

  /** The session begins anew, or did so on one broker. */
  clear(broker: string | null = null): void {
    for (const delivery of [
      ...this.#byClient.values(),
      ...this.#held.flatMap((each) => each.delivery ?? []),
    ]) {
      if (broker === null || delivery.broker === broker) this.#forget(delivery);
    }
    this.#held = this.#held.filter(
      ({ delivery }) => broker !== null && delivery !== null && delivery.broker !== broker,
    );
    this.heldBytes = total(this.#held.map(({ frame }) => frame));
  }

  /** Drops what its broker has sent once more, and what has expired if the client has never been sent it. */
  #drop({ delivery, frame, expiry }: Held, now: number): boolean {
    if (delivery === null) return true;
    if (delivery.state !== "held" || !isExpired(expiry, now)) return false;
    this.heldBytes -= frame.length;
    this.#expire(delivery);
    return true;
  }

  #expire(delivery: Delivery): void {
    this.#forget(delivery);
    this.#expired.push(delivery);
  }

  /** The broker has sent the message once more, over another link: it is not to come twice. */
  #replace(held: Held): void {
    this.heldBytes -= held.frame.length;
    held.delivery = null;
    held.frame = none;
  }

  #send(
    delivery: Delivery,
    frame: Uint8Array,
    idAt: number,
    expiry: Expiry | null,
    now: number,
  ): readonly Uint8Array[] {
    delivery.waits = null;
    if (delivery.state === "due") this.#due -= 1;
    else {
      do this.#lastId = (this.#lastId % maxIds) + 1;
      while (this.#byClient.has(this.#lastId));
      delivery.clientId = this.#lastId;
      if (delivery.qos === 2) {
        this.keeper?.delivering(delivery.clientId, delivery.broker, delivery.brokerId);
      }
    }
    delivery.state = "sent";
    this.#byClient.set(delivery.clientId, delivery);
    const packet = withTimeLeft(frame, expiry, now);
    return withPacketId(packet, 0, idAt, packet.length, delivery.clientId);
  }

  get #hasRoom(): boolean {
    const { size } = this.#byClient;
    return size < maxIds && size - this.#due < this.window;
  }

  #forget(delivery: Delivery): void {
    if (delivery.state === "due") {
      this.#due -= 1;
      delivery.state = "held";
    }
    if (delivery.clientId !== 0) {
      this.#byClient.delete(delivery.clientId);
      if (delivery.qos === 2) this.keeper?.delivered(delivery.clientId);
    }
    const ids = this.#byBroker.get(delivery.broker);
    if (ids?.get(delivery.brokerId) === delivery) ids.delete(delivery.brokerId);
  }

  #idsOf(broker: string): Map<number, Delivery> {
    let ids = this.#byBroker.get(broker);
    if (ids === undefined) {
      ids = new Map();
      this.#byBroker.set(broker, ids);
    }
    return ids;
  }
}

function isSent({ state }: Delivery): boolean {
  return state === "sent" || state === "received";
}

/** Whether a broker means the message that is due. QoS 2 under an id that is not done can be no other. */
function isSameAgain({ state, qos }: Delivery, again: 1 | 2, frame: Uint8Array): boolean {
  if (state !== "due" || qos !== again) return false;
  return qos === 2 || ((frame[0] as number) & DUP) !== 0;
}

/** The flag of a PUBLISH that is sent again. */
const DUP = 8;
const nothing: readonly Uint8Array[] = [];
const none = new Uint8Array(0);
/** Packet ids that there are. */
const maxIds = 0xffff;
