/** A list of clusters that changes under a SCAN, and a cluster that is gone while requests of it are in flight. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { encodeCommand, type RawClient, skipWithout } from "@echarde/testkit/servers";
import { type Shards, type ShardsOptions, startShards } from "./shards.ts";

const skip = skipWithout("redis-server");

/** Each test has its servers; the table has those of these names, redis1 takes what the rules leave. */
async function withShards(
  options: ShardsOptions,
  run: (shards: Shards, table: (names: readonly string[]) => object) => Promise<void>,
): Promise<void> {
  const shards = await startShards(options);
  const portOf = (name: string): number => {
    const i = Number(name.at(-1)) - 1;
    return (shards.relays[i] ?? shards.servers[i])?.port ?? 1;
  };
  try {
    await run(shards, (names) => ({
      clusters: Object.fromEntries(
        names.map((name) => [name, { endpoints: [`127.0.0.1:${portOf(name)}`] }]),
      ),
      localCluster: "redis1",
      defaultCluster: "redis1",
    }));
  } finally {
    await shards.close();
  }
}

async function talk(client: RawClient, ...command: readonly string[]): Promise<string> {
  client.send(encodeCommand(...command));
  return String(await client.reply());
}

describe("SCAN over another list of clusters", { skip }, () => {
  it("is refused at every cursor; goes on when the list is as it was, and under other rules", async () => {
    await withShards({}, async (shards, table) => {
      const client = await shards.connect();
      const names = ["redis1", "redis2", "redis3"];
      const keys = Array.from({ length: 300 }, (_, i) => `k${i}`);
      await talk(client, "MSET", ...keys.flatMap((key) => [key, "x"]));
      const others = [
        ["redis1", "redis2"],
        ["redis1", "redis3"],
        ["redis1"],
        ["redis1", "redis2", "other3"],
        [...names, "other1"],
      ];
      const many = Array.from({ length: 500 }, (_, i) => ["redis1", "redis2", `shard${i}-3`]);
      const seen = new Set<string>();
      let cursor = "0";
      let turns = 0;
      do {
        const reply = await talk(client, "SCAN", cursor, "COUNT", "20");
        const [, next = "", page = ""] = /^\*2\r\n\$\d+\r\n(\d+)\r\n([\s\S]*)$/.exec(reply) ?? [];
        for (const [key] of page.matchAll(/\bk\d+\b/g)) seen.add(key);
        cursor = next;
        if (cursor === "0") break;
        for (const other of turns === 0 ? [...others, ...many] : others) {
          shards.router.swap(table(other));
          const refused = await talk(client, "SCAN", cursor, "COUNT", "20");
          assert.equal(refused, "-ERR invalid cursor\r\n", `${other.join()}: ${cursor}`);
        }
        shards.router.swap(table([...names].reverse())); // other rules, the same list: it has no order
        turns += 1;
      } while (turns < 100);
      assert.equal(cursor, "0", "it ends");
      assert.deepEqual([...seen].sort(), [...keys].sort());
      assert.ok(turns > 10, `${turns} pages`);
      await client.close();
    });
  });
});

describe("a cluster that is gone from the table", { skip }, () => {
  let clients: RawClient[] = [];
  before(() => {
    clients = [];
  });
  after(async () => {
    for (const client of clients) await client.close();
  });

  it("gets nothing new; what is in flight there finishes", async () => {
    await withShards({}, async (shards, table) => {
      const [busy, other] = [await shards.connect(), await shards.connect()];
      clients.push(busy, other);
      const key = shards.keyOn(2, "k");
      busy.send(encodeCommand("EVAL", "for i = 1, 2e7 do end return 7", "1", key));
      busy.send(encodeCommand("SET", key, "late"));
      await inFlight(shards, "redis3");
      shards.router.swap(table(["redis1", "redis2"]));
      assert.equal(await talk(other, "SET", key, "new"), "+OK\r\n");
      assert.deepEqual((await busy.replies(2)).map(String), [":7\r\n", "+OK\r\n"]);
      assert.equal(await talk(busy, "GET", key), "$3\r\nnew\r\n", "on redis1 now");
    });
  });

  it("has until the deadline: then what is in flight fails, once, and its connections are closed", async () => {
    const timeouts = { retire: "300ms", request: "60s" };
    await withShards({ relayed: true, timeouts }, async (shards, table) => {
      const client = await shards.connect();
      clients.push(client);
      const key = shards.keyOn(2, "k");
      assert.equal(await talk(client, "SET", key, "x"), "+OK\r\n");
      shards.relays[2]?.set({ toClient: { stallAfter: 0 } });
      client.send(Buffer.concat([encodeCommand("GET", key), encodeCommand("PING")]));
      await inFlight(shards, "redis3");
      const since = performance.now();
      shards.router.swap(table(["redis1", "redis2"]));
      const [failed, pong] = (await client.replies(2)).map(String);
      assert.match(failed ?? "", /^-ERR upstream .*\(cluster redis3\)\r\n$/);
      assert.equal(pong, "+PONG\r\n");
      assert.ok(performance.now() - since >= 290, "not before the deadline");
      const links = shards.router.stats().upstreams.find(({ name }) => name === "redis3")?.links;
      assert.equal(links ?? 0, 0);
      assert.equal(await talk(client, "GET", key), "$-1\r\n", "redis1 never had it");
    });
  });
});

async function inFlight(shards: Shards, name: string): Promise<void> {
  const by = Date.now() + 20_000;
  const holds = (): boolean =>
    (shards.router.stats().upstreams.find((each) => each.name === name)?.inFlight ?? 0) > 0;
  while (!holds()) {
    assert.ok(Date.now() < by, `nothing in flight at ${name}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
