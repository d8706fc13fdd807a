/**
 * Metrics in the text form of Prometheus. The counters are core's; this reads
 * them when it is asked, so that a request costs nothing for being measured.
 * prom-client writes the text and brings the metrics of the process.
 */
import { readFileSync } from "node:fs";
import type { CommandStats, UpstreamView } from "@echarde/core";
import { type Metric, Registry } from "prom-client";
import type { Inspected, Snapshot } from "./inspected.ts";
import { sumOfCommands } from "./merge-snapshots.ts";

/** One metric: what it is, and how its values are found. */
interface MetricSpec {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly values: (sample: Sample) => Iterable<Value>;
}

interface Value {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  /** Set for the parts of a histogram. */
  readonly metricName?: string;
}

/** What one scrape sees. */
interface Sample {
  readonly server: Inspected;
  readonly now: Snapshot;
  readonly upstreams: readonly UpstreamView[];
  /** Counters by cluster and name of the request; nodes of a cluster are added up. */
  readonly commands: readonly (readonly [
    { readonly cluster: string; readonly command: string },
    CommandStats,
  ])[];
}

/** Names of all metrics of the router; those of the process are prom-client's. */
export function metricNames(): readonly string[] {
  return specs.map(({ name }) => name);
}

/** The text for a server, with its content type. */
export class Metrics {
  /** Content type of {@link Metrics.text}. */
  readonly contentType: string = Registry.PROMETHEUS_CONTENT_TYPE;
  readonly #server: Inspected;
  readonly #registry = new Registry();
  #sample: Sample | null = null;

  constructor(server: Inspected) {
    this.#server = server;
    for (const spec of specs) {
      // The library takes any object of this shape; its types name its own classes only.
      const metric = {
        ...{ name: spec.name, help: spec.help, type: spec.type, aggregator: "sum" },
        get: () => ({
          ...{ name: spec.name, help: spec.help, type: spec.type, aggregator: "sum" },
          values: this.#sample === null ? [] : [...spec.values(this.#sample)],
        }),
        reset: () => {},
      };
      this.#registry.registerMetric(metric as unknown as Metric);
    }
  }

  /** All metrics now. */
  async text(): Promise<string> {
    const [now, ofProcess] = [this.#server.snapshot(0), this.#server.processMetrics()];
    this.#sample = sampleOf(this.#server, await now);
    const own = this.#registry.metrics(); // values are read before it first waits
    return `${await own}\n${await ofProcess}`;
  }
}

function sampleOf(server: Inspected, now: Snapshot): Sample {
  const { upstreams } = now;
  const commands = new Map<string, [{ cluster: string; command: string }, CommandStats]>();
  for (const { cluster, commands: own } of upstreams) {
    for (const [command, stats] of own) {
      const key = `${cluster} ${command}`;
      const before = commands.get(key)?.[1];
      commands.set(key, [
        { cluster, command },
        before === undefined ? stats : sumOfCommands(before, stats),
      ]);
    }
  }
  return { server, now, upstreams, commands: [...commands.values()] };
}

/** A value without labels. */
function one(read: (now: Snapshot) => number): MetricSpec["values"] {
  return ({ now }) => [{ labels: {}, value: read(now) }];
}

/** A value for each cluster. */
function byCluster(read: (upstream: UpstreamView) => number): MetricSpec["values"] {
  return ({ upstreams }) => {
    const sums = new Map<string, number>();
    for (const upstream of upstreams) {
      sums.set(upstream.cluster, (sums.get(upstream.cluster) ?? 0) + read(upstream));
    }
    return [...sums].map(([cluster, value]) => ({ labels: { cluster }, value }));
  };
}

/** A value for each cluster and name of a request. */
function byCommand(read: (stats: CommandStats) => number): MetricSpec["values"] {
  return ({ commands }) =>
    commands.map(([labels, stats]) => ({ labels: { ...labels }, value: read(stats) }));
}

function* latencies({ commands }: Sample): Iterable<Value> {
  for (const [labels, { latency, milliseconds }] of commands) {
    let sum = 0;
    for (const [i, count] of latency.entries()) {
      sum += count;
      const le = i === latency.length - 1 ? "+Inf" : 2 ** i / 8_000;
      yield { labels: { ...labels, le }, value: sum, metricName: `${durations}_bucket` };
    }
    yield { labels: { ...labels }, value: milliseconds / 1_000, metricName: `${durations}_sum` };
    yield { labels: { ...labels }, value: sum, metricName: `${durations}_count` };
  }
}

function* ruleHits({ server, now: { hits } }: Sample): Iterable<Value> {
  if (hits === null) return;
  const rules = server.router.table.rules();
  yield { labels: { rule: "none", match: "" }, value: hits[0] ?? 0 };
  let rest = 0;
  let series = 0;
  for (const [i, { match }] of rules.entries()) {
    const value = hits[i + 1] ?? 0;
    if (value === 0) continue;
    if (++series > manyRules) rest += value;
    else yield { labels: { rule: i, match }, value };
  }
  if (rest > 0) yield { labels: { rule: "other", match: "" }, value: rest };
}

function* sessionRuleHits({ server, now: { ownHits } }: Sample): Iterable<Value> {
  for (const [rule, { match }] of server.router.ownRules.entries()) {
    const value = ownHits[rule] ?? 0;
    if (value > 0) yield { labels: { rule, match }, value };
  }
}

/** Rules with a series of their own: a table may have a hundred thousand. */
const manyRules = 1_000;
const durations = "echarde_request_duration_seconds";

const specs: readonly MetricSpec[] = [
  {
    name: "echarde_info",
    type: "gauge",
    help: "1; which version runs, with which table",
    values: ({ server }) => [
      {
        labels: { version, protocol: server.protocol, table: server.router.table.version },
        value: 1,
      },
    ],
  },
  {
    name: "echarde_ready",
    type: "gauge",
    help: "1 while it listens and does not drain",
    values: one(({ accepting }) => (accepting ? 1 : 0)),
  },
  {
    name: "echarde_workers",
    type: "gauge",
    help: "Processes that serve clients",
    values: one(({ workers }) => workers.serving),
  },
  {
    name: "echarde_workers_replaced_total",
    type: "counter",
    help: "Processes that ended by themselves and were replaced",
    values: one(({ workers }) => workers.replaced),
  },
  {
    name: "echarde_clients",
    type: "gauge",
    help: "Clients connected",
    values: one(({ totals }) => totals.clients),
  },
  {
    name: "echarde_clients_accepted_total",
    type: "counter",
    help: "Connections accepted",
    values: one(({ counts }) => counts.accepted),
  },
  {
    name: "echarde_clients_refused_total",
    type: "counter",
    help: "Connections closed at once because of limits.maxClients",
    values: one(({ counts }) => counts.refused),
  },
  {
    name: "echarde_held_bytes",
    type: "gauge",
    help: "Bytes that the router holds for later",
    values: one(({ heldBytes }) => heldBytes),
  },
  {
    name: "echarde_cluster_state",
    type: "gauge",
    help: "1 for the state that a cluster is in: up, unknown or down",
    values: ({ now }) =>
      [...now.clusters].flatMap(([cluster, current]) =>
        ["up", "unknown", "down"].map((state) => ({
          labels: { cluster, state },
          value: state === current ? 1 : 0,
        })),
      ),
  },
  {
    name: "echarde_links",
    type: "gauge",
    help: "Connections to the cluster, those being opened among them",
    values: byCluster(({ links }) => links),
  },
  {
    name: "echarde_in_flight_requests",
    type: "gauge",
    help: "Requests that await a reply of the cluster",
    values: byCluster(({ inFlight }) => inFlight),
  },
  {
    name: "echarde_queued_requests",
    type: "gauge",
    help: "Requests that wait for a connection to the cluster to stand",
    values: byCluster(({ queued }) => queued),
  },
  {
    name: "echarde_connects_total",
    type: "counter",
    help: "Connections to the cluster that stood; what exceeds echarde_links are reconnects and idle closes",
    values: byCluster(({ stats }) => stats.connects),
  },
  {
    name: "echarde_connect_failures_total",
    type: "counter",
    help: "Times that no endpoint of the cluster could be connected to",
    values: byCluster(({ stats }) => stats.connectFailures),
  },
  {
    name: "echarde_links_lost_total",
    type: "counter",
    help: "Connections to the cluster that were lost while they were of use",
    values: byCluster(({ stats }) => stats.lost),
  },
  {
    name: "echarde_requests_total",
    type: "counter",
    help: "Requests sent to the cluster that await a reply, by command; a split one counts once for each cluster",
    values: byCommand(({ requests }) => requests),
  },
  {
    name: "echarde_one_way_requests_total",
    type: "counter",
    help: "Requests sent to the cluster that no reply follows",
    values: byCommand(({ oneWay }) => oneWay),
  },
  {
    name: "echarde_error_replies_total",
    type: "counter",
    help: "Replies of the cluster that were errors",
    values: byCommand(({ errors }) => errors),
  },
  {
    name: "echarde_failures_total",
    type: "counter",
    help: "Requests without a reply of the cluster: not reachable, lost, timed out",
    values: byCommand(({ failures }) => failures),
  },
  {
    name: "echarde_sent_bytes_total",
    type: "counter",
    help: "Bytes of requests sent to the cluster",
    values: byCommand(({ bytesOut }) => bytesOut),
  },
  {
    name: "echarde_received_bytes_total",
    type: "counter",
    help: "Bytes of replies from the cluster",
    values: byCommand(({ bytesIn }) => bytesIn),
  },
  {
    name: durations,
    type: "histogram",
    help: "From sending a request to the last byte of its reply",
    values: latencies,
  },
  {
    name: "echarde_local_requests_total",
    type: "counter",
    help: "Requests that the router answered itself, by command",
    values: ({ now }) =>
      [...now.local].flatMap(([command, { answered, refused }]) => [
        { labels: { command, outcome: "answered" }, value: answered },
        { labels: { command, outcome: "refused" }, value: refused },
      ]),
  },
  {
    name: "echarde_rule_hits_total",
    type: "counter",
    help: "Keys that each rule of the table has decided since the table came into force",
    values: ruleHits,
  },
  {
    name: "echarde_session_rule_hits_total",
    type: "counter",
    help: "CONNECTs that each rule for sessions has decided since the table came into force",
    values: sessionRuleHits,
  },
  {
    name: "echarde_dropped_messages_total",
    type: "counter",
    help: "Messages that were not passed on, by reason",
    values: ({ now }) => [...now.dropped].map(([reason, value]) => ({ labels: { reason }, value })),
  },
  {
    name: "echarde_reloads_total",
    type: "counter",
    help: "Configurations that came while it ran, by outcome",
    values: ({ now: { counts } }) => [
      { labels: { outcome: "ok" }, value: counts.reloads },
      { labels: { outcome: "refused" }, value: counts.reloadsRefused },
    ],
  },
  {
    name: "echarde_config_loaded_timestamp_seconds",
    type: "gauge",
    help: "When the configuration in force came, Unix time",
    values: one(({ counts }) => counts.loadedAt / 1_000),
  },
];

const { version } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
) as { readonly version: string };
