import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { createRouter, latin1, textOf } from "@echarde/core";
import { skipWithout } from "@echarde/testkit/servers";
import { type Client, open } from "./client.ts";
import { type Both, startBoth } from "./cluster.ts";
import { memcached } from "./memcached.ts";
import { samples } from "./samples.ts";

/** Keys of all three clusters. */
const keys = Array.from({ length: 12 }, (_, i) => `key:${i}`);

test("the codec has at most 150 lines of code", () => {
  const source = readFileSync(new URL("memcached.ts", import.meta.url), "utf8");
  const code = source.replaceAll(/\/\*\*[\s\S]*?\*\//g, "").split("\n");
  const lines = code.filter((line) => line.trim() !== "" && !line.trim().startsWith("//"));
  assert.ok(lines.length <= 150, `${lines.length} lines`);
});

test("two values of one key stay in the order in which the server found them", () => {
  const router = createRouter({ codec: memcached, table: samples.table });
  const session = router.open(1);
  const opens = router.bytes(session, latin1("get a z a\r\n"), 1).list;
  const links = opens.map(({ peer }) => peer).filter((peer) => peer !== session);
  for (const link of links) router.opened(link, 1);
  const said: string[] = [];
  for (const link of links) {
    const found = link.cluster === "mc1" ? ["a 0 1\r\n1", "a 0 1\r\n2"] : ["z 0 1\r\n3"];
    const reply = found.map((each) => `VALUE ${each}\r\n`).join("");
    for (const { peer, write } of router.bytes(link, latin1(`${reply}END\r\n`), 1).list) {
      if (peer === session) said.push(...write.map((chunk) => textOf(chunk)));
    }
  }
  const wanted = "VALUE a 0 1\r\n1\r\nVALUE z 0 1\r\n3\r\nVALUE a 0 1\r\n2\r\nEND\r\n";
  assert.equal(said.join(""), wanted);
});

describe("three memcacheds behind the router", { skip: skipWithout("memcached") }, () => {
  let both: Both;
  let client: Client;
  before(async () => {
    both = await startBoth();
  });
  const opened: Client[] = [];
  after(async () => {
    for (const each of opened) await each.close();
    await both.stop();
  });

  async function fresh(port = both.port): Promise<Client> {
    const client = await open(port);
    opened.push(client);
    return client;
  }

  test("values come back in the order asked for, as often as asked for", async () => {
    client = await fresh();
    for (const key of keys) {
      assert.equal(await client.ask(`set ${key} 7 0 ${key.length}\r\n${key}\r\n`), "STORED\r\n");
    }
    const asked = [...keys, "none", ...keys.slice(3).reverse(), "key:3"];
    const found = asked.filter((key) => key !== "none");
    const blocks = found.map((key) => `VALUE ${key} 7 ${key.length}\r\n${key}\r\n`);
    assert.equal(await client.ask(`get ${asked.join(" ")}\r\n`), `${blocks.join("")}END\r\n`);
    const direct = await Promise.all(both.shards.map((shard) => fresh(shard.port)));
    for (const shard of direct) {
      const here = await shard.ask(`get ${keys.join(" ")}\r\n`);
      assert.match(here, /VALUE/, "each cluster has some of the keys");
      assert.ok(here.split("VALUE").length - 1 < keys.length);
    }
  });

  test("a unique of gets is good for cas", async () => {
    const reply = await client.ask(`gets ${keys.join(" ")}\r\n`);
    const unique = /VALUE key:5 7 5 (\d+)\r\n/.exec(reply)?.[1];
    assert.equal(await client.ask(`cas key:5 1 0 3 ${unique}\r\nnew\r\n`), "STORED\r\n");
    assert.equal(await client.ask(`cas key:5 1 0 3 ${unique}\r\nold\r\n`), "EXISTS\r\n");
    assert.equal(await client.ask("get key:5\r\n"), "VALUE key:5 1 3\r\nnew\r\nEND\r\n");
  });

  test("noreply gives no reply, and what follows sees its effect", async () => {
    const text = keys.map((key) => `set ${key} 0 0 1 noreply\r\n1\r\nincr ${key} 4 noreply\r\n`);
    client.send(
      `${text.join("")}get ${keys[0]}\r\ndelete ${keys[0]} noreply\r\nget ${keys[0]}\r\n`,
    );
    assert.deepEqual(await client.replies(2), [`VALUE ${keys[0]} 0 1\r\n5\r\nEND\r\n`, "END\r\n"]);
  });

  test("a value of nearly 1 MiB passes, a larger one is the server's to refuse", async () => {
    const big = "\r\nEND\r\n\0\xff".repeat(104_000);
    client.send(`set big 0 0 ${big.length}\r\n`);
    for (let at = 0; at < big.length; at += 9_999) client.send(big.slice(at, at + 9_999));
    client.send("\r\n");
    assert.deepEqual(await client.replies(1), ["STORED\r\n"]);
    const reply = await client.ask("get none big key:1\r\n");
    assert.ok(reply === `VALUE big 0 ${big.length}\r\n${big}\r\nVALUE key:1 0 1\r\n5\r\nEND\r\n`);
    const larger = `set big 0 0 2000000\r\n${"x".repeat(2_000_000)}\r\n`;
    assert.equal(await client.ask(larger), "SERVER_ERROR object too large for cache\r\n");
    assert.equal(
      await client.ask("get big\r\n"),
      "END\r\n",
      "as on one server, the old one is gone",
    );
  });

  test("flush_all reaches all, and stats are of all", async () => {
    const items = async (): Promise<string> => {
      const stats = await client.ask("stats\r\n");
      assert.match(stats, /^(STAT \w+ \d+\r\n)+END\r\n$/);
      assert.doesNotMatch(stats, /STAT pid/);
      return /STAT curr_items (\d+)/.exec(stats)?.[1] ?? "none";
    };
    await client.ask(`set ${keys[0]} 0 0 1\r\n1\r\n`);
    assert.equal(await items(), String(keys.length));
    assert.equal(await client.ask("flush_all\r\n"), "OK\r\n");
    assert.equal(await client.ask(`get ${keys.join(" ")}\r\n`), "END\r\n");
    assert.equal(await client.ask("verbosity 0\r\n"), "OK\r\n");
    assert.match(await client.ask("version\r\n"), /^VERSION \d/);
  });

  test("quit ends the connection behind what was asked before", async () => {
    const quitting = await fresh();
    quitting.send("set a 0 0 1\r\n1\r\nquit\r\nset a 0 0 1\r\n2\r\n");
    assert.deepEqual(await quitting.replies(9), ["STORED\r\n"]);
    assert.ok(quitting.closed);
    assert.equal(await client.ask("get a\r\n"), "VALUE a 0 1\r\n1\r\nEND\r\n");
  });

  test("a line behind which nobody knows what comes ends the connection", async () => {
    const lost = await fresh();
    lost.send("set a 0 0 many\r\nflush_all\r\n");
    assert.deepEqual(await lost.replies(9), ["CLIENT_ERROR bad command line format\r\n"]);
    assert.equal(await client.ask("get a\r\n"), "VALUE a 0 1\r\n1\r\nEND\r\n");
  });

  test("without one cluster: its keys fail, in memcached's words, and all others answer", async () => {
    for (const key of keys) await client.ask(`set ${key} 0 0 1\r\n1\r\n`);
    const [shard] = both.shards;
    await shard?.kill();
    const replies: string[] = [];
    for (const key of keys) replies.push(await client.ask(`get ${key}\r\n`));
    const failed = replies.filter((reply) =>
      /^SERVER_ERROR upstream \w+ \(cluster mc1\)/.test(reply),
    );
    const fine = replies.filter((reply) => reply.startsWith("VALUE"));
    assert.equal(failed.length + fine.length, keys.length);
    assert.ok(failed.length > 0 && fine.length > 0);
    assert.match(
      await client.ask(`get ${keys.join(" ")}\r\n`),
      /^SERVER_ERROR upstream/,
      "never a part of it",
    );
    assert.match(await client.ask("flush_all\r\n"), /^SERVER_ERROR upstream/);
    await shard?.restart();
    const by = Date.now() + 5_000;
    for (const key of keys) {
      let reply = "";
      while (reply !== "STORED\r\n" && Date.now() < by) {
        reply = await client.ask(`set ${key} 0 0 1\r\n1\r\n`);
      }
      assert.equal(reply, "STORED\r\n", key);
    }
  });
});
