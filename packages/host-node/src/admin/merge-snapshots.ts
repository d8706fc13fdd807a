/** Adds up what several workers count and hold. */
import type { CommandStats, LocalStats, UpstreamView } from "@echarde/core";
import type { ClusterState, Snapshot } from "./inspected.ts";

/** What a server has counted that is not there any more: counters stay, what it held is gone. */
export function countersOf(gone: Snapshot): Snapshot {
  return {
    ...gone,
    ...{ accepting: false, heldBytes: 0, totals: { clients: 0, links: 0 }, clients: [], links: [] },
    clusters: new Map(),
    upstreams: gone.upstreams.map((view) => ({
      ...view,
      ...{ state: "unknown" as const, retryAt: 0, links: 0, inFlight: 0, queued: 0 },
    })),
  };
}

/**
 * The sum of `all` (not empty). Configurations, workers and the table are those of the first. A
 * cluster is up when any of them reaches it, and down when one found it so and none reaches it.
 *
 * @param limit - clients and links that are listed
 */
export function mergeSnapshots(all: readonly [Snapshot, ...Snapshot[]], limit: number): Snapshot {
  const [first] = all;
  const sum = (read: (each: Snapshot) => number): number =>
    all.reduce((total, each) => total + read(each), 0);
  const sameTable = all.filter(({ table, hits }) => table === first.table && hits !== null);
  return {
    accepting: all.some(({ accepting }) => accepting),
    heldBytes: sum(({ heldBytes }) => heldBytes),
    totals: {
      clients: sum(({ totals }) => totals.clients),
      links: sum(({ totals }) => totals.links),
    },
    counts: {
      ...first.counts,
      accepted: sum(({ counts }) => counts.accepted),
      refused: sum(({ counts }) => counts.refused),
    },
    workers: first.workers,
    clusters: statesOf(all),
    table: first.table,
    hits:
      first.hits?.map((_, i) => sameTable.reduce((n, { hits }) => n + (hits?.[i] ?? 0), 0)) ?? null,
    ownHits: first.ownHits.map((_, i) =>
      all.reduce((n, { table, ownHits }) => n + (table === first.table ? (ownHits[i] ?? 0) : 0), 0),
    ),
    dropped: droppedOf(all),
    clients: all.flatMap(({ clients }) => clients).slice(0, limit),
    links: all.flatMap(({ links }) => links).slice(0, limit),
    upstreams: upstreamsOf(all),
    local: localOf(all),
  };
}

/** Both together. */
export function sumOfCommands(a: CommandStats, b: CommandStats): CommandStats {
  return {
    requests: a.requests + b.requests,
    oneWay: a.oneWay + b.oneWay,
    replies: a.replies + b.replies,
    errors: a.errors + b.errors,
    failures: a.failures + b.failures,
    bytesOut: a.bytesOut + b.bytesOut,
    bytesIn: a.bytesIn + b.bytesIn,
    milliseconds: a.milliseconds + b.milliseconds,
    latency: a.latency.map((count, i) => count + (b.latency[i] ?? 0)),
  };
}

function statesOf(all: readonly Snapshot[]): ReadonlyMap<string, ClusterState> {
  const states = new Map<string, ClusterState>();
  for (const { clusters } of all) {
    for (const [name, state] of clusters) {
      const known = states.get(name) ?? "unknown";
      states.set(name, stateRank[state] > stateRank[known] ? state : known);
    }
  }
  return states;
}

const stateRank: Readonly<Record<ClusterState, number>> = { unknown: 0, down: 1, up: 2 };

function upstreamsOf(all: readonly Snapshot[]): readonly UpstreamView[] {
  const found = new Map<string, UpstreamView>();
  for (const { upstreams } of all) {
    for (const view of upstreams) {
      const known = found.get(view.name);
      found.set(view.name, known === undefined ? view : sumOfUpstreams(known, view));
    }
  }
  return [...found.values()];
}

function sumOfUpstreams(a: UpstreamView, b: UpstreamView): UpstreamView {
  const commands = new Map(a.commands);
  for (const [name, stats] of b.commands) {
    const known = commands.get(name);
    commands.set(name, known === undefined ? stats : sumOfCommands(known, stats));
  }
  const [s, t] = [a.stats, b.stats];
  return {
    ...{ name: a.name, cluster: a.cluster, retired: a.retired && b.retired, commands },
    state: stateRank[a.state] > stateRank[b.state] ? a.state : b.state,
    retryAt: Math.max(a.retryAt, b.retryAt),
    links: a.links + b.links,
    inFlight: a.inFlight + b.inFlight,
    queued: a.queued + b.queued,
    errorReplies: a.errorReplies + b.errorReplies,
    stats: {
      requests: s.requests + t.requests,
      replies: s.replies + t.replies,
      failures: s.failures + t.failures,
      bytesOut: s.bytesOut + t.bytesOut,
      bytesIn: s.bytesIn + t.bytesIn,
      connects: s.connects + t.connects,
      connectFailures: s.connectFailures + t.connectFailures,
      lost: s.lost + t.lost,
      latency: s.latency.map((count, i) => count + (t.latency[i] ?? 0)),
    },
  };
}

function droppedOf(all: readonly Snapshot[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const { dropped } of all) {
    for (const [reason, many] of dropped) found.set(reason, (found.get(reason) ?? 0) + many);
  }
  return found;
}

function localOf(all: readonly Snapshot[]): ReadonlyMap<string, LocalStats> {
  const found = new Map<string, LocalStats>();
  for (const { local } of all) {
    for (const [name, { answered, refused }] of local) {
      const known = found.get(name) ?? { answered: 0, refused: 0 };
      found.set(name, {
        answered: known.answered + answered,
        refused: known.refused + refused,
      });
    }
  }
  return found;
}
