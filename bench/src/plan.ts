/**
 * What a benchmark of one protocol is made of. The runner knows nothing else, so a protocol adds a
 * plan and no more.
 */

/** What a load generator measured in one run. */
export interface Load {
  /** Operations that were answered. */
  readonly operations: number;
  /** How long that took, without connecting. */
  readonly seconds: number;
  /** Median latency of one operation in milliseconds; NaN where it is not measured. */
  readonly p50Ms: number;
  /** 99th percentile of the latency of one operation in milliseconds; NaN where it is not measured. */
  readonly p99Ms: number;
}

/** One kind of traffic. */
export interface Workload {
  /** In lower case: set, get, fan-in qos0, … */
  readonly name: string;
  /** Requests that a client has in flight; 1 for no pipeline, or where a rate is given. */
  readonly pipeline: number;
  /** Connections at once. */
  readonly clients: number;
  /** Bytes of one value, or of one request where it is one. */
  readonly payload: number;
  /** Whether an operation is `payload` bytes of user data, so that its rate is one of bytes, too. */
  readonly inBytes?: boolean;
  /** Items that one operation carries, such as the lines of a write; 1 unless given. */
  readonly batch?: number;
  /** Operations of the first, unmeasured run: enough to warm a JIT compiler up. */
  readonly warmUp: number;
  /**
   * Sends so many operations to a port of 127.0.0.1 from another process.
   *
   * @throws Error when one of them fails
   */
  run(port: number, operations: number): Promise<Load>;
}

/** Something that traffic is sent to. */
export interface Subject {
  /** One of direct, pipe, twemproxy, envoy, echarde, with a suffix after a space for a variant. */
  readonly name: string;
  /** Its port on 127.0.0.1. */
  readonly port: number;
  /** Processes whose CPU time and memory count; none where there is no proxy. */
  readonly pids: readonly number[];
  /** Those of `pids` that are a bridge beside the proxy; none unless given. */
  readonly bridgePids?: readonly number[];
  /** Processes of the servers behind it, or of itself where there is no proxy. */
  readonly serverPids: readonly number[];
}

/** Subjects and servers that run. */
export interface Bench {
  /** What is measured, in the order of the report. */
  readonly subjects: readonly Subject[];
  /** Subjects that were asked for and cannot be had here, with the reason. */
  readonly missing: readonly { readonly name: string; readonly reason: string }[];
  /** The traffic that each of them gets. */
  readonly workloads: readonly Workload[];
  /** Versions of the programs that take part. */
  readonly versions: Readonly<Record<string, string>>;
  /** Ends all of it. */
  close(): Promise<void>;
}

/** What of a benchmark is wanted. */
export interface Wanted {
  /** A part of the plan's subjects. */
  readonly subjects: readonly string[];
  /** A part of the plan's workloads. */
  readonly workloads: readonly string[];
  /** A point of a series; null = everything has its usual size. */
  readonly point: Point | null;
}

/** A point of a series, such as 64 of `shards`. */
export interface Point {
  /** What grows. */
  readonly series: string;
  /** How large it is. */
  readonly value: number;
}

/** The benchmark of one protocol. */
export interface BenchPlan {
  /** Its name on the command line. */
  readonly protocol: string;
  /** Names of all subjects that it knows. */
  readonly subjects: readonly string[];
  /** Those that are measured unless others are named; all unless given. */
  readonly usual?: readonly string[];
  /** Names of its workloads, for those who want only some; none = they cannot be chosen. */
  readonly workloads?: readonly string[];
  /** What can grow, with usual points: `shards` 3, 64. */
  readonly series?: Readonly<Record<string, readonly number[]>>;
  /** The subjects that ratios are given against, if they took part. */
  readonly baselines: readonly string[];
  /** Starts what is needed for some of the subjects, and fills it with data. */
  open(wanted: Wanted): Promise<Bench>;
}
