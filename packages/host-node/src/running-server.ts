/** A server at work: listeners, the loop, the admin port, and what may change while it runs. */
import type { Explanation, Notice, Router } from "@echarde/core";
import type { Address } from "./address.ts";
import { type AdminServer, startAdmin } from "./admin/admin-server.ts";
import type { Inspected, ServerCounts, Snapshot } from "./admin/inspected.ts";
import { processMetrics } from "./admin/process-metrics.ts";
import { Reachability } from "./admin/reachability.ts";
import { now } from "./clock.ts";
import type { HostSettings } from "./config/host-settings.ts";
import { needsRestart } from "./config/needs-restart.ts";
import { EventLog } from "./operate/event-log.ts";
import { type Log, silentLog } from "./operate/log.ts";
import { makeSpan } from "./operate/spans.ts";
import { Recorder, type Recording } from "./record/recorder.ts";
import { type AskHandler, RouterLoop } from "./router-loop.ts";
import { configError, type Secrets } from "./security/secrets.ts";
import type { HostSessions } from "./sessions/host-sessions.ts";
import type { CloseOptions, CloseReport, ServerStats, ShardServer } from "./shard-server.ts";
import type { Listener, Socket, SocketEvents, Sockets } from "./sockets.ts";
import { type HostValues, valuesFile } from "./values/host-values.ts";

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
  /** Where sessions are kept, null = nowhere. */
  readonly sessions: HostSessions | null;
  /** Where values are kept, null = nowhere. */
  readonly values: HostValues | null;
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
  #recorder: Recorder | null = null;
  readonly #listeners: Listener[] = [];
  /** Of the table that it was started with. */
  readonly #options: unknown;
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
    this.#options = router.table.options;
    this.#events = new EventLog(log ?? silentLog, now);
    this.#reachability = new Reachability(router, sockets, now);
    this.#loop = new RouterLoop(
      ...([router, sockets, parts.ask] as const),
      (cluster) => secrets.security.dial(cluster),
      (notice, cause) => this.#notice(notice, cause),
      (cluster, socket) => this.#recorder?.tap(cluster, socket) ?? socket,
      (records) => parts.sessions?.keep(records),
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

  /** Where it is to listen. */
  get wanted(): readonly Address[] {
    return this.#settings.listen;
  }

  /** Processes that its configuration asks for. */
  get workers(): number {
    return this.#settings.workers;
  }

  /** What makes it ready. */
  get ready(): "any" | "each" {
    return this.#settings.admin.ready;
  }

  get drain(): number {
    return this.#settings.drain;
  }

  snapshot(limit: number): Snapshot {
    const { upstreams, local, dropped, ownRules, clients, links, heldBytes, table } = this.router;
    return {
      ...{ accepting: this.#listens && this.#closed === null, heldBytes, upstreams, local },
      totals: { clients: this.#loop.clients, links: links.length },
      counts: this.counts,
      workers: { serving: 1, replaced: 0 },
      clusters: this.#reachability.states(),
      ...{ table: table.version, hits: table.hits, dropped: new Map(dropped) },
      ownHits: ownRules.map(({ hits }) => hits),
      clients: clients.slice(0, limit),
      links: links.slice(0, limit),
    };
  }

  processMetrics(): Promise<string> {
    return processMetrics();
  }

  /** Records what goes to the clusters, on connections that are made from now on. */
  record(recording: Recording): void {
    this.#recorder = new Recorder(recording, (packet) => this.router.explain(packet));
  }

  /** Listens. Rejects with the system's error, and is closed then. */
  async listen(): Promise<void> {
    const { listen, admin } = this.#settings;
    try {
      const { sessions, values } = this.#parts;
      await sessions?.open();
      values?.open(sessions?.folder?.file(valuesFile) ?? null);
      for (const address of listen) {
        const tls = address.type === "unix" ? null : this.#parts.secrets.security.listen;
        const accept = (socket: Socket): SocketEvents | null => this.#accept(socket);
        this.#listeners.push(await this.#parts.sockets.listen(address, accept, tls));
      }
      this.#listens = true;
      if (admin.listen !== null) {
        const demand = (): "any" | "each" => this.ready;
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

  prepare(config: unknown): () => void {
    const settings = this.#parts.settingsOf(config);
    const options = optionsOf(config);
    const findings = needsRestart(
      { settings: this.#settings, options: this.#options },
      { settings, options },
      this.router.liveOptions,
    );
    if (findings.length > 0) throw configError(findings);
    const putInForce = this.#parts.secrets.read(config);
    return () => {
      this.#loop.carryOut(this.router.swap(config, now()));
      this.#renew(putInForce);
      this.router.setLimits(settings.limits);
      this.#settings = settings;
      this.#watchSlow();
      this.counts.reloads += 1;
      this.counts.loadedAt = now();
    };
  }

  reconfigure(config: unknown): void {
    this.prepare(config)();
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
    if (notice.type === "slow-request") {
      const { log, spansAtLeast } = this.#settings;
      if (notice.milliseconds >= spansAtLeast) makeSpan(this.protocol, notice, now());
      if (notice.milliseconds < log.slow) return;
    }
    this.#events.notice(notice, cause);
  }

  /** Nobody reads about slow requests without a log or spans. */
  #watchSlow(): void {
    const { log, spansAtLeast } = this.#settings;
    const logged = this.#parts.log === null ? Number.POSITIVE_INFINITY : log.slow;
    this.router.slowRequest = Math.min(logged, spansAtLeast);
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
    this.#parts.values?.close();
    this.#parts.sessions?.close();
    return { cut };
  }
}

/** What a codec reads when it starts; in a compiled table, too. */
function optionsOf(config: unknown): unknown {
  const options = typeof config === "object" && config !== null && "options" in config;
  return options ? config.options : {};
}
