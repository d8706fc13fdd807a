/** What people use: ioredis, node-redis and redis-cli through the router, each in both protocols. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, beforeEach, describe, it } from "node:test";
import { skipWithout } from "@echarde/testkit/servers";
import { Redis } from "ioredis";
import { createClient, WatchError } from "redis";
import { ask, type Shards, startShards } from "./shards.ts";

const skip = skipWithout("redis-server");
const many = Array.from({ length: 300 }, (_, i) => `key:${i}`);
const large = [200 << 10, 5 << 20];

let shards: Shards;
before(async () => {
  if (skip === false) shards = await startShards();
});
after(() => shards?.close());
beforeEach(async () => {
  if (skip !== false) return;
  for (const { port } of shards.servers) await ask(port, ["FLUSHALL"]);
  for (const { port } of shards.servers) await ask(port, ["SCRIPT", "FLUSH"]);
});

for (const protocol of [2, 3] as const) {
  describe(`ioredis, RESP${protocol}`, { skip }, () => {
    const clients: Redis[] = [];
    const open = async (options: { db?: number; connectionName?: string } = {}): Promise<Redis> => {
      const client = new Redis({
        port: shards.port,
        protocol,
        lazyConnect: true,
        retryStrategy: () => null,
        ...options,
      });
      clients.push(client);
      await client.connect();
      return client;
    };
    after(() => {
      for (const client of clients) client.disconnect();
    });

    it("connects with a database and a name", async () => {
      const client = await open({ db: 3, connectionName: "me" });
      assert.equal(await client.client("GETNAME"), "me");
      await client.set("k", "3");
      await client.select(4);
      assert.equal(await client.get("k"), null);
      await client.select(3);
      assert.equal(await client.get("k"), "3");
      assert.equal(await (await open()).get("k"), null);
      assert.match(await client.info("server"), /redis_version:/);
    });

    it("pipelines", async () => {
      const client = await open();
      const writes = client.pipeline();
      for (const key of many) writes.set(key, `${key} value`);
      writes
        .get("none")
        .lpush("key:1", "x")
        .mget(many[0] ?? "", "none", many[0] ?? "");
      const replies = (await writes.exec()) ?? [];
      assert.equal(replies.length, many.length + 3);
      assert.ok(replies.slice(0, many.length).every(([error, reply]) => !error && reply === "OK"));
      const [none, wrong, values] = replies.slice(-3);
      assert.deepEqual(none, [null, null]);
      assert.match(String(wrong?.[0]), /WRONGTYPE/);
      assert.deepEqual(values?.[1], ["key:0 value", null, "key:0 value"]);
      assert.deepEqual(
        await client.mget(many),
        many.map((key) => `${key} value`),
      );
      assert.equal(await client.exists(...many, "key:0", "none"), many.length + 1);
      assert.equal(await client.dbsize(), many.length);
      assert.deepEqual((await client.keys("*")).sort(), [...many].sort());
      assert.equal(await client.del(...many, "none"), many.length);
    });

    it("runs transactions", async () => {
      const client = await open();
      assert.deepEqual(await client.multi().set("{t}1", "a").incr("{t}2").get("{t}1").exec(), [
        [null, "OK"],
        [null, 1],
        [null, "a"],
      ]);
      const wrong = await client.multi().lpush("{t}1", "x").get("{t}1").exec();
      assert.match(String(wrong?.[0]?.[0]), /WRONGTYPE/);
      assert.deepEqual(wrong?.[1], [null, "a"]);
      const [a, b] = [shards.keyOn(0, "a"), shards.keyOn(1, "b")];
      await assert.rejects(client.multi().set(a, "1").set(b, "1").exec(), /EXECABORT/);
      assert.equal(await client.get(a), null);
      await client.watch("{t}1");
      await (await open()).set("{t}1", "z");
      assert.equal(await client.multi().set("{t}1", "b").exec(), null);
      await client.watch("{t}1");
      assert.deepEqual(await client.multi().set("{t}1", "b").exec(), [[null, "OK"]]);
    });

    it("runs scripts", async () => {
      const client = await open();
      client.defineCommand("both", { numberOfKeys: 1, lua: "return {KEYS[1], ARGV[1]}" });
      const both = (key: string): Promise<unknown> =>
        (client as unknown as { both(key: string, arg: string): Promise<unknown> }).both(key, "x");
      for (const key of many.slice(0, 20)) assert.deepEqual(await both(key), [key, "x"]);
      const sha = (await client.script("LOAD", "return ARGV[1]")) as string;
      assert.deepEqual(await client.script("EXISTS", sha, "0".repeat(40)), [1, 0]);
      for (const key of many.slice(0, 20))
        assert.equal(await client.evalsha(sha, 1, key, key), key);
      await assert.rejects(client.evalsha("0".repeat(40), 1, "k"), /NOSCRIPT/);
    });

    it("scans", async () => {
      const client = await open();
      await client.mset(Object.fromEntries(many.map((key) => [key, "x"])));
      for (const options of [
        {},
        { count: 7 },
        { match: "key:1*" },
        { type: "string", count: 1_000 },
      ]) {
        const found = new Set<string>();
        for await (const page of client.scanStream(options)) {
          for (const key of page as string[]) found.add(key);
        }
        const prefix = options.match === undefined ? "key:" : "key:1";
        const expected = many.filter((key) => key.startsWith(prefix));
        assert.deepEqual([...found].sort(), expected.sort());
      }
      await client.sadd("set", ...many);
      const members = new Set<string>();
      for await (const page of client.sscanStream("set")) for (const one of page) members.add(one);
      assert.equal(members.size, many.length);
    });

    it("publishes and subscribes", async () => {
      const [client, subscriber] = [await open(), await open()];
      const heard: string[] = [];
      subscriber.on("message", (channel, text) => heard.push(`${channel}=${text}`));
      subscriber.on("pmessage", (pattern, channel, text) =>
        heard.push(`${pattern} ${channel}=${text}`),
      );
      subscriber.on("smessage", (channel, text) => heard.push(`shard ${channel}=${text}`));
      const channels = many.slice(0, 12);
      assert.equal(await subscriber.subscribe(...channels), channels.length);
      assert.equal(await subscriber.psubscribe("key:1*"), channels.length + 1);
      await subscriber.ssubscribe("key:5");
      for (const channel of channels) {
        const receivers = await client.publish(channel, "hi");
        assert.equal(receivers, channel.startsWith("key:1") ? 2 : 1, channel);
      }
      await client.spublish("key:5", "hi");
      await until(() => heard.length === 16);
      const patterns = ["key:1", "key:10", "key:11"].map((channel) => `key:1* ${channel}=hi`);
      const all = [...channels.map((channel) => `${channel}=hi`), ...patterns, "shard key:5=hi"];
      assert.deepEqual([...heard].sort(), all.sort());
      // Without names ioredis never settles, with one server neither.
      await subscriber.sunsubscribe("key:5");
      await subscriber.punsubscribe("key:1*");
      await subscriber.unsubscribe(...channels);
      assert.equal(await client.publish("key:1", "no"), 0);
      assert.equal(await subscriber.set("back", "1"), "OK");
    });

    it("blocks", async () => {
      const [client, waiter] = [await open(), await open()];
      const list = shards.keyOn(2, "list");
      const popped = waiter.blpop(list, `{${list}}2`, 0);
      const behind = waiter.get("behind");
      await until(async () => (await waiting()) === 1);
      await client.set("behind", "seen");
      assert.equal(await client.rpush(list, "a", "b"), 2);
      assert.deepEqual(await popped, [list, "a"]);
      assert.equal(await behind, "seen");
      assert.equal(await waiter.blpop(list, 1).then((reply) => reply?.[1]), "b");
      assert.equal(await waiter.blpop(list, 0.05), null);
      await assert.rejects(waiter.blpop(list, -1), /timeout is negative/);
      const moved = waiter.blmove(list, `{${list}}to`, "LEFT", "RIGHT", 0);
      await until(async () => (await waiting()) === 1);
      await client.rpush(list, "c");
      assert.equal(await moved, "c");
    });

    it("loses no element when a waiting client goes", async () => {
      const client = await open();
      for (let i = 0; i < 10; i++) {
        const list = shards.keyOn(i % 3, `queue${i}`);
        const waiter = await open();
        waiter.blpop(list, 0).catch(() => {});
        await until(async () => (await waiting()) === 1);
        waiter.disconnect();
        await until(async () => (await waiting()) === 0);
        await client.rpush(list, "element");
        assert.equal(await client.llen(list), 1);
      }
    });

    it("reads streams", async () => {
      const [client, reader] = [await open(), await open()];
      const stream = shards.keyOn(0, "stream");
      const next = reader.xread("BLOCK", 0, "STREAMS", stream, "$");
      await until(async () => (await waiting()) === 1);
      await client.xadd(stream, "1-1", "f", "v");
      assert.deepEqual(entries(await next), { [stream]: [["1-1", ["f", "v"]]] });
      assert.equal(await reader.xread("BLOCK", 20, "STREAMS", stream, "$"), null);
      await client.xgroup("CREATE", stream, "g", "0");
      const group = await reader.xreadgroup("GROUP", "g", "me", "STREAMS", stream, ">");
      assert.deepEqual(entries(group), { [stream]: [["1-1", ["f", "v"]]] });
      assert.equal(await reader.xack(stream, "g", "1-1"), 1);
    });

    it("carries large values", async () => {
      const client = await open();
      for (const size of large) {
        const value = Buffer.alloc(size, `${size} `);
        const keys = [0, 1, 2].map((server) => shards.keyOn(server, `large${size}`));
        const writes = keys.map((key) => client.set(key, value));
        const reads = keys.map((key) => client.getBuffer(key));
        assert.deepEqual(await Promise.all(writes), ["OK", "OK", "OK"]);
        for (const read of await Promise.all(reads)) assert.ok(read?.equals(value));
        const values = await client.mgetBuffer(...keys, "none", keys[0] ?? "");
        assert.deepEqual(
          values.map((one) => one?.equals(value)),
          [true, true, true, undefined, true],
        );
      }
    });

    it("quits", async () => {
      const client = await open();
      const closed = once(client, "end");
      assert.equal(await client.quit(), "OK");
      await closed;
    });
  });

  describe(`node-redis, RESP${protocol}`, { skip }, () => {
    const make = (options: { database?: number; name?: string } = {}) =>
      createClient({
        RESP: protocol,
        socket: { port: shards.port, reconnectStrategy: false },
        ...options,
      });
    type Client = ReturnType<typeof make>;
    const clients: Client[] = [];
    const open = async (options: { database?: number; name?: string } = {}): Promise<Client> => {
      const client = make(options);
      client.on("error", () => {});
      clients.push(client);
      await client.connect();
      return client;
    };
    after(() => {
      for (const client of clients) if (client.isOpen) client.destroy();
    });

    it("connects with a database and a name", async () => {
      const client = await open({ database: 3, name: "me" });
      assert.equal(await client.clientGetName(), "me");
      await client.set("k", "3");
      await client.select(4);
      assert.equal(await client.get("k"), null);
      await client.select(3);
      assert.equal(await client.get("k"), "3");
      assert.equal(await (await open()).get("k"), null);
    });

    it("pipelines what is sent in one turn", async () => {
      const client = await open();
      const replies = await Promise.all(many.map((key) => client.set(key, `${key} value`)));
      assert.ok(replies.every((reply) => reply === "OK"));
      assert.deepEqual(await client.mGet([...many, "none", "key:0"]), [
        ...many.map((key) => `${key} value`),
        null,
        "key:0 value",
      ]);
      assert.equal(await client.exists([...many, "key:0", "none"]), many.length + 1);
      assert.equal(await client.dbSize(), many.length);
      assert.deepEqual((await client.keys("*")).sort(), [...many].sort());
      await client.hSet("hash", { a: "1", b: "2" });
      assert.deepEqual({ ...(await client.hGetAll("hash")) }, { a: "1", b: "2" });
      await client.zAdd("zset", { value: "m", score: 2.5 });
      assert.equal(await client.zScore("zset", "m"), 2.5);
      assert.equal(await client.del(many), many.length);
    });

    it("runs transactions", async () => {
      const client = await open();
      const replies = await client.multi().set("{t}1", "a").incr("{t}2").get("{t}1").exec();
      assert.deepEqual(replies, ["OK", 1, "a"]);
      const [a, b] = [shards.keyOn(0, "a"), shards.keyOn(1, "b")];
      await assert.rejects(client.multi().set(a, "1").set(b, "1").exec());
      assert.equal(await client.get(a), null);
      await client.watch("{t}1");
      await (await open()).set("{t}1", "z");
      await assert.rejects(client.multi().set("{t}1", "b").exec(), WatchError);
      await client.watch("{t}1");
      assert.deepEqual(await client.multi().set("{t}1", "b").exec(), ["OK"]);
    });

    it("runs scripts", async () => {
      const client = await open();
      for (const key of many.slice(0, 20)) {
        const reply = await client.eval("return {KEYS[1], ARGV[1]}", {
          keys: [key],
          arguments: ["x"],
        });
        assert.deepEqual(reply, [key, "x"]);
      }
      const sha = await client.scriptLoad("return ARGV[1]");
      for (const key of many.slice(0, 20)) {
        assert.equal(await client.evalSha(sha, { keys: [key], arguments: [key] }), key);
      }
      await client.functionLoad(
        "#!lua name=lib\nredis.register_function('f', function(keys) return keys[1] end)",
        { REPLACE: true },
      );
      for (const key of many.slice(0, 5)) {
        assert.equal(await client.fCall("f", { keys: [key], arguments: [] }), key);
      }
      await client.functionDelete("lib");
    });

    it("scans", async () => {
      const client = await open();
      await client.mSet(many.map((key) => [key, "x"] as const).map(([key, value]) => [key, value]));
      const found = new Set<string>();
      for await (const page of client.scanIterator({ COUNT: 13, MATCH: "key:*" })) {
        for (const key of page) found.add(key);
      }
      assert.deepEqual([...found].sort(), [...many].sort());
    });

    it("publishes and subscribes", async () => {
      const [client, subscriber] = [await open(), await open()];
      const heard: string[] = [];
      const hear = (text: string, channel: string): number => heard.push(`${channel}=${text}`);
      const channels = many.slice(0, 12);
      await subscriber.subscribe(channels, hear);
      await subscriber.pSubscribe("key:1*", hear);
      await subscriber.sSubscribe("key:5", hear);
      for (const channel of channels) {
        const receivers = await client.publish(channel, "hi");
        assert.equal(receivers, channel.startsWith("key:1") ? 2 : 1, channel);
      }
      await client.sPublish("key:5", "hi");
      await until(() => heard.length === 16);
      const all = [...channels, "key:1", "key:10", "key:11", "key:5"].map((name) => `${name}=hi`);
      assert.deepEqual([...heard].sort(), all.sort());
      if (protocol === 3) assert.equal(await subscriber.set("while", "1"), "OK");
      await subscriber.unsubscribe();
      await subscriber.pUnsubscribe();
      await subscriber.sUnsubscribe();
      assert.equal(await client.publish("key:1", "no"), 0);
      // A buffer in RESP2 after a subscription, with one server too.
      assert.equal(String(await subscriber.set("back", "1")), "OK");
    });

    it("blocks", async () => {
      const [client, waiter] = [await open(), await open()];
      const list = shards.keyOn(2, "list");
      const popped = waiter.blPop(list, 0);
      await until(async () => (await waiting()) === 1);
      await client.rPush(list, ["a", "b"]);
      assert.deepEqual({ ...(await popped) }, { key: list, element: "a" });
      await waiter.blPop(list, 0);
      assert.equal(await waiter.blPop(list, 0.05), null);
    });

    it("reads streams", async () => {
      const [client, reader] = [await open(), await open()];
      const stream = shards.keyOn(0, "stream");
      const next = reader.xRead({ key: stream, id: "$" }, { BLOCK: 0 });
      await until(async () => (await waiting()) === 1);
      await client.xAdd(stream, "1-1", { f: "v" });
      assert.match(JSON.stringify(await next), /"1-1".*"f":"v"/);
      assert.equal(await reader.xRead({ key: stream, id: "$" }, { BLOCK: 20 }), null);
    });

    it("carries large values", async () => {
      const client = await open();
      for (const size of large) {
        const value = `${size} `.repeat(size / 8);
        const keys = [0, 1, 2].map((server) => shards.keyOn(server, `large${size}`));
        await Promise.all(keys.map((key) => client.set(key, value)));
        const values = await client.mGet([...keys, "none", keys[0] ?? ""]);
        assert.deepEqual(
          values.map((one) => one === value),
          [true, true, true, false, true],
        );
      }
    });

    it("closes", async () => {
      const client = await open();
      await client.set("k", "v");
      await client.close();
      assert.equal(client.isOpen, false);
    });
  });
}

describe("redis-cli", { skip: skip || skipWithout("redis-cli") }, () => {
  async function cli(args: readonly string[], input = ""): Promise<string> {
    const child = spawn("redis-cli", ["-p", String(shards.port), ...args]);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    child.stdin.end(input);
    const [status] = (await once(child, "close")) as [number];
    assert.equal(status, 0, output);
    return output;
  }

  it("sends one command", async () => {
    assert.equal(await cli(["SET", "k", "v"]), "OK\n");
    assert.equal(await cli(["MGET", "k", "none", "k"]), "v\n\nv\n");
    assert.equal(await cli(["-n", "2", "GET", "k"]), "\n");
    assert.equal(await cli(["-3", "--json", "HGETALL", "none"]), "{}\n");
  });

  it("reads commands", async () => {
    const output = await cli(["-3"], "SET k v\nMULTI\nGET k\nEXEC\nHELLO 2\nGET none\n");
    assert.match(output, /^OK\nOK\nQUEUED\nv\n/);
  });

  it("inserts much at once", async () => {
    const lines = many.flatMap((key) => [`SET ${key} "${key} value"`, `RPUSH list:${key} a b c`]);
    const output = await cli(["--pipe"], `${lines.join("\r\n")}\r\n`);
    assert.match(output, new RegExp(`errors: 0, replies: ${lines.length}`));
    assert.equal(await cli(["DBSIZE"]), `${lines.length}\n`);
  });

  it("scans", async () => {
    await cli(["--pipe"], many.map((key) => `SET ${key} x\r\n`).join(""));
    const keys = (await cli(["--scan"])).trim().split("\n");
    assert.deepEqual(keys.sort(), [...many].sort());
    assert.match(await cli(["--bigkeys"]), /Sampled 300 keys/);
  });
});

/** Clients that wait in a blocking command, on all servers. */
async function waiting(): Promise<number> {
  const infos = await Promise.all(shards.servers.map(({ port }) => ask(port, ["INFO", "clients"])));
  const counts = infos.map((info) => Number(/blocked_clients:(\d+)/.exec(info)?.[1]));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Asks until it is so. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, "it never happened");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Streams by name, from the arrays of RESP2 or the map of RESP3 in any of its shapes. */
function entries(reply: unknown): Record<string, unknown> {
  if (reply instanceof Map) return Object.fromEntries(reply);
  if (!Array.isArray(reply)) return { ...(reply as Record<string, unknown>) };
  if (Array.isArray(reply[0])) return Object.fromEntries(reply as [string, unknown][]);
  return { [reply[0] as string]: reply[1] };
}
