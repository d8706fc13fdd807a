import { redis } from "@echarde/codec-redis";
import { exitCodes } from "../cli/exit-codes.ts";
import { firstSignal } from "../cli/signals.ts";
import { systemErrorWords } from "../cli/system-error.ts";
import { createShardServer, type ShardServer } from "../shard-server.ts";
import { type LiveTable, showLive } from "./live-table.ts";
import { findRedis, howToGetRedis, type RedisServer, startRedis } from "./redis-servers.ts";

/** How many redis-servers stand behind the router. */
const shardCount = 3;

/**
 * The main job: three empty redis-servers of our own, the router in front, and a live table, until a
 * signal. Resolves with the exit code; nothing that was started is left.
 *
 * @param port - on 127.0.0.1; 0 = any free one
 */
export async function runRedisJob(port: number): Promise<number> {
  const program = findRedis();
  if (program === null) {
    process.stderr.write(`${howToGetRedis}\n`);
    return exitCodes.failed;
  }
  const signal = firstSignal(["SIGINT", "SIGTERM", "SIGHUP"]);
  const started: RedisServer[] = [];
  let server: ShardServer | null = null;
  let shown: LiveTable | null = null;
  try {
    const starting = Array.from({ length: shardCount }, async () => {
      started.push(await startRedis(program));
    });
    const outcomes = await Promise.allSettled(starting);
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
    const listen = `127.0.0.1:${port}`;
    const shards = new Map(started.map((shard, i) => [`redis${i + 1}`, `127.0.0.1:${shard.port}`]));
    server = await createShardServer({ codec: redis(), listen, table: tableOf(shards) });
    const { address } = server;
    greet(address.type === "tcp" ? address.port : port, shards);
    shown = showLive(server, { addresses: shards, stream: process.stdout });
    await signal.came;
    return exitCodes.ok;
  } catch (error) {
    const words = systemErrorWords(
      error,
      [{ type: "tcp", host: "127.0.0.1", port }],
      `choose another port: npm start -- --port ${port + 1}`,
    );
    process.stderr.write(`${words}\n`);
    return exitCodes.failed;
  } finally {
    shown?.stop();
    await server?.close();
    await Promise.all(started.map((shard) => shard.end()));
    signal.forget();
  }
}

function tableOf(shards: ReadonlyMap<string, string>): object {
  const names = [...shards.keys()];
  return {
    protocol: "redis",
    localCluster: names[0],
    clusters: Object.fromEntries(
      [...shards].map(([name, endpoint]) => [name, { endpoints: [endpoint] }]),
    ),
    routes: [{ hash: "crc16-slots", over: names }],
  };
}

function greet(port: number, shards: ReadonlyMap<string, string>): void {
  const behind = [...shards].map(([name, endpoint]) => `${name} on ${endpoint}`).join(", ");
  process.stdout.write(
    [
      `Redis on 127.0.0.1:${port}, three empty servers behind it: ${behind}.`,
      "Paste this into another terminal:",
      "",
      `  redis-cli -p ${port} mset user1 ann user2 bob user3 eve && redis-cli -p ${port} mget user1 user2 user3`,
      "",
      "",
    ].join("\n"),
  );
}
