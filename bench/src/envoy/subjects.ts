import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TableSpec } from "@echarde/core";
import { type EnvoyRoute, envoyBootstrap } from "@echarde/host-proxy-wasm";
import {
  answersPing,
  type RedisServer,
  type RunningProgram,
  startEnvoy,
} from "@echarde/testkit/servers";
import { testModule } from "../../../packages/host-proxy-wasm/scripts/build/build-module.ts";
import { echarde, echardeBridge } from "../echarde.ts";
import { startRedisProxy } from "../redis/envoy.ts";

/** The servers that the subjects stand before. */
export interface Servers {
  /** The one behind direct, tcp_proxy and sticky. */
  readonly single: RedisServer;
  /** Those that the others spread keys over. */
  readonly shards: readonly RedisServer[];
}

/** What of a subject runs. */
export interface Started {
  /** Port on 127.0.0.1 that clients use. */
  readonly port: number;
  /** What runs before the servers; the bridge or router behind Envoy last. */
  readonly programs: readonly RunningProgram[];
  /** Whether the last of them is one. */
  readonly bridged: boolean;
}

/** One kind of subject. */
export interface EnvoySubject {
  /** Whether it stands before the shards, and not before the single server. */
  readonly sharded: boolean;
  /** Starts it. */
  start(servers: Servers): Promise<Started>;
}

/** All subjects, in the order of the report. */
export const envoySubjects: Readonly<Record<string, EnvoySubject>> = {
  direct: {
    sharded: false,
    start: async ({ single }) => ({ port: single.port, programs: [], bridged: false }),
  },
  tcp_proxy: {
    sharded: false,
    start: async ({ single }) => alone(await startTcpProxy(single.port)),
  },
  redis_proxy: {
    sharded: true,
    start: async ({ shards }) => alone(await startRedisProxy(shards.map(({ port }) => port))),
  },
  sticky: {
    sharded: false,
    start: async ({ single }) => alone(await startModule("sticky", stickyTable(single), 0)),
  },
  frame: { sharded: true, start: ({ shards }) => bridged("frame", shardTable(shards)) },
  "grpc frame": { sharded: true, start: ({ shards }) => bridged("grpc", shardTable(shards)) },
  router: { sharded: true, start: ({ shards }) => besideRouter(shards) },
  echarde: { sharded: true, start: async ({ shards }) => alone(await router(shards)) },
};

function router(shards: readonly RedisServer[]): Promise<RunningProgram> {
  const lines = (port: number) => [
    JSON.stringify({ ...shardTable(shards), listen: `127.0.0.1:${port}` }),
  ];
  return echarde(lines, { ready: answersPing });
}

/** Envoy's tcp_proxy, and the router behind it. */
async function besideRouter(shards: readonly RedisServer[]): Promise<Started> {
  const beside = await router(shards);
  try {
    const envoy = await startTcpProxy(beside.port);
    return { port: envoy.port, programs: [envoy, beside], bridged: true };
  } catch (error) {
    await beside.stop();
    throw error;
  }
}

function alone(program: RunningProgram): Started {
  return { port: program.port, programs: [program], bridged: false };
}

async function bridged(route: EnvoyRoute, table: TableSpec): Promise<Started> {
  const bridge = await echardeBridge(JSON.stringify(table), route === "grpc");
  try {
    const envoy = await startModule(route, table, bridge.port);
    return { port: envoy.port, programs: [envoy, bridge], bridged: true };
  } catch (error) {
    await bridge.stop();
    throw error;
  }
}

/** Every key is on the one server, and has to be looked at to know that. */
function stickyTable(single: RedisServer): TableSpec {
  return {
    protocol: "redis",
    localCluster: "redis1",
    clusters: {
      redis1: { endpoints: [`127.0.0.1:${single.port}`] },
      redis2: { endpoints: ["127.0.0.1:1"] },
    },
    defaultCluster: "redis1",
    routes: [{ prefix: "elsewhere:", cluster: "redis2" }],
  };
}

function shardTable(shards: readonly RedisServer[]): TableSpec {
  const names = shards.map((_, i) => `redis${i + 1}`);
  return {
    protocol: "redis",
    localCluster: "redis1",
    clusters: Object.fromEntries(
      shards.map(({ port }, i) => [`redis${i + 1}`, { endpoints: [`127.0.0.1:${port}`] }]),
    ),
    routes: [{ hash: "crc16-slots", over: Object.fromEntries(names.map((name) => [name, 1])) }],
  };
}

/** Envoy with one worker thread and the module in it. */
async function startModule(
  route: EnvoyRoute,
  table: TableSpec,
  bridge: number,
): Promise<RunningProgram> {
  const module = await testModule();
  return startEnvoy({
    bootstrap: ({ port, adminPort, dir }) => {
      mkdirSync(dir, { recursive: true });
      const file = join(dir, "echarde.wasm");
      writeFileSync(file, module);
      return envoyBootstrap({
        ...{ table, route, module: file, listen: `127.0.0.1:${port}` },
        ...{ bridge: `127.0.0.1:${bridge}`, admin: `127.0.0.1:${adminPort}` },
      });
    },
  });
}

/** Envoy's tcp_proxy before one server, with one worker thread. */
async function startTcpProxy(server: number): Promise<RunningProgram> {
  const address = (port: number) => ({
    address: { socket_address: { address: "127.0.0.1", port_value: port } },
  });
  const type = "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy";
  const filter = {
    name: "envoy.filters.network.tcp_proxy",
    typed_config: { "@type": type, stat_prefix: "redis", cluster: "redis" },
  };
  return startEnvoy({
    bootstrap: ({ port, adminPort }) => ({
      admin: address(adminPort),
      static_resources: {
        listeners: [{ name: "redis", ...address(port), filter_chains: [{ filters: [filter] }] }],
        clusters: [
          {
            ...{ name: "redis", type: "STATIC", connect_timeout: "1s" },
            load_assignment: {
              cluster_name: "redis",
              endpoints: [{ lb_endpoints: [{ endpoint: address(server) }] }],
            },
          },
        ],
      },
    }),
  });
}
