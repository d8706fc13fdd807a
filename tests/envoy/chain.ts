/** Envoy with a module for any protocols in it, and the bridge. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TableSpec } from "@echarde/core";
import { type Bridge, startBridge } from "@echarde/host-node";
import { type EnvoyRoute, envoyBootstrap } from "@echarde/host-proxy-wasm";
import { type EnvoyServer, freePort, startEnvoy } from "@echarde/testkit/servers";
import { testModule } from "../../packages/host-proxy-wasm/scripts/build/build-module.ts";

/** Envoy and bridge; the sticky route has none. */
export interface Chain {
  /** Port of Envoy. */
  readonly port: number;
  /** Ends both. */
  close(): Promise<void>;
}

/** Starts both, for MQTT, Kafka and InfluxDB unless told otherwise; the table may depend on Envoy's port. */
export async function startChain(
  route: EnvoyRoute,
  tableOf: (port: number) => TableSpec,
  codecs: readonly string[] = ["influx", "kafka", "mqtt"],
  sources: unknown = undefined,
): Promise<Chain> {
  const module = await testModule(...codecs);
  const bridgePort = await freePort();
  const address = { type: "tcp", host: "127.0.0.1", port: bridgePort } as const;
  const bridge: Bridge | null =
    route === "sticky"
      ? null
      : await startBridge({
          table: tableOf(0),
          ...(route === "grpc" ? { grpc: address } : { listen: address }),
        });
  let envoy: EnvoyServer;
  try {
    envoy = await startEnvoy({
      bootstrap: ({ port, adminPort, dir }) => {
        mkdirSync(dir, { recursive: true });
        const file = join(dir, "echarde.wasm");
        writeFileSync(file, module);
        return envoyBootstrap({
          ...{ table: tableOf(port), route, module: file, listen: `127.0.0.1:${port}` },
          ...{ bridge: `127.0.0.1:${bridgePort}`, admin: `127.0.0.1:${adminPort}`, sources },
        });
      },
    });
  } catch (error) {
    await bridge?.close();
    throw error;
  }
  return {
    port: envoy.port,
    close: async () => {
      await envoy.stop();
      await bridge?.close();
    },
  };
}
