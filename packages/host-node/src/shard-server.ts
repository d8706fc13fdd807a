/** A router with sockets around it: what an application embeds, and what `echarde run` runs. */
import {
  type Codec,
  createRouter,
  type Explanation,
  type Router,
  type UpstreamView,
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
import { type AskHandler, RouterLoop } from "./router-loop.ts";
import { configError, configOf, Secrets } from "./security/secrets.ts";
import type { Listener, Socket, SocketEvents, Sockets } from "./sockets.ts";

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
}

/** How a server ends. */
export interface CloseOptions {
  /** Milliseconds that what is in flight may take; 0, the default, ends all at once. */
  readonly drain?: number;
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
  /** Names of the clusters of the table in force. */
  readonly clusters: readonly string[];
  /** Accepts no more, lets clients have what is in flight, and closes. */
  close(options?: CloseOptions): Promise<void>;
  /**
   * Puts another table in force, and its `tls`, `auth` and those of its clusters if it is a whole
   * configuration: the files that they name are read again. No connection is dropped but those of
   * users that are gone. Throws `ConfigError` and changes nothing when it is wrong.
   */
  swap(table: unknown): void;
  /** Reads certificates, passwords and users again. Throws `ConfigError` and changes nothing when they are wrong. */
  reloadSecrets(): void;
  /** Files that `reloadSecrets` reads: certificates, keys, passwords and users. */
  readonly secretFiles: readonly string[];
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
  const findings: HostFinding[] = [];
  const settings = settingsOf(options, findings);
  const { codec, folder = process.cwd() } = options;
  const secrets = new Secrets({ codec, folder }, options, findings);
  const { security } = secrets;
  if (findings.length > 0) throw configError(findings);
  const sockets = options.sockets ?? nodeSockets({ keepAlive: settings.keepAlive });
  const router = createRouter({
    codec: options.codec,
    table: options.table,
    limits: settings.limits,
    security,
    reusesInput: sockets.reusesInput,
  });
  const asked = options.ask ?? ((): unknown => undefined);
  const answer: AskHandler = (ask) =>
    security.users !== null && ask.topic === "authenticate" ? security.answer(ask) : asked(ask);
  const loop = new RouterLoop(router, sockets, answer, (cluster) => security.dial(cluster));
  const server = new RunningServer(router, loop, settings, secrets);
  await server.listen(sockets);
  return server;
}

function settingsOf(
  { codec: _, table, ask: _a, sockets: _s, folder: _f, ...given }: ShardServerOptions,
  findings: HostFinding[],
): HostSettings {
  const inFile = configOf(table);
  const merged: Record<string, unknown> = { ...inFile, ...given };
  for (const name of ["limits", "timeouts"] as const) {
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

class RunningServer implements ShardServer {
  readonly #router: Router;
  readonly #loop: RouterLoop;
  readonly #settings: HostSettings;
  readonly #secrets: Secrets;
  readonly #listeners: Listener[] = [];
  #accepted = 0;
  #refused = 0;
  #closed: Promise<void> | null = null;

  constructor(router: Router, loop: RouterLoop, settings: HostSettings, secrets: Secrets) {
    this.#router = router;
    this.#loop = loop;
    this.#settings = settings;
    this.#secrets = secrets;
  }

  get address(): Address {
    const [first] = this.addresses;
    if (first === undefined) throw new Error("the server does not listen");
    return first;
  }

  get addresses(): readonly Address[] {
    return this.#listeners.map((listener) => listener.address);
  }

  get clusters(): readonly string[] {
    return this.#router.table.clusters.map((cluster) => cluster.name);
  }

  async listen(sockets: Sockets): Promise<void> {
    try {
      for (const address of this.#settings.listen) {
        const accept = (socket: Socket): SocketEvents | null => {
          if (this.#loop.clients >= this.#settings.maxClients || this.#closed !== null) {
            this.#refused += 1;
            return null;
          }
          this.#accepted += 1;
          return this.#loop.accept(socket);
        };
        const tls = address.type === "unix" ? null : this.#secrets.security.listen;
        const listener = await sockets.listen(address, accept, tls);
        this.#listeners.push(listener);
      }
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  close({ drain = 0 }: CloseOptions = {}): Promise<void> {
    this.#closed ??= this.#end(drain);
    return this.#closed;
  }

  swap(table: unknown): void {
    const putInForce = this.#secrets.read(table);
    this.#loop.carryOut(this.#router.swap(table, now()));
    this.#renew(putInForce);
  }

  reloadSecrets(): void {
    this.#renew(this.#secrets.read());
  }

  get secretFiles(): readonly string[] {
    return this.#secrets.security.files;
  }

  explain(request: string | Uint8Array): readonly Explanation[] {
    const bytes = typeof request === "string" ? Buffer.from(`${request}\r\n`) : request;
    return this.#router.explain(bytes);
  }

  stats(): ServerStats {
    return {
      clients: this.#loop.clients,
      accepted: this.#accepted,
      refused: this.#refused,
      heldBytes: this.#router.heldBytes,
      tableVersion: this.#router.table.version,
      upstreams: this.#router.upstreams.map((upstream) => ({
        ...upstream,
        stats: { ...upstream.stats, latency: upstream.stats.latency.slice() },
      })),
    };
  }

  #renew(putInForce: () => void): void {
    putInForce();
    const { listen } = this.#secrets.security;
    if (listen !== null) for (const listener of this.#listeners) listener.renew(listen);
    this.#loop.carryOut(this.#router.securityChanged(now()));
  }

  async #end(drain: number): Promise<void> {
    for (const listener of this.#listeners) listener.close();
    if (drain > 0) await this.#loop.drain(drain);
    this.#loop.stop();
  }
}
