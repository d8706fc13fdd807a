/** A server at work: listeners, the loop, the admin port, and what may change while it runs. */
import type { Explanation, Notice, Router } from "@echarde/core";
import type { Address } from "./address.ts";
import { type AdminServer, startAdmin } from "./admin/admin-server.ts";
import type { ClusterState, Inspected, ServerCounts } from "./admin/inspected.ts";
import { Reachability } from "./admin/reachability.ts";
import { now } from "./clock.ts";
import type { HostSettings } from "./config/host-settings.ts";
import { needsRestart } from "./config/needs-restart.ts";
import { EventLog } from "./operate/event-log.ts";
import { type Log, silentLog } from "./operate/log.ts";
import { type AskHandler, RouterLoop } from "./router-loop.ts";
import type { Secrets } from "./security/secrets.ts";
import type { CloseOptions, CloseReport, ServerStats, ShardServer } from "./shard-server.ts";
import type { Listener, Socket, SocketEvents, Sockets } from "./sockets.ts";

/** What a server is made of. */
interface Parts {
  readonly router: Router;
  readonly protocol: string;
  readonly sockets: Sockets;
  readonly settings: HostSettings;
  /** What the settings of another configuration are, with the options of this server over them. Throws `ConfigError`. */
  readonly settingsOf: (config: unknown) => HostSettings;
  readonly secrets: Secrets;
  readonly ask: AskHandler;
  readonly log: Log | null;
  readonly encodeRequest: ((text: string) => Uint8Array) | null;
}

/** See the module. */
export class RunningServer implements ShardServer, Inspected {
  readonly router: Router;
  readonly protocol: string;
  readonly counts: ServerCounts = {
    ...{ accepted: 0, refused: 0, reloads: 0, reloadsRefused: 0 },
    loadedAt: now(),
  };
  readonly #parts: Parts;
  readonly #loop: RouterLoop;
  readonly #events: EventLog;
  readonly #reachability: Reachability;
  readonly #listeners: Listener[] = [];
  /** Of the table that it was started with. */
  readonly #options: string;
  #settings: HostSettings;
  #admin: AdminServer | null = null;
  #listens = false;
  #closed: Promise<CloseReport> | null = null;

  constructor(parts: Parts) {
    const { router, protocol, sockets, settings, secrets, log } = parts;
    this.#parts = parts;
    this.router = router;
    this.protocol = protocol;
    this.#settings = settings;
    this.#options = JSON.stringify(router.table.options);
    this.#events = new EventLog(log ?? silentLog, now);
    this.#reachability = new Reachability(router, sockets, now);
    this.#loop = new RouterLoop(
      ...([router, sockets, parts.ask] as const),
      (cluster) => secrets.security.dial(cluster),
      (notice, cause) => this.#notice(notice, cause),
    );
    this.#watchSlow();
  }

  get address(): Address {
    const [first] = this.addresses;
    if (first === undefined) throw new Error("the server does not listen");
    return first;
  }

  get addresses(): readonly Address[] {
    return this.#listeners.map((listener) => listener.address);
  }

  get adminAddress(): Address | null {
    return this.#admin?.address ?? null;
  }

  get clusters(): readonly string[] {
    return this.router.table.clusters.map((cluster) => cluster.name);
  }

  get drain(): number {
    return this.#settings.drain;
  }

  get clients(): number {
    return this.#loop.clients;
  }

  get accepting(): boolean {
    return this.#listens && this.#closed === null;
  }

  /** Listens. Rejects with the system's error, and is closed then. */
  async listen(): Promise<void> {
    const { listen, admin } = this.#settings;
    try {
      for (const address of listen) {
        const tls = address.type === "unix" ? null : this.#parts.secrets.security.listen;
        const accept = (socket: Socket): SocketEvents | null => this.#accept(socket);
        this.#listeners.push(await this.#parts.sockets.listen(address, accept, tls));
      }
      this.#listens = true;
      if (admin.listen !== null) {
        const demand = (): "any" | "each" => this.#settings.admin.ready;
        this.#admin = await startAdmin({ listen: admin.listen, server: this, demand });
      }
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  close({ drain = 0 }: CloseOptions = {}): Promise<CloseReport> {
    this.#closed ??= this.#end(drain);
    return this.#closed;
  }

  swap(table: unknown): void {
    const putInForce = this.#parts.secrets.read(table);
    this.#loop.carryOut(this.router.swap(table, now()));
    this.#renew(putInForce);
  }

  reconfigure(config: unknown): readonly string[] {
    const settings = this.#parts.settingsOf(config);
    this.swap(config);
    this.#settings = settings;
    this.#watchSlow();
    this.counts.reloads += 1;
    this.counts.loadedAt = now();
    const same = JSON.stringify(this.router.table.options) === this.#options;
    const options = same ? [] : ["options"]; // a codec reads them when it starts
    return [...needsRestart(this.#parts.settings, settings), ...options];
  }

  configRefused(): void {
    this.counts.reloadsRefused += 1;
  }

  reloadSecrets(): void {
    this.#renew(this.#parts.secrets.read());
  }

  get secretFiles(): readonly string[] {
    return this.#parts.secrets.security.files;
  }

  get secretsChanged(): boolean {
    return this.#parts.secrets.changed;
  }

  clusterStates(): ReadonlyMap<string, ClusterState> {
    return this.#reachability.states();
  }

  explain(request: string | Uint8Array): readonly Explanation[] {
    if (typeof request !== "string") return this.router.explain(request);
    const encode = this.#parts.encodeRequest;
    return this.router.explain(encode === null ? Buffer.from(`${request}\r\n`) : encode(request));
  }

  stats(): ServerStats {
    const { accepted, refused } = this.counts;
    return {
      ...{ clients: this.#loop.clients, accepted, refused },
      heldBytes: this.router.heldBytes,
      tableVersion: this.router.table.version,
      upstreams: this.router.upstreams.map((upstream) => ({
        ...upstream,
        stats: { ...upstream.stats, latency: upstream.stats.latency.slice() },
      })),
    };
  }

  #accept(socket: Socket): SocketEvents | null {
    const { clients } = this.#loop;
    if (clients >= this.#settings.maxClients || this.#closed !== null) {
      this.counts.refused += 1;
      this.#events.refused(this.#closed === null ? "maxClients" : "draining", clients);
      return null;
    }
    this.counts.accepted += 1;
    return this.#loop.accept(socket);
  }

  #notice(notice: Notice, cause: string | null): void {
    if (notice.type === "upstream-down") this.#reachability.down(notice.upstream);
    this.#events.notice(notice, cause);
  }

  /** Nobody reads about slow requests without a log. */
  #watchSlow(): void {
    if (this.#parts.log !== null) this.router.slowRequest = this.#settings.log.slow;
  }

  #renew(putInForce: () => void): void {
    putInForce();
    const { listen } = this.#parts.secrets.security;
    if (listen !== null) for (const listener of this.#listeners) listener.renew(listen);
    this.#loop.carryOut(this.router.securityChanged(now()));
  }

  async #end(drain: number): Promise<CloseReport> {
    for (const listener of this.#listeners) listener.close();
    const cut = drain > 0 ? await this.#loop.drain(drain) : this.#loop.clients;
    this.#loop.stop();
    this.#reachability.stop();
    this.#admin?.close();
    return { cut };
  }
}
