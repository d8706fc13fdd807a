/**
 * Model: requests carry an id that their replies repeat; a cluster has nodes,
 * and only a key's leader knows the key. The nodes are asked for once, by the
 * first request that needs them. Frames: see `correlation-wire.ts`.
 */
import * as core from "@echarde/core";
import { firstFailure, forward, fragment, local, part, refuse, skip } from "@echarde/core";
import * as wire from "./correlation-wire.ts";

const failed = (id: number): Uint8Array => wire.correlated(id, -1, [33]);

class CorrelationSession extends core.BaseSession {
  /** Addresses of nodes by cluster: the leader of even keys, that of odd ones. */
  readonly #nodes: Map<string, string[]>;

  constructor(router: core.RouterContext, nodes: Map<string, string[]>) {
    super(router);
    this.#nodes = nodes;
  }

  request(bytes: Uint8Array, from: number): core.Plan | null {
    const length = wire.frameLength(bytes, from);
    this.need = length;
    if (length === 0 || bytes.length - from < length) return null;
    this.end = from + length;
    const [id, operation = 9] = length < 7 ? [0] : [wire.idAt(bytes, from), bytes[from + 6]];
    this.label = ["META", "GET", "PUT", "SEND"][operation] ?? "bad";
    const items = wire.itemsOf(operation, bytes.slice(from + 7, this.end));
    this.shardKeys = items?.map((item) => item.subarray(0, 1)) ?? [];
    if (items === null) return refuse(failed(id), { end: true });
    if (items.length === 0) return local(wire.correlated(id, -1, []));
    const { clusters } = this.router.table;
    const owners = new Set(items.map((item) => this.router.table.route(item, 0, 1)));
    const unknown = [...owners].filter((i) => !this.#nodes.has(clusters[i]?.name ?? ""));
    if (unknown.length > 0) {
      const parts = unknown.map((cluster) => part(cluster, wire.correlated(0, wire.META, [])));
      const learn: core.Fragment["coalesce"] = (replies) => {
        if (firstFailure(replies)) return operation === wire.SEND ? skip : refuse(failed(id));
        for (const [i, { frames }] of replies.entries()) {
          const names = core.textOf(frames[0] as Uint8Array, 6).split(",");
          this.#nodes.set(clusters[unknown[i] as number]?.name ?? "", names);
        }
        return this.#split(id, operation, items);
      };
      return fragment(parts, learn, { hold: true });
    }
    const split = this.#split(id, operation, items);
    const only = split.parts.length === 1 ? split.parts[0] : undefined;
    return only === undefined ? split : forward(only.cluster, { ...only, id });
  }

  failure(_failure: core.Failure, plan: core.Forward | null): Uint8Array {
    return failed(plan?.id ?? 0);
  }

  /** One packet for each leader. */
  #split(id: number, operation: number, items: readonly Uint8Array[]): core.Fragment {
    const { table } = this.router;
    const leaderOf = (item: Uint8Array): number =>
      table.route(item, 0, 1) * 2 + ((item[0] as number) & 1);
    const groups = core.groupBy(items, leaderOf);
    const parts = [...groups].map(([leader, at]) => {
      const payload = core.join(at.map((i) => items[i] as Uint8Array));
      const node = this.#nodes.get(table.clusters[leader >> 1]?.name ?? "")?.[leader & 1] ?? "";
      const frames = operation === wire.SEND ? 0 : 1;
      return part(leader >> 1, wire.correlated(0, operation, payload), { node, frames });
    });
    return fragment(parts, (replies) => {
      if (operation === wire.SEND) return skip;
      const values = replies.map(({ frames: [frame] }) => [...(frame?.subarray(6) ?? [])]);
      const merged = core.byPosition([...groups.values()], values);
      return merged === null ? refuse(failed(id)) : local(wire.correlated(id, -1, merged));
    });
  }
}

class CorrelationLink extends core.FramedLink {
  protected open(bytes: Uint8Array, from: number): number {
    if (bytes.length - from < 6) return 0;
    this.id = wire.idAt(bytes, from);
    return wire.frameLength(bytes, from);
  }

  override numberRequest = wire.renumbered;
  override numberReply = wire.renumbered;
}

/** See the module. */
export const correlation: core.Codec = core.defineCodec("correlation", start, {
  matching: "id",
  needs: ["fanOut", "timers"],
});

function start(router: core.RouterContext): core.RunningCodec {
  const nodes = new Map<string, string[]>();
  const session = (): core.SessionCodec => new CorrelationSession(router, nodes);
  return { session, link: () => new CorrelationLink() };
}
