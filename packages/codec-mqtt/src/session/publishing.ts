/**
 * PUBLISH from the client: checked, given to the owner of its topic as the
 * very bytes, or without the topic alias where there is one.
 *
 * ```
 *   its broker is live ─────▶ sent
 *   not needed until now ───▶ opened first (lazy)
 *   away (isolate) ── QoS 0 ▶ dropped      QoS 1, 2 ▶ kept, and sent when it is there again
 * ```
 */
import {
  forward,
  fragment,
  join,
  local,
  type NextPlan,
  type Plan,
  part,
  type RouterContext,
  refuse,
  skip,
} from "@echarde/core";
import type { Frame } from "../wire/frame-reader.ts";
import type { Version } from "../wire/packet-types.ts";
import { withTopic } from "../wire/patch.ts";
import { PublishScanner } from "../wire/publish-scanner.ts";
import { reason } from "../wire/reasons.ts";
import { protocolError, type Rejection, rejected } from "../wire/rejection.ts";
import { total } from "../wire/total.ts";
import { Aliases } from "./aliases.ts";
import type { Client } from "./client.ts";
import type { DropReason } from "./dropped.ts";
import type { Granted } from "./merge-connack.ts";
import { acknowledgement, disconnectPacket, rejectionWords } from "./own-packets.ts";
import type { SessionState } from "./session-state.ts";

/** What it needs of the links. */
export interface PublishingLinks {
  /** Whether one of them may not be there. */
  readonly mayLack: boolean;
  /** Whether packets are sent again by the router. */
  readonly keepsPackets: boolean;
  /** Whether the broker takes packets. */
  isThere(name: string): boolean;
  /** Whether it was not needed until now. */
  isUnused(name: string): boolean;
  /** Opens one that was not needed until now. */
  open(name: string, then: (live: boolean) => NextPlan): NextPlan;
}

/** What it needs of its session. */
export interface PublishingOwner {
  /** Time of the input. */
  now(): number;
  /** A message is not passed on. */
  dropped(why: DropReason): void;
}

/** See the module. */
export class Publishing {
  readonly #router: RouterContext;
  readonly #client: Client;
  readonly #version: Version;
  readonly #state: SessionState;
  readonly #scanner: PublishScanner;
  readonly #aliases: Aliases;
  readonly #links: PublishingLinks;
  readonly #owner: PublishingOwner;

  constructor(
    router: RouterContext,
    client: Client,
    state: SessionState,
    links: PublishingLinks,
    owner: PublishingOwner,
  ) {
    this.#owner = owner;
    const { version } = client;
    this.#client = client;
    this.#router = router;
    this.#version = version;
    this.#state = state;
    this.#links = links;
    this.#scanner = new PublishScanner(version, "client");
    this.#aliases = new Aliases(client.asked.topicAliases);
  }

  /** What becomes of the PUBLISH in `frame`. */
  request(bytes: Uint8Array, frame: Frame, granted: Granted): Plan | Rejection {
    const scanner = this.#scanner;
    if (!scanner.scan(bytes, frame)) return scanner.rejection as Rejection;
    const { qos, packetId } = scanner;
    const excess = this.#excess(granted);
    if (excess !== null) return excess;
    if (scanner.alias > 0) return this.#aliased(bytes, granted);
    const cluster = this.#router.table.route(bytes, scanner.topicFrom, scanner.topicTo);
    if (cluster < 0) return this.#nobodys();
    const to = qos === 0 ? cluster : this.#brokerOf(packetId, cluster);
    // A view costs as much as all the rest: where the very bytes go on, none is made.
    const { start, end } = frame;
    if (this.#links.mayLack) return this.#perhaps([bytes.subarray(start, end)], to);
    if (qos !== 0) this.#begin(packetId, qos, to);
    return to === cluster ? forward(cluster, oneWay) : this.#send([bytes.subarray(start, end)], to);
  }

  /** The topic of the last one. */
  keys(bytes: Uint8Array): readonly Uint8Array[] {
    const { topicFrom, topicTo } = this.#scanner;
    return [bytes.subarray(topicFrom, topicTo)];
  }

  /** What the client was told not to send. */
  #excess(granted: Granted): Rejection | null {
    const { qos, retain, start, end, packetId } = this.#scanner;
    if (this.#version !== 5) return null;
    if (qos > granted.maximumQos) return tooHighQos;
    if (retain && !granted.retainAvailable) return noRetain;
    if (end - start > granted.maximumPacketSize) return tooLarge;
    const { uploads } = this.#state;
    const isNew = qos > 0 && uploads.owner(packetId) === null;
    return isNew && uploads.size >= granted.receiveMaximum ? tooMany : null;
  }

  #aliased(bytes: Uint8Array, granted: Granted): Plan | Rejection {
    const scanner = this.#scanner;
    const { alias, topicFrom, topicTo, qos, packetId } = scanner;
    if (!this.#aliases.isAllowed(alias)) return badAlias;
    if (topicTo > topicFrom) this.#aliases.set(alias, bytes.subarray(topicFrom, topicTo));
    const topic = this.#aliases.get(alias);
    if (topic === null) return protocolError("3.3.2.3.4", "an unknown topic alias");
    const cluster = this.#router.table.route(topic, 0, topic.length);
    if (cluster < 0) return this.#nobodys();
    const packet = withTopic(bytes, scanner, topic);
    if (packet === null || total(packet) > granted.maximumPacketSize) {
      // With its topic in full it is more than the broker takes.
      if (qos === 0) return tooLarge;
      const kind = qos === 1 ? "puback" : "pubrec";
      return local(acknowledgement(kind, packetId, 5, reason.quotaExceeded));
    }
    const to = qos === 0 ? cluster : this.#brokerOf(packetId, cluster);
    if (this.#links.mayLack) return this.#perhaps(packet, to);
    if (qos !== 0) this.#begin(packetId, qos, to);
    return this.#send(packet, to);
  }

  /** Where a message goes: sent again, to the broker that had it first. */
  #brokerOf(packetId: number, cluster: number): number {
    const before = this.#scanner.dup ? this.#state.uploads.owner(packetId) : null;
    if (before === null) return cluster;
    const known = this.#router.table.clusters.findIndex(({ name }) => name === before);
    return known >= 0 ? known : cluster;
  }

  #begin(packetId: number, qos: 1 | 2, to: number): void {
    this.#state.uploads.publish(packetId, qos, this.#router.table.clusters[to]?.name ?? "");
  }

  #send(packet: readonly Uint8Array[], to: number): NextPlan {
    return fragment([part(to, packet, oneWay)], () => skip);
  }

  /** Where the broker may not be there. */
  #perhaps(packet: readonly Uint8Array[], to: number): NextPlan {
    const { qos, packetId } = this.#scanner;
    const { uploads } = this.#state;
    const name = this.#router.table.clusters[to]?.name ?? "";
    const came = this.#owner.now();
    const begin = (sent: boolean): void => {
      if (qos === 0) return;
      const kept = this.#links.keepsPackets ? copyOf(packet) : null;
      uploads.publish(packetId, qos, name, kept, sent, came);
    };
    const isThere = this.#links.isThere(name);
    if (this.#links.isUnused(name)) {
      const kept = [copyOf(packet)]; // it is sent in a later round
      return this.#links.open(name, (live) => {
        begin(live);
        return live ? this.#send(kept, to) : this.#notSent(qos);
      });
    }
    begin(isThere);
    return isThere ? this.#send(packet, to) : this.#notSent(qos);
  }

  /** What waits for brokers that are away is bounded. */
  #notSent(qos: number): NextPlan {
    if (qos === 0) this.#owner.dropped("away");
    if (this.#state.uploads.heldBytes <= mostKept) return skip;
    const words = "too much waits for a cluster that is away";
    return local(disconnectPacket(this.#client, reason.quotaExceeded, words), { end: true });
  }

  /** No rule and no default cluster takes the topic. */
  #nobodys(): Plan {
    const { qos, packetId } = this.#scanner;
    if (this.#version === 5 && qos > 0) {
      const kind = qos === 1 ? "puback" : "pubrec";
      return local(acknowledgement(kind, packetId, 5, reason.topicNameInvalid));
    }
    const words = rejectionWords(nobody);
    return refuse(disconnectPacket(this.#client, nobody.reason, words), { end: true });
  }
}

/** The client's bytes are not there later. */
function copyOf(packet: readonly Uint8Array[]): Uint8Array {
  const [first, ...rest] = packet;
  return first !== undefined && rest.length === 0 ? first.slice() : join(packet);
}

/** As much as may wait for one client in the host. */
const mostKept = 64 << 20;
const oneWay = { lane: "private", frames: 0 } as const;
const nobody: Rejection = rejected(reason.topicNameInvalid, "4.7", "nobody owns the topic");
const badAlias = rejected(
  reason.topicAliasInvalid,
  "MQTT-3.3.2-9",
  "a topic alias above the maximum",
);
const tooHighQos = rejected(reason.qosNotSupported, "MQTT-3.2.2-11", "QoS above the maximum");
const noRetain = rejected(reason.retainNotSupported, "MQTT-3.2.2-14", "no retained messages here");
const tooLarge = rejected(reason.packetTooLarge, "MQTT-3.2.2-15", "packet too large");
const tooMany = rejected(
  reason.receiveMaximumExceeded,
  "MQTT-3.3.4-9",
  "too many messages in flight",
);
