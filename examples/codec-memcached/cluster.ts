/** One memcached, and a router over three of them, for tests. */
import { createShardServer, type ShardServer } from "@echarde/host-node";
import { type MemcachedServer, startMemcached } from "@echarde/testkit/servers";
import { memcached } from "./memcached.ts";

/** See the module. */
export interface Both {
  readonly single: MemcachedServer;
  readonly shards: readonly MemcachedServer[];
  readonly router: ShardServer;
  /** Where the router listens. */
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts all five. */
export async function startBoth(limits: Readonly<Record<string, number>> = {}): Promise<Both> {
  const [single, ...shards] = await Promise.all([1, 2, 3, 4].map(() => startMemcached()));
  // #region run
  const names = ["mc1", "mc2", "mc3"];
  const router = await createShardServer({
    codec: memcached,
    listen: "127.0.0.1:0",
    table: {
      clusters: Object.fromEntries(
        names.map((name, i) => [name, { endpoints: [`127.0.0.1:${shards[i]?.port}`] }]),
      ),
      routes: [{ hash: "ketama", function: "md5", over: names }],
    },
    limits,
  });
  // #endregion
  const port = "port" in router.address ? router.address.port : 0;
  return {
    single: single as MemcachedServer,
    shards,
    router,
    port,
    async stop() {
      await router.close();
      await Promise.all([single, ...shards].map((server) => server?.stop()));
    },
  };
}
