import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import {
  connectRaw,
  encodeCommand,
  freePort,
  skipWithout,
  startRedis,
} from "@echarde/testkit/servers";
import { startCommand } from "../test/command.ts";
import { runCli } from "./cli/run-cli.ts";

const dir = mkdtempSync(join(tmpdir(), "echarde-cli-"));
const ends: (() => Promise<unknown> | unknown)[] = [];
after(async () => {
  for (const end of ends.reverse()) await end();
  rmSync(dir, { recursive: true, force: true });
});

function write(name: string, lines: readonly string[]): string {
  const file = join(dir, name);
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

const body = (ports: readonly [number, number]): readonly string[] => [
  "localCluster: redis1",
  "clusters:",
  ...ports.map((port, i) => `  redis${i + 1}: { endpoints: ["127.0.0.1:${port}"] }`),
  "routes:",
  '  - { prefix: "alert:", cluster: redis2 }',
  "  - { hash: crc16-slots, over: [redis1, redis2] }",
];

async function cli(
  ...args: readonly string[]
): Promise<{ code: number; out: string[]; err: string[] }> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCli(args, { out: (line) => out.push(line), err: (line) => err.push(line) });
  return { code, out, err };
}

describe("echarde", () => {
  const good = write("good.yaml", [
    "protocol: redis",
    "listen: 127.0.0.1:0",
    ...body([7001, 7002]),
  ]);
  const bad = write("bad.yaml", [
    "protocol: redis",
    "listn: 127.0.0.1:0",
    ...body([7001, 7002]),
    "  - { key: a, cluster: no }",
  ]);

  test("check: 0 for a good file, 3 and places for a bad one, 1 for none", async () => {
    assert.deepEqual(await cli("check", good), {
      code: 0,
      out: [`${good}: ok (redis, 2 clusters, 2 rules)`],
      err: [],
    });
    const { code, err } = await cli("check", bad);
    assert.equal(code, 3);
    assert.deepEqual(err, [
      `${bad}:2:1: listn: unknown key; did you mean listen?`,
      `${bad}:10:24: routes[2].cluster: unknown cluster no; known: redis1, redis2`,
    ]);
    const none = await cli("check", join(dir, "none.yaml"));
    assert.equal(none.code, 1);
    assert.match(none.err[0] ?? "", /^echarde: ENOENT: no such file/);
  });

  test("explain: plan, clusters, rules", async () => {
    assert.deepEqual(await cli("explain", good, "GET alert:7"), {
      code: 0,
      out: [
        "GET: forwarded as it is",
        "  -> redis2: 26 bytes on a shared connection",
        '  key "alert:7": redis2 (prefix "alert:")',
      ],
      err: [],
    });
    const split = await cli("explain", good, "MGET alert:1 user1");
    assert.match(split.out[0] ?? "", /^MGET: split/);
    assert.equal(split.out.filter((line) => line.startsWith("  ->")).length, 2);
    assert.match(split.out.join("\n"), /key "user1": redis\d \(hash crc16-slots, slot 8106\)/);
    assert.equal((await cli("explain", bad, "GET a")).code, 3);
  });

  test("emit: the sticky route connects Envoy to the clusters, whatever the protocol", async () => {
    const mqtt = write("mqtt.yaml", [
      ...["protocol: mqtt", "listen: 127.0.0.1:0", "defaultCluster: one"],
      'clusters: { one: { endpoints: ["127.0.0.1:7001"] } }',
    ]);
    for (const [file, clusters] of [
      [mqtt, ["one"]],
      [good, ["redis1", "redis2"]],
    ] as const) {
      const { code, out } = await cli("emit", "envoy", file, "--route", "sticky");
      assert.equal(code, 0);
      const { static_resources: made } = JSON.parse(out.join("\n")) as {
        readonly static_resources: { readonly clusters: readonly { readonly name: string }[] };
      };
      assert.deepEqual(
        made.clusters.map(({ name }) => name),
        clusters,
      );
    }
  });

  test("emit: source rules are those of a file, with clusters of the table", async () => {
    const rules = join(dir, "sources.yaml");
    const words = ["emit", "envoy", good, "--route", "sticky", "--sources", rules];
    writeFileSync(rules, 'users: { alice: redis2 }\ndatabases: { "3": redis1 }\n');
    const { code, out } = await cli(...words);
    assert.equal(code, 0);
    const sources = { users: { alice: "redis2" }, databases: { 3: "redis1" } };
    const configured = JSON.stringify(JSON.stringify({ sources })).slice(2, -2);
    assert.ok(out.join("\n").includes(configured), `${configured} in\n${out.join("\n")}`);
    for (const [text, why] of [
      ["users: { alice: nowhere }", /users\.alice: nowhere is no cluster of the table/],
      ["groups: {}", /groups: unknown key; known: users, clients, databases/],
      ["users: [alice]", /users: must be a map of names to clusters/],
      ["- alice", /must be a map of users, clients, databases/],
      ["users: {", /sources\.yaml: /],
    ] as const) {
      writeFileSync(rules, text);
      const refused = await cli(...words);
      assert.deepEqual([refused.code, refused.out], [3, []], text);
      assert.match(refused.err.join("\n"), why);
    }
    const frame = await cli("emit", "envoy", good, "--sources", rules);
    assert.equal(frame.code, 2);
    assert.match(frame.err.join("\n"), /--sources goes with --route sticky/);
  });

  test("emit: without the module there is no filter to discover", async () => {
    for (const words of [
      ["ecds", good],
      ["envoy", good, "--ecds", "/tmp/ecds.json"],
    ]) {
      const { code, err, out } = await cli("emit", ...words, "--route", "router");
      assert.deepEqual([code, out], [2, []]);
      assert.match(err.join("\n"), /no filter to discover/);
    }
    const { code, out } = await cli("emit", "envoy", good, "--route", "router");
    assert.equal(code, 0);
    assert.ok(!out.join("").includes("wasm"), "no module");
  });

  test("a bad command line is 2, help is 0", async () => {
    assert.equal((await cli("walk", good)).code, 2);
    assert.equal((await cli("check")).code, 2);
    assert.equal((await cli("run", good, "--port", "70000")).code, 2);
    assert.equal((await cli("run", good, "--listen", "nowhere")).code, 2);
    assert.deepEqual([(await cli()).code, (await cli("--help")).code], [2, 0]);
  });

  test("run: a port in use is said so", async () => {
    const port = await freePort();
    const other = createServer().listen(port, "127.0.0.1");
    ends.push(() => other.close());
    const { code, err } = await cli("run", good, "--port", String(port));
    assert.equal(code, 1);
    assert.deepEqual(err, [
      `echarde: 127.0.0.1:${port} is in use by another process; choose another address with --port or --listen`,
    ]);
    const unix = await cli("run", good, "--listen", "unix:/nonexistent/e.sock");
    assert.equal(unix.code, 1);
    assert.match(unix.err[0] ?? "", /unix:\/nonexistent\/e\.sock/);
  });

  test("run: nowhere to listen is a wrong configuration", async () => {
    const file = write("no-listen.yaml", ["protocol: redis", ...body([7001, 7002])]);
    const { code, err } = await cli("run", file);
    assert.deepEqual(
      [code, err],
      [3, [`${file}:1:1: no address to listen on: give \`listen\`, --port or --listen`]],
    );
  });

  test("run: serves until SIGTERM and lets what is in flight finish", {
    skip: skipWithout("redis-server"),
  }, async () => {
    const shards = await Promise.all([startRedis(), startRedis()]);
    for (const shard of shards) ends.push(() => shard.stop());
    const [first, second] = shards;
    assert.ok(first && second);
    const file = write("run.yaml", [
      "protocol: redis",
      "listen: 127.0.0.1:1",
      ...body([first.port, second.port]),
    ]);
    const command = startCommand("cli.ts", [
      "run",
      file,
      "--port",
      "0",
      "--listen",
      `unix:${join(dir, "run.sock")}`,
    ]);
    ends.push(() => command.process.kill("SIGKILL"));
    await command.until(/redis on unix:.*run\.sock/);
    const [, port] = await command.until(/redis on 127\.0\.0\.1:(\d+)/);
    const client = await connectRaw(Number(port), "127.0.0.1");
    client.send(encodeCommand("MSET", "alert:1", "a", "user1", "b"));
    assert.equal((await client.reply()).toString(), "+OK\r\n");
    client.send(encodeCommand("EVAL", "for i = 1, 3e7 do end return 7", "1", "user1"));
    await new Promise((resolve) => setTimeout(resolve, 50));
    command.process.kill("SIGTERM");
    assert.equal((await client.reply()).toString(), ":7\r\n");
    await client.closed;
    assert.equal(await command.ended, 0);
  });
});
