import { execFileSync } from "node:child_process";
import {
  answersPing,
  available,
  type RedisServer,
  type RunningProgram,
  startNutcracker,
  startPipe,
} from "@echarde/testkit/servers";
import { echarde, echardeObstacle } from "../echarde.ts";
import { bun, newestNode, type Runtime, runtimePath } from "../runtimes.ts";
import { startRedisProxy } from "./envoy.ts";

/** The servers that the subjects stand before. */
export interface Servers {
  /** The one behind direct and pipe. */
  readonly single: RedisServer;
  /** Those that a router spreads its keys over. */
  readonly shards: readonly RedisServer[];
}

/** One kind of subject. */
export interface RedisSubject {
  /** Whether it stands before the shards, and not before the single server. */
  readonly sharded: boolean;
  /** Measured only when it is named: it must be fetched, or says little beside the others. */
  readonly asked: boolean;
  /** Processes behind the first one. */
  readonly workers: number;
  /** Why it cannot be had here, or null. */
  obstacle(): string | null;
  /** Starts it; null where the server itself is the subject. `routes` = rules beside that of the hash. */
  start(servers: Servers, routes: number): Promise<RunningProgram | null>;
  /** Version of the runtime, where it is not that of the benchmark. */
  version?(): string;
}

const usual = { asked: false, workers: 0 } as const;

/** All subjects of the Redis benchmark, in the order of the report. */
export const redisSubjects: Readonly<Record<string, RedisSubject>> = {
  direct: { ...usual, sharded: false, obstacle: () => null, start: async () => null },
  pipe: {
    ...usual,
    sharded: false,
    obstacle: () => null,
    start: ({ single }) => startPipe(single.port),
  },
  twemproxy: {
    ...usual,
    sharded: true,
    obstacle: () => missing("nutcracker"),
    start: ({ shards }) =>
      startNutcracker({
        servers: shards.map(({ port }, i) => ({ port, name: `redis${i + 1}` })),
      }),
  },
  envoy: {
    ...usual,
    sharded: true,
    obstacle: () => missing("envoy"),
    start: ({ shards }) => startRedisProxy(shards.map(({ port }) => port)),
  },
  echarde: router({}),
  "echarde 2 workers": router({ workers: 2 }),
  "echarde node-26": router({ runtime: newestNode }),
  "echarde bun": router({ runtime: bun }),
};

function missing(program: string): string | null {
  return available(program) === null ? `${program} is not installed` : null;
}

function router({ workers = 1, runtime }: { workers?: number; runtime?: Runtime }): RedisSubject {
  return {
    sharded: true,
    asked: workers > 1 || runtime !== undefined,
    workers: workers > 1 ? workers : 0,
    obstacle: echardeObstacle,
    start: ({ shards }, routes) =>
      echarde((port) => configuration(port, shards, routes, workers), {
        ready: answersPing,
        ...(runtime === undefined ? {} : { program: runtimePath(runtime) }),
      }),
    ...(runtime === undefined
      ? {}
      : { version: () => execFileSync(runtimePath(runtime), ["--version"]).toString().trim() }),
  };
}

function configuration(
  port: number,
  shards: readonly RedisServer[],
  routes: number,
  workers: number,
): string[] {
  const clusters = shards.map((shard, i) => ({ name: `redis${i + 1}`, port: shard.port }));
  const others = Array.from({ length: routes }, (_, i) => {
    const rule = i % 2 === 0 ? `key: "user:${i}"` : `prefix: "tenant:${i}:"`;
    return `  - { ${rule}, cluster: redis${(i % shards.length) + 1} }`;
  });
  return [
    "protocol: redis",
    `listen: 127.0.0.1:${port}`,
    `workers: ${workers}`,
    "localCluster: redis1",
    "clusters:",
    ...clusters.map((one) => `  ${one.name}: { endpoints: ["127.0.0.1:${one.port}"] }`),
    "routes:",
    ...others,
    `  - { hash: crc16-slots, over: { ${clusters.map((one) => `${one.name}: 1`).join(", ")} } }`,
  ];
}
