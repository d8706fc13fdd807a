/** Several processes behind one address: `echarde run --workers`, real servers. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connectRaw, encodeCommand, type RawClient, skipWithout } from "@echarde/testkit/servers";
import { startCommand } from "../../test/command.ts";
import { lives } from "../../test/lives.ts";
import { configOf, type Running, startRunning } from "../../test/running.ts";
import type { StateReport } from "../admin/reports.ts";
import { runCli } from "../cli/run-cli.ts";

const ends: (() => Promise<unknown> | unknown)[] = [];
after(async () => {
  for (const end of ends.reverse()) await end();
});

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const by = Date.now() + 30_000;
  while (!(await holds()) && Date.now() < by) await sleep(20);
  assert.ok(await holds(), what);
}

async function stateOf(running: Running): Promise<StateReport> {
  return JSON.parse((await running.get("/state")).text) as StateReport;
}

/** Process ids of the workers that have clients: keys begin with them. */
function workersOf({ clients }: StateReport): Set<number> {
  return new Set(clients.map(({ key }) => Number(key.split(" ")[0])));
}

describe("several workers", { skip: skipWithout("redis-server") }, () => {
  let running: Running;
  const clients: RawClient[] = [];

  before(async () => {
    running = await startRunning(2, ["workers: 2"]);
    ends.push(() => running.end());
    for (let i = 0; i < 8; i++) clients.push(await connectRaw(running.port, "127.0.0.1"));
  });

  test("share the clients, and are counted as one", async () => {
    for (const [i, client] of clients.entries()) {
      client.send(encodeCommand("MSET", `a${i}`, "1", `b${i}`, "2", `c${i}`, "3"));
      client.send(encodeCommand("GET", `a${i}`));
      assert.deepEqual((await client.replies(2)).map(String), ["+OK\r\n", "$1\r\n1\r\n"]);
    }
    const state = await stateOf(running);
    assert.equal(workersOf(state).size, 2);
    assert.deepEqual([state.totals.clients, state.counts.accepted], [8, 8]);
    assert.deepEqual(state.workers, { serving: 2, replaced: 0 });
    const gets = ["redis1", "redis2"].map((cluster) =>
      running.metric(`echarde_requests_total{cluster="${cluster}",command="GET"}`),
    );
    assert.equal(
      (await Promise.all(gets)).reduce((sum, each) => sum + each),
      8,
    );
    assert.equal(await running.metric("echarde_workers"), 2);
    assert.equal(await running.metric("echarde_clients"), 8);
    const hits = await running.metric('echarde_rule_hits_total{rule="0",match="all the rest"}');
    const { text } = await running.get("/metrics");
    assert.ok(hits > 0 || /echarde_rule_hits_total\{rule="0".*\} 32/.test(text), text);
    assert.match(text, /^process_cpu_seconds_total \d/m);
    assert.equal((await running.get("/readyz")).status, 200);
    assert.match((await running.get("/explain?request=GET%20a1")).text, /"cluster": "redis\d"/);
    assert.match((await running.get("/table")).text, /"hits": 32/);
  });

  test("take a changed file over, all of them", async () => {
    const table = (await stateOf(running)).table;
    const [first, second] = running.shards;
    assert.ok(first && second, "two shards");
    const text = configOf(running.shards, ["workers: 2"], ["{ prefix: '', cluster: redis2 }"]);
    writeFileSync(running.file, text);
    await until("reloaded", () => running.logged("config-reloaded").length === 1);
    assert.notEqual((await stateOf(running)).table, table);
    for (const [i, client] of clients.entries()) {
      client.send(encodeCommand("SET", `moved${i}`, "x"));
      assert.equal(String(await client.reply()), "+OK\r\n");
    }
    const direct = await connectRaw(second.port, "127.0.0.1");
    direct.send(encodeCommand("EXISTS", ...clients.map((_, i) => `moved${i}`)));
    assert.equal(String(await direct.reply()), ":8\r\n");
    await direct.close();
  });

  test("refuse a file that is wrong or takes a restart, with line and column", async () => {
    const { table } = await stateOf(running);
    const more = configOf(running.shards, ["workers: 3"], ["{ key: other, cluster: redis2 }"]);
    writeFileSync(running.file, more);
    await until("refused", () => running.logged("config-refused").length === 1);
    const line = more.split("\n").indexOf("workers: 3") + 1;
    const words = ({ msg }: Record<string, unknown>): boolean =>
      /workers: cannot change while it runs/.test(String(msg));
    const problem = running.logged("config-problem").find(words);
    assert.deepEqual([problem?.["line"], problem?.["column"]], [line, 10]);
    writeFileSync(running.file, "protocol: redis\n");
    await until("refused", () => running.logged("config-refused").length === 2);
    assert.equal((await stateOf(running)).table, table);
  });

  test("one that is killed is replaced; others go on; nothing that was counted is lost", async () => {
    const before = await stateOf(running);
    assert.equal(before.totals.clients, 8);
    const [victim] = workersOf(before);
    assert.ok(victim !== undefined, "a worker with clients");
    process.kill(victim, "SIGKILL");
    await until("another serves", () => running.logged("worker-started").length === 1);
    assert.equal(running.logged("worker-ended")[0]?.["why"], "SIGKILL");
    const state = await stateOf(running);
    assert.deepEqual(state.workers, { serving: 2, replaced: 1 });
    const lost = before.clients.filter(({ key }) => key.startsWith(`${victim} `)).length;
    assert.equal(state.totals.clients, 8 - lost);
    assert.equal(state.counts.accepted, before.counts.accepted);
    const requests = ({ upstreams }: StateReport): number =>
      upstreams.reduce((sum, { stats }) => sum + stats.requests, 0);
    assert.ok(requests(state) >= requests(before), "counters do not go back");
    const fresh = [];
    for (let i = 0; i < 4; i++) fresh.push(await connectRaw(running.port, "127.0.0.1"));
    for (const client of fresh) {
      client.send(encodeCommand("GET", "moved1")); // as the file in force says, not the one on disk
      assert.equal(String(await client.reply()), "$1\r\nx\r\n");
    }
    assert.equal((await stateOf(running)).counts.accepted, before.counts.accepted + 4);
    for (const client of fresh) await client.close();
  });

  test("echarde top shows them", async () => {
    const command = startCommand("cli.ts", ["top", `127.0.0.1:${running.adminPort}`, "-i", "50ms"]);
    ends.push(() => command.process.kill("SIGKILL"));
    await command.until(/redis2: \d+ requests/);
    command.process.kill("SIGTERM");
    assert.equal(await command.ended, 0);
  });

  test("let what is in flight finish on SIGTERM, and end", async () => {
    const pids = [...workersOf(await stateOf(running))];
    const waiting = await Promise.all([1, 2].map(() => connectRaw(running.port, "127.0.0.1")));
    for (const client of waiting)
      client.send(encodeCommand("EVAL", "for i = 1, 2e7 do end return 7", "1", "user1"));
    const busy = async (): Promise<boolean> =>
      (await stateOf(running)).clients.filter(({ inFlight }) => inFlight > 0).length === 2;
    await until("both are in flight", busy);
    running.command.process.kill("SIGTERM");
    for (const client of waiting) assert.equal(String(await client.reply()), ":7\r\n");
    assert.equal(await running.command.ended, 0);
    assert.deepEqual(pids.filter(lives), []);
  });
});

describe("workers of a command line", { skip: skipWithout("redis-server") }, () => {
  const dir = mkdtempSync(join(tmpdir(), "echarde-workers-"));
  ends.push(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, "e.yaml");
  const path = join(dir, "e.sock");
  const body = ["localCluster: a", 'clusters: { a: { endpoints: ["127.0.0.1:1"] } }'];
  writeFileSync(file, ["protocol: redis", `listen: "unix:${path}"`, ...body].join("\n"));

  test("share a Unix socket, take over a file that was left behind, and end with the first process", async () => {
    const left = startCommand("cli.ts", ["run", file, "--workers", "2"]);
    ends.push(() => left.process.kill("SIGKILL"));
    await left.until(/redis on unix:/);
    left.process.kill("SIGKILL");
    await left.ended;
    const command = startCommand("cli.ts", ["run", file, "--workers", "2"]);
    ends.push(() => command.process.kill("SIGKILL"));
    await command.until(/redis on unix:/);
    for (let i = 0; i < 4; i++) {
      const client = connect({ path });
      client.write(encodeCommand("PING"));
      const [reply] = (await once(client, "data")) as [Buffer];
      assert.equal(String(reply), "+PONG\r\n");
      client.destroy();
    }
    command.process.kill("SIGTERM");
    assert.equal(await command.ended, 0);
  });

  test("say so when the address is in use, and leave no process behind", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    ends.push(() => other.close());
    const { port } = other.address() as { port: number };
    const command = startCommand("cli.ts", ["run", file, "-w", "2", "--port", String(port)]);
    assert.equal(await command.ended, 1);
    assert.match(command.output(), new RegExp(`127\\.0\\.0\\.1:${port} is in use`));
  });

  test("are a number from 1 to 256", async () => {
    const err: string[] = [];
    const output = { out: () => {}, err: (line: string) => void err.push(line) };
    assert.equal(await runCli(["run", file, "--workers", "0"], output), 2);
    assert.equal(await runCli(["run", file, "--workers", "257"], output), 2);
    const bad = join(dir, "bad.yaml");
    writeFileSync(bad, ["protocol: redis", "workers: many", ...body].join("\n"));
    assert.equal(await runCli(["check", bad], output), 3);
    assert.match(err.join("\n"), /bad\.yaml:2:10: workers: must be a whole number from 1 to 256/);
  });
});
