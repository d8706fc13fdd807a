/** Keys `admin` and `log` of a configuration. */
import type { Address } from "../address.ts";
import type { TimeSpec } from "./host-settings.ts";
import type { SettingsReader } from "./settings-reader.ts";

/** How much is logged: each level with those before it. */
export type LogLevel = "silent" | "error" | "warn" | "info" | "debug";

/** Key `admin` of a configuration. */
export interface AdminSpec {
  /** Where to serve metrics, health and state over HTTP. It asks for no password: keep it on loopback, or on a Unix socket. None unless given. */
  readonly listen?: string;
  /** Ready as long as `any` cluster can be reached, or only while `each` can. Default `any`: with one shard lost, the others are still served. */
  readonly ready?: "any" | "each";
}

/** Key `log` of a configuration. */
export interface LogSpec {
  /** Default `info`. */
  readonly level?: LogLevel;
  /** Requests that take so long are logged, by name, cluster and duration. Default 100 ms: a hundred times what a healthy server takes; 0 = none. */
  readonly slow?: TimeSpec;
}

/** Key `tracing` of a configuration: spans of OpenTelemetry. */
export interface TracingSpec {
  /** Requests that take so long become spans; 0 = all. None do unless given. */
  readonly atLeast?: TimeSpec;
}

/** What {@link readOperating} reads. */
export interface OperatingSettings {
  /** The admin port. */
  readonly admin: {
    /** Null = none. */
    readonly listen: Address | null;
    /** See {@link AdminSpec}. */
    readonly ready: "any" | "each";
  };
  /** The log. */
  readonly log: {
    /** See {@link LogSpec}. */
    readonly level: LogLevel;
    /** Milliseconds; Infinity = none is slow. */
    readonly slow: number;
  };
  /** Milliseconds from which a request becomes a span; Infinity = none does. */
  readonly spansAtLeast: number;
}

/** Reads the two keys. */
export function readOperating(
  reader: SettingsReader,
  config: Readonly<Record<string, unknown>>,
): OperatingSettings {
  const admin = reader.section(config, "admin", ["listen", "ready"]);
  const log = reader.section(config, "log", ["level", "slow"]);
  const tracing = reader.section(config, "tracing", ["atLeast"]);
  const slow = reader.amount(log, ["log", "slow"], "time", 0) ?? 100;
  return {
    admin: {
      listen: reader.address(admin["listen"], ["admin", "listen"]),
      ready: reader.word(admin, ["admin", "ready"], ["any", "each"]) ?? "any",
    },
    log: {
      level: reader.word(log, ["log", "level"], levels) ?? "info",
      slow: slow === 0 ? Number.POSITIVE_INFINITY : slow,
    },
    spansAtLeast:
      reader.amount(tracing, ["tracing", "atLeast"], "time", 0) ?? Number.POSITIVE_INFINITY,
  };
}

const levels: readonly LogLevel[] = ["silent", "error", "warn", "info", "debug"];
