/** `echarde import nutcracker`: every key on the server where a real twemproxy has put it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  connectRaw,
  encodeCommand,
  type RedisServer,
  skipWithout,
  startNutcracker,
  startRedis,
} from "@echarde/testkit/servers";
import { startCommand } from "../../packages/host-node/test/command.ts";

const dir = mkdtempSync(join(tmpdir(), "echarde-import-"));
const cli = fileURLToPath(new URL("../../packages/host-node/src/cli.ts", import.meta.url));
const ends: (() => Promise<unknown> | unknown)[] = [];
after(async () => {
  for (const end of ends.reverse()) await end();
  rmSync(dir, { recursive: true, force: true });
});

function echarde(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const flags = ["--conditions=source", "--import", "tsx", cli, ...args];
  return spawnSync(process.execPath, flags, { encoding: "utf8", timeout: 60_000 });
}

const keys = Array.from({ length: 150 }, (_, i) => (i % 3 === 0 ? `{u${i}}:a` : `key:${i * 7919}`));

/** By which server each key is held. */
async function places(servers: readonly RedisServer[]): Promise<string> {
  const found = await Promise.all(
    servers.map(async ({ port }) => {
      const client = await connectRaw(port);
      for (const key of keys) client.send(encodeCommand("EXISTS", key));
      const replies = await client.replies(keys.length);
      await client.close();
      return replies.map((reply) => (String(reply) === ":1\r\n" ? 1 : 0));
    }),
  );
  return keys.map((_, i) => found.findIndex((has) => has[i] === 1)).join("");
}

describe("import of a nutcracker.yml", { skip: skipWithout("redis-server", "nutcracker") }, () => {
  for (const [name, named, settings] of [
    ["named servers, weights, a tag", true, { hash: "fnv1a_64", hashTag: "{}" }],
    ["servers without names, another hash", false, { hash: "murmur" }],
    ["crc32a", true, { hash: "crc32a" }],
  ] as const) {
    test(`${name}: same key, same server`, async () => {
      const servers = await Promise.all([startRedis(), startRedis(), startRedis()]);
      for (const server of servers) ends.push(() => server.stop());
      const proxy = await startNutcracker({
        servers: servers.map(({ port }, i) => ({
          port,
          weight: i + 1,
          ...(named ? { name: `shard:${i + 1}` } : {}),
        })),
        ...settings,
        settings: { timeout: 400, backlog: 512, auto_eject_hosts: false },
      });
      ends.push(() => proxy.stop());
      const write = await connectRaw(proxy.port);
      for (const key of keys) write.send(encodeCommand("SET", key, key));
      assert.ok(
        (await write.replies(keys.length)).every((reply) => String(reply) === "+OK\r\n"),
        "set",
      );
      await write.close();
      const before = await places(servers);
      assert.equal(new Set(before).size, 3, "every server has some");

      const { status, stdout, stderr } = echarde(
        ...["import", "nutcracker", join(proxy.dir, "nutcracker.yml")],
      );
      assert.deepEqual([status, stderr], [0, ""]);
      assert.match(stdout, /request: 400ms/);
      assert.match(stdout, /^# Not taken over: backlog/m);
      const file = join(dir, `${settings.hash}.yaml`);
      writeFileSync(file, stdout);
      const router = startCommand("cli.ts", ["run", file, "--port", "0"]);
      ends.push(() => router.process.kill("SIGKILL"));
      const [, port] = await router.until(/redis on 127\.0\.0\.1:(\d+)/);
      const client = await connectRaw(Number(port));
      for (const key of keys) client.send(encodeCommand("GET", key));
      const got = (await client.replies(keys.length)).map(String);
      assert.deepEqual(
        got,
        keys.map((key) => `$${key.length}\r\n${key}\r\n`),
      );
      for (const key of keys) client.send(encodeCommand("DEL", key));
      await client.replies(keys.length);
      for (const key of keys) client.send(encodeCommand("SET", key, "again"));
      await client.replies(keys.length);
      await client.close();
      assert.equal(await places(servers), before);
    });
  }

  test("what cannot be taken over is refused or said", () => {
    const file = join(dir, "bad.yml");
    const server = "servers: [127.0.0.1:7001:1 a]";
    for (const [text, words] of [
      [
        "a: { listen: 127.0.0.1:1, redis: true, distribution: modula, servers: ['127.0.0.1:7001:1'] }",
        /distribution modula has no equivalent/,
      ],
      ["a: { listen: 127.0.0.1:1, servers: ['127.0.0.1:7001:1'] }", /is for memcached/],
      [
        `a: { listen: 127.0.0.1:1, redis: true, ${server} }\nb: { redis: true }`,
        /has 2 pools; choose one with --pool: a, b/,
      ],
      ["a: [", /no YAML/],
      [`a: { listen: 127.0.0.1:1, redis: true, hash: md4, ${server} }`, /function/],
    ] as const) {
      writeFileSync(file, text);
      const { status, stderr } = echarde("import", "nutcracker", file);
      assert.equal(status, 3, text);
      assert.match(stderr, words);
    }
    writeFileSync(
      file,
      [
        `a: { listen: 127.0.0.1:1, redis: true, redis_auth: geheim, redis_db: 3, preconnect: true, ${server} }`,
        "b: { redis: true }",
      ].join("\n"),
    );
    const { status, stdout, stderr } = echarde("import", "nutcracker", file, "--pool", "a");
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, /auth: \{ password: "geheim" \}/);
    assert.match(stdout, /default: \{ password: "#[0-9a-f]{64}" \}/);
    assert.match(stdout, /# Not taken over: redis_db 3/);
    assert.match(stdout, /# Not taken over: preconnect/);
  });
});
