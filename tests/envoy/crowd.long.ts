/** Many clients of one Envoy: a thousand that ask, a hundred that do not read. */
import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import { encodeCommand, type RawClient } from "@echarde/testkit/servers";
import { type Mesh, skip, startMesh } from "./mesh.ts";

for (const route of ["frame", "grpc"] as const) {
  describe(`a crowd, ${route} route`, { skip, timeout: 400_000 }, () => {
    let mesh: Mesh;
    before(async () => {
      // Whether all are connected is the question, not how fast a loaded machine is.
      mesh = await startMesh({ route, emit: { limits: { requestTimeout: 100_000 } } });
    });
    after(() => mesh.close());

    const ask = async (client: RawClient, ...words: string[]): Promise<string> => {
      client.send(encodeCommand(...words));
      return String(await client.reply(120_000));
    };

    test("1,000 connections at once, each answered over three servers", async () => {
      const keys = [0, 1, 2].map((server) => mesh.keyOn(server, "many"));
      const clients = await Promise.all(Array.from({ length: 1_000 }, () => mesh.connect()));
      try {
        for (let round = 0; round < 2; round++) {
          const value = `v${round}`;
          const [first] = clients;
          if (first === undefined) throw new Error("no client");
          assert.equal(await ask(first, "MSET", ...keys.flatMap((k) => [k, value])), "+OK\r\n");
          // The first round opens 3,000 connections at once, to servers whose backlog is 511.
          const replies = await Promise.all(clients.map((client) => ask(client, "MGET", ...keys)));
          const expected = `*3\r\n${`$2\r\n${value}\r\n`.repeat(3)}`;
          const counts: Record<string, number> = {};
          for (const reply of replies) counts[reply] = (counts[reply] ?? 0) + 1;
          assert.deepEqual(counts, { [expected]: clients.length });
        }
      } finally {
        await Promise.all(clients.map((client) => client.close()));
      }
      await mesh.until(
        async () => (await mesh.stat("wasmcustom.echarde.redis.connections_active")) === 0,
      );
      assert.equal(await mesh.stat("wasmcustom.echarde.redis.failures"), 0);
    });

    test("100 clients that do not read 20 MiB each: Envoy's memory stays flat", async () => {
      const client = await mesh.connect();
      const keys = [0, 1, 2].map((server) => mesh.keyOn(server, "large"));
      const value = "v".repeat(2 << 20);
      for (const key of keys) assert.equal(await ask(client, "SET", key, value), "+OK\r\n");
      const before = await mesh.stat("server.memory_allocated");
      const sockets: Socket[] = [];
      try {
        for (let i = 0; i < 100; i++) {
          const socket = connect(mesh.port, "127.0.0.1");
          socket.on("error", () => {}).pause();
          sockets.push(socket);
          const get = encodeCommand("GET", keys[i % 3] ?? "");
          socket.write(Buffer.concat(Array.from({ length: 10 }, () => get)));
        }
        // The replies have stopped where they are when what servers have sent no longer grows.
        let sent = -1;
        await mesh.until(async () => {
          const now = mesh.bridge?.stats().bytesToPeers ?? 0;
          const still = now === sent && now > 0;
          sent = now;
          assert.equal(await ask(client, "PING"), "+PONG\r\n", "another client is served");
          await new Promise((resolve) => setTimeout(resolve, 500));
          return still || sent > 500 << 20;
        });
        const grown = (await mesh.stat("server.memory_allocated")) - before;
        assert.ok(grown < 200 << 20, `Envoy holds ${grown >> 20} MiB for 2,000 MiB unread`);
      } finally {
        for (const socket of sockets) socket.destroy();
        await client.close();
      }
    });
  });
}
