/** Real redis-servers with a router in front, for the tests in this folder. */
import { type RedisOptions, redis } from "@echarde/codec-redis";
import { createShardServer, type HostSpec, type ShardServer } from "@echarde/host-node";
import {
  connectRaw,
  encodeCommand,
  type RawClient,
  type RedisServer,
  type Relay,
  startRedis,
  startRelay,
} from "@echarde/testkit/servers";

/** How to start {@link Shards}. */
export interface ShardsOptions extends HostSpec {
  /** Servers, 3 unless given. */
  readonly count?: number;
  /** More arguments for each redis-server. */
  readonly args?: readonly string[];
  /** A relay between the router and each server. */
  readonly relayed?: boolean;
  /** Options of the codec. */
  readonly codec?: Partial<RedisOptions>;
}

/** Servers `redis1`, `redis2`, … and a router that spreads the slots over them. */
export interface Shards {
  /** The servers, in the order of their names. */
  readonly servers: readonly RedisServer[];
  /** The relays, in the same order; empty unless asked for. */
  readonly relays: readonly Relay[];
  /** The router. */
  readonly router: ShardServer;
  /** Its port. */
  readonly port: number;
  /** The first of `name`, `name:1`, `name:2`, … that lives on the server with this index. */
  keyOn(server: number, name: string): string;
  /** A raw connection to the router. */
  connect(): Promise<RawClient>;
  /** Ends all. */
  close(): Promise<void>;
}

/** Starts servers and a router. */
export async function startShards(options: ShardsOptions = {}): Promise<Shards> {
  const { count = 3, args = [], relayed = false, codec = {}, ...host } = options;
  const servers = await Promise.all(Array.from({ length: count }, () => startRedis({ args })));
  const relays = relayed ? await Promise.all(servers.map(({ port }) => startRelay(port))) : [];
  const names = servers.map((_, i) => `redis${i + 1}`);
  const endpoint = (i: number): string => `127.0.0.1:${(relays[i] ?? servers[i])?.port}`;
  const router = await createShardServer({
    codec: redis(codec),
    table: {
      clusters: Object.fromEntries(names.map((name, i) => [name, { endpoints: [endpoint(i)] }])),
      localCluster: "redis1",
      routes: [{ hash: "crc16-slots", over: Object.fromEntries(names.map((name) => [name, 1])) }],
    },
    listen: "127.0.0.1:0",
    ...host,
  });
  const { address } = router;
  if (address.type !== "tcp") throw new Error("the router listens on a TCP port");
  const { port } = address;
  return {
    servers,
    relays,
    router,
    port,
    keyOn: (server, name) => {
      for (let i = 0; ; i++) {
        const key = i === 0 ? name : `${name}:${i}`;
        const [explanation] = router.explain(encodeCommand("GET", key));
        if (explanation?.keys[0]?.cluster === names[server]) return key;
      }
    },
    connect: () => connectRaw(port),
    close: async () => {
      await router.close();
      await Promise.all(relays.map((relay) => relay.close()));
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

/** One command on a connection of its own, after AUTH where there is a password; the reply as it came. */
export async function ask(
  port: number,
  command: readonly string[],
  password?: string,
): Promise<string> {
  const client = await connectRaw(port);
  try {
    if (password !== undefined) {
      client.send(encodeCommand("AUTH", password));
      await client.reply();
    }
    client.send(encodeCommand(...command));
    return (await client.reply()).toString("latin1");
  } finally {
    await client.close();
  }
}
