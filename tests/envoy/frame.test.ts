/** Scatter and gather inside a real Envoy: the filter splits and merges, the bridge owns the connections. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { encodeCommand, type RawClient } from "@echarde/testkit/servers";
import { type Mesh, skip, startMesh } from "./mesh.ts";

const ask = async (client: RawClient, ...words: string[]): Promise<string> => {
  client.send(encodeCommand(...words));
  return String(await client.reply());
};

for (const route of ["frame", "grpc"] as const) {
  describe(`${route} route`, { skip, timeout: 180_000 }, () => {
    let mesh: Mesh;
    before(async () => {
      mesh = await startMesh({ route });
    });
    after(() => mesh.close());

    test("an MGET over three servers", async () => {
      const client = await mesh.connect();
      const keys = [0, 1, 2].map((server) => mesh.keyOn(server, "k"));
      assert.equal(
        await ask(client, "MSET", ...keys.flatMap((key, i) => [key, `v${i}`])),
        "+OK\r\n",
      );
      assert.equal(
        await ask(client, "MGET", ...keys),
        "*3\r\n$2\r\nv0\r\n$2\r\nv1\r\n$2\r\nv2\r\n",
      );
      for (const [i, key] of keys.entries())
        assert.equal(await ask(client, "GET", key), `$2\r\nv${i}\r\n`);
      await client.close();
    });

    test("what the router answers by itself, between what servers answer", async () => {
      const client = await mesh.connect();
      const key = mesh.keyOn(1, "order");
      const round = [
        encodeCommand("PING"),
        encodeCommand("SET", key, "1"),
        encodeCommand("PING", "two"),
        encodeCommand("NOSUCH"),
        encodeCommand("GET", key),
        encodeCommand("ECHO", "three"),
      ];
      client.send(Buffer.concat(Array.from({ length: 100 }, () => round).flat()));
      const replies = (await client.replies(600)).map(String);
      for (let i = 0; i < 600; i += 6) {
        assert.deepEqual(replies.slice(i, i + 3), ["+PONG\r\n", "+OK\r\n", "$3\r\ntwo\r\n"]);
        assert.match(replies[i + 3] ?? "", /^-ERR unknown command/);
        assert.deepEqual(replies.slice(i + 4, i + 6), ["$1\r\n1\r\n", "$5\r\nthree\r\n"]);
      }
      await client.close();
    });

    test("SUBSCRIBE over the servers", async () => {
      const [subscriber, publisher] = [await mesh.connect(), await mesh.connect()];
      const channels = [0, 1, 2].map((server) => mesh.keyOn(server, "channel"));
      subscriber.send(encodeCommand("SUBSCRIBE", ...channels));
      const acknowledged = (await subscriber.replies(3)).map(String).join("");
      for (const channel of channels) assert.ok(acknowledged.includes(channel), acknowledged);
      for (const channel of channels) {
        assert.equal(await ask(publisher, "PUBLISH", channel, `to ${channel}`), ":1\r\n");
        assert.ok(String(await subscriber.reply()).includes(`to ${channel}`), "the message came");
      }
      await subscriber.close();
      await publisher.close();
    });

    test("bytes cut anywhere, and a value of 4 MiB", async () => {
      const client = await mesh.connect();
      const keys = [0, 1, 2].map((server) => mesh.keyOn(server, "cut"));
      const bytes = Buffer.concat([
        encodeCommand("MSET", ...keys.flatMap((key) => [key, "value"])),
        encodeCommand("MGET", ...keys),
      ]);
      for (const byte of bytes) {
        client.send(Buffer.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.deepEqual((await client.replies(2)).map(String), [
        "+OK\r\n",
        `*3\r\n${"$5\r\nvalue\r\n".repeat(3)}`,
      ]);
      const value = "v".repeat(4 << 20);
      assert.equal(await ask(client, "SET", keys[1] ?? "", value), "+OK\r\n");
      assert.equal(
        await ask(client, "MGET", ...keys),
        `*3\r\n$5\r\nvalue\r\n$${value.length}\r\n${value}\r\n$5\r\nvalue\r\n`,
      );
      await client.close();
    });

    test("a client that closes its side behind its requests", async () => {
      const client = await mesh.connect();
      const keys = [0, 1, 2].map((server) => mesh.keyOn(server, "half"));
      client.send(
        Buffer.concat([
          ...keys.map((key) => encodeCommand("SET", key, "1")),
          encodeCommand("MGET", ...keys),
        ]),
      );
      client.end();
      const replies = (await client.replies(4)).map(String);
      assert.deepEqual(replies, [
        "+OK\r\n",
        "+OK\r\n",
        "+OK\r\n",
        "*3\r\n$1\r\n1\r\n$1\r\n1\r\n$1\r\n1\r\n",
      ]);
      await client.closed;
    });

    test("QUIT and garbage end the connection after their answer", async () => {
      for (const [bytes, answer] of [
        [encodeCommand("QUIT"), /^\+OK\r\n$/],
        [Buffer.from("*1\r\n!\r\n"), /^-ERR Protocol error/],
      ] as const) {
        const client = await mesh.connect();
        client.send(bytes);
        assert.match(String(await client.reply()), answer);
        await client.closed;
      }
    });

    test("a server that is lost is an error in its place, and comes back", async () => {
      const client = await mesh.connect();
      const keys = [0, 1, 2].map((server) => mesh.keyOn(server, "lost"));
      assert.equal(await ask(client, "MSET", ...keys.flatMap((key) => [key, "1"])), "+OK\r\n");
      await mesh.servers[1]?.kill();
      const errors: string[] = [];
      // The first may find the connection lost, the next ones find no server.
      for (let i = 0; i < 3; i++) errors.push(await ask(client, "MGET", ...keys));
      for (const error of errors) assert.match(error, /^-ERR upstream .*cluster redis2/);
      assert.equal(await ask(client, "GET", keys[0] ?? ""), "$1\r\n1\r\n");
      await mesh.servers[1]?.restart();
      let reply = "";
      for (const until = Date.now() + 20_000; Date.now() < until && !reply.startsWith("*"); )
        reply = await ask(client, "MGET", ...keys);
      assert.equal(reply, "*3\r\n$1\r\n1\r\n$-1\r\n$1\r\n1\r\n");
      await client.close();
    });

    test("a bridge that is restarted costs its clients their connection, nothing else", async () => {
      const before = await mesh.connect();
      assert.equal(await ask(before, "PING"), "+PONG\r\n");
      await mesh.restartBridge();
      await before.closed;
      const client = await mesh.connect();
      assert.equal(await ask(client, "PING"), "+PONG\r\n");
      await client.close();
    });

    test("another table while clients are connected", async () => {
      const client = await mesh.connect();
      const key = mesh.keyOn(0, "moved");
      assert.equal(await ask(client, "SET", key, "here"), "+OK\r\n");
      assert.equal(await ask(client, "GET", key), "$4\r\nhere\r\n");
      mesh.swap({ ...mesh.table, routes: [{ hash: "no such" }] });
      await mesh.until(async () => (await mesh.stat("network_filter.redis.config_fail")) > 0);
      assert.equal(await ask(client, "GET", key), "$4\r\nhere\r\n", "a bad table changes nothing");
      const routes = [{ key, cluster: "redis3" }, ...(mesh.table["routes"] as unknown[])];
      mesh.swap({ ...mesh.table, routes });
      await mesh.until(async () => (await ask(client, "GET", key)) === "$-1\r\n");
      const direct = await mesh.direct(2);
      assert.equal(await ask(client, "SET", key, "there"), "+OK\r\n");
      assert.equal(await ask(direct, "GET", key), "$5\r\nthere\r\n");
      await direct.close();
      await client.close();
      mesh.swap(mesh.table);
    });

    test("table after table while clients ask without a pause", async () => {
      const [key, other] = [mesh.keyOn(0, "steady"), mesh.keyOn(1, "moved")];
      const refused = await mesh.stat("network_filter.redis.config_fail");
      const taken = await mesh.stat("network_filter.redis.config_reload");
      let over = false;
      const clients = await Promise.all(Array.from({ length: 10 }, () => mesh.connect()));
      const asking = clients.map(async (client) => {
        for (let n = 0; !over; n++) {
          const mine = `${key}-${n}`;
          assert.equal(await ask(client, "SET", mine, "here"), "+OK\r\n");
          assert.equal(await ask(client, "GET", mine), "$4\r\nhere\r\n");
        }
      });
      for (let turn = 1; turn <= 10; turn++) {
        const routes = [{ key: other, cluster: `redis${(turn % 2) + 2}` }];
        mesh.swap({ ...mesh.table, routes: [...routes, ...(mesh.table["routes"] as unknown[])] });
        await mesh.until(
          async () => (await mesh.stat("network_filter.redis.config_reload")) >= taken + turn,
        );
      }
      over = true;
      await Promise.all(asking);
      assert.equal(await mesh.stat("network_filter.redis.config_fail"), refused);
      for (const client of clients) await client.close();
      mesh.swap(mesh.table);
    });
  });
}
