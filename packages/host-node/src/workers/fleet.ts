/**
 * Several processes that serve the same addresses, and the first one, which
 * serves nobody: it hands them new connections in turn (`node:cluster`),
 * replaces one that ends, reads changed files for all, and answers for all of
 * them on the admin port.
 *
 * ```
 *   file ──▶ check here ──▶ check in each worker ──▶ take in each      all or none
 *   /metrics, /state ──▶ snapshot of each ──▶ sum, with what those that are gone had counted
 * ```
 */
import cluster from "node:cluster";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Explanation, Router } from "@echarde/core";
import { removeAbandoned } from "../abandoned-socket.ts";
import type { Address } from "../address.ts";
import { type AdminServer, startAdmin } from "../admin/admin-server.ts";
import type { Inspected, Snapshot } from "../admin/inspected.ts";
import { countersOf, mergeSnapshots } from "../admin/merge-snapshots.ts";
import { processMetricObjects, processMetricsOfAll } from "../admin/process-metrics.ts";
import { now } from "../clock.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { LeveledLog } from "../operate/pino-log.ts";
import type { RecordOptions } from "../record/options.ts";
import type { TraceFile } from "../record/trace-file.ts";
import type { RunningServer } from "../running-server.ts";
import { FleetSessions } from "../sessions/fleet-sessions.ts";
import { logFailing } from "../sessions/host-sessions.ts";
import type { Granted, SessionMessage } from "../sessions/worker-sessions.ts";
import { type CloseOptions, type CloseReport, makeServer } from "../shard-server.ts";
import { logValuesFailing, valuesFile } from "../values/host-values.ts";
import { ValueStore } from "../values/value-store.ts";
import { type WorkerEvents, WorkerProcess } from "./worker-process.ts";

/** What a fleet is made of. */
export interface FleetOptions {
  /** Text of the configuration. */
  readonly text: string;
  /** The same, read. */
  readonly config: NonNullable<LoadedConfig["config"]>;
  /** Relative paths in it start here. */
  readonly folder: string;
  /** What the command line says; it counts more than the file. */
  readonly given: { readonly listen?: readonly string[]; readonly workers?: number };
  /** How many processes serve. */
  readonly workers: number;
  /** What happens, in all of them. */
  readonly log: LeveledLog;
  /** What is recorded, and the trace that it goes to; null = nothing. */
  readonly record: (RecordOptions & { readonly trace: TraceFile }) | null;
}

/** Starts it; rejects with the system's error when the first worker cannot listen, and none is left then. */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const fleet = new Fleet(options);
  try {
    await fleet.start();
  } catch (error) {
    await fleet.close();
    throw error;
  }
  return fleet;
}

/** See the module. */
export class Fleet implements Inspected {
  readonly protocol: string;
  /** Knows the table, reads and checks; no client ever connects to it. */
  readonly #front: RunningServer;
  readonly #options: FleetOptions;
  readonly #workers = new Set<WorkerProcess>();
  readonly #events: WorkerEvents;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #sessions: FleetSessions;
  readonly #values: ValueStore;
  #text: string;
  #addresses: readonly Address[] = [];
  #admin: AdminServer | null = null;
  /** What workers that are gone had counted. */
  #before: Snapshot | null = null;
  #replaced = 0;
  /** Ends of young workers in a row: the next one waits. */
  #early = 0;
  #changing: Promise<unknown> = Promise.resolve();
  #closed: Promise<CloseReport> | null = null;

  constructor(options: FleetOptions) {
    const { config, folder, given, log } = options;
    const { codec, encodeRequest } = config.protocol;
    this.#options = options;
    this.#text = options.text;
    this.protocol = codec.name;
    this.#front = makeServer({
      ...{ codec, encodeRequest, folder, table: config.data, counters: true },
      ...given,
    });
    const { stateDir } = config.settings;
    const path = stateDir === null ? null : resolve(folder, stateDir);
    this.#sessions = new FleetSessions({ path, now, failing: logFailing(log) });
    this.#values = new ValueStore({ now, failing: logValuesFailing(log) });
    this.#events = {
      log: ({ level, fields, message }) => log[level](fields, message),
      value: (question) => this.#values.answer(question),
      session: (worker, message) => this.#sessionOf(worker, message),
      trace: ({ packets, unread }) => {
        for (const packet of packets) options.record?.trace.packet(packet);
        for (let i = 0; i < unread; i++) options.record?.trace.unread();
      },
      ended: (worker, why) => this.#ended(worker, why),
    };
  }

  get router(): Router {
    return this.#front.router;
  }

  get addresses(): readonly Address[] {
    return this.#addresses;
  }

  get adminAddress(): Address | null {
    return this.#admin?.address ?? null;
  }

  get drain(): number {
    return this.#front.drain;
  }

  get secretFiles(): readonly string[] {
    return this.#front.secretFiles;
  }

  get secretsChanged(): boolean {
    return this.#front.secretsChanged;
  }

  /** Starts all workers: the first one alone, so that an address which cannot be had is said once. */
  async start(): Promise<void> {
    const { workers, config } = this.#options;
    for (const address of this.#front.wanted) {
      if (address.type === "unix") await removeAbandoned(address.path);
    }
    const name = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js";
    await this.#sessions.open();
    this.#values.open(this.#sessions.folder?.file(valuesFile) ?? null);
    cluster.setupPrimary({
      exec: fileURLToPath(new URL(name, import.meta.url)),
      args: [],
      serialization: "advanced",
    });
    this.#addresses = await this.#add().serving;
    await Promise.all(Array.from({ length: workers - 1 }, () => this.#add().serving));
    const trace = this.#options.record?.trace;
    if (trace !== undefined) {
      trace.full = () => {
        for (const worker of this.#workers) worker.recorded();
      };
    }
    const { listen } = config.settings.admin;
    const demand = (): "any" | "each" => this.#front.ready;
    if (listen !== null) this.#admin = await startAdmin({ listen, server: this, demand });
  }

  /** Lets every worker have its clients' answers finish for so many milliseconds, and ends them. */
  close({ drain = 0 }: CloseOptions = {}): Promise<CloseReport> {
    this.#closed ??= this.#end(drain);
    return this.#closed;
  }

  /** All workers take it over, or none. Rejects with `ConfigError` when it is wrong or takes a restart. */
  reconfigure(config: unknown, text: string): Promise<void> {
    return this.#change(async () => {
      const putInForce = this.#front.prepare(config);
      await this.#ask((worker) => worker.ask({ what: "check", text }, checkTime));
      this.#text = text;
      putInForce();
      await this.#ask((worker) => worker.ask({ what: "take" }, checkTime));
    });
  }

  reloadSecrets(): Promise<void> {
    return this.#change(async () => {
      this.#front.reloadSecrets();
      await this.#ask((worker) => worker.ask({ what: "secrets" }, checkTime));
    });
  }

  configRefused(): void {
    this.#front.configRefused();
  }

  async snapshot(limit: number): Promise<Snapshot> {
    const asked = [...this.#workers].map(async (worker) => {
      const now = await worker.ask({ what: "snapshot", limit }, askTime).catch(() => null);
      if (now !== null) worker.last = now;
      return worker.last;
    });
    const all = (await Promise.all(asked)).filter((each) => each !== null);
    const own = this.#front.snapshot(0);
    const first = {
      ...{ ...own, upstreams: [], clusters: new Map(), accepting: false },
      workers: { serving: this.#workers.size, replaced: this.#replaced },
    };
    const known = new Map([...own.clusters.keys()].map((name) => [name, "unknown" as const]));
    const before = this.#before === null ? [] : [this.#before];
    const merged = mergeSnapshots([{ ...first, clusters: known }, ...before, ...all], limit);
    return { ...merged, accepting: merged.accepting && this.#closed === null };
  }

  async processMetrics(): Promise<string> {
    const asked = [...this.#workers].map((worker) =>
      worker.ask({ what: "process" }, askTime).catch(() => []),
    );
    return processMetricsOfAll(await Promise.all([processMetricObjects(), ...asked]));
  }

  explain(request: string): readonly Explanation[] {
    return this.#front.explain(request);
  }

  #add(): WorkerProcess {
    const { folder, given, workers, record } = this.#options;
    const listen = given.listen ?? null;
    const sessionFile = this.#sessions.newFile();
    const recorded =
      record === null || !record.trace.isOpen
        ? null
        : { values: record.values, bytes: record.bytes, began: record.trace.began };
    const start = {
      ...({ type: "start", text: this.#text, folder, listen, workers, sessionFile } as const),
      record: recorded,
    };
    const worker = new WorkerProcess(start, this.#events);
    this.#sessions.started(worker, sessionFile);
    this.#workers.add(worker);
    return worker;
  }

  #sessionOf(worker: WorkerProcess, message: SessionMessage): Promise<Granted | undefined> | null {
    const { session } = message;
    if (message.what === "claim") return this.#sessions.claim(worker, session, message.anew);
    if (message.what === "begun") this.#sessions.begun(worker, session, message.epoch);
    else this.#sessions.forgotten(worker, session);
    return null;
  }

  /** One after the other: a worker that starts in the middle of a change would miss it. */
  #change<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#changing.then(change);
    this.#changing = done.catch(() => {});
    return done;
  }

  /** Asks all; one that is gone by now is replaced by one that knows. */
  async #ask(ask: (worker: WorkerProcess) => Promise<unknown>): Promise<void> {
    const asked = [...this.#workers].map((worker) =>
      ask(worker).catch((error: unknown) => {
        if (this.#workers.has(worker)) throw error;
      }),
    );
    await Promise.all(asked);
  }

  #ended(worker: WorkerProcess, why: number | string): void {
    this.#workers.delete(worker);
    this.#sessions.ended(worker);
    if (worker.last !== null) {
      const counted = countersOf(worker.last);
      this.#before = this.#before === null ? counted : mergeSnapshots([counted, this.#before], 0);
    }
    if (this.#closed !== null || this.#addresses.length === 0) return;
    const young = performance.now() - worker.startedAt < youngTime;
    this.#early = young ? this.#early + 1 : 0;
    const wait = this.#early === 0 ? 0 : Math.min(longestWait, 100 * 2 ** this.#early);
    this.#replaced += 1;
    const fields = { event: "worker-ended", worker: worker.pid, why, wait };
    this.#options.log.error(fields, "a worker ended; it is replaced");
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#change(() => this.#replace());
    }, wait);
    this.#timers.add(timer);
  }

  async #replace(): Promise<void> {
    if (this.#closed !== null) return;
    const worker = this.#add();
    try {
      await worker.serving;
      const fields = { event: "worker-started", worker: worker.pid };
      this.#options.log.info(fields, "a worker serves");
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const fields = { event: "worker-failed", worker: worker.pid, reason };
      this.#options.log.error(fields, "a worker cannot serve");
      worker.kill(); // which has it replaced again, later
    }
  }

  async #end(drain: number): Promise<CloseReport> {
    for (const timer of this.#timers) clearTimeout(timer);
    const workers = [...this.#workers];
    const ends = workers.map(async (worker) => {
      const asked = worker.ask({ what: "drain", milliseconds: drain }, drain + askTime);
      const cut = await asked.catch(() => worker.last?.totals.clients ?? 0);
      const timer = setTimeout(() => worker.kill(), drain > 0 ? lingerTime : 0);
      await worker.gone;
      clearTimeout(timer);
      return cut;
    });
    const cut = (await Promise.all(ends)).reduce((sum, each) => sum + each, 0);
    this.#admin?.close();
    await this.#front.close();
    this.#values.close();
    this.#sessions.close();
    return { cut };
  }
}

/** Milliseconds that a worker has for an answer which it has at hand. */
const askTime = 2_000;
/** Milliseconds to read a configuration: a table of a hundred thousand rules takes one or two seconds. */
const checkTime = 30_000;
/** Milliseconds in which answers that are sent may still be taken. */
const lingerTime = 11_000;
/** A worker that ends sooner has perhaps nothing but that to do: milliseconds. */
const youngTime = 10_000;
/** Milliseconds before a worker is replaced that ends again and again. */
const longestWait = 30_000;
