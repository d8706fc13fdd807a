/** PUBACK, PUBREC, PUBREL and PUBCOMP from the client, each to the broker that its packet id belongs to. */
import {
  fragment,
  local,
  type NextPlan,
  type Part,
  type Plan,
  type RoutingTable,
  skip,
} from "@echarde/core";
import { AckScanner } from "../wire/ack-scanner.ts";
import type { Frame } from "../wire/frame-reader.ts";
import * as type from "../wire/packet-types.ts";
import { withPacketId } from "../wire/patch.ts";
import { protocolError, type Rejection } from "../wire/rejection.ts";
import type { Brokers } from "./brokers.ts";
import type { Expired } from "./deliveries.ts";
import type { DropReason } from "./dropped.ts";
import { acknowledgement, insteadOf } from "./own-packets.ts";
import type { SessionState } from "./session-state.ts";

/** What it needs of its session. */
interface Owner {
  /** Time of the input. */
  now(): number;
  /** A message for the client is dropped. */
  dropped(why: DropReason): void;
}

/** See the module. */
export class Acknowledging {
  readonly #scanner: AckScanner;
  readonly #state: SessionState;
  readonly #brokers: Brokers;
  readonly #version: type.Version;

  readonly #owner: Owner;

  constructor(version: type.Version, state: SessionState, brokers: Brokers, owner: Owner) {
    this.#owner = owner;
    this.#scanner = new AckScanner(version, "client");
    this.#version = version;
    this.#state = state;
    this.#brokers = brokers;
  }

  /** What becomes of the packet in `frame`. */
  request(bytes: Uint8Array, frame: Frame, table: RoutingTable): Plan | Rejection {
    const scanner = this.#scanner;
    if (!scanner.scan(bytes, frame)) return scanner.rejection as Rejection;
    const { packetId, reason, idAt } = scanner;
    const packetType = frame.first >> 4;
    if (packetType === type.PUBREL) {
      const names = this.#state.uploads.release(packetId, this.#brokers.live());
      if (names === null) return local(acknowledgement("pubcomp", packetId, this.#version));
      const packet = bytes.subarray(frame.start, frame.end);
      const parts = names.flatMap((name) => this.#brokers.tell(table, name, packet));
      return parts.length === 0 ? skip : fragment(parts, () => skip);
    }
    const kind =
      packetType === type.PUBACK ? "puback" : packetType === type.PUBREC ? "pubrec" : "pubcomp";
    const { deliveries } = this.#state;
    const origin = deliveries.answered(kind, packetId, reason);
    if (origin === null) return skip; // of an earlier life, or said twice
    if (origin === "wrong") return wrongAnswer;
    if (origin.broker === "" && kind === "pubrec" && reason < 0x80) {
      return local(acknowledgement("pubrel", packetId, this.#version)); // its broker has forgotten it
    }
    if (origin.broker === "") return this.#next(table, []);
    const packet = withPacketId(bytes, frame.start, idAt, frame.end, origin.brokerId);
    if (deliveries.isFlowing) return this.#brokers.pass(table, origin.broker, packet);
    return this.#next(table, this.#brokers.tell(table, origin.broker, packet));
  }

  /** Messages that the client has room for now. */
  #next(table: RoutingTable, told: readonly Part[]): NextPlan {
    const { deliveries } = this.#state;
    const chunks = deliveries.next(this.#owner.now());
    const next = chunks.length === 0 ? skip : local(chunks);
    const expired = deliveries.takeExpired();
    const parts = expired.length === 0 ? told : [...told, ...this.#instead(table, expired)];
    return parts.length === 0 ? next : fragment(parts, () => next);
  }

  /** Acknowledges in the client's place what it is not sent any more. */
  #instead(table: RoutingTable, expired: readonly Expired[]): readonly Part[] {
    return expired.flatMap((each) => {
      this.#owner.dropped("expired");
      return this.#brokers.tell(table, each.broker, insteadOf(each, this.#version));
    });
  }
}

const wrongAnswer: Rejection = protocolError("4.3", "not the answer to a message of this QoS");
