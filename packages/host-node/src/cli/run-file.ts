import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Address, formatAddress, parseAddress } from "../address.ts";
import { readConfig } from "../config/load.ts";
import type { Log } from "../operate/log.ts";
import { createLog } from "../operate/pino-log.ts";
import { createShardServer, type ShardServer } from "../shard-server.ts";
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
}

/**
 * `echarde run FILE`: serves until SIGINT or SIGTERM, and follows changes of the file. Then it lets
 * what is in flight finish. Resolves with the exit code.
 */
export async function runFile(file: string, options: RunOptions, output: Output): Promise<number> {
  const folder = dirname(resolve(file));
  const text = readFileSync(file, "utf8");
  const loaded = await readConfig(text, folder);
  if (!report(file, loaded, output)) return exitCodes.config;
  const { protocol, data, settings } = loaded.config;
  const { codec } = protocol;
  const own = [
    ...(options.listen ?? []),
    ...(options.port === undefined ? [] : [`127.0.0.1:${options.port}`]),
  ];
  if (own.length === 0 && settings.listen.length === 0) {
    output.err(`${file}:1:1: no address to listen on: give \`listen\`, --port or --listen`);
    return exitCodes.config;
  }
  const listen = own.length > 0 ? own : settings.listen.map(formatAddress);
  const wanted = [...listen.map(parseAddress), settings.admin.listen];
  const addresses = wanted.filter((address) => address !== null);
  const log = createLog(settings.log.level);
  const { encodeRequest } = protocol;
  const shared = { codec, table: data, folder, logger: log, encodeRequest };
  const signal = firstSignal(["SIGINT", "SIGTERM"]);
  let server: ShardServer;
  try {
    server = await createShardServer({ ...shared, ...(own.length > 0 ? { listen } : {}) });
  } catch (error) {
    signal.forget();
    const remedy = "choose another address with --port or --listen";
    output.err(`echarde: ${systemErrorWords(error, addresses, remedy)}`);
    return exitCodes.failed;
  }
  const reloader = new Reloader(file, text, server, log);
  announce(server, codec.name, output);
  const table = server.stats().tableVersion;
  log.info({ event: "started", file, protocol: codec.name, table }, "serving");
  warnOfAdmin(server.adminAddress, log);
  const name = await signal.came;
  const { clients } = server.stats();
  log.info({ event: "draining", signal: name, clients, deadline: server.drain }, "draining");
  await reloader.stop();
  const { cut } = await server.close({ drain: server.drain });
  if (cut > 0) log.warn({ event: "stopped", cut }, "stopped; some clients were cut off");
  else log.info({ event: "stopped", cut }, "stopped");
  log.flush();
  signal.forget();
  return cut > 0 ? exitCodes.cut : exitCodes.ok;
}

function announce(server: ShardServer, protocol: string, output: Output): void {
  for (const address of server.addresses) {
    output.out(`echarde: ${protocol} on ${formatAddress(address)}, pid ${process.pid}`);
  }
  const admin = server.adminAddress;
  if (admin !== null) output.out(`echarde: admin on ${formatAddress(admin)}`);
}

/** The admin port asks nobody who they are. */
function warnOfAdmin(address: Address | null, log: Log): void {
  if (address === null || address.type === "unix") return;
  if (/^(127\.|::1$|localhost$)/.test(address.host)) return;
  const fields = { event: "admin-open", address: formatAddress(address) };
  log.warn(fields, "the admin port asks for no password and is not on loopback");
}
