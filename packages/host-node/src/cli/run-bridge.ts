import { type Address, formatAddress } from "../address.ts";
import { type Bridge, startBridge } from "../bridge/bridge.ts";
import { startBridgeAdmin } from "../bridge/bridge-admin.ts";
import { loadConfig } from "../config/load.ts";
import { watchFile } from "../operate/watch-file.ts";
import { HostSecurity } from "../security/host-security.ts";
import { readSecurity } from "../security/read-security.ts";
import { exitCodes } from "./exit-codes.ts";
import { type Output, report } from "./output.ts";
import { firstSignal } from "./signals.ts";

/** Options of `echarde bridge`. */
export interface BridgeCommand {
  /** Where frames come over TCP. */
  readonly listen?: Address;
  /** Where frames come as gRPC. */
  readonly grpc?: Address;
  /** Where health and counters are shown. */
  readonly admin?: Address;
}

/** `echarde bridge FILE`: serves until SIGINT or SIGTERM, and follows the clusters of the file. Resolves with the exit code. */
export async function runBridge(
  file: string,
  options: BridgeCommand,
  output: Output,
): Promise<number> {
  const loaded = await loadConfig(file);
  if (!report(file, loaded, output)) return exitCodes.config;
  const { data, protocol, settings } = loaded.config;
  const security = new HostSecurity(readSecurity(data, { codec: protocol.codec, folder: "." }, []));
  const { listen = null, grpc = null, admin = null } = options;
  const { connectTimeout } = settings.limits;
  let bridge: Bridge;
  try {
    bridge = await startBridge({
      table: data,
      listen: listen ?? (grpc === null ? { type: "tcp", host: "127.0.0.1", port: 9911 } : null),
      grpc,
      tls: security.listen,
      tlsOf: (cluster) => security.dial(cluster),
      ...(connectTimeout === undefined ? {} : { connectTimeout }),
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    output.err(`echarde: ${error.message}`);
    return exitCodes.config;
  }
  const pages = admin === null ? null : await startBridgeAdmin(admin, () => bridge.stats());
  const watch = watchFile(file, () => {
    void follow(file, bridge, output);
  });
  const where = [bridge.address, bridge.grpcAddress].filter((address) => address !== null);
  output.err(`echarde: bridge listens on ${where.map(formatAddress).join(", ")}`);
  await firstSignal(["SIGINT", "SIGTERM"]).came;
  watch.stop();
  pages?.close();
  await bridge.close(settings.drain);
  return exitCodes.ok;
}

async function follow(file: string, bridge: Bridge, output: Output): Promise<void> {
  try {
    const loaded = await loadConfig(file);
    if (report(file, loaded, output)) bridge.reconfigure(loaded.config.data);
  } catch (error) {
    output.err(`echarde: ${error instanceof Error ? error.message : String(error)}`);
  }
}
