/**
 * The host's own keys of a configuration: what stands beside the keys of the
 * routing table. Bytes are numbers or texts such as `64MiB` (B, KiB, MiB,
 * GiB); times are milliseconds or texts such as `5s` (ms, s, m, h).
 */
import { defaultLimits, type Limits } from "@echarde/core";
import type { Address } from "../address.ts";
import type { AuthSpec, ListenTlsSpec } from "../security/spec.ts";
import {
  type AdminSpec,
  type LogSpec,
  type OperatingSettings,
  readOperating,
  type TracingSpec,
} from "./operating.ts";
import { type HostFinding, SettingsReader, type Unit } from "./settings-reader.ts";

export type { HostFinding } from "./settings-reader.ts";

/** An amount of memory: bytes, or a text as in `64MiB`. */
export type BytesSpec = number | string;

/** A span of time: milliseconds, or a text as in `5s`. */
export type TimeSpec = number | string;

/** Key `limits` of a configuration. */
export interface LimitsSpec {
  /** Clients at a time; one more is closed at once. Default 10,000: half of the usual 20,480 file descriptors, the rest for links. */
  readonly maxClients?: number;
  /** Bytes of one request that must be held whole. Default 64 MiB. */
  readonly maxRequest?: BytesSpec;
  /** Requests of one client in flight before it is read no further. Default 16,384. */
  readonly maxInFlight?: number;
  /** Bytes that wait for one client before it is read no further. Default 64 MiB. */
  readonly maxOutput?: BytesSpec;
  /** Bytes that the whole router may hold. Default 1 GiB. */
  readonly maxMemory?: BytesSpec;
  /** Requests without an answer in time on one upstream connection before it is replaced. Default 16. */
  readonly maxTimeouts?: number;
}

/** Key `timeouts` of a configuration. */
export interface TimeoutsSpec {
  /** For one request. Default 5 s. */
  readonly request?: TimeSpec;
  /** Until an upstream connection stands, handshake included. Default 1 s. */
  readonly connect?: TimeSpec;
  /** An unused upstream connection is closed. Default 60 s. */
  readonly idle?: TimeSpec;
  /** A client above `maxOutput` that takes nothing for so long is closed. Default 10 s. */
  readonly stall?: TimeSpec;
  /** First wait after a failed connect. Default 50 ms. */
  readonly minBackoff?: TimeSpec;
  /** Longest wait after failed connects. Default 500 ms. */
  readonly maxBackoff?: TimeSpec;
  /** Upstream connections of a cluster that a new table has dropped may finish in so long. Default 30 s. */
  readonly retire?: TimeSpec;
  /** Silence after which the system asks whether the other side still lives (TCP keep-alive). Default 60 s; 0 = never. */
  readonly keepAlive?: TimeSpec;
  /** What is in flight may take so long at the end (SIGTERM). Default 5 s; 0 = not waited for. */
  readonly drain?: TimeSpec;
}

/** The host's keys. */
export interface HostSpec {
  /** Processes that serve clients, for `echarde run`. Default 1. */
  readonly workers?: number;
  /** Where clients connect: `host:port`, `[v6]:port`, `unix:/path`, with MQTT also `ws://host:port/path`, or a list of them. */
  readonly listen?: string | readonly string[];
  /** Folder for what outlives the process (MQTT sessions, Kafka producer ids); relative to the file of the configuration. None unless given: it is kept in memory. */
  readonly stateDir?: string;
  /** Bounds. */
  readonly limits?: LimitsSpec;
  /** Times. */
  readonly timeouts?: TimeoutsSpec;
  /** The HTTP port for those who operate it. */
  readonly admin?: AdminSpec;
  /** What is logged. */
  readonly log?: LogSpec;
  /** Which requests become spans. */
  readonly tracing?: TracingSpec;
  /** Clients connect over TLS. */
  readonly tls?: ListenTlsSpec;
  /** The router checks its clients. */
  readonly auth?: AuthSpec;
}

/** What {@link readHostSettings} reads. */
export interface HostSettings extends OperatingSettings {
  /** Addresses to listen on; may be empty. */
  readonly listen: readonly Address[];
  /** Processes that serve clients. */
  readonly workers: number;
  /** Folder for what outlives the process, null = none. */
  readonly stateDir: string | null;
  /** Limits of the router, the given ones only. */
  readonly limits: Partial<Limits>;
  /** Clients at a time. */
  readonly maxClients: number;
  /** Milliseconds, 0 = never. */
  readonly keepAlive: number;
  /** Milliseconds. */
  readonly drain: number;
}

/** Reads the host's keys of a configuration and adds what is wrong to `findings`. Keys of the table are not looked at; a key that nobody knows is an error. */
export function readHostSettings(
  config: Readonly<Record<string, unknown>>,
  findings: HostFinding[],
): HostSettings {
  const reader = new SettingsReader(findings);
  for (const key of Object.keys(config)) {
    if (!tableKeys.includes(key) && !hostKeys.includes(key)) {
      reader.unknown([key], [...tableKeys, ...hostKeys]);
    }
  }
  const limits = reader.section(config, "limits", Object.keys(limitKeys));
  const timeouts = reader.section(config, "timeouts", Object.keys(timeoutKeys));
  const given: { -readonly [Name in keyof Limits]?: number } = {};
  let maxClients = 10_000;
  for (const [key, { unit, limit }] of Object.entries(limitKeys)) {
    const value = reader.amount(limits, ["limits", key], unit, 1);
    if (value === null) continue;
    if (limit === null) maxClients = value;
    else given[limit] = value;
  }
  let keepAlive = 60_000;
  let drain = 5_000;
  for (const [key, limit] of Object.entries(timeoutKeys)) {
    const value = reader.amount(timeouts, ["timeouts", key], "time", limit === null ? 0 : 1);
    if (value === null) continue;
    if (limit !== null) given[limit] = value;
    else if (key === "drain") drain = value;
    else keepAlive = value;
  }
  const { minBackoff, maxBackoff } = { ...defaultLimits, ...given };
  if (minBackoff > maxBackoff) {
    const message = `minBackoff (${minBackoff} ms) is above maxBackoff (${maxBackoff} ms)`;
    findings.push({ path: ["timeouts"], message });
  }
  return {
    listen: reader.addresses(config["listen"], config["protocol"]),
    workers: reader.count(config["workers"], ["workers"], mostWorkers) ?? 1,
    stateDir: reader.text(config["stateDir"], ["stateDir"]),
    limits: given,
    maxClients,
    keepAlive,
    drain,
    ...readOperating(reader, config),
  };
}

/** Keys of the table, which core reads. */
const tableKeys = [
  "protocol",
  "defaultCluster",
  "localCluster",
  "clusters",
  "routes",
  "routingTable",
  "options",
];
const hostKeys = [
  "listen",
  "workers",
  "stateDir",
  "limits",
  "timeouts",
  "admin",
  "log",
  "tracing",
  "tls",
  "auth",
];

/** More than any machine has use for: a slip must not start a thousand processes. */
export const mostWorkers = 256;

const limitKeys: Readonly<Record<string, { unit: Unit; limit: keyof Limits | null }>> = {
  maxClients: { unit: "count", limit: null },
  maxRequest: { unit: "bytes", limit: "maxRequest" },
  maxInFlight: { unit: "count", limit: "maxInFlight" },
  maxOutput: { unit: "bytes", limit: "maxOutput" },
  maxMemory: { unit: "bytes", limit: "maxMemory" },
  maxTimeouts: { unit: "count", limit: "maxTimeouts" },
};

const timeoutKeys: Readonly<Record<string, keyof Limits | null>> = {
  request: "requestTimeout",
  connect: "connectTimeout",
  idle: "idleTimeout",
  stall: "stallTimeout",
  minBackoff: "minBackoff",
  maxBackoff: "maxBackoff",
  retire: "drainTimeout",
  keepAlive: null,
  drain: null,
};
