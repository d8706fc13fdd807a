/** Without a bridge: the first request chooses the cluster, and no other one sees a request of the client. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { encodeCommand, type RawClient } from "@echarde/testkit/servers";
import { type Mesh, skip, startMesh } from "./mesh.ts";

describe("sticky route", { skip, timeout: 120_000 }, () => {
  let mesh: Mesh;
  before(async () => {
    mesh = await startMesh({
      route: "sticky",
      emit: { sources: { users: {}, clients: { "from-two": "redis2" }, databases: {} } },
    });
  });
  after(() => mesh.close());

  const ask = async (client: RawClient, ...words: string[]): Promise<string> => {
    client.send(encodeCommand(...words));
    return String(await client.reply());
  };

  /** Which server answers the client. */
  const portOf = async (client: RawClient): Promise<number> => {
    const info = await ask(client, "INFO", "server");
    return Number(/tcp_port:(\d+)/.exec(info)?.[1]);
  };

  test("the first key chooses, whatever stands before it", async () => {
    for (const server of [0, 1, 2]) {
      const client = await mesh.connect();
      const key = mesh.keyOn(server, "first");
      client.send(
        Buffer.concat([encodeCommand("PING"), encodeCommand("SET", key, `of ${server}`)]),
      );
      assert.deepEqual((await client.replies(2)).map(String), ["+PONG\r\n", "+OK\r\n"]);
      assert.equal(await portOf(client), mesh.servers[server]?.port);
      await client.close();
    }
  });

  test("a client that waits for its greeting is answered: by a source rule, else by localCluster", async () => {
    const plain = await mesh.connect();
    assert.match(await ask(plain, "HELLO", "3"), /redis/);
    assert.equal(await portOf(plain), mesh.servers[0]?.port);
    await plain.close();
    const named = await mesh.connect();
    assert.equal(await ask(named, "CLIENT", "SETNAME", "from-two"), "+OK\r\n");
    assert.equal(await portOf(named), mesh.servers[1]?.port);
    await named.close();
  });

  test("a request for another cluster is refused in its place, and never gets there", async () => {
    const client = await mesh.connect();
    const [own, other] = [mesh.keyOn(0, "own"), mesh.keyOn(1, "other")];
    client.send(
      Buffer.concat([
        encodeCommand("SET", own, "1"),
        encodeCommand("SET", other, "2"),
        encodeCommand("GET", own),
        encodeCommand("MGET", own, other),
        encodeCommand("FLUSHALL"),
        encodeCommand("GET", own),
      ]),
    );
    const replies = (await client.replies(6)).map(String);
    assert.equal(replies[0], "+OK\r\n");
    assert.match(
      replies[1] ?? "",
      /^-ERR .*SET: the key is on cluster redis2, this connection on redis1/,
    );
    assert.equal(replies[2], "$1\r\n1\r\n");
    assert.match(replies[3] ?? "", /^-ERR .*MGET/);
    assert.match(replies[4] ?? "", /^-ERR .*FLUSHALL/);
    assert.equal(replies[5], "$1\r\n1\r\n");
    const direct = await mesh.direct(1);
    assert.equal(await ask(direct, "EXISTS", other), ":0\r\n");
    await direct.close();
    await client.close();
  });

  test("bytes cut anywhere", async () => {
    const client = await mesh.connect();
    const [own, other] = [mesh.keyOn(2, "cut"), mesh.keyOn(0, "cut")];
    const bytes = Buffer.concat([
      encodeCommand("SET", own, "x".repeat(50)),
      encodeCommand("GET", other),
      encodeCommand("GET", own),
    ]);
    for (const byte of bytes) {
      client.send(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const replies = (await client.replies(3)).map(String);
    assert.equal(replies[0], "+OK\r\n");
    assert.match(replies[1] ?? "", /^-ERR .*GET: the key is on cluster redis1/);
    assert.equal(replies[2], `$50\r\n${"x".repeat(50)}\r\n`);
    await client.close();
  });

  test("a value of 8 MiB, and a transaction that a refusal ends", async () => {
    const client = await mesh.connect();
    const [own, other] = [mesh.keyOn(1, "large"), mesh.keyOn(0, "large")];
    const value = "v".repeat(8 << 20);
    assert.equal(await ask(client, "SET", own, value), "+OK\r\n");
    assert.equal((await ask(client, "GET", own)).length, value.length + 12);
    assert.equal(await ask(client, "MULTI"), "+OK\r\n");
    assert.match(await ask(client, "SET", other, "1"), /^-ERR/);
    assert.match(await ask(client, "EXEC"), /^-EXECABORT/);
    await client.close();
  });
});
