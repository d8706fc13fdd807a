/** What brokers send of their own accord: messages, acknowledgements, the end. */
import {
  type Emission,
  noReaction,
  type Reaction,
  type RouterContext,
  reaction,
} from "@echarde/core";
import { AckScanner } from "../wire/ack-scanner.ts";
import { decodePacket } from "../wire/decode.ts";
import { FRAME, FrameReader } from "../wire/frame-reader.ts";
import * as type from "../wire/packet-types.ts";
import { withPacketId } from "../wire/patch.ts";
import { PublishScanner } from "../wire/publish-scanner.ts";
import { reason } from "../wire/reasons.ts";
import type { Brokers } from "./brokers.ts";
import type { Client } from "./client.ts";
import type { DropReason } from "./dropped.ts";
import { type Expiry, expiryOf, isExpired, withTimeLeft } from "./expiry.ts";
import { acknowledgement, disconnectPacket, insteadOf, wordsIn } from "./own-packets.ts";
import type { Policy } from "./policy.ts";
import type { SessionState } from "./session-state.ts";

/** What it needs of its session. */
export interface DownwardOwner {
  /** How links are treated. */
  readonly policy: Policy;
  /** Time of the input. */
  now(): number;
  /** A message for the client is dropped. */
  dropped(why: DropReason): void;
}

/** See the module. */
export class Downward {
  readonly #router: RouterContext;
  readonly #client: Client;
  readonly #version: type.Version;
  readonly #state: SessionState;
  readonly #brokers: Brokers;
  readonly #reader: FrameReader;
  readonly #publish: PublishScanner;
  readonly #ack: AckScanner;
  readonly #owner: DownwardOwner;
  readonly #keep: (bytes: Uint8Array) => Uint8Array;

  constructor(
    router: RouterContext,
    client: Client,
    state: SessionState,
    brokers: Brokers,
    owner: DownwardOwner,
  ) {
    const { version } = client;
    this.#client = client;
    this.#owner = owner;
    this.#router = router;
    this.#version = version;
    this.#state = state;
    this.#brokers = brokers;
    this.#reader = new FrameReader("server", version);
    this.#publish = new PublishScanner(version, "server");
    this.#ack = new AckScanner(version, "server");
    this.#keep = (bytes) => router.keep(bytes);
  }

  /** A packet from a broker, which came at `at`, Unix milliseconds. */
  push(frame: Uint8Array, broker: string, at: number = this.#owner.now()): Reaction {
    const reader = this.#reader;
    if (reader.read(frame, 0) !== FRAME) return this.#fault(broker);
    switch (reader.type) {
      case type.PUBLISH:
        return this.#message(frame, broker, at);
      case type.PUBACK:
      case type.PUBREC:
      case type.PUBCOMP:
        if (!this.#ack.scan(frame, reader)) return this.#fault(broker);
        return this.#acknowledged(frame, broker);
      case type.PUBREL:
        if (!this.#ack.scan(frame, reader)) return this.#fault(broker);
        return this.#released(frame, broker);
      case type.DISCONNECT:
        return this.#disconnected(frame, broker);
      default:
        return this.#fault(broker); // AUTH, which no CONNECT of ours asked for
    }
  }

  #message(frame: Uint8Array, broker: string, at: number): Reaction {
    const scanner = this.#publish;
    if (!scanner.scan(frame, this.#reader) || scanner.alias > 0) return this.#fault(broker);
    const { qos, topicFrom, topicTo, idAt, packetId } = scanner;
    const { table } = this.#router;
    const owner = table.clusters[table.route(frame, topicFrom, topicTo)]?.name;
    if (owner !== broker) {
      // Somebody published past the router: one server would not have it.
      this.#owner.dropped("foreign");
      if (qos === 0) return noReaction;
      const packet = insteadOf({ qos, brokerId: packetId }, this.#version);
      return reaction({ emit: this.#to(broker, packet) });
    }
    const now = this.#owner.now();
    const expiry = expiryOf(frame, scanner.expiryAt, at);
    if (qos === 0) return this.#atMostOnce(frame, expiry, now);
    const { deliveries } = this.#state;
    const bytes = deliveries.publish(broker, qos, frame, idAt, this.#keep, now, expiry);
    if (deliveries.isFlowing) return reaction({ emit: [{ to: null, bytes }] });
    if (deliveries.heldBytes > maxHeld) deliveries.expire(now);
    const emit = deliveries.takeExpired().flatMap((expired) => {
      this.#owner.dropped("expired");
      return this.#to(expired.broker, insteadOf(expired, this.#version));
    });
    if (deliveries.heldBytes > maxHeld) {
      const words = "too much waits for acknowledgements";
      return this.#end(disconnectPacket(this.#client, reason.quotaExceeded, words));
    }
    if (bytes.length > 0) emit.push({ to: null, bytes });
    return emit.length === 0 ? noReaction : reaction({ emit });
  }

  /** QoS 0 waits only for CONNACK. */
  #atMostOnce(frame: Uint8Array, expiry: Expiry | null, now: number): Reaction {
    if (isExpired(expiry, now)) {
      this.#owner.dropped("expired");
      return noReaction;
    }
    return reaction({ emit: [{ to: null, bytes: [withTimeLeft(frame, expiry, now)] }] });
  }

  #acknowledged(frame: Uint8Array, broker: string): Reaction {
    const { packetId, reason: code } = this.#ack;
    const heard = this.#state.uploads.answered(this.#reader.type, packetId, code, broker);
    return heard ? reaction({ emit: [{ to: null, bytes: [frame] }] }) : noReaction;
  }

  #released(frame: Uint8Array, broker: string): Reaction {
    const { packetId, idAt } = this.#ack;
    const clientId = this.#state.deliveries.released(broker, packetId);
    // The client never had it, or has said so: the broker only needs to hear the end.
    if (clientId === 0) {
      return reaction({
        emit: this.#to(broker, acknowledgement("pubcomp", packetId, this.#version)),
      });
    }
    const bytes = withPacketId(frame, 0, idAt, frame.length, clientId);
    return reaction({ emit: [{ to: null, bytes }] });
  }

  /** The client hears why, unless it is sent elsewhere: it must not leave the router. */
  #disconnected(frame: Uint8Array, broker: string): Reaction {
    const packet = decodePacket(frame, this.#reader, this.#version, "server");
    if (packet.type !== "disconnect") return this.#fault(broker);
    const code = packet.reason ?? 0;
    // It closes its link now, which is what counts then.
    if (this.#owner.policy.isolate && code !== reason.sessionTakenOver) return noReaction;
    this.#brokers.set(broker, "leaving");
    const elsewhere = code === reason.useAnotherServer || code === reason.serverMoved;
    const said = elsewhere || code === 0 ? reason.serverShuttingDown : code;
    const words = elsewhere ? [] : wordsIn(packet.properties);
    return this.#end(disconnectPacket(this.#client, said, words));
  }

  #fault(broker: string): Reaction {
    const words = `cluster ${broker} sent what is not MQTT`;
    return this.#end(disconnectPacket(this.#client, reason.unspecifiedError, words));
  }

  #end(bytes: readonly Uint8Array[]): Reaction {
    return reaction({ emit: bytes.length === 0 ? [] : [{ to: null, bytes }], end: true });
  }

  #to(broker: string, packet: Uint8Array): Emission[] {
    const to = this.#brokers.target(this.#router.table, broker);
    return to === null ? [] : [{ to, bytes: [packet] }];
  }
}

/** Bytes of messages that wait until the client acknowledges others: as much as may wait for one client in the host. */
const maxHeld = 64 << 20;
