/** What would become of requests, without sending anything. */
import { total } from "./bytes/join.ts";
import type { OwnRules, SessionContext } from "./codec.ts";
import type { Core } from "./core.ts";
import { Journal } from "./journal.ts";
import type { Plan } from "./plan.ts";
import type { RouteExplanation } from "./table/table.ts";

/** The plan of one request in words. */
export interface Explanation {
  /** Name of the request ("MGET"). */
  readonly request: string;
  /** Kind of plan. */
  readonly plan: Plan["type"];
  /** Each packet: its cluster, node, lane and length in bytes. */
  readonly packets: readonly {
    readonly cluster: string;
    readonly node: string;
    readonly lane: "shared" | "private";
    readonly bytes: number;
  }[];
  /** Shard keys of the request, each with the rule that owns it. */
  readonly keys: readonly {
    readonly key: Uint8Array;
    readonly cluster: string | null;
    /** Index of the rule, -1 = none. */
    readonly rule: number;
    readonly because: string;
  }[];
}

/** Plans the requests in `bytes` on a session of their own. */
export function explain(core: Core, bytes: Uint8Array): Explanation[] {
  const context: SessionContext = {
    id: 0,
    now: core.now,
    journal: Journal.empty,
    wake: () => undefined,
  };
  const codec = core.running.session(context);
  const { hits } = core.table;
  const before = hits?.slice();
  const found: Explanation[] = [];
  let from = 0;
  while (from < bytes.length) {
    const plan = codec.request(bytes, from);
    if (plan === null) break;
    const keys = plan.type === "skip" ? [] : codec.keys(bytes);
    if (plan.type !== "skip") {
      found.push({
        request: codec.label,
        plan: plan.type,
        packets: packetsOf(core, plan, codec.end - from),
        keys: keys.map((key) => ({ key, ...explainKey(core, codec.ownRules ?? null, key) })),
      });
    }
    from = codec.end;
    while (codec.more && from < bytes.length) from = codec.body(bytes, from);
    if ((plan.type === "local" || plan.type === "refuse") && plan.end) break;
  }
  codec.closed();
  if (before !== undefined) hits?.set(before); // nothing was asked in earnest
  return found;
}

/** Rules of a session are not those of the table, whose indexes say which they are. */
function explainKey(core: Core, own: OwnRules | null, key: Uint8Array): RouteExplanation {
  if (own === null) return core.table.explain(key);
  const { cluster, because } = own.table.explain(key);
  return { cluster, rule: -1, because: `${own.words}: ${because}` };
}

function packetsOf(core: Core, plan: Plan, length: number): Explanation["packets"] {
  const name = (cluster: number): string => core.table.clusters[cluster]?.name ?? "";
  if (plan.type === "forward") {
    const { cluster, node, lane, instead = null } = plan;
    const bytes = instead === null ? length : total(instead);
    return [{ cluster: name(cluster), node, lane, bytes }];
  }
  if (plan.type !== "fragment" && plan.type !== "stream") return [];
  return plan.parts.map((part) => ({
    cluster: name(part.cluster),
    node: part.node,
    lane: part.lane,
    bytes: part.bytes.reduce((sum, chunk) => sum + chunk.length, 0),
  }));
}
