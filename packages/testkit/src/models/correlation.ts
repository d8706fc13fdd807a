/**
 * Model: requests carry an id that their replies repeat; a cluster has nodes,
 * and only a key's leader knows the key..
 * The nodes are asked for once, by the first request that needs them. Frames: see `correlation-wire.ts`.
 */
import type {
  Codec,
  Failure,
  Forward,
  Fragment,
  NextPlan,
  Plan,
  RouterContext,
} from "@echarde/core";
import { textOf } from "../text.ts";
import { correlated, frameLength, GET, idAt, META, renumbered, SEND } from "./correlation-wire.ts";
import { ModelLink, ModelSession } from "./model-session.ts";
import { firstFailure, forward, fragment, groupBy, local, part, refuse, skip } from "./plans.ts";

interface Item {
  readonly cluster: number;
  readonly leader: number;
  readonly bytes: readonly number[];
}

class CorrelationSession extends ModelSession {
  readonly #router: RouterContext;
  readonly #nodes: Map<string, string[]>;

  constructor(router: RouterContext, nodes: Map<string, string[]>) {
    super();
    this.#router = router;
    this.#nodes = nodes;
  }

  request(bytes: Uint8Array, from: number): Plan | null {
    const length = frameLength(bytes, from);
    this.need = length;
    if (length === 0 || bytes.length - from < length) return null;
    this.end = from + length;
    this.keyRanges = [];
    if (length < 7) return refuse(correlated(0, -1, [33]), true);
    const [id, operation = 9] = [idAt(bytes, from), bytes[from + 6]];
    this.label = ["META", "GET", "PUT", "SEND"][operation] ?? "bad";
    const size = operation === GET ? 1 : 2;
    for (let at = from + 7; operation !== META && at < this.end; at += size)
      this.keyRanges.push(at, at + 1);
    if (operation > SEND || (length - 7) % size !== 0)
      return refuse(correlated(id, -1, [33]), true);
    if (operation === META || length === 7) return local(correlated(id, -1, []));
    const { table } = this.#router;
    const items = this.keys(bytes).map((key, i) => ({
      cluster: table.route(key, 0, 1),
      leader: (key[0] as number) & 1,
      bytes: [...bytes.subarray(from + 7 + i * size, from + 7 + (i + 1) * size)],
    }));
    const unknown = [...groupBy(items, (item) => item.cluster).keys()].filter(
      (index) => this.#known(index) === undefined,
    );
    if (unknown.length > 0) {
      const parts = unknown.map((cluster) => part(cluster, correlated(0, META, [])));
      const failed = operation === SEND ? skip : refuse(correlated(id, -1, [33]));
      const learn: Fragment["coalesce"] = (replies) => {
        if (firstFailure(replies) !== null) return failed;
        replies.forEach(({ frames: [frame = new Uint8Array()] }, i) => {
          this.#nodes.set(
            table.clusters[unknown[i] as number]?.name ?? "",
            textOf(frame, 6).split(","),
          );
        });
        return this.#split(id, operation, items);
      };
      return fragment(parts, learn, { hold: true });
    }
    const split = this.#split(id, operation, items);
    const [only, second] = split.type === "fragment" ? split.parts : [];
    if (only === undefined || second !== undefined) return split;
    return forward(only.cluster, { node: only.node, frames: only.frames, id });
  }

  failure(_failure: Failure, plan: Forward | null): Uint8Array {
    return correlated(plan?.id ?? 0, -1, [33]);
  }

  #known(cluster: number): string[] | undefined {
    return this.#nodes.get(this.#router.table.clusters[cluster]?.name ?? "");
  }

  #split(id: number, operation: number, items: readonly Item[]): NextPlan {
    const groups = [...groupBy(items, ({ cluster, leader }) => cluster * 2 + leader)];
    const parts = groups.map(([group, at]) => {
      const payload = at.flatMap((i) => items[i]?.bytes ?? []);
      const node = this.#known(group >> 1)?.[group & 1] ?? "";
      return part(group >> 1, correlated(0, operation, payload), {
        node,
        frames: operation === SEND ? 0 : 1,
      });
    });
    return fragment(parts, (replies) => {
      if (operation === SEND) return skip;
      if (firstFailure(replies) !== null) return refuse(correlated(id, -1, [33]));
      const merged = new Array<number>(items.length).fill(0);
      replies.forEach(({ frames: [frame = new Uint8Array()] }, g) => {
        for (const [i, position] of (groups[g]?.[1] ?? []).entries())
          merged[position] = frame[6 + i] as number;
      });
      return local(correlated(id, -1, merged));
    });
  }
}

class CorrelationLink extends ModelLink {
  #left = 0;

  scan(bytes: Uint8Array, from: number, _expect: number): number {
    if (this.#left === 0) {
      if (bytes.length - from < 6) {
        this.event = "need";
        return from;
      }
      this.#left = frameLength(bytes, from);
      this.id = idAt(bytes, from);
    }
    const end = Math.min(bytes.length, from + this.#left);
    this.#left -= end - from;
    this.event = this.#left === 0 ? "reply" : "piece";
    return end;
  }

  override numberRequest(chunk: Uint8Array, id: number): readonly Uint8Array[] {
    return renumbered(chunk, id);
  }

  override numberReply(chunk: Uint8Array, id: number): readonly Uint8Array[] {
    return renumbered(chunk, id);
  }
}

/** See the module. */
export const correlation: Codec = {
  name: "correlation",
  matching: "id",
  ordering: "in-order",
  needs: ["fanOut", "timers"],
  hashTag: null,
  start: (router) => {
    const nodes = new Map<string, string[]>();
    return {
      session: () => new CorrelationSession(router, nodes),
      link: () => new CorrelationLink(),
    };
  },
};
