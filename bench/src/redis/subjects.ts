import {
  answersPing,
  available,
  type RedisServer,
  type RunningProgram,
  startNutcracker,
  startPipe,
} from "@echarde/testkit/servers";
import { echarde, echardeObstacle } from "../echarde.ts";

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
  /** Why it cannot be had here, or null. */
  obstacle(): string | null;
  /** Starts it; null where the server itself is the subject. */
  start(servers: Servers): Promise<RunningProgram | null>;
}

/** All subjects of the Redis benchmark, in the order of the report. */
export const redisSubjects: Readonly<Record<string, RedisSubject>> = {
  direct: { sharded: false, obstacle: () => null, start: async () => null },
  pipe: {
    sharded: false,
    obstacle: () => null,
    start: ({ single }) => startPipe(single.port),
  },
  twemproxy: {
    sharded: true,
    obstacle: () => (available("nutcracker") === null ? "nutcracker is not installed" : null),
    start: ({ shards }) =>
      startNutcracker({
        servers: shards.map(({ port }, i) => ({ port, name: `redis${i + 1}` })),
      }),
  },
  echarde: {
    sharded: true,
    obstacle: echardeObstacle,
    start: ({ shards }) => echarde((port) => configuration(port, shards), answersPing),
  },
};

function configuration(port: number, shards: readonly RedisServer[]): string[] {
  const clusters = shards.map((shard, i) => ({ name: `redis${i + 1}`, port: shard.port }));
  return [
    "protocol: redis",
    `listen: 127.0.0.1:${port}`,
    "localCluster: redis1",
    "clusters:",
    ...clusters.map((one) => `  ${one.name}: { endpoints: ["127.0.0.1:${one.port}"] }`),
    "routes:",
    `  - { hash: crc16-slots, over: { ${clusters.map((one) => `${one.name}: 1`).join(", ")} } }`,
  ];
}
