/** What an operator sees of `echarde run`: metrics, health, state, the log; with real servers. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connectRaw, encodeCommand, skipWithout, startRedis } from "@echarde/testkit/servers";
import { startCommand } from "../test/command.ts";
import { type Running, startRunning } from "../test/running.ts";
import type { StateReport } from "./admin/reports.ts";

const ends: (() => Promise<unknown>)[] = [];
after(async () => {
  for (const end of ends.reverse()) await end();
});

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const by = Date.now() + 10_000;
  while (!(await holds()) && Date.now() < by) await sleep(10);
  assert.ok(await holds(), what);
}

/** Never to be seen outside the data path. */
const secrets = ["k3y-of-a-client", "v4lue-of-a-client", "p4ssw0rd", "us3r", "ch4nnel"] as const;
const [key, value, password, user, channel] = secrets;

describe("the admin port", { skip: skipWithout("redis-server") }, () => {
  let running: Running;
  before(async () => {
    running = await startRunning(
      2,
      ["log: { slow: 100ms }"],
      ["{ prefix: 'alert:', cluster: redis2 }", "{ key: one, cluster: redis1 }"],
    );
    ends.push(() => running.end());
  });

  test("counts requests by cluster and command, keys by rule, bytes, errors, latency", async () => {
    const client = await connectRaw(running.port);
    const get = encodeCommand("GET", "alert:1");
    for (let i = 0; i < 7; i++) client.send(get);
    await client.replies(7);
    client.send(encodeCommand("SET", "alert:1", "x"));
    client.send(encodeCommand("INCR", "alert:1"));
    client.send(encodeCommand("MGET", "one", "alert:1", "alert:2"));
    client.send(encodeCommand("PING")); // asks first whether a password is wanted
    client.send(encodeCommand("PING"));
    client.send(encodeCommand("NONSENSE", "one"));
    client.send(encodeCommand("GET"));
    await client.replies(7);
    const of = (name: string, labels: string): Promise<number> =>
      running.metric(`echarde_${name}{${labels}}`);
    const redis2 = (command: string): string => `cluster="redis2",command="${command}"`;
    assert.equal(await of("requests_total", redis2("GET")), 7);
    assert.equal(await of("sent_bytes_total", redis2("GET")), 7 * get.length);
    assert.equal(await of("received_bytes_total", redis2("GET")), 7 * "$-1\r\n".length);
    assert.equal(await of("error_replies_total", redis2("GET")), 0);
    assert.equal(await of("error_replies_total", redis2("INCR")), 1);
    assert.equal(await of("requests_total", redis2("MGET")), 1);
    assert.equal(await of("requests_total", 'cluster="redis1",command="MGET"'), 1);
    assert.equal(await of("request_duration_seconds_count", redis2("GET")), 7);
    assert.equal(
      await running.metric(`echarde_request_duration_seconds_bucket{${redis2("GET")},le="+Inf"}`),
      7,
    );
    assert.ok((await of("request_duration_seconds_sum", redis2("GET"))) > 0);
    assert.equal(await of("local_requests_total", 'command="PING",outcome="answered"'), 1);
    const refused = (await running.get("/metrics")).text.match(/outcome="refused"\} [1-9]/g);
    assert.ok((refused?.length ?? 0) >= 1);
    assert.equal(await of("rule_hits_total", 'rule="0",match="prefix"'), 11);
    assert.equal(await of("rule_hits_total", 'rule="1",match="key"'), 1);
    assert.equal(await of("cluster_state", 'cluster="redis2",state="up"'), 1);
    assert.equal(await running.metric("echarde_clients"), 1);
    assert.equal(await of("links", 'cluster="redis2"'), 1);
    assert.equal(await of("connects_total", 'cluster="redis2"'), 1);
    assert.equal(await of("in_flight_requests", 'cluster="redis2"'), 0);
    await client.close();
  });

  test("gives each histogram buckets that only grow, up to its count", async () => {
    const { text } = await running.get("/metrics");
    const buckets = [...text.matchAll(/duration_seconds_bucket\{([^}]*),le="([^"]+)"\} (\d+)/g)];
    assert.ok(buckets.length >= 20);
    let [labels, edge, count] = ["", 0, 0];
    for (const [, of = "", le = "", at = ""] of buckets) {
      if (of !== labels) [labels, edge, count] = [of, 0, 0];
      const next = le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le);
      assert.ok(next > edge && Number(at) >= count, `${of} ${le}`);
      [edge, count] = [next, Number(at)];
    }
    assert.match(text, /^process_cpu_user_seconds_total /m);
    assert.equal(text.match(/^# TYPE echarde_requests_total counter$/gm)?.length, 1);
  });

  test("shows table, state and explanations", async () => {
    const blocked = await connectRaw(running.port);
    blocked.send(encodeCommand("BLPOP", "alert:list", "0"));
    const stateOf = async (): Promise<StateReport> =>
      JSON.parse((await running.get("/state")).text) as StateReport;
    await until("it waits", async () => (await stateOf()).links.length === 3);
    const state = await stateOf();
    assert.deepEqual(
      state.links.map(({ key: name, lane, state: is, inFlight }) => [name, lane, is, inFlight]),
      [
        ["redis2", "shared", "ready", 0],
        ["redis1", "shared", "ready", 0],
        [state.links[2]?.key, "private", "ready", 1],
      ],
    );
    assert.match(state.links[2]?.key ?? "", /^redis2\/private \d+$/);
    assert.deepEqual(
      state.clients.map(({ state: is, inFlight, heldBytes }) => [is, inFlight, heldBytes]),
      [["held", 1, 0]],
    );
    assert.deepEqual(state.totals, { clients: 1, links: 3 });
    const short = JSON.parse((await running.get("/state?limit=1")).text) as StateReport;
    assert.deepEqual([short.links.length, short.totals.links], [1, 3]);
    const table = JSON.parse((await running.get("/table")).text);
    assert.deepEqual(table.rules[0], {
      ...{ rule: 0, match: 'prefix "alert:"', owner: "redis2", hits: 12 },
    });
    assert.equal(table.rules[2].owner, "crc16-slots over redis1, redis2");
    assert.equal(table.version, state.table);
    const explained = JSON.parse((await running.get("/explain?request=MGET%20alert:1%20one")).text);
    assert.deepEqual(explained[0].keys, [
      { key: 1, cluster: "redis2", rule: 0, match: 'prefix "alert:"' },
      { key: 2, cluster: "redis1", rule: 1, match: 'key "one"' },
    ]);
    assert.equal(JSON.parse((await running.get("/table")).text).rules[0].hits, 12);
    await blocked.close();
  });

  test("answers what it has, reads only, and takes no bad request for a fault", async () => {
    assert.deepEqual(await running.get("/healthz"), { status: 200, text: "ok\n" });
    assert.equal((await running.get("/nothing")).status, 404);
    assert.equal((await running.get("/explain")).status, 400);
    assert.equal((await running.get("/explain?request=%22")).status, 200);
    assert.equal((await running.get("//")).status, 400);
    const url = `http://127.0.0.1:${running.adminPort}/state`;
    assert.equal((await fetch(url, { method: "POST" })).status, 405);
    assert.equal((await fetch(url, { method: "HEAD" })).status, 200);
  });

  test("logs a slow request by command, cluster and duration alone", async () => {
    const client = await connectRaw(running.port);
    client.send(encodeCommand("EVAL", "for i = 1, 3e7 do end return ARGV[1]", "1", key, value));
    await client.reply();
    await until("it is logged", () => running.logged("slow-request").length > 0);
    const [line] = running.logged("slow-request");
    assert.deepEqual(Object.keys(line ?? {}).sort(), [
      ...["event", "level", "milliseconds", "msg", "outcome"],
      ...["pid", "request", "time", "upstream"],
    ]);
    assert.equal(line?.["request"], "EVAL");
    assert.ok(Number(line?.["milliseconds"]) >= 100);
    await client.close();
  });

  test("never shows a key, a value, a name or a password", async () => {
    const client = await connectRaw(running.port);
    const subscriber = await connectRaw(running.port);
    client.send(
      Buffer.concat([
        encodeCommand("SET", key, value),
        encodeCommand("GET", key),
        encodeCommand("MGET", key, `${key}:2`, `${key}:3`),
        encodeCommand("INCR", key),
        encodeCommand(key, value),
        encodeCommand("GET", key, value),
        encodeCommand("CLIENT", key, value),
        encodeCommand("AUTH", user, password),
        encodeCommand("HELLO", "3", "AUTH", user, password),
        encodeCommand("CLIENT", "SETNAME", user),
        encodeCommand("PUBLISH", channel, value),
        encodeCommand("BLPOP", `${key}:list`, "0"),
      ]),
    );
    await client.replies(11);
    subscriber.send(encodeCommand("SUBSCRIBE", channel));
    await subscriber.reply();
    const bad = await connectRaw(running.port);
    bad.send(`*1\r\n$${key}\r\n`);
    await bad.closed;
    const asked = [
      `GET ${key}`,
      `AUTH ${user} ${password}`,
      `SET ${key} ${value}`,
      `EVAL x 1 {${key}}`,
    ];
    const pages = ["/metrics", "/healthz", "/readyz", "/table", "/state"];
    for (const request of asked) pages.push(`/explain?request=${encodeURIComponent(request)}`);
    for (const page of pages) {
      const { text } = await running.get(page);
      for (const secret of secrets) assert.ok(!text.includes(secret), `${page} has ${secret}`);
    }
    for (const secret of secrets) {
      assert.ok(!running.command.output().includes(secret), `the log has ${secret}`);
    }
    await Promise.all([client.close(), subscriber.close()]);
  });

  test("is shown by echarde top", async () => {
    const top = startCommand("cli.ts", ["top", `127.0.0.1:${running.adminPort}`, "-i", "100ms"]);
    ends.push(async () => top.process.kill("SIGKILL"));
    await top.until(/redis1: \d+ requests \(\d+\/s\), \d+ errors, 0 in flight/);
    const client = await connectRaw(running.port);
    for (let i = 0; i < 20; i++) {
      client.send(encodeCommand("GET", "one"));
      await client.reply();
      await sleep(20);
    }
    await top.until(/redis1: \d+ requests \([1-9]\d*\/s\)/);
    top.process.kill("SIGINT");
    assert.equal(await top.ended, 0);
    await client.close();
    const none = startCommand("cli.ts", ["top", "127.0.0.1:1"]);
    assert.equal(await none.ended, 1);
    assert.match(none.output(), /^echarde: .*ECONNREFUSED/);
  });

  test("says that a cluster is down and why, stays ready for the others, and sees it come back", async () => {
    const { port } = running.shards[1] as { port: number };
    const ready = async (): Promise<{ ready: boolean; clusters: Record<string, string> }> =>
      JSON.parse((await running.get("/readyz")).text);
    assert.deepEqual((await ready()).clusters, { redis1: "up", redis2: "up" });
    await running.shards[1]?.stop();
    const client = await connectRaw(running.port);
    await until("it is down", async () => {
      client.send(encodeCommand("GET", "alert:1"));
      assert.match(String(await client.reply()), /^-ERR upstream connection/);
      return (await ready()).clusters["redis2"] === "down";
    });
    await until("it is logged", () => running.logged("upstream-down").length > 0);
    const [down] = running.logged("upstream-down");
    assert.deepEqual(
      [down?.["upstream"], down?.["endpoint"], down?.["cause"], down?.["level"]],
      ["redis2", `127.0.0.1:${port}`, "ECONNREFUSED", "warn"],
    );
    assert.ok(Number(down?.["backoff"]) > 0);
    await until("the loss is logged", () =>
      running
        .logged("link-lost")
        .some(({ upstream, reason }) => upstream === "redis2" && reason === "lost"),
    );
    assert.equal((await running.get("/readyz")).status, 200);
    assert.equal((await ready()).ready, true);
    const failures = 'echarde_failures_total{cluster="redis2",command="GET"}';
    assert.ok((await running.metric(failures)) > 0);
    assert.equal(await running.metric('echarde_cluster_state{cluster="redis2",state="down"}'), 1);
    await running.shards[0]?.stop();
    await until("the other one is down, too", async () => {
      client.send(encodeCommand("GET", "one"));
      await client.reply();
      return (await running.get("/readyz")).status === 503;
    });
    // Without a request of a client: who is not ready gets none.
    const again = await startRedis({ port });
    ends.push(() => again.stop());
    await until("it is ready again", async () => (await running.get("/readyz")).status === 200);
    assert.equal((await ready()).clusters["redis2"], "unknown");
    client.send(encodeCommand("GET", "alert:1"));
    assert.equal(String(await client.reply()), "$-1\r\n");
    assert.equal((await ready()).clusters["redis2"], "up");
    await until("that is logged", () => running.logged("upstream-up").length >= 3);
    await client.close();
  });
});

describe("the end", { skip: skipWithout("redis-server") }, () => {
  test("is not ready while it drains, cuts off at the deadline, and says so by its exit code", async () => {
    const running = await startRunning(1, ["timeouts: { drain: 1s }"]);
    ends.push(() => running.end());
    const busy = await connectRaw(running.port);
    const idle = await connectRaw(running.port);
    busy.send(encodeCommand("EVAL", "while true do end", "1", "k"));
    await until("it is in flight", async () => {
      return (await running.metric('echarde_in_flight_requests{cluster="redis1"}')) === 1;
    });
    running.command.process.kill("SIGTERM");
    await idle.closed;
    const { status, text } = await running.get("/readyz");
    assert.equal(status, 503);
    assert.match(text, /"reason": "not listening"/);
    await assert.rejects(connectRaw(running.port));
    assert.equal(await running.command.ended, 4);
    await busy.closed;
    assert.equal(running.logged("draining")[0]?.["signal"], "SIGTERM");
    assert.equal(running.logged("stopped")[0]?.["cut"], 1);
    // A script without end takes no ordinary shutdown.
    const killer = await connectRaw(running.shards[0]?.port ?? 0);
    killer.send(encodeCommand("SCRIPT", "KILL"));
    await killer.reply();
    await killer.close();
  });

  test("comes at once when nothing is in flight", async () => {
    const running = await startRunning(1);
    ends.push(() => running.end());
    const client = await connectRaw(running.port);
    client.send(encodeCommand("SET", "a", "1"));
    await client.reply();
    const began = performance.now();
    running.command.process.kill("SIGTERM");
    assert.equal(await running.command.ended, 0);
    assert.ok(performance.now() - began < 3_000);
    assert.equal(running.logged("stopped")[0]?.["cut"], 0);
    await client.closed;
  });
});
