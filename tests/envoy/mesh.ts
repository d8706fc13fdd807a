/** Real servers behind a real Envoy with the module in it. */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { redis } from "@echarde/codec-redis";
import { createRouter, type TableSpec } from "@echarde/core";
import { type Bridge, startBridge } from "@echarde/host-node";
import {
  type EmitOptions,
  type EnvoyRoute,
  envoyBootstrap,
  envoyEcds,
} from "@echarde/host-proxy-wasm";
import {
  connectRaw,
  type EnvoyServer,
  encodeCommand,
  freePort,
  type RawClient,
  type RedisServer,
  skipWithout,
  startEnvoy,
  startRedis,
} from "@echarde/testkit/servers";
import { testModule } from "../../packages/host-proxy-wasm/scripts/build/build-module.ts";

/** The `skip` of tests that need Envoy and Redis. */
export const skip: string | false = skipWithout("envoy", "redis-server");

/** How to start {@link Mesh}. */
export interface MeshOptions {
  /** Way of the bytes. */
  readonly route: EnvoyRoute;
  /** Servers, 3 unless given. */
  readonly count?: number;
  /** More keys of the table. */
  readonly table?: Readonly<Record<string, unknown>>;
  /** More of what is emitted. */
  readonly emit?: Partial<EmitOptions>;
  /** Slots or rules other than an even share. */
  readonly routes?: readonly unknown[];
  /** Ports of servers that run already. */
  readonly servers?: readonly number[];
}

/** Envoy, bridge and servers. */
export interface Mesh {
  /** Port of Envoy. */
  readonly port: number;
  /** Envoy. */
  readonly envoy: EnvoyServer;
  /** The bridge; none in the sticky route. */
  bridge: Bridge | null;
  /** The servers `redis1`, `redis2`, … that were started. */
  readonly servers: readonly RedisServer[];
  /** The table. */
  readonly table: Readonly<Record<string, unknown>>;
  /** A raw connection to Envoy. */
  connect(): Promise<RawClient>;
  /** A raw connection to the server with this index. */
  direct(server: number): Promise<RawClient>;
  /** Waits for a condition, at most half a minute. */
  until(condition: () => Promise<boolean>): Promise<void>;
  /** The first of `name`, `name:1`, … that lives on the server with this index. */
  keyOn(server: number, name: string): string;
  /** Puts another table in force. */
  swap(table: Readonly<Record<string, unknown>>): void;
  /** A statistic of Envoy by the end of its name. */
  stat(name: string): Promise<number>;
  /** The bridge ends and comes back on its port. */
  restartBridge(): Promise<void>;
  /** Ends all. */
  close(): Promise<void>;
}

/** Starts all. */
export async function startMesh(options: MeshOptions): Promise<Mesh> {
  const { route, count = 3, emit = {} } = options;
  const module = await testModule();
  const servers =
    options.servers === undefined
      ? await Promise.all(Array.from({ length: count }, () => startRedis()))
      : [];
  const ports = options.servers ?? servers.map(({ port }) => port);
  const names = ports.map((_, i) => `redis${i + 1}`);
  const table = {
    protocol: "redis",
    localCluster: "redis1",
    clusters: Object.fromEntries(
      names.map((name, i) => [name, { endpoints: [`127.0.0.1:${ports[i]}`] }]),
    ),
    routes: options.routes ?? [
      { hash: "crc16-slots", over: Object.fromEntries(names.map((name) => [name, 1])) },
    ],
    ...options.table,
  };
  const bridgePort = await freePort();
  const start = (): Promise<Bridge> => {
    const address = { type: "tcp", host: "127.0.0.1", port: bridgePort } as const;
    return startBridge({ table, ...(route === "grpc" ? { grpc: address } : { listen: address }) });
  };
  const bridge = route === "sticky" ? null : await start();
  let folder = "";
  let version = 1;
  const given = (ports: { port: number; adminPort: number }, dir: string): EmitOptions => ({
    ...{
      table: table as TableSpec,
      route,
      module: join(dir, "echarde.wasm"),
      listen: `127.0.0.1:${ports.port}`,
    },
    ...{ bridge: `127.0.0.1:${bridgePort}`, admin: `127.0.0.1:${ports.adminPort}` },
    ...{ ecdsFile: join(dir, "ecds.json"), ...emit },
  });
  const stopOthers = async (): Promise<void> => {
    await mesh.bridge?.close();
    await Promise.all(servers.map((server) => server.stop()));
  };
  let mesh: { bridge: Bridge | null } = { bridge };
  const envoy = await startEnvoy({
    bootstrap: ({ port, adminPort, dir }) => {
      folder = dir;
      mkdirSync(dir, { recursive: true });
      const emitted = given({ port, adminPort }, dir);
      writeFileSync(emitted.module, module);
      writeFileSync(join(dir, "ecds.json"), JSON.stringify(envoyEcds(emitted, "1")));
      return envoyBootstrap(emitted);
    },
  }).catch(async (error: unknown) => {
    await stopOthers();
    throw error;
  });
  const router = createRouter({ codec: redis(), table });
  const running: Mesh = {
    ...{ port: envoy.port, envoy, bridge, servers, table },
    connect: () => connectRaw(envoy.port),
    direct: (server) => connectRaw(ports[server] ?? 0),
    until: async (condition) => {
      for (const end = Date.now() + 30_000; Date.now() < end; await sleep(20)) {
        if (await condition()) return;
      }
      throw new Error(`the condition was not met in time\n${envoy.output().slice(-2_000)}`);
    },
    keyOn: (server, name) => {
      for (let i = 0; ; i++) {
        const key = i === 0 ? name : `${name}:${i}`;
        const [explanation] = router.explain(encodeCommand("GET", key));
        if (explanation?.keys[0]?.cluster === names[server]) return key;
      }
    },
    swap: (other) => {
      version += 1;
      const emitted = { ...given(envoy, folder), table: other as TableSpec };
      const file = join(folder, "ecds.json");
      writeFileSync(`${file}.new`, JSON.stringify(envoyEcds(emitted, String(version))));
      renameSync(`${file}.new`, file);
    },
    stat: async (name) => {
      const text = await (await fetch(`http://127.0.0.1:${envoy.adminPort}/stats`)).text();
      const line = text.split("\n").find((each) => each.split(":")[0]?.endsWith(name) === true);
      return Number(line?.split(":")[1] ?? Number.NaN);
    },
    restartBridge: async () => {
      await running.bridge?.close();
      running.bridge = await start();
    },
    close: async () => {
      await envoy.stop();
      await stopOthers();
    },
  };
  mesh = running;
  return running;
}
