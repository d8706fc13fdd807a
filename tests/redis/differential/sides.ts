/** The two sides: one real redis-server, and the router over three. */
import { setImmediate as turn } from "node:timers/promises";
import { redis } from "@echarde/codec-redis";
import { createShardServer, type ShardServer } from "@echarde/host-node";
import { connectRaw, type RawClient, type RedisServer, startRedis } from "@echarde/testkit/servers";
import { encode } from "./item.ts";
import { library, loaded } from "./others.ts";
import { clusterOf, slotRanges } from "./slots.ts";
import { startSlowRelay } from "./slow-relay.ts";

/** Servers for a run. */
export interface Sides {
  /** The server that is always right. */
  readonly single: RedisServer;
  /** The servers behind the router. */
  readonly shards: readonly RedisServer[];
  /** Port of the router. */
  readonly port: number;
  /** What DUMP says of a list. */
  readonly payload: Buffer;
  /** Empties all servers and loads the scripts, without the router. */
  reset(): Promise<void>;
  /** Says where the data of the two sides differ, "" when they do not. */
  difference(): Promise<string>;
  /** Ends all. */
  close(): Promise<void>;
}

/** Databases that the traffic uses. */
const databases = [0, 1, 2];

/** What stands before the servers: a port, and how it ends. */
export interface Front {
  /** Where clients connect. */
  readonly port: number;
  /** Ends it. */
  close(): Promise<unknown>;
}

/** Starts what stands before servers at these ports; clusters `redis1`, `redis2`, … have these slots. */
export type StartFront = (
  ports: readonly number[],
  slots: Readonly<Record<string, readonly string[]>>,
) => Promise<Front>;

/** Starts all. `uneven` = the router's connections differ in speed. */
export async function startSides(uneven: boolean, front: StartFront = startRouter): Promise<Sides> {
  const args = ["--enable-debug-command", "yes"];
  const servers = await Promise.all([0, 1, 2, 3].map(() => startRedis({ args })));
  const [single, ...shards] = servers as [RedisServer, ...RedisServer[]];
  const relays = uneven ? await Promise.all(shards.map(({ port }) => startSlowRelay(port))) : [];
  const used = (uneven ? relays : shards).map(({ port }) => port);
  const slots = used.map((_, i) => [`redis${i + 1}`, [slotRanges[i]?.join("-") ?? ""]] as const);
  const router = await front(used, Object.fromEntries(slots));
  const direct = await Promise.all(servers.map(({ port }) => connectRaw(port)));
  await ask(direct[0] as RawClient, "RPUSH", "l", "a", "b");
  const dump = await ask(direct[0] as RawClient, "DUMP", "l");
  return {
    ...{ single, shards, port: router.port },
    payload: dump.subarray(dump.indexOf("\n") + 1, -2),
    reset: async () => {
      for (const command of [
        ["FLUSHALL"],
        ["SCRIPT", "FLUSH"],
        ["FUNCTION", "FLUSH"],
        ["SCRIPT", "LOAD", loaded],
        ["FUNCTION", "LOAD", library],
      ]) {
        await Promise.all(direct.map((client) => ask(client, ...command)));
      }
    },
    difference: () => difference(direct),
    close: async () => {
      await router.close();
      await Promise.all(relays.map((relay) => relay.close()));
      for (const client of direct) await client.close();
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

const startRouter: StartFront = async (ports, slots) => {
  const router: ShardServer = await createShardServer({
    codec: redis(),
    table: {
      clusters: Object.fromEntries(
        ports.map((port, i) => [`redis${i + 1}`, { endpoints: [`127.0.0.1:${port}`] }]),
      ),
      localCluster: "redis1",
      routes: [{ hash: "crc16-slots", slots }],
    },
    listen: "127.0.0.1:0",
  });
  const { address } = router;
  if (address.type !== "tcp") throw new Error("the router listens on a TCP port");
  return { port: address.port, close: () => router.close() };
};

/** One command on a connection. */
export async function ask(
  client: RawClient,
  ...args: readonly (string | Buffer)[]
): Promise<Buffer> {
  client.send(encode(args.map((arg) => Buffer.from(arg as string))));
  return client.reply();
}

/** Every key stands on its owner, with the value that the single server has. */
async function difference(direct: readonly RawClient[]): Promise<string> {
  for (const database of databases) {
    const held = await Promise.all(
      direct.map(async (client) => {
        await ask(client, "SELECT", String(database));
        const keys = bulks(await ask(client, "KEYS", "*"));
        const pipeline = keys.map((key) =>
          encode(["DEBUG", "DIGEST-VALUE", key].map((arg) => Buffer.from(arg as string))),
        );
        if (keys.length > 0) client.send(Buffer.concat(pipeline));
        const digests = await client.replies(keys.length);
        return new Map(keys.map((key, i) => [key.toString("latin1"), String(digests[i])]));
      }),
    );
    const [single, ...shards] = held as [Map<string, string>, ...Map<string, string>[]];
    for (const [i, shard] of shards.entries()) {
      for (const key of shard.keys()) {
        const owner = clusterOf(Buffer.from(key, "latin1"));
        if (owner !== i)
          return `database ${database}: ${JSON.stringify(key)} is on cluster ${i}, its owner is ${owner}`;
        if (!single.has(key))
          return `database ${database}: ${JSON.stringify(key)} is behind the router only`;
      }
    }
    for (const [key, digest] of single) {
      const there = shards[clusterOf(Buffer.from(key, "latin1"))]?.get(key);
      if (there === undefined)
        return `database ${database}: ${JSON.stringify(key)} is missing behind the router`;
      if (there !== digest)
        return `database ${database}: ${JSON.stringify(key)} has another value behind the router`;
    }
  }
  return "";
}

/** The bulk strings of an array. */
export function bulks(reply: Buffer): Buffer[] {
  const found: Buffer[] = [];
  let at = reply.indexOf("\n") + 1;
  while (at < reply.length) {
    const line = reply.indexOf("\r\n", at);
    const length = Number(reply.toString("latin1", at + 1, line));
    found.push(reply.subarray(line + 2, line + 2 + length));
    at = line + 4 + length;
  }
  return found;
}

/** Sends bytes in pieces, with a turn of the event loop between some of them. */
export async function sendCut(
  client: RawClient,
  bytes: Buffer,
  cuts: readonly number[],
): Promise<void> {
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    if (cut <= from) continue;
    client.send(bytes.subarray(from, cut));
    from = cut;
    if (from < bytes.length) await turn();
  }
}
