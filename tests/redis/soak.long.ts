/**
 * Hours of life in little: checked replies by the million, and memory that
 * stays flat while clients come and go and the table changes every second.
 * `ECHARDE_REPLIES` (10,000,000) and `ECHARDE_SOAK_SECONDS` (1,800) make it shorter.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { encodeCommand, skipWithout } from "@echarde/testkit/servers";
import { Load } from "./load.ts";
import { type Shards, startShards } from "./shards.ts";

const skip = skipWithout("redis-server");
const replies = Number(process.env["ECHARDE_REPLIES"] ?? 10_000_000);
const seconds = Number(process.env["ECHARDE_SOAK_SECONDS"] ?? 1_800);
const mebi = 1 << 20;

describe("long life", { skip, timeout: 24 * 3_600_000 }, () => {
  it(`${replies} replies, each the one that was asked for`, async (context) => {
    const shards = await startShards();
    const load = new Load(shards, { perServer: 4, mixed: 6, depth: 100 });
    const began = performance.now();
    const right = (): number => load.outcomes.ok.reduce((sum, count) => sum + count, 0);
    while (right() < replies) await load.more(1_000);
    await load.stop();
    assert.equal(
      load.outcomes.failed.reduce((sum, count) => sum + count, 0),
      0,
    );
    const took = (performance.now() - began) / 1_000;
    context.diagnostic(`${load.summary()} ${took.toFixed(0)} s`);
    await shards.close();
  });

  it(`${seconds} s of churn, with another table every second`, async (context) => {
    const shards = await startShards();
    const load = new Load(shards, { perServer: 2, mixed: 3, depth: 50 });
    const end = performance.now() + seconds * 1_000;
    const samples: number[] = [];
    let [swaps, connections] = [0, 0];
    while (performance.now() < end) {
      swap(shards, ++swaps);
      connections += await churn(shards);
      await load.more(1);
      samples.push(process.memoryUsage().rss);
      await sleep(Math.max(0, 1_000 - (performance.now() % 1_000)));
    }
    await load.stop();
    const { heldBytes } = shards.router.stats();
    await shards.close();
    assert.equal(heldBytes, 0);
    const part = Math.floor(samples.length / 3);
    const least = (from: number, to: number): number => Math.min(...samples.slice(from, to));
    const [early, late] = [least(part, 2 * part), least(2 * part, samples.length)];
    context.diagnostic(
      `${load.summary()} ${swaps} tables, ${connections} connections; least memory of the second ` +
        `third ${(early / mebi).toFixed(0)} MiB, of the last ${(late / mebi).toFixed(0)} MiB`,
    );
    assert.ok(late < early + 16 * mebi, `${early} -> ${late}`);
  });
});

/** Rules and a cluster come and go; the keys of the load stay where they are. */
function swap(shards: Shards, turn: number): void {
  const names = shards.servers.map((_, i) => `redis${i + 1}`);
  const extra = turn % 2 === 0 ? { extra: { endpoints: ["127.0.0.1:1"] } } : {};
  shards.router.swap({
    clusters: {
      ...Object.fromEntries(
        shards.servers.map(({ port }, i) => [
          `redis${i + 1}`,
          { endpoints: [`127.0.0.1:${port}`] },
        ]),
      ),
      ...extra,
    },
    localCluster: "redis1",
    routes: [
      { prefix: `other:${turn}`, cluster: "redis2" },
      { hash: "crc16-slots", over: Object.fromEntries(names.map((name) => [name, 1])) },
    ],
  });
}

/** Clients that come, ask and go: some in good order, some by a reset with a request in flight. */
async function churn(shards: Shards): Promise<number> {
  const count = 20;
  const clients = Array.from({ length: count }, async (_, i) => {
    const client = await shards.connect();
    client.send(encodeCommand("SET", `churn${i}`, "x"));
    assert.equal(String(await client.reply()), "+OK\r\n");
    if (i % 4 === 0) {
      client.send(encodeCommand("MGET", "churn1", "churn2", "churn3"));
      client.reset();
    } else await client.close();
  });
  await Promise.all(clients);
  return count;
}
