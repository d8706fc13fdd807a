/** Requests over several servers of which one is gone: one clear error, never nil, never a partial sum. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { encodeCommand, parseReply, type RawClient, skipWithout } from "@echarde/testkit/servers";
import { ask, type Shards, startShards } from "./shards.ts";

const skip = skipWithout("redis-server");
const refused = "upstream connection refused (cluster redis2)";

describe("one of three servers is down", { skip }, () => {
  let shards: Shards;
  let perKey: Shards;
  let keys: readonly [string, string, string];
  before(async () => {
    shards = await startShards({ timeouts: { request: "1s" } });
    perKey = await startShards({ timeouts: { request: "1s" }, codec: { mgetErrors: "per-key" } });
    keys = [shards.keyOn(0, "a"), shards.keyOn(1, "b"), shards.keyOn(2, "c")];
  });
  after(async () => {
    await Promise.all([shards.close(), perKey.close()]);
  });

  describe("and known to be", () => {
    let client: RawClient;
    before(async () => {
      client = await shards.connect();
      await talk(client, ["MSET", keys[0], "A", keys[1], "B", keys[2], "C"]);
      await shards.servers[1]?.kill();
      await settle(client, `-ERR ${refused}\r\n`);
    });
    after(async () => {
      await client.close();
      await shards.servers[1]?.restart();
    });

    async function fails(command: readonly string[], text: string): Promise<void> {
      assert.equal(await talk(client, command), `-ERR ${text}\r\n`);
    }
    const one = `upstream failure on 1 of 3 clusters: ${refused}`;
    const partial = `upstream failure on 1 of 3 clusters (partial): ${refused}`;

    it("fails MGET as a whole", () => fails(["MGET", ...keys], one));
    it("fails MGET of two servers", () =>
      fails(["MGET", keys[1], keys[0], keys[1]], one.replace("3", "2")));
    it("answers MGET of the others", async () => {
      const reply = await talk(client, ["MGET", keys[2], keys[0], keys[2]]);
      assert.equal(reply, "*3\r\n$1\r\nC\r\n$1\r\nA\r\n$1\r\nC\r\n");
    });
    it("fails a key of its own in its own words", () => fails(["GET", keys[1]], refused));
    it("fails MSET, and says that a part was written", async () => {
      await fails(["MSET", keys[0], "A2", keys[1], "B2", keys[2], "C2"], partial);
      const reply = await talk(client, ["MGET", keys[0], keys[2]]);
      assert.equal(reply, "*2\r\n$2\r\nA2\r\n$2\r\nC2\r\n");
    });
    it("fails DEL, UNLINK", async () => {
      await fails(["DEL", ...keys], partial);
      await fails(["UNLINK", ...keys], partial);
    });
    it("fails EXISTS, TOUCH: nothing was written", async () => {
      await fails(["EXISTS", ...keys], one);
      await fails(["TOUCH", ...keys], one);
    });
    it("fails DBSIZE, KEYS", async () => {
      await fails(["DBSIZE"], one);
      await fails(["KEYS", "*"], one);
    });
    it("fails FLUSHALL, FLUSHDB, SCRIPT LOAD", async () => {
      await fails(["FLUSHALL"], partial);
      await fails(["FLUSHDB", "ASYNC"], partial);
      await fails(["SCRIPT", "LOAD", "return 1"], partial);
    });
    it("fails SCRIPT EXISTS, PUBSUB CHANNELS, INFO", async () => {
      await fails(["SCRIPT", "EXISTS", "x"], one);
      await fails(["PUBSUB", "CHANNELS"], one);
      await fails(["PUBSUB", "NUMPAT"], one);
    });
    it("fails SCAN where it comes to the server, never ends early", async () => {
      await talk(client, ["SET", keys[0], "A"]);
      let cursor = "0";
      for (let pages = 0; pages < 100; pages++) {
        const reply = await talk(client, ["SCAN", cursor]);
        if (reply.startsWith("-")) {
          assert.equal(reply, `-ERR ${refused}\r\n`);
          return;
        }
        cursor = /^\*2\r\n\$\d+\r\n(\d+)/.exec(reply)?.[1] ?? "";
        assert.notEqual(cursor, "0", "the end, without the second server");
      }
      assert.fail("no end");
    });
    it("never says that there is no key when a server was not asked", async () => {
      await talk(client, ["DEL", keys[0], keys[2]]);
      for (let i = 0; i < 6; i++) {
        const reply = await talk(client, ["RANDOMKEY"]);
        assert.ok(reply.includes(refused), reply);
      }
    });
    it("refuses subscriptions there, and keeps none elsewhere", async () => {
      for (const hello of ["2", "3"]) {
        const other = await shards.connect();
        await talk(other, ["HELLO", hello]);
        assert.ok((await talk(other, ["SUBSCRIBE", ...keys])).includes(refused));
        assert.ok((await talk(other, ["PSUBSCRIBE", "*"])).includes(refused));
        const counts = await ask(shards.servers[0]?.port ?? 0, ["PUBSUB", "NUMSUB", keys[0]]);
        assert.ok(counts.endsWith(":0\r\n"), counts);
        assert.equal(await talk(other, ["SET", keys[0], "A"]), "+OK\r\n");
        await other.close();
      }
    });
    it("refuses waits and messages there", async () => {
      await fails(["BLPOP", keys[1], "0"], refused);
      await fails(["PUBLISH", keys[1], "x"], refused);
      await fails(["RENAME", keys[1], keys[1]], refused);
    });
    for (const first of [[], ["WATCH"]]) {
      it(`aborts a transaction there${first.length > 0 ? " whose WATCH failed" : ""}`, async () => {
        if (first.length > 0) await fails(["WATCH", keys[1]], refused);
        assert.equal(await talk(client, ["MULTI"]), "+OK\r\n");
        await fails(["SET", keys[1], "x"], refused);
        await fails(["SET", keys[1], "x"], refused);
        const abort = `-EXECABORT Transaction discarded because of: ${refused}\r\n`;
        assert.equal(await talk(client, ["EXEC"]), abort);
        assert.equal(await talk(client, ["EXEC"]), "-ERR EXEC without MULTI\r\n");
        assert.equal(await talk(client, ["SET", keys[0], "A"]), "+OK\r\n");
      });
    }
    it("answers one pipeline in order", async () => {
      const lines = [
        ["GET", keys[1]],
        ["SET", keys[0], "A"],
        ["MGET", ...keys],
        ["GET", keys[0]],
      ];
      client.send(Buffer.concat(lines.map((line) => encodeCommand(...line))));
      const expected = [`-ERR ${refused}\r\n`, "+OK\r\n", `-ERR ${one}\r\n`, "$1\r\nA\r\n"];
      assert.deepEqual((await client.replies(4)).map(String), expected);
    });
  });

  describe("and dies with the request in flight", () => {
    beforeEach(async () => {
      await shards.servers[1]?.restart();
      const client = await shards.connect();
      await settle(client, "$-1\r\n");
      await client.close();
    });

    for (const command of ["MGET", "DEL", "DBSIZE", "KEYS", "FLUSHALL", "MSET"]) {
      it(`fails ${command}`, async () => {
        const client = await shards.connect();
        await talk(client, ["MSET", keys[0], "A", keys[1], "B", keys[2], "C"]);
        shards.servers[1]?.suspend();
        const rest: Record<string, readonly string[]> = {
          MGET: keys,
          DEL: keys,
          KEYS: ["*"],
          MSET: keys.flatMap((key) => [key, "x"]),
        };
        client.send(encodeCommand(command, ...(rest[command] ?? [])));
        client.send(encodeCommand("GET", keys[0]));
        await shards.servers[1]?.kill();
        const [reply, behind] = (await client.replies(2)).map(String);
        const part = ["DEL", "FLUSHALL", "MSET"].includes(command) ? " (partial)" : "";
        assert.equal(
          reply,
          `-ERR upstream failure on 1 of 3 clusters${part}: upstream connection lost (cluster redis2)\r\n`,
        );
        const left: Record<string, string> = {
          DEL: "$-1\r\n",
          FLUSHALL: "$-1\r\n",
          MSET: "$1\r\nx\r\n",
        };
        assert.equal(behind, left[command] ?? "$1\r\nA\r\n");
        await client.close();
      });
    }

    it("runs nothing of a transaction whose server was away for a while", async () => {
      const [, key] = keys;
      const steps: readonly (readonly string[])[] = [
        ["WATCH", key],
        ["MULTI"],
        ["SET", key, "inside"],
        ["SET", key, "x".repeat(100 << 10)],
      ];
      for (const [at, late] of steps.entries()) {
        const words = `${late.slice(0, 2).join(" ")} ${at}`;
        const [client, probe] = await Promise.all([shards.connect(), shards.connect()]);
        await talk(client, ["SET", key, "before"]);
        for (const step of steps.slice(0, at)) assert.match(await talk(client, step), /^\+/);
        shards.servers[1]?.suspend();
        assert.match(await talk(client, late), /^-ERR upstream timeout/, words);
        shards.servers[1]?.resume();
        await settle(probe, "$6\r\nbefore\r\n");
        for (const step of steps.slice(at + 1)) await talk(client, step);
        assert.equal(
          await talk(client, ["EXEC"]),
          "-EXECABORT Transaction discarded because of: upstream timeout (cluster redis2)\r\n",
          words,
        );
        assert.equal(await talk(client, ["GET", key]), "$6\r\nbefore\r\n", words);
        await talk(client, ["WATCH", key]);
        await talk(client, ["MULTI"]);
        assert.equal(await talk(client, ["SET", key, "after"]), "+QUEUED\r\n", words);
        assert.equal(await talk(client, ["EXEC"]), "*1\r\n+OK\r\n", words);
        await Promise.all([client.close(), probe.close()]);
      }
    });

    it("fails MGET at its deadline, and swallows the late reply", async () => {
      const client = await shards.connect();
      await talk(client, ["MSET", keys[0], "A", keys[1], "B", keys[2], "C"]);
      shards.servers[1]?.suspend();
      const reply = await talk(client, ["MGET", ...keys]);
      shards.servers[1]?.resume();
      assert.match(reply, /^-ERR upstream failure on 1 of 3 clusters: upstream timeout/);
      for (let i = 0; i < 20; i++) {
        assert.equal(await talk(client, ["GET", keys[1]]), "$1\r\nB\r\n");
      }
      await client.close();
    });
  });

  it("puts an error in the place of each key where mgetErrors is per-key", async () => {
    const client = await perKey.connect();
    const [a, b, c] = keys;
    await talk(client, ["MSET", a, "A", b, "B", c, "C"]);
    await perKey.servers[1]?.kill();
    await settle(client, `-ERR ${refused}\r\n`, b);
    for (const protocol of ["2", "3"]) {
      await talk(client, ["HELLO", protocol]);
      const none = protocol === "3" ? "_\r\n" : "$-1\r\n";
      const missing = perKey.keyOn(0, "missing");
      assert.equal(
        await talk(client, ["MGET", a, b, c, b, missing]),
        `*5\r\n$1\r\nA\r\n-ERR ${refused}\r\n$1\r\nC\r\n-ERR ${refused}\r\n${none}`,
      );
      assert.equal(await talk(client, ["MGET", b]), `-ERR ${refused}\r\n`);
    }
    await client.close();
  });

  it("passes a server's own error on, word for word", async () => {
    await shards.servers[1]?.restart();
    const port = shards.servers[1]?.port ?? 0;
    const client = await shards.connect();
    await settle(client, "$-1\r\n");
    const same = async (...commands: readonly (readonly string[])[]): Promise<void> => {
      for (const command of commands) {
        const own = command[0] === "DBSIZE" ? command : command.slice(0, 1);
        const direct = await ask(port, [...own, ...command.slice(1).filter((key) => !others(key))]);
        assert.ok(direct.startsWith("-"), direct);
        assert.equal(await talk(client, command), direct);
      }
    };
    const others = (key: string): boolean => key === keys[0] || key === keys[2];
    await ask(port, ["REPLICAOF", "127.0.0.1", "1"]);
    await same(["SET", keys[1], "x"], ["DEL", ...keys], ["FLUSHALL"]);
    assert.match(await talk(client, ["MSET", ...keys.flatMap((key) => [key, "x"])]), /^-READONLY /);
    await ask(port, ["REPLICAOF", "NO", "ONE"]);
    await ask(port, ["CONFIG", "SET", "maxmemory", "1"]);
    await same(["SET", keys[1], "x"]);
    assert.match(await talk(client, ["MSET", ...keys.flatMap((key) => [key, "x"])]), /^-OOM /);
    await ask(port, ["CONFIG", "SET", "maxmemory", "0"]);
    await talk(client, ["LPUSH", keys[1], "x"]);
    await same(["INCR", keys[1]]);
    assert.equal(await talk(client, ["MGET", keys[1]]), "*1\r\n$-1\r\n");
    await client.close();
  });

  /** Until the router sees the server as `reply` says. */
  async function settle(client: RawClient, reply: string, key = keys[1]): Promise<void> {
    for (let i = 0; i < 10_000; i++) {
      const now = await talk(client, ["GET", key]);
      if (now === reply) return;
    }
    assert.fail(`never: ${reply}`);
  }
});

async function talk(client: RawClient, command: readonly string[]): Promise<string> {
  client.send(encodeCommand(...command));
  const reply = await client.reply();
  parseReply(reply);
  return reply.toString("latin1");
}
