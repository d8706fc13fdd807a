import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { createRouter } from "@echarde/core";
import { type Address, formatAddress, parseListenAddress } from "../address.ts";
import { now } from "../clock.ts";
import { readConfig } from "../config/load.ts";
import type { Log } from "../operate/log.ts";
import { createLog } from "../operate/pino-log.ts";
import type { RecordOptions } from "../record/options.ts";
import { loadPacketKind } from "../record/packet-kinds.ts";
import { TraceFile } from "../record/trace-file.ts";
import type { RunningServer } from "../running-server.ts";
import { makeServer } from "../shard-server.ts";
import { type Fleet, type FleetOptions, startFleet } from "../workers/fleet.ts";
import { exitCodes } from "./exit-codes.ts";
import { type Output, report } from "./output.ts";
import { Reloader } from "./reloader.ts";
import { firstSignal } from "./signals.ts";
import { systemErrorWords } from "./system-error.ts";

/** Options of `echarde run`. */
export interface RunOptions {
  /** Port of 127.0.0.1 instead of the file's addresses. */
  readonly port?: number;
  /** Addresses instead of the file's. */
  readonly listen?: readonly string[];
  /** Processes that serve, instead of what the file says. */
  readonly workers?: number;
  /** Where `echarde record` writes to. */
  readonly record?: RecordOptions;
}

/** One process that serves, or several. */
type Service = RunningServer | Fleet;

/**
 * `echarde run FILE`: serves until SIGINT or SIGTERM, and follows changes of the file. Then it lets
 * what is in flight finish. Resolves with the exit code.
 */
export async function runFile(file: string, options: RunOptions, output: Output): Promise<number> {
  const folder = dirname(resolve(file));
  const text = readFileSync(file, "utf8");
  const loaded = await readConfig(text, folder);
  if (!report(file, loaded, output)) return exitCodes.config;
  const { config } = loaded;
  const { settings } = config;
  const own = [
    ...(options.listen ?? []),
    ...(options.port === undefined ? [] : [`127.0.0.1:${options.port}`]),
  ];
  if (own.length === 0 && settings.listen.length === 0) {
    output.err(`${file}:1:1: no address to listen on: give \`listen\`, --port or --listen`);
    return exitCodes.config;
  }
  const listen = own.length > 0 ? own : null;
  const wanted = [...(listen?.map(parseListenAddress) ?? settings.listen), settings.admin.listen];
  const addresses = wanted.filter((address) => address !== null);
  const log = createLog(settings.log.level);
  const workers = options.workers ?? settings.workers;
  const signal = firstSignal(["SIGINT", "SIGTERM"]);
  let service: Service;
  let trace: TraceFile | null = null;
  try {
    const given = {
      ...(listen === null ? {} : { listen }),
      ...(options.workers === undefined ? {} : { workers }),
    };
    if (options.record !== undefined) trace = openTrace(options.record, config);
    const record =
      trace === null || options.record === undefined ? null : { ...options.record, trace };
    const parts = { text, config, folder, given, workers, log, record };
    service = workers > 1 ? await startFleet(parts) : await startOne(parts);
    trace?.begin();
  } catch (error) {
    signal.forget();
    const remedy = "choose another address with --port or --listen";
    output.err(`echarde: ${systemErrorWords(error, addresses, remedy)}`);
    return exitCodes.failed;
  }
  const reloader = new Reloader(file, text, service, log);
  const protocol = config.protocol.codec.name;
  announce(service, protocol, output);
  const table = service.router.table.version;
  log.info({ event: "started", file, protocol, table, workers }, "serving");
  warnOfAdmin(service.adminAddress, log);
  const name = await signal.came;
  const { drain } = service;
  const { clients } = (await service.snapshot(0)).totals;
  log.info({ event: "draining", signal: name, clients, deadline: drain }, "draining");
  await reloader.stop();
  const { cut } = await service.close({ drain });
  if (trace !== null && options.record !== undefined) {
    output.out(`echarde: recorded ${options.record.file}: ${howItEnded(trace)}`);
  }
  if (cut > 0) log.warn({ event: "stopped", cut }, "stopped; some clients were cut off");
  else log.info({ event: "stopped", cut }, "stopped");
  log.flush();
  signal.forget();
  return cut > 0 ? exitCodes.cut : exitCodes.ok;
}

function openTrace(
  { file, bytes, values }: RecordOptions,
  config: FleetOptions["config"],
): TraceFile {
  const { codec } = config.protocol;
  const table = createRouter({ codec, table: config.data }).table.version;
  return new TraceFile(file, bytes, { protocol: codec.name, table, values, began: now() });
}

function howItEnded(trace: TraceFile): string {
  const end = trace.close();
  if (trace.failure !== null) return `it could not be written to its end: ${trace.failure.message}`;
  return end === null ? "the bound of the trace was reached" : `${end.packets} packets`;
}

async function startOne(parts: FleetOptions): Promise<RunningServer> {
  const { config, folder, given, log, record } = parts;
  const { codec, encodeRequest } = config.protocol;
  const server = makeServer({
    ...{ codec, encodeRequest, folder, table: config.data, logger: log, ...given },
  });
  const kind = record === null ? null : await loadPacketKind(codec.name);
  if (record !== null && kind !== null) {
    const { values, trace } = record;
    server.record({ kind, values, began: trace.began, sink: trace });
  }
  await server.listen();
  return server;
}

function announce(service: Service, protocol: string, output: Output): void {
  for (const address of service.addresses) {
    output.out(`echarde: ${protocol} on ${formatAddress(address)}, pid ${process.pid}`);
  }
  const admin = service.adminAddress;
  if (admin !== null) output.out(`echarde: admin on ${formatAddress(admin)}`);
}

/** The admin port asks nobody who they are. */
function warnOfAdmin(address: Address | null, log: Log): void {
  if (address === null || address.type === "unix") return;
  if (/^(127\.|::1$|localhost$)/.test(address.host)) return;
  const fields = { event: "admin-open", address: formatAddress(address) };
  log.warn(fields, "the admin port asks for no password and is not on loopback");
}
