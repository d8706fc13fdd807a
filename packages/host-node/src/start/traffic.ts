import { latencyPercentile } from "../latency.ts";

/** Counters that only grow: of an `UpstreamView`, or of one that came as JSON. */
export interface Counted {
  /** `cluster`, or `cluster/node`. */
  readonly name: string;
  /** Requests without an answer now. */
  readonly inFlight: number;
  /** Error replies. */
  readonly errorReplies: number;
  /** Since the router was made. */
  readonly stats: {
    readonly requests: number;
    readonly failures: number;
    readonly latency: ArrayLike<number>;
  };
}

/** One cluster's traffic, since the start and in the last interval. */
export interface TrafficRow {
  /** Name of the cluster. */
  readonly cluster: string;
  /** Requests sent to it since the start. */
  readonly requests: number;
  /** Requests in a second of the last interval. */
  readonly perSecond: number;
  /** Error replies and outcomes that were no reply, since the start. */
  readonly errors: number;
  /** Requests without an answer now. */
  readonly inFlight: number;
  /** Milliseconds in the last interval with answers; NaN before the first. */
  readonly p50: number;
  /** Likewise. */
  readonly p99: number;
}

/** Turns counters that only grow into rows for people. */
export class Traffic {
  readonly #clusters: readonly string[];
  #before = new Map<string, Sample>();
  #at: number;

  /** @param now - milliseconds, any origin */
  constructor(clusters: readonly string[], now: number) {
    this.#clusters = clusters;
    this.#at = now;
  }

  /** Rows since the last call, one for each cluster; nodes of a cluster are added up. */
  rows(upstreams: readonly Counted[], now: number): TrafficRow[] {
    const seconds = Math.max(0.001, (now - this.#at) / 1000);
    this.#at = now;
    return this.#clusters.map((cluster) => {
      const own = upstreams.filter(
        ({ name }) => name === cluster || name.startsWith(`${cluster}/`),
      );
      const before = this.#before.get(cluster);
      const sample = add(own, before);
      this.#before.set(cluster, sample);
      return {
        cluster,
        requests: sample.requests,
        perSecond: (sample.requests - (before?.requests ?? 0)) / seconds,
        errors: sample.errors,
        inFlight: sample.inFlight,
        p50: sample.p50,
        p99: sample.p99,
      };
    });
  }
}

interface Sample {
  readonly requests: number;
  readonly errors: number;
  readonly inFlight: number;
  readonly latency: readonly number[];
  readonly p50: number;
  readonly p99: number;
}

function add(upstreams: readonly Counted[], before: Sample | undefined): Sample {
  const latency: number[] = [];
  let [requests, errors, inFlight] = [0, 0, 0];
  for (const { stats, errorReplies, inFlight: now } of upstreams) {
    requests += stats.requests;
    errors += stats.failures + errorReplies;
    inFlight += now;
    for (let i = 0; i < stats.latency.length; i++) {
      latency[i] = (latency[i] ?? 0) + (stats.latency[i] ?? 0);
    }
  }
  const fresh = latency.map((count, i) => count - (before?.latency[i] ?? 0));
  const quiet = fresh.every((count) => count === 0);
  return {
    ...{ requests, errors, inFlight, latency },
    p50: quiet ? (before?.p50 ?? Number.NaN) : latencyPercentile(fresh, 0.5),
    p99: quiet ? (before?.p99 ?? Number.NaN) : latencyPercentile(fresh, 0.99),
  };
}
