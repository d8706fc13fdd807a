/** Guards inside a real Envoy, provoked by a codec that breaks what runs it. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  connectRaw,
  encodeCommand,
  type RawClient,
  type RedisServer,
  skipWithout,
  startRedis,
} from "@echarde/testkit/servers";
import { type Chain, startChain } from "./chain.ts";

const skip = skipWithout("envoy", "redis-server");

describe("guards in Envoy", { skip, timeout: 240_000 }, () => {
  let server: RedisServer;
  let chain: Chain;
  before(async () => {
    server = await startRedis();
    const table = {
      protocol: "faulty",
      clusters: { one: { endpoints: [`127.0.0.1:${server.port}`] } },
      defaultCluster: "one",
    };
    chain = await startChain("frame", () => table, ["faulty"]);
  });
  after(async () => {
    await chain?.close();
    await server?.stop();
  });

  for (const [what, word] of [
    ["time", "LOOP"],
    ["stack", "DEEP"],
    ["memory", "EAT"],
    ["exception", "THROW"],
  ] as const) {
    test(`${what}: the connection is closed, others go on`, async () => {
      const others = await Promise.all([1, 2, 3].map(() => connectRaw(chain.port)));
      const set = async (client: RawClient, value: string): Promise<string> => {
        client.send(encodeCommand("SET", "k", value));
        return String(await client.reply());
      };
      try {
        for (const other of others) assert.equal(await set(other, "before"), "+OK\r\n");
        for (let round = 0; round < 3; round++) {
          const bad = await connectRaw(chain.port);
          bad.send(Buffer.from(`${word}\r\n`));
          await bad.closed;
          for (const other of others) assert.equal(await set(other, "after"), "+OK\r\n");
        }
      } finally {
        await Promise.all(others.map((other) => other.close()));
      }
    });
  }
});
