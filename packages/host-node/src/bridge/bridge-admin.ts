/** Health and counters of a bridge over HTTP: `/healthz` and `/metrics` (Prometheus text). */
import { createServer } from "node:http";
import type { Address } from "../address.ts";
import type { BridgeStats } from "./bridge-core.ts";

const metrics: readonly (readonly [name: string, kind: string, of: keyof BridgeStats])[] = [
  ["echarde_bridge_sessions", "gauge", "sessions"],
  ["echarde_bridge_sessions_total", "counter", "accepted"],
  ["echarde_bridge_links", "gauge", "links"],
  ["echarde_bridge_links_total", "counter", "opened"],
  ["echarde_bridge_links_refused_total", "counter", "refused"],
  ["echarde_bridge_to_servers_bytes_total", "counter", "bytesToServers"],
  ["echarde_bridge_to_peers_bytes_total", "counter", "bytesToPeers"],
];

/** Listens. Rejects with the system's error when the address cannot be had. */
export async function startBridgeAdmin(
  address: Address,
  stats: () => BridgeStats,
): Promise<{ close(): void }> {
  const server = createServer((request, response) => {
    if (request.url === "/healthz") response.end("ok\n");
    else if (request.url === "/metrics") {
      const now = stats();
      response.setHeader("content-type", "text/plain; version=0.0.4");
      response.end(
        metrics.map(([name, kind, of]) => `# TYPE ${name} ${kind}\n${name} ${now[of]}\n`).join(""),
      );
    } else {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    const where =
      address.type === "unix" ? { path: address.path } : { host: address.host, port: address.port };
    server.listen(where, resolve);
  });
  return {
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
