/** Both codecs before real servers. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createShardServer } from "@echarde/host-node";
import {
  connectRaw,
  encodeCommand,
  skipWithout,
  startMosquitto,
  startRedis,
} from "@echarde/testkit/servers";
import { connectAsync } from "mqtt";
import { mqttOnPacket } from "./mqtt-on-packet.ts";
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
  assert.match(await ask("FLUSHALL"), /^-ERR not a command of this example/);
  await shards[1]?.stop();
  assert.match(await ask("MGET", "apple", "zebra"), /^-ERR upstream .* \(cluster r2\)\r\n$/);
  assert.equal(await ask("GET", "apple"), "$1\r\n1\r\n");
});

test("MQTT on mqtt-packet", { skip: skipWithout("mosquitto") }, async () => {
  const [edge, cloud] = await Promise.all([startMosquitto(), startMosquitto()]);
  for (const broker of [edge, cloud]) ends.push(() => broker.stop());
  const server = await createShardServer({
    codec: mqttOnPacket,
    listen: "127.0.0.1:0",
    table: {
      clusters: {
        edge: { endpoints: [`127.0.0.1:${edge.port}`] },
        cloud: { endpoints: [`127.0.0.1:${cloud.port}`] },
      },
      defaultCluster: "cloud",
      routes: [{ prefix: "edge-", cluster: "edge" }],
    },
  });
  ends.push(() => server.close());
  const port = "port" in server.address ? server.address.port : 0;
  const connect = async (clientId: string, to: number, protocolVersion: 4 | 5 = 5) => {
    const options = { clientId, protocolVersion, reconnectPeriod: 0 } as const;
    const client = await connectAsync(`mqtt://127.0.0.1:${to}`, options);
    ends.push(() => client.endAsync(true));
    return client;
  };

  const device = await connect("edge-1", port);
  await device.subscribeAsync("alert/#", { qos: 2 });
  const other = await connect("backend", port, 4);
  await other.subscribeAsync("#", { qos: 1 });
  const heard: string[] = [];
  other.on("message", (topic) => heard.push(topic));
  const arrived = new Promise<string>((resolve) => {
    device.on("message", (topic, payload) => resolve(`${topic} ${payload}`));
  });
  const beside = await connect("beside", edge.port);
  await beside.publishAsync("alert/fire", "x".repeat(100_000), { qos: 2 });
  assert.equal(await arrived, `alert/fire ${"x".repeat(100_000)}`);
  const own = new Promise<unknown>((resolve) => other.once("message", resolve));
  await other.publishAsync("news", "hello", { qos: 1 });
  await own;
  assert.deepEqual(heard, ["news"]); // the edge's messages are the edge's

  const gone = new Promise<void>((resolve) => device.once("close", () => resolve()));
  await edge.stop();
  await gone;
  await assert.rejects(connect("edge-2", port), /[Ss]erver unavailable/);
});
