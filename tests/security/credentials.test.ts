/** The router signs in to clusters by itself; what clients present stays with it. Real redis-servers with passwords and users. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { redis } from "@echarde/codec-redis";
import { createShardServer, type ShardServer } from "@echarde/host-node";
import { type RedisServer, skipWithout, startRedis } from "@echarde/testkit/servers";
import { portOf, talk } from "./clients.ts";

const skip = skipWithout("redis-server");
const wrongPass = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";

describe("credentials of clusters", { skip }, () => {
  let servers: RedisServer[];
  let dir: string;
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), "echarde-credentials-"));
    const users = "alice on >alicepw ~* &* +@all";
    servers = await Promise.all([
      startRedis({ args: ["--requirepass", "first-secret"] }),
      startRedis({ args: ["--requirepass", "unused", "--user", ...users.split(" ")] }),
      startRedis(),
    ]);
  });
  after(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(dir, { recursive: true, force: true });
  });

  function start(auths: readonly unknown[], more: object = {}): Promise<ShardServer> {
    const names = ["a", "b", "c"];
    const clusters = Object.fromEntries(
      names.map((name, i) => [
        name,
        {
          endpoints: [`127.0.0.1:${servers[i]?.port}`],
          ...(auths[i] === undefined ? {} : { auth: auths[i] }),
        },
      ]),
    );
    const routes = names.map((prefix) => ({ prefix: `${prefix}:`, cluster: prefix }));
    return createShardServer({
      codec: redis(),
      listen: "127.0.0.1:0",
      table: { clusters, routes, defaultCluster: "a" },
      folder: dir,
      ...more,
    });
  }

  it("open every kind of link, from text, file and environment", async () => {
    writeFileSync(join(dir, "alice.txt"), "alicepw\n");
    process.env["ECHARDE_TEST_PASSWORD"] = "first-secret";
    const server = await start([
      { passwordEnv: "ECHARDE_TEST_PASSWORD" },
      { user: "alice", passwordFile: "alice.txt" },
    ]);
    delete process.env["ECHARDE_TEST_PASSWORD"];
    const client = await talk(portOf(server));
    assert.deepEqual(await client.ask("MSET a:1 x b:1 y c:1 z", "MGET a:1 b:1 c:1", "DBSIZE"), [
      "+OK\r\n",
      "*3\r\n$1\r\nx\r\n$1\r\ny\r\n$1\r\nz\r\n",
      ":3\r\n",
    ]);
    assert.deepEqual(await client.ask("SELECT 3", "SET b:1 other", "SELECT 0", "GET b:1"), [
      "+OK\r\n",
      "+OK\r\n",
      "+OK\r\n",
      "$1\r\ny\r\n",
    ]);
    assert.deepEqual(await client.ask("RPUSH b:l v", "BLPOP b:l 0", "MULTI", "GET b:1", "EXEC"), [
      ":1\r\n",
      "*2\r\n$3\r\nb:l\r\n$1\r\nv\r\n",
      "+OK\r\n",
      "+QUEUED\r\n",
      "*1\r\n$1\r\ny\r\n",
    ]);
    const [hello] = await client.ask("HELLO 3");
    assert.match(hello ?? "", /^%7/);
    assert.deepEqual(await client.ask("SUBSCRIBE b:news", "GET a:1"), [
      ">3\r\n$9\r\nsubscribe\r\n$6\r\nb:news\r\n:1\r\n",
      "$1\r\nx\r\n",
    ]);
    const users = await whoIsThere(servers[1]?.port, "alice", "alicepw");
    assert.deepEqual([...new Set(users)], ["alice"]);
    client.close();
    await server.close();
  });

  it("make AUTH an affair of the router: without users of its own it is a server without passwords", async () => {
    const server = await start([{ password: "first-secret" }]);
    const client = await talk(portOf(server));
    assert.deepEqual(
      await client.ask("AUTH x", "AUTH default x", "AUTH alice alicepw", "AUTH a b c", "GET a:9"),
      [
        "-ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?\r\n",
        "+OK\r\n",
        wrongPass,
        "-ERR syntax error\r\n",
        "$-1\r\n",
      ],
    );
    assert.deepEqual(await client.ask("ACL WHOAMI", "HELLO 2 AUTH alice alicepw", "GET c:9"), [
      "$7\r\ndefault\r\n",
      wrongPass,
      "$-1\r\n",
    ]);
    // Cluster b wants a password and the router has none for it: the client's is not tried.
    assert.deepEqual(await client.ask("GET b:1"), ["-NOAUTH Authentication required.\r\n"]);
    client.close();
    await server.close();
  });

  it("that are wrong give an error about the router, not about the client", async () => {
    const server = await start([{ password: "wrong-secret" }]);
    const client = await talk(portOf(server));
    assert.deepEqual(await client.ask("GET a:1", "GET c:1x"), [
      "-ERR upstream authentication failed (cluster a)\r\n",
      "$-1\r\n",
    ]);
    client.close();
    await server.close();
  });

  it("are not told by CONFIG GET", async () => {
    const server = await start([{ password: "first-secret" }]);
    const client = await talk(portOf(server));
    const refused = "-ERR 'config|get' is not supported through this proxy\r\n";
    assert.deepEqual(
      await client.ask("CONFIG GET requirepass", "MULTI", "CONFIG GET requirepass", "EXEC"),
      [
        refused,
        "+OK\r\n",
        refused,
        "-EXECABORT Transaction discarded because of previous errors.\r\n",
      ],
    );
    client.close();
    await server.close();
  });

  it("are read again, and hold for new links", async () => {
    const file = join(dir, "changing.txt");
    writeFileSync(file, "wrong-secret");
    const server = await start([{ passwordFile: "changing.txt" }]);
    const client = await talk(portOf(server));
    assert.match((await client.ask("GET a:1"))[0] ?? "", /^-ERR upstream auth/);
    writeFileSync(file, "");
    assert.throws(
      () => server.reloadSecrets(),
      /clusters\.a\.auth\.passwordFile: the file is empty/,
    );
    writeFileSync(file, "first-secret\n");
    server.reloadSecrets();
    assert.match((await client.ask("SET a:1 x"))[0] ?? "", /^\+OK/);
    assert.deepEqual(server.secretFiles, [file]);
    client.close();
    await server.close();
  });

  it("that have changed are used by all clients as soon as nothing is in flight", async () => {
    const port = servers[1]?.port;
    await serverSays(port, "ACL SETUSER second on >secondpw ~* &* +@all");
    const auth = (name: string): unknown => ({ user: name, password: `${name}pw` });
    const config = (name: string): object => ({
      clusters: { b: { endpoints: [`127.0.0.1:${port}`], auth: auth(name) } },
      defaultCluster: "b",
    });
    const server = await createShardServer({
      codec: redis(),
      listen: "127.0.0.1:0",
      table: config("alice"),
    });
    const clients = await Promise.all([talk(portOf(server)), talk(portOf(server))]);
    for (const client of clients) await client.ask("GET x", "BLPOP none 0.01");
    assert.deepEqual(await usersOfRouter(port), ["alice"]);
    const busy = clients[0]?.ask("BLPOP none 0.3", "GET x");
    server.swap(config("second"));
    assert.deepEqual(await clients[1]?.ask("SET x 1", "GET x", "BLPOP none 0.01"), [
      "+OK\r\n",
      "$1\r\n1\r\n",
      "*-1\r\n",
    ]);
    assert.deepEqual(await busy, ["*-1\r\n", "$1\r\n1\r\n"]);
    await clients[0]?.ask("GET x");
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(await usersOfRouter(port), ["second"]);
    for (const client of clients) client.close();
    await server.close();
  });

  it("do not go away with a bare table", async () => {
    const server = await start([{ password: "first-secret" }]);
    const bare = {
      clusters: { c: { endpoints: [`127.0.0.1:${servers[2]?.port}`] } },
      defaultCluster: "c",
    };
    assert.throws(() => server.swap(bare), /by a restart/);
    const client = await talk(portOf(server));
    assert.match((await client.ask("SET a:1 x"))[0] ?? "", /^\+OK/);
    client.close();
    await server.close();
  });

  it("are said right or refused with their place", async () => {
    const wrong: readonly (readonly [unknown, RegExp])[] = [
      [{}, /^clusters\.a\.auth: needs one of password, passwordFile, passwordEnv$/],
      [{ password: "x", passwordEnv: "Y" }, /^clusters\.a\.auth: needs one of/],
      [{ password: 7 }, /^clusters\.a\.auth\.password: must be a text/],
      [
        { passwordFile: "none.txt" },
        /^clusters\.a\.auth\.passwordFile: none\.txt: there is no such file$/,
      ],
      [
        { passwordEnv: "ECHARDE_NOT_SET" },
        /^clusters\.a\.auth\.passwordEnv: the environment has no ECHARDE_NOT_SET$/,
      ],
      [{ passwort: "x" }, /^clusters\.a\.auth\.passwort: unknown key; did you mean password\?/],
    ];
    for (const [auth, words] of wrong) await assert.rejects(start([auth]), { message: words });
  });

  it("meant for one cluster reach no other, and a client's reach none", async () => {
    const heard: string[] = [];
    const spies = await Promise.all([spy(heard), spy(heard)]);
    const [one, two] = spies.map((each) => (each.address() as { port: number }).port);
    const server = await createShardServer({
      codec: redis(),
      listen: "127.0.0.1:0",
      table: {
        clusters: {
          one: {
            endpoints: [`127.0.0.1:${one}`],
            auth: { user: "router", password: "one-secret" },
          },
          two: { endpoints: [`127.0.0.1:${two}`] },
        },
        routes: [{ prefix: "two:", cluster: "two" }],
        defaultCluster: "one",
      },
    });
    const client = await talk(portOf(server));
    await client.ask("AUTH default client-secret", "AUTH client-secret", "AUTH me client-secret");
    await client.ask("GET one:1", "GET two:1", "HELLO 3 AUTH default client-secret", "GET two:2");
    const bytes = heard.join("\n");
    assert.ok(!bytes.includes("client-secret"));
    assert.match(bytes, new RegExp(`^${one} .*AUTH.*router.*one-secret`, "m"));
    assert.doesNotMatch(bytes, new RegExp(`^${two} .*AUTH`, "m"));
    client.close();
    await server.close();
    for (const each of spies) each.close();
  });
});

/** A server that notes what it is sent, and answers every request with +OK. */
async function spy(heard: string[]): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      const text = chunk.toString("latin1");
      const { port } = server.address() as { port: number };
      heard.push(`${port} ${text.replaceAll("\r\n", " ")}`);
      socket.write("+OK\r\n".repeat(text.match(/\*\d+\r\n/g)?.length ?? 0));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

/** Users of the connections to a server. */
async function whoIsThere(
  port: number | undefined,
  user: string,
  password: string,
): Promise<string[]> {
  const client = await talk(port ?? 0);
  const [, list = ""] = await client.ask(`AUTH ${user} ${password}`, "CLIENT LIST");
  client.close();
  return [...list.matchAll(/ user=(\S+)/g)].map(([, name]) => name ?? "");
}

/** Users of all connections but the one that asks, which is the default user's. */
async function usersOfRouter(port: number | undefined): Promise<string[]> {
  const users = new Set(await whoIsThere(port, "default", "unused"));
  users.delete("default");
  return [...users];
}

async function serverSays(port: number | undefined, line: string): Promise<void> {
  const client = await talk(port ?? 0);
  assert.deepEqual(await client.ask("AUTH unused", line), ["+OK\r\n", "+OK\r\n"]);
  client.close();
}
