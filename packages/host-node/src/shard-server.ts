/** A router with sockets around it: what an application embeds, and what `echarde run` runs. */
import { resolve } from "node:path";
import {
  type Codec,
  createRouter,
  type Explanation,
  type SessionQuestion,
  type UpstreamView,
  type ValueQuestion,
} from "@echarde/core";
import type { Address } from "./address.ts";
import { now } from "./clock.ts";
import {
  type HostFinding,
  type HostSettings,
  type HostSpec,
  readHostSettings,
} from "./config/host-settings.ts";
import { nodeSockets } from "./node-sockets.ts";
import { type Log, silentLog } from "./operate/log.ts";
import type { AskHandler } from "./router-loop.ts";
import { RunningServer } from "./running-server.ts";
import { configError, configOf, Secrets } from "./security/secrets.ts";
import { type HostSessions, logFailing } from "./sessions/host-sessions.ts";
import { LocalSessions } from "./sessions/local-sessions.ts";
import type { Sockets } from "./sockets.ts";
import { type HostValues, logValuesFailing } from "./values/host-values.ts";
import { ValueStore } from "./values/value-store.ts";

/** What {@link createShardServer} takes. */
export interface ShardServerOptions extends HostSpec {
  /** The protocol. */
  readonly codec: Codec;
  /** A routing table, or a whole configuration as in a YAML file; what stands beside it here counts more. */
  readonly table: unknown;
  /** Answers questions of the router other than after passwords of `auth`; without it the answer is `undefined`. */
  readonly ask?: AskHandler;
  /** Relative paths of the configuration start here. Default: the working directory. */
  readonly folder?: string;
  /** Other sockets than those of `node:net`. */
  readonly sockets?: Sockets;
  /** What happens is written there; a pino logger will do. Nothing is logged without it. */
  readonly logger?: Log;
  /** Count requests by name and keys by rule. Default: when there is an admin port. */
  readonly counters?: boolean;
  /** A request as a person types it, in the bytes that a client sends, for `explain`. Default: the text as a line. */
  readonly encodeRequest?: (text: string) => Uint8Array;
}

/** How a server ends. */
export interface CloseOptions {
  /** Milliseconds that what is in flight may take; 0, the default, ends all at once. */
  readonly drain?: number;
}

/** How a server has ended. */
export interface CloseReport {
  /** Clients that had to be cut off before all their answers were there (or, without a drain, that were connected). */
  readonly cut: number;
}

/** What a server counts. */
export interface ServerStats {
  /** Clients connected now. */
  readonly clients: number;
  /** Connections accepted so far. */
  readonly accepted: number;
  /** Connections closed at once because of `maxClients`. */
  readonly refused: number;
  /** Bytes that the router holds for later. */
  readonly heldBytes: number;
  /** Version of the table in force. */
  readonly tableVersion: string;
  /** Every upstream used so far. */
  readonly upstreams: readonly UpstreamView[];
}

/** A running server. */
export interface ShardServer {
  /** Where it listens: the first of {@link ShardServer.addresses}. */
  readonly address: Address;
  /** All addresses, with the ports that the system gave. */
  readonly addresses: readonly Address[];
  /** Where the admin port listens, null = nowhere. */
  readonly adminAddress: Address | null;
  /** Names of the clusters of the table in force. */
  readonly clusters: readonly string[];
  /** Milliseconds: `timeouts.drain` of the configuration in force. */
  readonly drain: number;
  /** Accepts no more, lets clients have what is in flight, and closes. */
  close(options?: CloseOptions): Promise<CloseReport>;
  /**
   * Puts another table in force, and its `tls`, `auth` and those of its clusters if it is a whole
   * configuration: the files that they name are read again. No connection is dropped but those of
   * users that are gone. Throws `ConfigError` and changes nothing when it is wrong.
   */
  swap(table: unknown): void;
  /**
   * As `swap`, for a whole configuration: limits, times and what else can change while it runs do,
   * too. Throws `ConfigError` and changes nothing when something is wrong or takes a restart.
   */
  reconfigure(config: unknown): void;
  /** The first half of `reconfigure`: checks all of it. Call what it returns to put it in force, before anything else changes. */
  prepare(config: unknown): () => void;
  /** A configuration was refused before it came here: it is counted. */
  configRefused(): void;
  /** Reads certificates, passwords and users again. Throws `ConfigError` and changes nothing when they are wrong. */
  reloadSecrets(): void;
  /** Files that `reloadSecrets` reads: certificates, keys, passwords and users. */
  readonly secretFiles: readonly string[];
  /** Whether one of them is other than when it was last read, well or in vain. */
  readonly secretsChanged: boolean;
  /** Plans requests without sending anything. A text stands for one line of the protocol. */
  explain(request: string | Uint8Array): readonly Explanation[];
  /** Counters; a copy. */
  stats(): ServerStats;
}

/**
 * Starts a router and listens. Rejects with `ConfigError` when a setting or
 * the table is wrong, and with the system's error when an address cannot be had.
 */
export async function createShardServer(options: ShardServerOptions): Promise<ShardServer> {
  const server = makeServer(options);
  if (server.workers > 1) {
    const message = "one process serves here: `workers` is for `echarde run`";
    throw configError([{ path: ["workers"], message }]);
  }
  await server.listen();
  return server;
}

/** Where a server keeps what outlives connections. */
export interface Keepers {
  /** Sessions. */
  readonly sessions: HostSessions;
  /** Values that all processes share. */
  readonly values: HostValues;
}

/** As {@link createShardServer}, but it does not listen yet. `given` = where things are kept, other than in the folder that the settings name. */
export function makeServer(
  options: ShardServerOptions,
  given: Keepers | null = null,
): RunningServer {
  const findings: HostFinding[] = [];
  const settings = settingsOf(options, findings);
  const { codec, folder = process.cwd() } = options;
  const secrets = new Secrets({ codec, folder }, options, findings);
  const { security } = secrets;
  if (findings.length > 0) throw configError(findings);
  const sockets = options.sockets ?? nodeSockets({ keepAlive: settings.keepAlive });
  const { stateDir } = settings;
  const log = options.logger ?? null;
  const keepers = given ?? (stateDir === null ? null : local(resolve(folder, stateDir), log));
  const { sessions, values } = keepers ?? { sessions: null, values: null };
  const router = createRouter({
    codec: options.codec,
    keepsSessions: sessions !== null,
    keepsValues: values !== null,
    table: options.table,
    limits: settings.limits,
    security,
    reusesInput: sockets.reusesInput,
    counters: options.counters ?? settings.admin.listen !== null,
  });
  const asked = options.ask ?? ((): unknown => undefined);
  return new RunningServer({
    ...{ router, protocol: codec.name, sockets, settings, secrets },
    ...{ sessions, values },
    ask: (ask) => {
      if (security.users !== null && ask.topic === "authenticate") return security.answer(ask);
      if (sessions !== null && ask.topic === "session")
        return sessions.answer(ask.value as SessionQuestion);
      const kept = values !== null && ask.topic === "value";
      return kept ? values.answer(ask.value as ValueQuestion) : asked(ask);
    },
    settingsOf: (config) => {
      const wrong: HostFinding[] = [];
      const found = settingsOf({ ...options, table: config }, wrong);
      if (wrong.length > 0) throw configError(wrong);
      return found;
    },
    log,
    encodeRequest: options.encodeRequest ?? null,
  });
}

function local(path: string, log: Log | null): Keepers {
  const to = log ?? silentLog;
  return {
    sessions: new LocalSessions({ path, now, failing: logFailing(to) }),
    values: new ValueStore({ now, failing: logValuesFailing(to) }),
  };
}

function settingsOf(options: ShardServerOptions, findings: HostFinding[]): HostSettings {
  const { codec: _, table, ask: _a, sockets: _s, folder: _f, ...more } = options;
  const { logger: _l, counters: _c, encodeRequest: _e, ...given } = more;
  const inFile = configOf(table);
  const merged: Record<string, unknown> = { protocol: options.codec.name, ...inFile, ...given };
  for (const name of ["limits", "timeouts", "admin", "log", "tracing"] as const) {
    const own = inFile[name];
    if (given[name] !== undefined && typeof own === "object")
      merged[name] = { ...own, ...given[name] };
  }
  const settings = readHostSettings(merged, findings);
  if (findings.length === 0 && settings.listen.length === 0) {
    findings.push({ path: [], message: "no address to listen on: give `listen`" });
  }
  return settings;
}
