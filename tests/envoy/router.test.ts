/** The route without the module: Envoy's tcp_proxy, and the router beside it. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { redis } from "@echarde/codec-redis";
import type { TableSpec } from "@echarde/core";
import { createShardServer, formatAddress, type ShardServer } from "@echarde/host-node";
import { envoyBootstrap } from "@echarde/host-proxy-wasm";
import {
  connectRaw,
  type EnvoyServer,
  encodeCommand,
  type RedisServer,
  startEnvoy,
  startRedis,
} from "@echarde/testkit/servers";
import { skip } from "./mesh.ts";

describe("Envoy with the router beside it", { skip, timeout: 120_000 }, () => {
  let servers: RedisServer[] = [];
  let router: ShardServer | null = null;
  let envoy: EnvoyServer | null = null;
  const tableWith = (prefix: string): TableSpec => ({
    protocol: "redis",
    defaultCluster: "redis1",
    clusters: Object.fromEntries(
      servers.map(({ port }, i) => [`redis${i + 1}`, { endpoints: [`127.0.0.1:${port}`] }]),
    ),
    routes: [{ prefix, cluster: "redis2" }],
  });

  before(async () => {
    servers = await Promise.all([startRedis(), startRedis()]);
    const table = tableWith("b:");
    router = await createShardServer({ codec: redis(), listen: "127.0.0.1:0", table });
    const bridge = formatAddress(router.address);
    envoy = await startEnvoy({
      bootstrap: ({ port, adminPort }) =>
        envoyBootstrap({
          ...{ table, route: "router", module: "", bridge, listen: `127.0.0.1:${port}` },
          admin: `127.0.0.1:${adminPort}`,
        }),
    });
  });
  after(async () => {
    await envoy?.stop();
    await router?.close();
    await Promise.all(servers.map((server) => server.stop()));
  });

  /** What a client of a port is answered. */
  async function ask(port: number, ...commands: (readonly string[])[]): Promise<string> {
    const client = await connectRaw(port);
    try {
      client.send(Buffer.concat(commands.map((words) => encodeCommand(...words))));
      return String(Buffer.concat(await client.replies(commands.length)));
    } finally {
      await client.close();
    }
  }

  test("requests are split and answers merged, by whatever table is in force", async () => {
    const through = envoy?.port ?? 0;
    const second = servers[1]?.port ?? 0;
    const mget = ["MGET", "b:1", "a:1"] as const;
    const stored = await ask(through, ["MSET", "a:1", "one", "b:1", "two"], mget);
    assert.equal(stored, "+OK\r\n*2\r\n$3\r\ntwo\r\n$3\r\none\r\n");
    assert.equal(await ask(second, ["GET", "b:1"]), "$3\r\ntwo\r\n");
    router?.swap(tableWith("a:"));
    assert.equal(await ask(through, mget), "*2\r\n$-1\r\n$-1\r\n", "nobody moves keys");
    router?.swap(tableWith("b:"));
  });

  test("messages of both servers come to a subscriber", async () => {
    const subscriber = await connectRaw(envoy?.port ?? 0);
    try {
      subscriber.send(encodeCommand("SUBSCRIBE", "a:news", "b:news"));
      await subscriber.replies(2);
      for (const [i, { port }] of servers.entries()) {
        const channel = i === 0 ? "a:news" : "b:news";
        assert.equal(await ask(port, ["PUBLISH", channel, "x"]), ":1\r\n");
        assert.ok(String(await subscriber.reply()).includes(channel), `a message of ${channel}`);
      }
    } finally {
      await subscriber.close();
    }
  });
});
