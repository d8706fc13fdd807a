/** What clients and servers may ask of the router's memory, and who is told when messages are lost. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { afterEach, describe, it, type TestContext } from "node:test";
import { redis } from "@echarde/codec-redis";
import { createShardServer } from "@echarde/host-node";
import { connectRaw, encodeCommand, type RawClient, skipWithout } from "@echarde/testkit/servers";
import { Load } from "./load.ts";
import { type Shards, type ShardsOptions, startShards } from "./shards.ts";

const skip = skipWithout("redis-server");
const mebi = 1 << 20;

describe("bounds", { skip }, () => {
  let shards: Shards;
  afterEach(() => shards.close());

  async function start(options: ShardsOptions = {}): Promise<void> {
    shards = await startShards(options);
  }

  it("a client does not read", async (context) => {
    const limits = { maxOutput: "4MiB", maxMemory: "64MiB" };
    await start({ limits, timeouts: { stall: 300 } });
    const memory = watchMemory(() => shards.router.stats().heldBytes);
    const load = new Load(shards);
    const client = await shards.connect();
    await talk(client, ["SET", "big", "x".repeat(mebi)]);
    client.pause();
    client.socket.on("error", () => {});
    const read = encodeCommand("GET", "big");
    for (let i = 0; i < 40; i++) client.send(read);
    await untilClients(shards, 9);
    await load.more(500);
    client.resume();
    await until(() => client.ended);
    await load.stop();
    const { held, buffers } = memory.stop();
    context.diagnostic(`${mebis(held)} held, ${mebis(buffers)} of buffers; ${load.summary()}`);
    assert.ok(held <= 64 * mebi, mebis(held));
    assert.ok(buffers <= 96 * mebi, mebis(buffers));
    assert.equal(shards.router.stats().heldBytes, 0);
  });

  it("a client that does not read asks for more than the router may hold", async (context) => {
    const limits = { maxOutput: "4MiB", maxMemory: "32MiB" };
    // Its replies, too, are a while on the link that the load uses.
    await start({ limits, timeouts: { stall: 60_000, request: 60_000 } });
    const memory = watchMemory(() => shards.router.stats().heldBytes);
    const load = new Load(shards);
    const client = await shards.connect();
    await talk(client, ["SET", "big", "x".repeat(mebi)]);
    client.pause();
    client.socket.on("error", () => {});
    client.send(Buffer.concat(Array(500).fill(encodeCommand("GET", "big"))));
    await untilClients(shards, 9);
    await load.more(200);
    await load.stop();
    const { held, buffers } = memory.stop();
    context.diagnostic(`${mebis(held)} held, ${mebis(buffers)} of buffers; ${load.summary()}`);
    assert.ok(held <= 32 * mebi, mebis(held));
    assert.ok(buffers <= 64 * mebi, mebis(buffers));
    await client.close();
  });

  it("many clients that do not read, each within its limit, ask for more than the router may hold", async (context) => {
    const limits = { maxOutput: "4MiB", maxMemory: "32MiB" };
    // As above.
    await start({ limits, timeouts: { stall: 60_000, request: 60_000 } });
    const memory = watchMemory(() => shards.router.stats().heldBytes);
    const load = new Load(shards);
    const writer = await shards.connect();
    await talk(writer, ["SET", "big", "x".repeat(mebi)]);
    const readers = await Promise.all(Array.from({ length: 40 }, () => shards.connect()));
    for (const reader of readers) {
      reader.pause();
      reader.socket.on("error", () => {});
      reader.send(Buffer.concat(Array(15).fill(encodeCommand("GET", "big"))));
    }
    // Those for whom there is no room are closed, and the others of the load are served on.
    await until(() => shards.router.stats().clients < 40 + 10);
    await load.more(500);
    const left = shards.router.stats().clients - 10;
    for (const reader of readers) reader.reset();
    await untilClients(shards, 10);
    assert.equal(await talk(writer, ["PING"]), "+PONG\r\n");
    await load.stop();
    const { held, buffers } = memory.stop();
    context.diagnostic(
      `${left} of 40 left; ${mebis(held)} held, ${mebis(buffers)} of buffers; ${load.summary()}`,
    );
    assert.ok(held > 16 * mebi, `${mebis(held)}: it was provoked`);
    assert.ok(held <= 32 * mebi, mebis(held));
    assert.ok(buffers <= 128 * mebi, mebis(buffers));
    await until(() => shards.router.stats().heldBytes === 0);
    await writer.close();
  });

  it("a slow reader gets all, late", async () => {
    await start({ limits: { maxOutput: "1MiB" }, timeouts: { stall: 1_000 } });
    const client = await shards.connect();
    await talk(client, ["SET", "big", "x".repeat(mebi)]);
    for (let i = 0; i < 50; i++) client.send(encodeCommand("GET", "big"));
    for (let i = 0; i < 50; i++) {
      client.pause();
      await new Promise((resolve) => setImmediate(resolve));
      client.resume();
      assert.equal((await client.reply()).length, mebi + "$1048576\r\n\r\n".length);
    }
    await client.close();
  });

  it("a length of half a GiB, and nothing behind it", async (context) => {
    await start();
    const key = shards.keyOn(1, "k");
    const client = await shards.connect();
    const memory = watchMemory(() => shards.router.stats().heldBytes);
    client.send(`*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$${512 * mebi}\r\n`);
    for (let i = 0; i < 8; i++) {
      await new Promise((resolve) => client.socket.write(Buffer.alloc(mebi), resolve));
    }
    const other = await shards.connect();
    for (let i = 0; i < 50; i++) assert.equal(await talk(other, ["GET", key]), "$-1\r\n");
    client.reset();
    await untilClients(shards, 1);
    assert.equal(await talk(other, ["GET", key]), "$-1\r\n");
    const { held, buffers } = memory.stop();
    context.diagnostic(`${mebis(held)} held, ${mebis(buffers)} of buffers`);
    assert.ok(held < 2 * mebi, mebis(held));
    assert.ok(buffers < 32 * mebi, mebis(buffers));
    await other.close();
  });

  it("many arguments announced, and nothing behind them", async () => {
    await start();
    const memory = watchMemory(() => shards.router.stats().heldBytes);
    const clients = await Promise.all(Array.from({ length: 20 }, () => shards.connect()));
    for (const client of clients) client.send("*1000000\r\n$4\r\nMGET\r\n$1\r\na\r\n");
    const other = await shards.connect();
    for (let i = 0; i < 20; i++) assert.equal(await talk(other, ["GET", "k"]), "$-1\r\n");
    assert.ok(memory.stop().buffers < 32 * mebi);
    for (const client of clients) client.reset();
    await other.close();
  });

  it("a hundred thousand commands in one write", async (context) => {
    await start();
    const memory = watchMemory(() => shards.router.stats().heldBytes);
    const client = await shards.connect();
    const count = 100_000;
    const commands: Buffer[] = [];
    const expected: string[] = [];
    for (let i = 0; i < count; i++) {
      const key = `k${i % 1_000}`;
      const write = i % 2_000 < 1_000;
      commands.push(write ? encodeCommand("SET", key, `${i}`) : encodeCommand("GET", key));
      const value = `${i - 1_000}`;
      expected.push(write ? "+OK\r\n" : `$${value.length}\r\n${value}\r\n`);
    }
    client.send(Buffer.concat(commands));
    const replies = await client.replies(count, 30_000);
    for (const [i, reply] of replies.entries()) {
      if (reply.toString("latin1") !== expected[i])
        assert.equal(String(reply), expected[i], `${i}`);
    }
    assert.equal(client.waiting, 0);
    const { held } = memory.stop();
    context.diagnostic(`${mebis(held)} held`);
    await client.close();
  });

  it("one reply too many", async () => {
    await start({ relayed: true });
    const client = await shards.connect();
    const key = shards.keyOn(1, "k");
    for (const surplus of ["+OK\r\n", "$5\r\nwrong\r\n", "*0\r\n", ":1\r\n", "-ERR no\r\n", "+O"]) {
      await talk(client, ["SET", key, surplus]);
      const link = (): number =>
        shards.router.stats().upstreams.find(({ name }) => name === "redis2")?.links ?? 0;
      assert.equal(link(), 1);
      shards.relays[1]?.inject(surplus);
      await until(() => link() === 0);
      assert.equal(await talk(client, ["GET", key]), `$${surplus.length}\r\n${surplus}\r\n`);
    }
    await client.close();
  });

  for (const protocol of ["2", "3"]) {
    it(`subscribers of a dead server are closed, others are not (RESP${protocol})`, async () => {
      await start();
      const [dead, alive] = [shards.keyOn(1, "dead"), shards.keyOn(2, "alive")];
      const subscribe = async (...command: readonly string[]): Promise<RawClient> => {
        const client = await shards.connect();
        await talk(client, ["HELLO", protocol]);
        await talk(client, command);
        return client;
      };
      const gone = [
        await subscribe("SUBSCRIBE", dead),
        await subscribe("SSUBSCRIBE", dead),
        await subscribe("PSUBSCRIBE", "*"),
      ];
      const stays = [await subscribe("SUBSCRIBE", alive), await subscribe("SSUBSCRIBE", alive)];
      const left = await subscribe("SUBSCRIBE", dead);
      await talk(left, ["UNSUBSCRIBE", dead]);
      await shards.servers[1]?.kill();
      await until(() => gone.every((client) => client.ended));
      const publisher = await shards.connect();
      assert.equal(await talk(publisher, ["PUBLISH", alive, "hi"]), ":1\r\n");
      assert.match(String(await stays[0]?.reply()), /message/);
      await shards.servers[1]?.restart();
      await until(async () => (await talk(publisher, ["PUBLISH", dead, "x"])) === ":0\r\n");
      for (const client of [...stays, left]) {
        assert.equal(client.ended, false);
        await talk(client, ["PING"]);
        await client.close();
      }
      await publisher.close();
    });
  }
});

describe("servers that lie", () => {
  const endings: readonly (readonly [string, string, RegExp])[] = [
    ["1 GiB and then nothing", "$1073741824\r\nabc", /^\$1073741824\r\nabc$/],
    ["a length that is none", "$99999999999999999999\r\n", /^-ERR upstream protocol error/],
    ["an array of 4 G elements", "*4294967296\r\n:1\r\n", /^-ERR upstream protocol error/],
    ["deeper and deeper", "*1\r\n".repeat(100_000), /^-ERR upstream protocol error/],
    ["half a reply", "+O", /^\+O$/],
    ["nothing", "", /^-ERR upstream connection lost/],
    ["a line without end", `+${"x".repeat(200_000)}`, /^\+x{200000}$/],
  ];
  for (const [name, answer, expected] of endings) {
    it(name, async (context: TestContext) => {
      const sockets = new Set<Socket>();
      const server = createServer((socket) => {
        sockets.add(socket);
        socket.on("error", () => {});
        socket.once("data", () => socket.end(answer));
      }).listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      const router = await createShardServer({
        codec: redis(),
        table: { clusters: { one: { endpoints: [`127.0.0.1:${port}`] } }, defaultCluster: "one" },
        listen: "127.0.0.1:0",
      });
      const memory = watchMemory(() => router.stats().heldBytes);
      const { address } = router;
      const client = await connectRaw(address.type === "tcp" ? address.port : 0);
      let came = "";
      client.socket.on("data", (chunk: Buffer) => {
        came += chunk.toString("latin1");
      });
      client.send(encodeCommand("GET", "k"));
      client.end();
      await until(() => client.ended);
      assert.match(came, expected);
      const { buffers } = memory.stop();
      context.diagnostic(`${JSON.stringify(came.slice(0, 60))}, ${buffers} bytes of buffers`);
      assert.ok(buffers < 16 * mebi, `${buffers} bytes of buffers`);
      await client.close();
      await router.close();
      for (const socket of sockets) socket.destroy();
      server.close();
    });
  }
});

/** Looks every few milliseconds; gives the most bytes held, and the growth of all buffers. */
function watchMemory(heldBytes: () => number): { stop(): { held: number; buffers: number } } {
  const before = process.memoryUsage().arrayBuffers;
  let held = 0;
  let buffers = 0;
  const look = (): void => {
    held = Math.max(held, heldBytes());
    buffers = Math.max(buffers, process.memoryUsage().arrayBuffers - before);
  };
  const timer = setInterval(look, 5);
  return {
    stop: () => {
      clearInterval(timer);
      look();
      return { held, buffers };
    },
  };
}

function mebis(bytes: number): string {
  return `${(bytes / mebi).toFixed(1)} MiB`;
}

/** Until the router has so many clients. */
function untilClients(shards: Shards, count: number): Promise<void> {
  return until(() => shards.router.stats().clients === count);
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, "it never happened");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function talk(client: RawClient, command: readonly string[]): Promise<string> {
  client.send(encodeCommand(...command));
  return (await client.reply()).toString("latin1");
}
