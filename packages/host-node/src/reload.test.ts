/** Changes of the file while it runs: `echarde run`, real servers. */
import assert from "node:assert/strict";
import { renameSync, writeFileSync } from "node:fs";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connectRaw, encodeCommand, type RedisServer, skipWithout } from "@echarde/testkit/servers";
import { configOf, type Running, startRunning } from "../test/running.ts";

const ends: (() => Promise<unknown>)[] = [];
after(async () => {
  for (const end of ends.reverse()) await end();
});

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const by = Date.now() + 10_000;
  while (!(await holds()) && Date.now() < by) await sleep(10);
  assert.ok(await holds(), what);
}

/** A client that sets and gets its own keys, checks each reply, and counts; ends when told so. */
async function load(port: number, id: number, stop: () => boolean): Promise<number> {
  const client = await connectRaw(port, "127.0.0.1");
  let done = 0;
  for (let round = 0; !stop(); round++) {
    const keys = Array.from({ length: 10 }, (_, i) => `load:${id}:${i}`);
    const values = keys.map((key) => `${key}=${round}`);
    const pairs = keys.flatMap((key, i) => [key, values[i] ?? ""]);
    client.send(
      Buffer.concat([
        encodeCommand("MSET", ...pairs),
        ...keys.map((key) => encodeCommand("GET", key)),
        encodeCommand("MGET", ...keys),
      ]),
    );
    const bulks = values.map((value) => `$${value.length}\r\n${value}\r\n`);
    const replies = await client.replies(12);
    assert.deepEqual(replies.map(String), ["+OK\r\n", ...bulks, `*10\r\n${bulks.join("")}`]);
    done += replies.length;
  }
  await client.close();
  return done;
}

describe("a configuration that changes", { skip: skipWithout("redis-server") }, () => {
  test("every 100 ms under load: no request fails, no connection is lost", async (t) => {
    const running = await startRunning(3);
    ends.push(() => running.end());
    const [a, b, c] = running.shards as [RedisServer, RedisServer, RedisServer];
    // Rules come and go, a cluster comes and goes with those; the keys of the load stay where they are.
    const texts = [
      configOf([a, b, c], [], ["{ prefix: 'other:', cluster: redis2 }"]),
      configOf([a, b, c], ["timeouts: { drain: 1s }"]).replace(
        "clusters:",
        `clusters:\n  extra: { endpoints: ["127.0.0.1:${b.port}"] }`,
      ),
      configOf([a, b, c], ["log: { slow: 1s }"], ["{ key: some, cluster: redis3 }"]),
    ];
    let stopped = false;
    const subscriber = await connectRaw(running.port);
    subscriber.send(encodeCommand("SUBSCRIBE", "news"));
    await subscriber.reply();
    const publisher = await connectRaw(running.port);
    const clients = Array.from({ length: 6 }, (_, i) => load(running.port, i, () => stopped));
    const failed = Promise.all(clients).then(() => false);
    const reloads = 40;
    for (let i = 0; i < reloads; i++) {
      const text = `# ${i}\n${texts[i % texts.length]}`;
      if (i % 2 === 0) writeFileSync(running.file, text);
      else {
        writeFileSync(`${running.file}.new`, text);
        renameSync(`${running.file}.new`, running.file);
      }
      publisher.send(encodeCommand("PUBLISH", "news", String(i)));
      await Promise.race([sleep(100), failed]);
      assert.equal(String(await publisher.reply()), ":1\r\n");
      assert.match(String(await subscriber.reply()), new RegExp(`\r\n${i}\r\n$`));
    }
    await until("the last one is in force", async () => {
      const { text } = await running.get("/table");
      return text.includes('"match": "prefix \\"other:\\""');
    });
    stopped = true;
    const requests = (await Promise.all(clients)).reduce((sum, each) => sum + each, 0);
    const done = await running.metric('echarde_reloads_total{outcome="ok"}');
    assert.ok(done >= reloads / 2, `${done} reloads`);
    assert.equal(await running.metric('echarde_reloads_total{outcome="refused"}'), 0);
    for (const i of [1, 2, 3]) {
      for (const command of ["GET", "MSET", "MGET"]) {
        const labels = `{cluster="redis${i}",command="${command}"}`;
        assert.ok((await running.metric(`echarde_requests_total${labels}`)) > 0);
        assert.equal(await running.metric(`echarde_failures_total${labels}`), 0);
        assert.equal(await running.metric(`echarde_error_replies_total${labels}`), 0);
      }
    }
    assert.equal(running.logged("link-lost").length, 0);
    assert.equal(await running.metric("echarde_clients_accepted_total"), 8);
    assert.ok(!subscriber.ended && !publisher.ended);
    await Promise.all([subscriber.close(), publisher.close()]);
    t.diagnostic(`${requests} requests, ${done} reloads`);
  });

  describe("by hand", { skip: skipWithout("redis-server") }, () => {
    let running: Running;
    const clusterOf = async (request: string): Promise<string> => {
      const { text } = await running.get(`/explain?request=${encodeURIComponent(request)}`);
      return (JSON.parse(text) as [{ packets: [{ cluster: string }] }])[0].packets[0].cluster;
    };

    test("that takes a restart is refused with its place, and all that stands in it", async () => {
      running = await startRunning(2, [], ["{ key: k, cluster: redis1 }"]);
      ends.push(() => running.end());
      const text = configOf(
        running.shards,
        ["timeouts: { keepAlive: 2s, request: 3s }", "options: { admin: true }", "workers: 4"],
        ["{ key: k, cluster: redis2 }"],
      ).replace("listen: 127.0.0.1:0", "listen: 127.0.0.1:1");
      writeFileSync(running.file, text);
      await until("it is refused", () => running.logged("config-refused").length === 1);
      const places = running
        .logged("config-problem")
        .map(({ msg }) => String(msg).replace(/^.*echarde\.yaml:/, ""));
      const lines = text.split("\n");
      const why = "cannot change while it runs: restart it, or change it back";
      const keepAlive = lines.findIndex((line) => line.startsWith("timeouts")) + 1;
      assert.deepEqual(places, [
        `2:9: listen: ${why}`,
        `${keepAlive}:24: timeouts.keepAlive: ${why}`,
        `${keepAlive + 1}:10: options: ${why}`,
        `${keepAlive + 2}:10: workers: ${why}`,
      ]);
      assert.equal(await clusterOf("GET k"), "redis1");
    });

    test("moves what comes next, and takes limits and times over", async () => {
      const limited = configOf(
        running.shards,
        ["limits: { maxRequest: 1KiB }", "timeouts: { request: 2s }"],
        ["{ key: k, cluster: redis2 }", "{ key: l, cluster: redis1 }"],
      );
      const pair = encodeCommand("MSET", "k", "x".repeat(1_000), "l", "x".repeat(1_000));
      const ask = async (): Promise<string> => {
        const client = await connectRaw(running.port);
        client.send(pair.subarray(0, 1_500)); // what is not whole must be held
        await sleep(100);
        if (!client.ended) client.send(pair.subarray(1_500));
        const reply = String(await client.reply());
        await client.close();
        return reply;
      };
      assert.equal(await ask(), "+OK\r\n");
      writeFileSync(running.file, limited);
      await until("it is reloaded", () => running.logged("config-reloaded").length === 1);
      assert.equal(await clusterOf("GET k"), "redis2");
      assert.match(await ask(), /^-ERR /);
      writeFileSync(running.file, limited.replace("1KiB", "1MiB"));
      await until("it is reloaded", () => running.logged("config-reloaded").length === 2);
      assert.equal(await ask(), "+OK\r\n");
    });

    test("that is wrong is refused with its place, and the old one stays", async () => {
      const before = await running.metric("echarde_config_loaded_timestamp_seconds");
      const text = configOf(running.shards, [], ["{ key: k, cluster: nowhere }"]);
      writeFileSync(running.file, text);
      await until("it is refused", () => running.logged("config-refused").length === 2);
      const place = text.split("\n").findIndex((line) => line.includes("nowhere")) + 1;
      const problem = running.logged("config-problem").at(-1);
      assert.deepEqual([problem?.["line"], problem?.["column"]], [place, 24]);
      assert.match(
        String(problem?.["msg"]),
        /echarde\.yaml:\d+:24: routes\[0\]\.cluster: unknown cluster nowhere/,
      );
      assert.equal(await clusterOf("GET k"), "redis2");
      assert.equal(await running.metric('echarde_reloads_total{outcome="refused"}'), 2);
      assert.equal(await running.metric("echarde_config_loaded_timestamp_seconds"), before);
    });

    test("is read again on SIGHUP, changed or not", async () => {
      running.command.process.kill("SIGHUP");
      await until("it is refused again", () => running.logged("config-refused").length === 3);
      writeFileSync(running.file, configOf(running.shards, [], ["{ key: k, cluster: redis1 }"]));
      await until("it is reloaded", () => running.logged("config-reloaded").length === 3);
      running.command.process.kill("SIGHUP");
      await until("and again", () => running.logged("config-reloaded").length === 4);
      assert.equal(running.logged("config-reloaded")[3]?.["cause"], "SIGHUP");
      assert.equal(await clusterOf("GET k"), "redis1");
    });

    test("survives a file that is gone", async () => {
      renameSync(running.file, `${running.file}.away`);
      await until("it is said", () => running.logged("config-refused").length === 4);
      assert.equal(await clusterOf("GET k"), "redis1");
    });

    test("takes the number of clients and the log's level at once", async () => {
      const file = `${running.file}.away`;
      writeFileSync(
        file,
        configOf(running.shards, ["limits: { maxClients: 1 }", "log: { level: error }"]),
      );
      renameSync(file, running.file);
      const reloads = 'echarde_reloads_total{outcome="ok"}';
      await until("it is reloaded", async () => (await running.metric(reloads)) === 5);
      assert.equal(running.logged("config-reloaded").length, 4);
      const first = await connectRaw(running.port);
      first.send(encodeCommand("PING"));
      await first.reply();
      await connectRaw(running.port).then(
        (second) => second.closed,
        () => {}, // it may be reset before it is there
      );
      await until("it is counted", async () => {
        return (await running.metric("echarde_clients_refused_total")) === 1;
      });
      assert.equal(running.logged("client-refused").length, 0);
      await first.close();
    });
  });
});
