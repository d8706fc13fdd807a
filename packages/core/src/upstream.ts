/**
 * One node of a cluster as the router sees it: its shared links, its back-off,
 * and counters that outlive connections.
 *
 * ```
 *   connect fails ─▶ next endpoint … ─▶ all failed: wait 50, 100, … 500 ms; requests fail at once
 *   connect succeeds ─▶ back-off forgotten
 * ```
 */
import type { Limits } from "./codec.ts";
import { type CommandStats, commandStats, entryOf, latencyBuckets } from "./counts.ts";
import type { Link } from "./link.ts";
import type { ClusterSpec } from "./table/table.ts";

/** Counters of one upstream since the router was made. */
export interface UpstreamStats {
  /** Packets sent that await a reply. */
  requests: number;
  /** Replies that came. */
  replies: number;
  /** Outcomes that were not a reply. */
  failures: number;
  /** Bytes to the upstream. */
  bytesOut: number;
  /** Bytes from the upstream. */
  bytesIn: number;
  /** Connections that stood. */
  connects: number;
  /** Rounds over all endpoints in which none could be connected to. */
  connectFailures: number;
  /** Connections that were lost while they were of use. */
  lost: number;
  /** Replies by latency: entry i counts those of less than 2^i × 0.125 ms, the last one all others. */
  readonly latency: Float64Array;
}

/** See the module. */
export class Upstream {
  /** The cluster as the newest table that knows it says. */
  spec: ClusterSpec;
  /** Address inside the cluster, or "". */
  readonly node: string;
  /** Shared links by journal key. */
  readonly shared: Map<string, Link> = new Map<string, Link>();
  /** Links of all lanes. */
  readonly links: Set<Link> = new Set<Link>();
  /** No table names the cluster any more. */
  retired = false;
  /** When links of a retired one are closed at the latest. */
  retireBy: number = Number.POSITIVE_INFINITY;
  /** Index of the endpoint to dial next. */
  endpoint = 0;
  /** What the last attempt to connect, or the last loss, says. */
  state: "unknown" | "up" | "down" = "unknown";
  /** By name of the request; empty unless the router counts them. */
  readonly commands: Map<string, CommandStats> = new Map<string, CommandStats>();
  /** Error replies on links that are gone. */
  errorsBefore = 0;
  /** Back-off ends. */
  retryAt = 0;
  /** See {@link UpstreamStats}. */
  readonly stats: UpstreamStats = {
    requests: 0,
    replies: 0,
    failures: 0,
    bytesOut: 0,
    bytesIn: 0,
    connects: 0,
    connectFailures: 0,
    lost: 0,
    latency: new Float64Array(latencyBuckets),
  };
  #failures = 0;
  #lanes = 0;

  constructor(spec: ClusterSpec, node: string) {
    this.spec = spec;
    this.node = node;
  }

  /** `cluster`, or `cluster/node`. */
  get name(): string {
    return this.node === "" ? this.spec.name : `${this.spec.name}/${this.node}`;
  }

  /** A key for the next shared link: `east`, `east#2`, … */
  nextLaneName(): string {
    this.#lanes += 1;
    return this.#lanes === 1 ? this.name : `${this.name}#${this.#lanes}`;
  }

  /** Rounds over all endpoints that failed, one after the other. */
  get attempts(): number {
    return this.#failures;
  }

  /** Counters of the requests of a name. */
  command(label: string): CommandStats {
    return entryOf(this.commands, label, commandStats);
  }

  /** What to dial now. */
  get address(): string {
    if (this.node !== "") return this.node;
    const { endpoints } = this.spec;
    return endpoints[this.endpoint % Math.max(1, endpoints.length)] ?? "";
  }

  /** A connection stands. */
  connected(): void {
    this.state = "up";
    this.#failures = 0;
    this.retryAt = 0;
    this.stats.connects += 1;
  }

  /** A connect failed. Returns whether another endpoint is worth a try at once. */
  connectFailed(tried: number, now: number, limits: Limits): boolean {
    this.endpoint += 1;
    if (this.node === "" && tried < this.spec.endpoints.length) return true;
    const span = Math.min(limits.maxBackoff, limits.minBackoff * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 30);
    this.state = "down";
    this.stats.connectFailures += 1;
    this.retryAt = now + span * (0.75 + 0.25 * spread(this.name, this.#failures));
    return false;
  }

  /** It refused the router's credentials: asking again at once would be refused again. */
  refused(now: number, limits: Limits): void {
    this.state = "down";
    this.retryAt = now + limits.maxBackoff;
  }

  /** A connection that stood is gone; with the last one goes what was known. */
  linkLost(): void {
    this.stats.lost += 1;
    if (this.links.size === 0 && this.state === "up") this.state = "unknown";
  }

  /** Counts a reply. Returns its bucket. */
  replied(milliseconds: number): number {
    this.stats.replies += 1;
    let bucket = 0;
    let edge = 0.125;
    while (milliseconds >= edge && bucket < latencyBuckets - 1) {
      edge *= 2;
      bucket += 1;
    }
    this.stats.latency[bucket] = (this.stats.latency[bucket] ?? 0) + 1;
    return bucket;
  }
}

/** A number in [0, 1) that differs between upstreams and attempts, so that reconnects do not come all at once. */
function spread(name: string, attempt: number): number {
  let hash = 0x811c9dc5 ^ attempt;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}
