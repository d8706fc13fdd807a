import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  answersPing,
  available,
  type RedisServer,
  type RunningProgram,
  startNutcracker,
  startPipe,
  startProgram,
} from "@echarde/testkit/servers";

/** The servers that the subjects stand before. */
export interface Servers {
  /** The one behind direct and pipe. */
  readonly single: RedisServer;
  /** Those that a router spreads its keys over. */
  readonly shards: readonly RedisServer[];
}

/** One kind of subject. */
export interface RedisSubject {
  /** Why it cannot be had here, or null. */
  obstacle(): string | null;
  /** Starts it; null where the server itself is the subject. */
  start(servers: Servers): Promise<RunningProgram | null>;
}

/** The built CLI: a loader for sources would be measured as well. */
const CLI: string = fileURLToPath(
  new URL("../../../packages/host-node/dist/cli.js", import.meta.url),
);

/** All subjects of the Redis benchmark, in the order of the report. */
export const redisSubjects: Readonly<Record<string, RedisSubject>> = {
  direct: { obstacle: () => null, start: async () => null },
  pipe: { obstacle: () => null, start: ({ single }) => startPipe(single.port) },
  twemproxy: {
    obstacle: () => (available("nutcracker") === null ? "nutcracker is not installed" : null),
    start: ({ shards }) =>
      startNutcracker({
        servers: shards.map(({ port }, i) => ({ port, name: `redis${i + 1}` })),
      }),
  },
  echarde: {
    obstacle: () => (existsSync(CLI) ? null : "packages/host-node is not built: tsc -b"),
    start: ({ shards }) =>
      startProgram({
        name: "echarde",
        program: process.execPath,
        prepare: (port, dir) => {
          const file = join(dir, "echarde.yaml");
          writeFileSync(file, configuration(port, shards));
          return [CLI, "run", file];
        },
        ready: answersPing,
      }),
  },
};

function configuration(port: number, shards: readonly RedisServer[]): string {
  const clusters = shards.map((shard, i) => ({ name: `redis${i + 1}`, port: shard.port }));
  return [
    "protocol: redis",
    `listen: 127.0.0.1:${port}`,
    "localCluster: redis1",
    "clusters:",
    ...clusters.map((one) => `  ${one.name}: { endpoints: ["127.0.0.1:${one.port}"] }`),
    "routes:",
    `  - { hash: crc16-slots, over: { ${clusters.map((one) => `${one.name}: 1`).join(", ")} } }`,
    "",
  ].join("\n");
}
