import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { connectRaw, encodeCommand, skipWithout, startRedis } from "@echarde/testkit/servers";

const ends: (() => Promise<unknown> | unknown)[] = [];
after(async () => {
  for (const end of ends.reverse()) await end();
});

test("the example is a proxy that says where requests go", {
  skip: skipWithout("redis-server"),
}, async () => {
  const shards = await Promise.all([startRedis(), startRedis(), startRedis()]);
  for (const shard of shards) ends.push(() => shard.stop());
  const child = spawn(
    process.execPath,
    [
      ...["--conditions=source", "--import", "tsx"],
      fileURLToPath(new URL("own-proxy.ts", import.meta.url)),
      "0",
      ...shards.map(({ port }) => `127.0.0.1:${port}`),
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  ends.push(() => child.kill("SIGKILL"));
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  while (!output.includes("own-proxy on")) await once(child.stdout, "data");
  const client = await connectRaw(Number(/port: (\d+)/.exec(output)?.[1]), "127.0.0.1");
  ends.push(() => client.close());

  client.send(encodeCommand("MSET", "a", "1", "b", "2", "c", "3"));
  assert.equal((await client.reply()).toString(), "+OK\r\n");
  client.send(encodeCommand("MGET", "c", "b", "a"));
  assert.equal((await client.reply()).toString(), "*3\r\n$1\r\n3\r\n$1\r\n2\r\n$1\r\n1\r\n");
  client.send(encodeCommand("SET", "user1", "ann"));
  assert.equal((await client.reply()).toString(), "+OK\r\n");
  assert.match(output, /redis\d \*3\r\n\$3\r\nSET\r\n\$5\r\nuser1/);
});
