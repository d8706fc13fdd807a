/**
 * Model: publish and subscribe with packet ids and acknowledgements both
 * ways. A client's ids serve on its own links as they are; ids of deliveries
 * are the servers' and collide, so they get new ones. Frames: `packet-id-wire.ts`.
 */
import * as core from "@echarde/core";
import { firstFailure, fragment, local, part, refuse, skip } from "@echarde/core";
import * as wire from "./packet-id-wire.ts";

const STAR = 42;
const needs: core.Capability[] = ["fanOut", "unsolicitedReply", "privateLinks", "timers"];

class PacketIdSession extends core.BaseSession {
  readonly #open = new Set<number>();
  readonly #subscribed = new Set<string>();
  /** Deliveries to be acknowledged, by the id that the client knows. */
  readonly #deliveries = new Map<number, { readonly cluster: string; readonly id: number }>();
  #lastDelivery = 0;

  request(bytes: Uint8Array, from: number): core.Plan | null {
    const length = wire.packetLength(bytes, from);
    this.need = length === 0 ? 4 : length;
    if (length === 0 || bytes.length - from < length) return null;
    this.end = from + length;
    const [type = 0, id] = [bytes[from], wire.packetId(bytes, from)];
    const payload = bytes.slice(from + 4, this.end);
    const topics = wire.topicsOf(type, payload);
    this.label = `packet ${type}`;
    this.shardKeys = topics ?? [];
    if (type === wire.PING) return local(wire.packet(wire.PONG, id, []));
    if (type === wire.ACKNOWLEDGE) return this.#acknowledge(id);
    if (topics === null || this.#open.has(id))
      return refuse(wire.packet(wire.FAILED, id, []), { end: true });
    if (topics.length === 0) return local(wire.packet(wire.SUBSCRIBED, id, []));
    const { table } = this.router;
    const parts = table.clusters.flatMap(({ name }, cluster) => {
      const mine = topics.filter(
        (topic) =>
          table.route(topic, 0, 2) === cluster || (type === wire.SUBSCRIBE && topic[1] === STAR),
      );
      if (mine.length === 0) return [];
      if (type === wire.SUBSCRIBE) this.#subscribed.add(name);
      const body = type === wire.PUBLISH ? payload : core.join(mine);
      return part(cluster, wire.packet(type, id, body), { id, lane: "private" });
    });
    this.#open.add(id);
    return fragment(parts, (replies) => {
      this.#open.delete(id);
      if (firstFailure(replies) !== null) return refuse(wire.packet(wire.FAILED, id, []));
      return local(wire.packet(type + 1, id, type === wire.PUBLISH ? [] : topics.map(() => 1)));
    });
  }

  override push(frame: Uint8Array, cluster: string): core.Reaction {
    this.#lastDelivery = (this.#lastDelivery % 0xffff) + 1;
    this.#deliveries.set(this.#lastDelivery, { cluster, id: wire.packetId(frame, 0) });
    const delivery = wire.packet(wire.DELIVER, this.#lastDelivery, frame.subarray(4));
    return core.reaction({ emit: [core.emission(null, delivery)] });
  }

  failure(): Uint8Array {
    return wire.packet(wire.FAILED, 0, []);
  }

  override pinned(cluster: string): boolean {
    return this.#subscribed.has(cluster);
  }

  override lost(cluster: string): core.Reaction {
    return core.reaction({ end: this.#subscribed.has(cluster) });
  }

  #acknowledge(id: number): core.Plan {
    const delivery = this.#deliveries.get(id);
    this.#deliveries.delete(id);
    const cluster = this.router.table.clusters.findIndex(({ name }) => name === delivery?.cluster);
    if (delivery === undefined || cluster < 0) return skip;
    const packet = wire.packet(wire.ACKNOWLEDGE, delivery.id, []);
    return fragment([part(cluster, packet, { frames: 0, lane: "private" })], () => skip);
  }
}

class PacketIdLink extends core.FramedLink {
  protected open(bytes: Uint8Array, from: number): number {
    if (!wire.replies.includes(bytes[from] as number)) return -1;
    this.isPush = bytes[from] === wire.DELIVER;
    this.id = wire.packetId(bytes, from);
    return wire.packetLength(bytes, from);
  }
}

/** See the module. */
export const packetId: core.Codec = core.defineCodec(
  "packet-id",
  (router) => ({ session: () => new PacketIdSession(router), link: () => new PacketIdLink() }),
  { matching: "id", ordering: "as-ready", needs },
);
