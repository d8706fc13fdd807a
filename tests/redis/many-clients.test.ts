/** Ten thousand clients that say nothing, and one that announces a GiB: `echarde run` in a process of its own. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { connectRaw, encodeCommand, type RawClient, skipWithout } from "@echarde/testkit/servers";
import { type Running, startRunning } from "../../packages/host-node/test/running.ts";

/** Open files that a process may have; half of what is left beside the clients is plenty. */
function mostFiles(): number {
  const limits = readFileSync("/proc/self/limits", "utf8");
  return Number(/^Max open files\s+\d+\s+(\d+)/m.exec(limits)?.[1] ?? 1_024);
}

const skip = process.platform === "linux" ? skipWithout("redis-server") : "reads /proc";

describe("limits of clients", { skip }, () => {
  let running: Running;
  before(async () => {
    running = await startRunning(2);
  });
  after(() => running.end());

  it("10,000 idle clients", { timeout: 120_000 }, async (context) => {
    const count = Math.min(10_000, mostFiles() - 500);
    if (count < 10_000) context.diagnostic(`only ${count}: no more files may be open (ulimit -Hn)`);
    const memory = (): Promise<number> => running.metric("process_resident_memory_bytes");
    const empty = await memory();
    const clients: RawClient[] = [];
    while (clients.length < count) {
      const wave = Array.from({ length: Math.min(100, count - clients.length) }, () =>
        connectRaw(running.port),
      );
      clients.push(...(await Promise.all(wave)));
    }
    // A connection stands for the client before it is accepted.
    const accepted = Date.now() + 30_000;
    while ((await running.metric("echarde_clients")) < count && Date.now() < accepted);
    assert.equal(await running.metric("echarde_clients"), count);
    for (let i = 0; i < count; i += 100) clients[i]?.send(encodeCommand("SET", `k${i}`, `${i}`));
    for (let i = 0; i < count; i += 100) assert.equal(String(await clients[i]?.reply()), "+OK\r\n");
    for (let i = 0; i < count; i += 100) {
      clients[i]?.send(encodeCommand("GET", `k${i}`));
      assert.equal(String(await clients[i]?.reply()), `$${`${i}`.length}\r\n${i}\r\n`);
    }
    const each = ((await memory()) - empty) / count / 1024;
    context.diagnostic(`${count} clients, ${each.toFixed(1)} KiB of the process for each`);
    assert.ok(each < 64, `${each} KiB`);
    for (const client of clients) client.reset();
    const by = Date.now() + 30_000;
    while ((await running.metric("echarde_clients")) > 0 && Date.now() < by);
    assert.equal(await running.metric("echarde_clients"), 0);
  });

  it("a length of 1 GiB is an error and a close, and nothing is held for it", async () => {
    const client = await connectRaw(running.port);
    client.send(Buffer.from(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${2 ** 30}\r\n`));
    assert.equal(String(await client.reply()), "-ERR Protocol error: invalid bulk length\r\n");
    await client.closed;
    assert.equal(await running.metric("echarde_held_bytes"), 0);
  });
});
