import { dirname, resolve } from "node:path";
import { formatAddress, parseAddress } from "../address.ts";
import { loadConfig } from "../config/load.ts";
import { createShardServer, type ShardServer } from "../shard-server.ts";
import { exitCodes } from "./exit-codes.ts";
import { type Output, report } from "./output.ts";
import { firstSignal } from "./signals.ts";
import { systemErrorWords } from "./system-error.ts";

/** Options of `echarde run`. */
export interface RunOptions {
  /** Port of 127.0.0.1 instead of the file's addresses. */
  readonly port?: number;
  /** Addresses instead of the file's. */
  readonly listen?: readonly string[];
}

/** `echarde run FILE`: serves until a signal, then lets what is in flight finish. Resolves with the exit code. */
export async function runFile(file: string, options: RunOptions, output: Output): Promise<number> {
  const loaded = await loadConfig(file);
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
  const addresses = listen.map(parseAddress).filter((address) => address !== null);
  let server: ShardServer;
  try {
    const folder = dirname(resolve(file));
    server = await createShardServer({ codec, table: data, listen, folder });
  } catch (error) {
    const remedy = "choose another address with --port or --listen";
    output.err(`echarde: ${systemErrorWords(error, addresses, remedy)}`);
    return exitCodes.failed;
  }
  for (const address of server.addresses) {
    output.out(`echarde: ${codec.name} on ${formatAddress(address)}, pid ${process.pid}`);
  }
  const signal = firstSignal(["SIGINT", "SIGTERM"]);
  await signal.came;
  await server.close({ drain: settings.drain });
  signal.forget();
  return exitCodes.ok;
}
