/**
 * Model: publish and subscribe with packet ids and acknowledgements both
 * ways. A client's ids serve on its own links as they are; ids of deliveries
 * are the servers' and collide, so they get new ones. Frames: `packet-id-wire.ts`.
 */

import type { Codec, Part, Plan, Reaction, Reply, RouterContext } from "@echarde/core";
import { noReaction } from "@echarde/core";
import { ModelLink, ModelSession } from "./model-session.ts";
import * as wire from "./packet-id-wire.ts";
import { firstFailure, fragment, local, part, refuse, skip } from "./plans.ts";

const STAR = 42;

class PacketIdSession extends ModelSession {
  readonly #router: RouterContext;
  readonly #open = new Set<number>();
  readonly #subscribed = new Set<string>();
  /** Deliveries to be acknowledged, by the id that the client knows. */
  readonly #deliveries = new Map<number, { readonly cluster: string; readonly id: number }>();
  #lastDelivery = 0;

  constructor(router: RouterContext) {
    super();
    this.#router = router;
  }

  request(bytes: Uint8Array, from: number): Plan | null {
    const length = wire.packetLength(bytes, from);
    this.need = length === 0 ? 4 : length;
    if (length === 0 || bytes.length - from < length) return null;
    this.end = from + length;
    const [type = 0, id] = [bytes[from], wire.packetId(bytes, from)];
    const payload = bytes.slice(from + 4, this.end);
    this.keyRanges = [];
    this.label = `packet ${type}`;
    if (type === wire.PING) return local(wire.packet(wire.PONG, id, []));
    if (type === wire.ACKNOWLEDGE) return this.#acknowledge(id);
    const whole = type === wire.PUBLISH ? payload.length >= 2 : payload.length % 2 === 0;
    if ((type !== wire.PUBLISH && type !== wire.SUBSCRIBE) || !whole || this.#open.has(id)) {
      return refuse(wire.packet(wire.FAILED, id, []), true);
    }
    const count = type === wire.PUBLISH ? 1 : payload.length / 2;
    for (let i = 0; i < count; i++) this.keyRanges.push(from + 4 + 2 * i, from + 6 + 2 * i);
    const topics = this.keys(bytes).map((topic) => [...topic]);
    const clusters = this.#router.table.clusters.map((_, cluster) => cluster);
    const owners = topics.map((topic) =>
      topic[1] === STAR && type === wire.SUBSCRIBE
        ? clusters
        : [this.#router.table.route(Uint8Array.from(topic), 0, 2)],
    );
    const parts = clusters.flatMap((cluster): Part[] => {
      const mine = topics.filter((_, i) => owners[i]?.includes(cluster));
      if (mine.length === 0) return [];
      if (type === wire.SUBSCRIBE)
        this.#subscribed.add(this.#router.table.clusters[cluster]?.name ?? "");
      const body = type === wire.PUBLISH ? payload : mine.flat();
      return [part(cluster, wire.packet(type, id, body), { id, lane: "private" })];
    });
    if (parts.length === 0) return local(wire.packet(wire.SUBSCRIBED, id, []));
    this.#open.add(id);
    return fragment(parts, (replies: readonly Reply[]) => {
      this.#open.delete(id);
      if (firstFailure(replies) !== null) return refuse(wire.packet(wire.FAILED, id, []));
      return local(wire.packet(type + 1, id, type === wire.PUBLISH ? [] : topics.map(() => 1)));
    });
  }

  override push(frame: Uint8Array, cluster: string): Reaction {
    this.#lastDelivery = (this.#lastDelivery % 0xffff) + 1;
    this.#deliveries.set(this.#lastDelivery, { cluster, id: wire.packetId(frame, 0) });
    const head = Uint8Array.of(wire.DELIVER, this.#lastDelivery >> 8, this.#lastDelivery & 255);
    return { ...noReaction, emit: [{ to: null, bytes: [head, frame.subarray(3)] }] };
  }

  failure(): Uint8Array {
    return wire.packet(wire.FAILED, 0, []);
  }

  override pinned(cluster: string): boolean {
    return this.#subscribed.has(cluster);
  }

  override lost(cluster: string): Reaction {
    return { ...noReaction, end: this.#subscribed.has(cluster) };
  }

  #acknowledge(id: number): Plan {
    const delivery = this.#deliveries.get(id);
    this.#deliveries.delete(id);
    const cluster = this.#router.table.clusters.findIndex(({ name }) => name === delivery?.cluster);
    if (delivery === undefined || cluster < 0) return skip;
    const acknowledge = wire.packet(wire.ACKNOWLEDGE, delivery.id, []);
    return fragment([part(cluster, acknowledge, { frames: 0, lane: "private" })], () => skip);
  }
}

class PacketIdLink extends ModelLink {
  #left = 0;
  #push = false;

  scan(bytes: Uint8Array, from: number, _expect: number): number {
    if (this.#left === 0) {
      this.#left = wire.packetLength(bytes, from);
      const type = bytes[from] as number;
      this.event = [wire.SUBSCRIBED, wire.PUBLISHED, wire.DELIVER, wire.PONG, wire.FAILED].includes(
        type,
      )
        ? "need"
        : "garbage";
      if (this.#left === 0 || this.event === "garbage") return from;
      this.#push = type === wire.DELIVER;
      this.id = wire.packetId(bytes, from);
    }
    const end = Math.min(bytes.length, from + this.#left);
    this.#left -= end - from;
    if (this.#left === 0) this.event = this.#push ? "push" : "reply";
    else this.event = this.#push ? "push-piece" : "piece";
    return end;
  }
}

/** See the module. */
export const packetId: Codec = {
  name: "packet-id",
  matching: "id",
  ordering: "as-ready",
  needs: ["fanOut", "unsolicitedReply", "privateLinks", "timers"],
  hashTag: null,
  start: (router) => ({
    session: () => new PacketIdSession(router),
    link: () => new PacketIdLink(),
  }),
};
