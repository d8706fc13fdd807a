/** What the admin port says as JSON. Names, states and numbers: no key or value of a client, no password. */
import type { ClientView, Explanation, LinkView, UpstreamView } from "@echarde/core";
import type { ClusterState, Inspected, Snapshot } from "./inspected.ts";

/** `GET /state`. */
export interface StateReport {
  /** Of the process. */
  readonly pid: number;
  /** Seconds since the process began. */
  readonly uptime: number;
  /** Name of the protocol. */
  readonly protocol: string;
  /** Version of the table in force. */
  readonly table: string;
  /** It listens, and does not drain. */
  readonly accepting: boolean;
  /** State of each cluster. */
  readonly clusters: Readonly<Record<string, ClusterState>>;
  /** Endpoints of each cluster. */
  readonly endpoints: Readonly<Record<string, readonly string[]>>;
  /** Bytes that the router holds for later. */
  readonly heldBytes: number;
  /** How many there are of those of which only the first are listed. */
  readonly totals: { readonly clients: number; readonly links: number };
  /** Connections and configurations. */
  readonly counts: Snapshot["counts"];
  /** Processes. */
  readonly workers: Snapshot["workers"];
  /** The first of them. */
  readonly clients: readonly ClientView[];
  /** The first of them. */
  readonly links: readonly LinkView[];
  /** Counters of each upstream, with those of each command. */
  readonly upstreams: readonly UpstreamReport[];
}

/** An upstream in JSON: histograms are lists, names of requests are keys. */
export interface UpstreamReport extends Omit<UpstreamView, "stats" | "commands"> {
  /** See `UpstreamView.stats`. */
  readonly stats: Omit<UpstreamView["stats"], "latency"> & { readonly latency: readonly number[] };
  /** By name of the request. */
  readonly commands: Readonly<Record<string, CommandReport>>;
}

/** Counters of one command. */
export interface CommandReport {
  /** Sent. */
  readonly requests: number;
  /** Errors of the upstream. */
  readonly errors: number;
  /** Outcomes that were no reply. */
  readonly failures: number;
  /** Replies by latency. */
  readonly latency: readonly number[];
}

/** See {@link StateReport}; `limit` clients and links are listed. */
export async function stateReport(server: Inspected, limit: number): Promise<StateReport> {
  const { router, protocol } = server;
  const { table } = router;
  const now = await server.snapshot(limit);
  const { accepting, heldBytes, totals, counts, workers, clients, links } = now;
  return {
    ...{ pid: process.pid, uptime: Math.round(process.uptime()), protocol },
    ...{ table: table.version, accepting, heldBytes },
    clusters: Object.fromEntries(now.clusters),
    endpoints: Object.fromEntries(table.clusters.map(({ name, endpoints }) => [name, endpoints])),
    ...{ totals, counts: { ...counts }, workers, clients, links },
    upstreams: now.upstreams.map(({ stats, commands, ...rest }) => ({
      ...rest,
      stats: { ...stats, latency: [...stats.latency] },
      commands: Object.fromEntries(
        [...commands].map(([name, { requests, errors, failures, latency }]) => [
          name,
          { requests, errors, failures, latency: [...latency] },
        ]),
      ),
    })),
  };
}

/** `GET /table`. */
export interface TableReport {
  /** Version of the table in force. */
  readonly version: string;
  /** Name of the protocol. */
  readonly protocol: string;
  /** Answers what needs no key. */
  readonly localCluster: string | null;
  /** Owns what no rule is for. */
  readonly defaultCluster: string | null;
  /** Names and addresses. */
  readonly clusters: readonly { readonly name: string; readonly endpoints: readonly string[] }[];
  /** How many rules there are. */
  readonly total: number;
  /** The first of them, as the file has them, with the keys that each has decided (null = not counted). */
  readonly rules: readonly {
    readonly rule: number;
    readonly match: string;
    readonly owner: string;
    readonly hits: number | null;
  }[];
  /** The first rules for some sessions, with the sessions that each was chosen for. */
  readonly sessions: readonly {
    readonly rule: number;
    readonly match: string;
    readonly hits: number;
  }[];
}

/** See {@link TableReport}; `limit` rules of each kind are listed. */
export async function tableReport(server: Inspected, limit: number): Promise<TableReport> {
  const { router, protocol } = server;
  const { hits, ownHits } = await server.snapshot(0);
  const { table } = router;
  const rules = table.rules();
  const nameOf = (index: number): string | null => table.clusters[index]?.name ?? null;
  return {
    ...{ version: table.version, protocol },
    localCluster: nameOf(table.localCluster),
    defaultCluster: nameOf(table.defaultCluster),
    clusters: table.clusters.map(({ name, endpoints }) => ({ name, endpoints })),
    total: rules.length,
    rules: rules.slice(0, limit).map(({ words, owner }, rule) => ({
      ...{ rule, match: words === "" ? "all the rest" : words, owner },
      hits: hits?.[rule + 1] ?? null,
    })),
    sessions: router.ownRules.slice(0, limit).map(({ words }, rule) => ({
      ...{ rule, match: words, hits: ownHits[rule] ?? 0 },
    })),
  };
}

/** One request of `GET /explain`. Its keys are numbered, not named. */
export interface ExplainReport {
  /** Name of the request. */
  readonly request: string;
  /** What becomes of it. */
  readonly plan: Explanation["plan"];
  /** What goes where. */
  readonly packets: Explanation["packets"];
  /** Which rule decided each key; rule null = the default cluster, or none. */
  readonly keys: readonly {
    readonly key: number;
    readonly cluster: string | null;
    readonly rule: number | null;
    readonly match: string | null;
  }[];
}

/** See {@link ExplainReport}. */
export function explainReport(server: Inspected, request: string): readonly ExplainReport[] {
  const rules = server.router.table.rules();
  return server.explain(request).map(({ request: name, plan, packets, keys }) => ({
    ...{ request: name, plan, packets },
    keys: keys.map(({ cluster, rule }, key) => ({
      ...{ key: key + 1, cluster, rule: rule < 0 ? null : rule },
      match: rules[rule]?.words ?? null,
    })),
  }));
}

/** `GET /readyz`. */
export interface ReadyReport {
  /** Whether to send clients here. */
  readonly ready: boolean;
  /** Why not. */
  readonly reason: "not listening" | "no cluster can be reached" | "a cluster is down" | null;
  /** State of each cluster. */
  readonly clusters: Readonly<Record<string, ClusterState>>;
}

/** Ready = it listens and does not drain, and `any` cluster (or `each`) is up or unknown. */
export async function readyReport(server: Inspected, demand: "any" | "each"): Promise<ReadyReport> {
  const { accepting, clusters } = await server.snapshot(0);
  const states = [...clusters.values()];
  const down = states.filter((state) => state === "down").length;
  const reason = !accepting
    ? "not listening"
    : down === states.length && down > 0
      ? "no cluster can be reached"
      : down > 0 && demand === "each"
        ? "a cluster is down"
        : null;
  return { ready: reason === null, reason, clusters: Object.fromEntries(clusters) };
}
