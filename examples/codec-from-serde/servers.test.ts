/** Both codecs before real servers. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createShardServer } from "@echarde/host-node";
import { connectRaw, encodeCommand, skipWithout, startRedis } from "@echarde/testkit/servers";
import { redisOnParser } from "./redis-on-parser.ts";

const ends: (() => Promise<unknown>)[] = [];
after(async () => {
  for (const end of ends.reverse()) await end();
});

test("Redis on redis-parser", { skip: skipWithout("redis-server") }, async () => {
  const shards = await Promise.all([startRedis(), startRedis()]);
  for (const shard of shards) ends.push(() => shard.stop());
  const [r1, r2] = shards.map(({ port }) => ({ endpoints: [`127.0.0.1:${port}`] }));
  const server = await createShardServer({
    codec: redisOnParser,
    listen: "127.0.0.1:0",
    table: { clusters: { r1, r2 }, defaultCluster: "r1", routes: [{ prefix: "z", cluster: "r2" }] },
  });
  ends.push(() => server.close());
  const client = await connectRaw("port" in server.address ? server.address.port : 0, "127.0.0.1");
  ends.push(() => client.close());
  const ask = async (...words: string[]): Promise<string> => {
    client.send(encodeCommand(...words));
    return (await client.reply()).toString();
  };

  const large = "x\n".repeat(100_000);
  assert.equal(await ask("SET", "apple", "1"), "+OK\r\n");
  assert.equal(await ask("SET", "zebra", large), "+OK\r\n");
  const values = `$1\r\n1\r\n$-1\r\n$${large.length}\r\n${large}\r\n$1\r\n1\r\n`;
  assert.equal(await ask("MGET", "apple", "none", "zebra", "apple"), `*4\r\n${values}`);
  assert.match(await ask("INCR", "zebra"), /^-ERR value is not an integer/);
  assert.match(await ask("FLUSHALL"), /^-ERR 'FLUSHALL' is not in this example/);
  await shards[1]?.stop();
  assert.match(await ask("MGET", "apple", "zebra"), /^-ERR upstream .* \(cluster r2\)\r\n$/);
  assert.equal(await ask("GET", "apple"), "$1\r\n1\r\n");
});
