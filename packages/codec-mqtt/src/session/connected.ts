/**
 * A client from its CONNECT on, and its links. Which packet may be sent when
 * is the client's and the brokers' business: here each finds its broker.
 */
import {
  fragment,
  local,
  type NextPlan,
  noReaction,
  type Part,
  type Plan,
  part,
  type Reaction,
  type RouterContext,
  type RoutingTable,
  reaction,
  refuse,
  skip,
} from "@echarde/core";
import { LINK_IDS } from "../link-ids.ts";
import { clustersOf } from "../sources/source-tables.ts";
import { decodePacket } from "../wire/decode.ts";
import { encodePacket } from "../wire/encode.ts";
import type { Frame } from "../wire/frame-reader.ts";
import * as type from "../wire/packet-types.ts";
import type { Disconnect, Suback, Unsuback } from "../wire/packets.ts";
import { numberOf, propertyId } from "../wire/properties.ts";
import { reason } from "../wire/reasons.ts";
import { protocolError, type Rejection } from "../wire/rejection.ts";
import { Acknowledging } from "./acknowledging.ts";
import { Brokers } from "./brokers.ts";
import { type Client, millisecondsOf } from "./client.ts";
import { Connecting } from "./connecting.ts";
import { Downward, type DownwardOwner } from "./downward.ts";
import { EarlyPackets } from "./early-packets.ts";
import { encodeFitting } from "./fitting.ts";
import { LateLinks, type LateLinksOwner } from "./late-links.ts";
import { type Granted, grantedBy, mergedProperties } from "./merge-connack.ts";
import { type Accepted, type Opened, Opening } from "./opening.ts";
import { connackRefusal, disconnectPacket } from "./own-packets.ts";
import { Publishing } from "./publishing.ts";
import type { SessionState } from "./session-state.ts";
import { Subscribing } from "./subscribing.ts";

/** What it needs of its session. */
export interface ConnectedOwner extends LateLinksOwner, DownwardOwner {
  /** All brokers have accepted the client: the client id is its own once `go` is called. */
  readonly accepted: Accepted;
  /** The brokers agree: seconds of keep alive. */
  begin(keepAlive: number): void;
  /** The connection has gone; its state is kept until then, Unix milliseconds. */
  closed(until: number): void;
}

/** See the module. */
export class Connected {
  readonly #router: RouterContext;
  readonly #client: Client;
  readonly #state: SessionState;
  readonly #owner: ConnectedOwner;
  readonly #brokers: Brokers = new Brokers();
  readonly #publishing: Publishing;
  readonly #acknowledging: Acknowledging;
  readonly #subscribing: Subscribing;
  readonly #downward: Downward;
  #granted: Granted;
  /** Seconds that the session is kept; DISCONNECT may change it. */
  #expiry: number;
  #stands = false;
  readonly #early: EarlyPackets = new EarlyPackets();
  readonly #links: LateLinks;
  /** Brokers whose PINGRESP is to come. */
  readonly #pinged: Set<string> = new Set<string>();

  constructor(router: RouterContext, client: Client, state: SessionState, owner: ConnectedOwner) {
    this.#router = router;
    this.#client = client;
    this.#state = state;
    this.#owner = owner;
    this.#expiry = client.sessionExpiry;
    this.#granted = grantedBy([], client.asked);
    const { version } = client;
    this.#links = new LateLinks(router, { client, state, brokers: this.#brokers }, owner);
    this.#publishing = new Publishing(router, client, state, this.#links, owner);
    this.#acknowledging = new Acknowledging(version, state, this.#brokers, owner);
    this.#downward = new Downward(router, client, state, this.#brokers, owner);
    this.#subscribing = new Subscribing(
      this.#brokers,
      state,
      version,
      (packet) => this.#answer(packet),
      (names, then) => this.#links.openAll(names, then),
    );
  }

  /** CONNECT to the brokers that are needed, and one CONNACK. */
  open(): Plan {
    const names = clustersOf(this.#router);
    if (names.length === 0) return this.#opened(nobody);
    const connecting = new Connecting(this.#router, this.#brokers, this.#client);
    const { policy, accepted } = this.#owner;
    const who = { state: this.#state, policy };
    const opening = new Opening(connecting, who, names, (opened) => this.#opened(opened));
    return opening.start(accepted);
  }

  /** When `retry` is to be called, Unix milliseconds. */
  get retryAt(): number {
    return this.#links.retryAt;
  }

  /** Opens links again whose time has come. */
  retry(): Reaction {
    return this.#stands ? this.#links.retry() : noReaction;
  }

  /** Whether the client has its CONNACK. */
  get stands(): boolean {
    return this.#stands;
  }

  /** What becomes of the client's packet in `frame`. */
  request(bytes: Uint8Array, frame: Frame): Plan | Rejection {
    const { table } = this.#router;
    switch (frame.first >> 4) {
      case type.PUBLISH:
        return this.#publishing.request(bytes, frame, this.#granted);
      case type.PUBACK:
      case type.PUBREC:
      case type.PUBREL:
      case type.PUBCOMP:
        return this.#acknowledging.request(bytes, frame, table);
      case type.PINGREQ:
        return local(encodePacket({ type: "pingresp" }, this.#client.version));
      default:
        return this.#other(bytes, frame, table);
    }
  }

  /** The topic of a PUBLISH. */
  keys(bytes: Uint8Array, frame: Frame): readonly Uint8Array[] {
    return frame.first >> 4 === type.PUBLISH ? this.#publishing.keys(bytes) : [];
  }

  /** A packet from a broker. */
  push(frame: Uint8Array, broker: string): Reaction {
    if (this.#stands) return this.#downward.push(frame, broker);
    if (this.#early.add(this.#router.keep(frame), broker, this.#owner.now())) return noReaction;
    const words = "too much is kept for this session";
    return reaction({
      emit: [{ to: null, bytes: connackRefusal(this.#client, reason.quotaExceeded, words) }],
      end: true,
    });
  }

  /** PINGREQ to all brokers; one that does not answer is lost. */
  ping(): Reaction {
    const { table } = this.#router;
    const { version } = this.#client;
    const packet = encodePacket({ type: "pingreq" }, version);
    const asked = this.#brokers.live().filter((name) => !this.#pinged.has(name));
    const plans = asked.map((name): NextPlan => {
      const parts = this.#brokers.ask(table, name, packet, LINK_IDS.pingresp);
      if (parts.length === 0) return skip;
      this.#pinged.add(name);
      return fragment(parts, ([reply]) => {
        this.#pinged.delete(name);
        if (reply?.failure === null || this.#brokers.state(name) !== "live") return skip;
        if (this.#owner.policy.isolate) {
          this.#links.hangs(name);
          return skip;
        }
        const words = `cluster ${name} does not answer`;
        return local(disconnectPacket(this.#client, reason.serverBusy, words), { end: true });
      });
    });
    return reaction({ plans });
  }

  /** Whether the link to the broker must stay. */
  uses(broker: string): boolean {
    const state = this.#brokers.state(broker);
    return state !== "closed" && state !== "leaving" && state !== "away";
  }

  /** The link to a broker went away. */
  lost(broker: string): Reaction {
    const before = this.#brokers.state(broker);
    if (before === "leaving" || before === "closed") return noReaction;
    if (before === "reopening") {
      this.#brokers.set(broker, "opening"); // it was the link that has been left
      return noReaction;
    }
    if (before === "away") return noReaction;
    this.#brokers.set(broker, "closed");
    if (before === "opening" || !this.#stands) return noReaction; // CONNACK will say so
    if (this.#owner.policy.isolate) {
      this.#links.leaves(broker);
      return noReaction;
    }
    const words = `cluster ${broker} is lost`;
    const bytes = disconnectPacket(this.#client, reason.serverShuttingDown, words);
    return reaction({ emit: bytes.length === 0 ? [] : [{ to: null, bytes }], end: true });
  }

  /** The client is gone. */
  closed(): void {
    this.#owner.closed(this.#owner.now() + millisecondsOf(this.#expiry));
  }

  #opened({ connacks, away, sessionPresent, refusal, words }: Opened): NextPlan {
    const { version, asked } = this.#client;
    if (refusal !== 0) {
      // What was kept stays for the next attempt; a session that begins and never stood leaves nothing.
      if (this.#client.connect.cleanStart) this.#expiry = 0;
      return refuse(connackRefusal(this.#client, refusal, words), { end: true });
    }
    const all = [...connacks, ...this.#links.learned()];
    this.#granted = grantedBy(all, asked);
    this.#links.told = this.#granted;
    this.#stands = true;
    this.#brokers.stands = true;
    for (const name of away) this.#links.leaves(name);
    const state = this.#state;
    state.deliveries.window = this.#client.receiveMaximum;
    if (sessionPresent) state.resume(this.#owner.now());
    state.stands(!sessionPresent, this.#client.idle);
    this.#owner.begin(this.#granted.keepAlive);
    const properties = version === 5 ? mergedProperties(all, this.#granted, asked) : [];
    const connack = { type: "connack", sessionPresent, reason: 0, properties } as const;
    return this.#begin(encodeFitting(connack, version, this.#client.largestPacket));
  }

  /** CONNACK, and what came before it. */
  #begin(connack: Uint8Array): NextPlan {
    const chunks = [connack, ...this.#links.releases()];
    const parts: Part[] = [];
    let ends = false;
    for (const { frame, broker, at } of this.#early.take()) {
      const { emit, end } = this.#downward.push(frame, broker, at);
      for (const { to, bytes } of emit) {
        if (to === null) chunks.push(...bytes);
        else parts.push(part(to.cluster, bytes, { lane: "private", frames: 0 }));
      }
      if (end) {
        ends = true;
        break;
      }
    }
    const answer = local(chunks, { end: ends });
    return parts.length === 0 ? answer : fragment(parts, () => answer, { hold: true });
  }

  #other(bytes: Uint8Array, frame: Frame, table: RoutingTable): Plan | Rejection {
    const { version } = this.#client;
    const packet = decodePacket(bytes, frame, version, "client");
    switch (packet.type) {
      case "rejection":
        return packet;
      case "subscribe":
        if (this.#subscribing.isOpen(packet.packetId)) return idInUse;
        return this.#subscribing.subscribe(packet, table);
      case "unsubscribe":
        if (this.#subscribing.isOpen(packet.packetId)) return idInUse;
        return this.#subscribing.unsubscribe(packet, table);
      case "disconnect":
        return this.#disconnect(packet, table);
      default:
        return protocolError("4.12", "AUTH without an authentication method");
    }
  }

  /** To all brokers; whether the will is published is up to the one that has it. */
  #disconnect(packet: Disconnect, table: RoutingTable): Plan | Rejection {
    const { version, willBroker } = this.#client;
    const expiry = numberOf(packet.properties ?? [], propertyId.sessionExpiry, this.#expiry);
    if (this.#expiry === 0 && expiry !== 0) {
      return protocolError("3.14.2.2.2", "a session expiry that CONNECT did not have");
    }
    this.#expiry = expiry;
    const parts = this.#brokers.there().flatMap((name) => {
      this.#brokers.set(name, "leaving");
      const code = name === willBroker || packet.reason === null ? packet.reason : 0;
      return this.#brokers.tell(table, name, encodePacket({ ...packet, reason: code }, version));
    });
    const end = local([], { end: true });
    return parts.length === 0 ? end : fragment(parts, () => end);
  }

  #answer(packet: Suback | Unsuback): NextPlan {
    const { version, largestPacket } = this.#client;
    return local(encodeFitting(packet, version, largestPacket));
  }
}

/** A session whose own routes name no cluster (any more). */
const nobody: Opened = {
  connacks: [],
  away: [],
  sessionPresent: false,
  refusal: reason.serverUnavailable,
  words: "a cluster is not there",
};
const idInUse: Rejection = protocolError("MQTT-2.2.1-3", "a packet id that is in use");
