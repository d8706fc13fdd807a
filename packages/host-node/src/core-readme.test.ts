/** Runs the loop of packages/core/README.md, exactly as it stands there, against real servers. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { encodeCommand, type RedisServer, skipWithout, startRedis } from "@echarde/testkit/servers";

const readme = readFileSync(new URL("../../core/README.md", import.meta.url), "utf8");
const loop = /<!-- loop -->\n```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";

const ends: (() => Promise<unknown> | unknown)[] = [];
after(async () => {
  for (const end of ends.reverse()) await end();
});

interface Proxy {
  readonly port: number;
  readonly process: ChildProcess;
  readonly shards: readonly RedisServer[];
}

async function startProxy(): Promise<Proxy> {
  const shards = await Promise.all([startRedis(), startRedis(), startRedis()]);
  for (const shard of shards) ends.push(() => shard.stop());
  const clusters = Object.fromEntries(
    shards.map((shard, i) => [`redis${i + 1}`, { endpoints: [`127.0.0.1:${shard.port}`] }]),
  );
  const table = {
    clusters,
    localCluster: "redis1",
    routes: [{ hash: "crc16-slots", over: Object.keys(clusters) }],
  };
  const code = `
    import { connect, createServer } from "node:net";
    import { createRouter } from "@echarde/core";
    import { redis } from "@echarde/codec-redis";
    const router = createRouter({ codec: redis(), table: ${JSON.stringify(table)}, limits: { requestTimeout: 1_000, maxOutput: 1 << 20, stallTimeout: 700 } });
    ${loop}
    server.listen(0, "127.0.0.1", () => console.log(server.address().port));
    process.stdin.on("end", () => process.exit()).resume();`;
  const child = spawn(
    process.execPath,
    ["--conditions=source", "--import", "tsx", "--input-type=module", "-e", code],
    { cwd: fileURLToPath(new URL("..", import.meta.url)), stdio: ["pipe", "pipe", "inherit"] },
  );
  ends.push(() => child.kill("SIGKILL"));
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { port: Number(line.toString()), process: child, shards };
}

class Client {
  readonly socket: Socket;
  text = "";
  closed = false;
  constructor(port: number) {
    this.socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    this.socket.on("data", (chunk: Buffer) => {
      this.text += chunk.toString("latin1");
    });
    for (const event of ["end", "close", "error"]) {
      this.socket.on(event, () => {
        this.closed = true;
      });
    }
    ends.push(() => this.socket.destroy());
  }
  send(...commands: readonly string[][]): void {
    for (const [name = "", ...args] of commands) this.socket.write(encodeCommand(name, ...args));
  }
  async expect(pattern: RegExp): Promise<void> {
    const by = Date.now() + 30_000;
    while (!pattern.test(this.text) && !this.closed && Date.now() < by) await sleep(2);
    assert.match(this.text, pattern);
    this.text = "";
  }
}

describe("the loop of core's README", { skip: skipWithout("redis-server") }, () => {
  test("is there, and short", () => {
    assert.ok(loop.includes("router.tick(") && loop.includes("router.full("));
    const lines = loop.trimEnd().split("\n");
    assert.ok(lines.length <= 19, `${lines.length} lines`);
    for (const line of lines) assert.ok(line.length <= 100, `too wide: ${line}`);
  });

  test("is a whole proxy", async () => {
    const { port, shards } = await startProxy();
    const client = new Client(port);

    client.send(
      ["PING"],
      ["MSET", "a", "1", "b", "2", "c", "3"],
      ["MGET", "a", "b", "c", "none"],
      ["FOO"],
    );
    await client.expect(
      /^\+PONG\r\n\+OK\r\n\*4\r\n\$1\r\n1\r\n\$1\r\n2\r\n\$1\r\n3\r\n\$-1\r\n-ERR unknown command[^\n]*\n$/,
    );

    // A value larger than the sockets' buffers, to a reader that waits a while; others are served meanwhile.
    const big = "x".repeat(8 << 20);
    client.send(["SET", "big", big]);
    await client.expect(/^\+OK\r\n$/);
    const slow = new Client(port);
    slow.send(["GET", "big"], ["GET", "a"]);
    slow.socket.pause();
    await sleep(100);
    client.send(["GET", "b"]);
    await client.expect(/^\$1\r\n2\r\n$/);
    slow.socket.resume();
    await until(() => slow.text.length >= big.length + 19);
    assert.equal(
      slow.text.length,
      `$${big.length}\r\n`.length + big.length + 2 + "$1\r\n1\r\n".length,
    );
    assert.ok(slow.text.endsWith("x\r\n$1\r\n1\r\n"));
    slow.text = "";
    slow.send(["GET", "c"]);
    await slow.expect(/^\$1\r\n3\r\n$/); // it is read again

    // One that never reads is closed; its bytes do not pile up.
    const stuck = new Client(port);
    stuck.send(...Array.from({ length: 20 }, () => ["GET", "big"]));
    stuck.socket.pause();
    await sleep(1_800);
    stuck.socket.resume();
    await until(() => stuck.closed);
    assert.ok(
      stuck.closed && stuck.text.length < 20 * big.length,
      "the one that never reads is closed",
    );

    const half = new Client(port);
    half.send(["GET", "a"], ["GET", "c"]);
    half.socket.end();
    await half.expect(/^\$1\r\n1\r\n\$1\r\n3\r\n$/);
    await until(() => half.closed);
    assert.ok(half.closed, "a half-closed client is closed once it has its answers");

    const quitting = new Client(port);
    quitting.send(["SET", "d", "4"], ["QUIT"], ["SET", "d", "5"]);
    await quitting.expect(/^\+OK\r\n\+OK\r\n$/);
    client.send(["GET", "d"]);
    await client.expect(/^\$1\r\n4\r\n$/);

    // Keys a, b and c are of three slots; find the shard of `a` by asking the servers themselves.
    const owner = await ownerOf("a", shards);
    owner.suspend();
    client.send(["GET", "a"]);
    await client.expect(/^-\S+ .*timeout.*\r\n$/);
    owner.resume();
    await owner.kill();
    client.send(["GET", "a"]);
    await client.expect(/^-\S+ .*(lost|refused).*\r\n$/); // at once, not at the deadline
    await owner.restart();
    const back = Date.now() + 30_000;
    for (;;) {
      client.send(["SET", "a", "9"]);
      await client.expect(/\r\n$/);
      client.send(["GET", "a"]);
      while (client.text === "") await sleep(2);
      const { text } = client;
      client.text = "";
      if (text === "$1\r\n9\r\n") break;
      assert.ok(Date.now() < back, `used again: ${text}`);
      await sleep(20);
    }
  });
});

async function until(done: () => boolean): Promise<void> {
  const by = Date.now() + 30_000;
  while (!done() && Date.now() < by) await sleep(5);
}

async function ownerOf(key: string, shards: readonly RedisServer[]): Promise<RedisServer> {
  for (const shard of shards) {
    const direct = new Client(shard.port);
    direct.send(["EXISTS", key]);
    while (direct.text === "") await sleep(2);
    direct.socket.destroy();
    if (direct.text === ":1\r\n") return shard;
  }
  throw new Error(`no shard has ${key}`);
}
