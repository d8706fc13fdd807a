/** The bridge as a process: killed under load, over TLS, its health and counters; and another table under load. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";
import { encodeControl, FrameReader, frameHead } from "@echarde/host-proxy-wasm";
import {
  connectRaw,
  encodeCommand,
  freePort,
  type RawClient,
  type RedisServer,
  type RunningProgram,
  startProgram,
  startRedis,
} from "@echarde/testkit/servers";
import { decode } from "@msgpack/msgpack";
import { type Authority, makeAuthority } from "../security/certificates.ts";
import { type Mesh, skip, startMesh } from "./mesh.ts";

const cli = fileURLToPath(new URL("../../packages/host-node/src/cli.ts", import.meta.url));
const names = ["redis1", "redis2", "redis3"];

/** `echarde bridge` in a process of its own. */
function startBridgeProcess(
  configuration: unknown,
  ...options: readonly string[]
): Promise<RunningProgram> {
  return startProgram({
    name: "bridge",
    program: process.execPath,
    readyTimeout: 60_000,
    prepare: (port, dir) => {
      const file = join(dir, "echarde.json");
      writeFileSync(file, JSON.stringify(configuration));
      const node = ["--conditions=source", "--import", "tsx", cli];
      return [...node, "bridge", file, "--listen", `127.0.0.1:${port}`, ...options];
    },
  });
}

describe("under load", { skip, timeout: 300_000 }, () => {
  let servers: RedisServer[] = [];
  let bridge: RunningProgram;
  let mesh: Mesh;
  before(async () => {
    servers = await Promise.all(names.map(() => startRedis()));
    const clusters = Object.fromEntries(
      servers.map(({ port }, i) => [`redis${i + 1}`, { endpoints: [`127.0.0.1:${port}`] }]),
    );
    bridge = await startBridgeProcess({ protocol: "redis", clusters, localCluster: "redis1" });
    mesh = await startMesh({
      route: "frame",
      servers: servers.map(({ port }) => port),
      emit: { bridge: `127.0.0.1:${bridge.port}` },
    });
  });
  after(async () => {
    await mesh.close();
    await bridge.stop();
    await Promise.all(servers.map((server) => server.stop()));
  });

  test("the bridge is killed and comes back: clients lose their connection, no answer is another's", async () => {
    let over = false;
    const answered = [0, 0, 0, 0, 0, 0];
    const writers = answered.map(async (_, writer) => {
      const keys = [0, 1, 2].map((server) => mesh.keyOn(server, `writer${writer}`));
      let client: RawClient | null = null;
      let tried = 0;
      let stored = 0;
      while (!over) {
        try {
          client ??= await mesh.connect();
          tried += 1;
          const value = String(tried);
          client.send(encodeCommand("MSET", ...keys.flatMap((key) => [key, value])));
          client.send(encodeCommand("MGET", ...keys));
          const replies: readonly Buffer[] = await client.replies(2, 30_000);
          const [set, got] = replies.map(String);
          if (set !== "+OK\r\n") {
            assert.match(set ?? "", /^-ERR upstream/);
            continue;
          }
          assert.equal(got, `*3\r\n${`$${value.length}\r\n${value}\r\n`.repeat(3)}`);
          stored = tried;
          answered[writer] = (answered[writer] ?? 0) + 1;
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          await client?.close();
          client = null;
          await sleep(5);
        }
      }
      await client?.close();
      return { key: keys[1] ?? "", stored, tried };
    });
    const progress = async (more: number): Promise<void> => {
      const from = [...answered];
      await mesh.until(async () => answered.every((now, i) => now >= (from[i] ?? 0) + more));
    };
    try {
      for (let kill = 0; kill < 3; kill++) {
        await progress(20);
        await bridge.kill();
        await bridge.restart();
      }
      await progress(20);
    } finally {
      over = true;
    }
    const direct = await mesh.direct(1);
    try {
      for (const { key, stored, tried } of await Promise.all(writers)) {
        direct.send(encodeCommand("GET", key));
        const value = Number(String(await direct.reply()).split("\r\n")[1]);
        assert.ok(value >= stored && value <= tried, `${key}: ${value} of ${stored} to ${tried}`);
      }
    } finally {
      await direct.close();
    }
  });

  test("another table, again and again, fails no request", async () => {
    for (const { port } of servers) {
      const direct = await connectRaw(port);
      try {
        direct.send(encodeCommand("SET", "moved:1", "same"));
        assert.equal(String(await direct.reply()), "+OK\r\n");
      } finally {
        await direct.close();
      }
    }
    const keys = [0, 1, 2].map((server) => mesh.keyOn(server, "stays"));
    const expected = `*4\r\n${"$4\r\nsame\r\n".repeat(4)}`;
    let over = false;
    let answered = 0;
    const clients = await Promise.all(Array.from({ length: 8 }, () => mesh.connect()));
    clients[0]?.send(encodeCommand("MSET", ...keys.flatMap((key) => [key, "same"])));
    assert.equal(String(await clients[0]?.reply()), "+OK\r\n");
    const load = clients.map(async (client) => {
      while (!over) {
        for (let i = 0; i < 4; i++) client.send(encodeCommand("MGET", "moved:1", ...keys));
        for (const reply of await client.replies(4, 30_000)) assert.equal(String(reply), expected);
        answered += 1;
      }
    });
    const failed = Promise.all(load);
    failed.catch(() => {}); // looked at below
    try {
      for (let i = 0; i < 8; i++) {
        const before = await mesh.stat("wasmcustom.echarde.redis.configurations");
        const from = answered;
        const rules = mesh.table["routes"] as readonly unknown[];
        const moved = { prefix: "moved:", cluster: names[i % names.length] };
        mesh.swap({ ...mesh.table, routes: [moved, ...rules] });
        await mesh.until(
          async () =>
            (await mesh.stat("wasmcustom.echarde.redis.configurations")) > before &&
            answered > from + 8,
        );
      }
    } finally {
      over = true;
    }
    await failed;
    for (const client of clients) {
      assert.ok(!client.ended, "no connection is closed");
      await client.close();
    }
  });
});

describe("mutual TLS", { skip, timeout: 120_000 }, () => {
  let authority: Authority;
  let redis: RedisServer;
  let bridge: RunningProgram;
  let admin = 0;
  before(async () => {
    authority = makeAuthority();
    redis = await startRedis();
    admin = await freePort();
    const { cert, key } = authority.issue("bridge", "IP:127.0.0.1");
    bridge = await startBridgeProcess(
      {
        protocol: "redis",
        clusters: { redis1: { endpoints: [`127.0.0.1:${redis.port}`] } },
        localCluster: "redis1",
        tls: { cert, key, ca: authority.ca, clientCert: "required" },
      },
      ...["--admin", `127.0.0.1:${admin}`],
    );
  });
  after(async () => {
    await bridge.stop();
    await redis.stop();
    authority.remove();
  });

  const page = async (path: string): Promise<string> =>
    (await fetch(`http://127.0.0.1:${admin}${path}`)).text();

  test("a peer with a certificate gets frames, one without gets nothing; health and counters say so", async () => {
    assert.equal(await page("/healthz"), "ok\n");
    const pair = authority.issue("envoy", "DNS:envoy");
    const peer = connectTls({
      ...{ host: "127.0.0.1", port: bridge.port, ca: authority.pem },
      ...{ cert: readFileSync(pair.cert), key: readFileSync(pair.key) },
    });
    try {
      say(peer, 1, ["open", "redis1", `127.0.0.1:${redis.port}`]);
      say(peer, 2, ["open", "redis1", "127.0.0.1:1"]);
      const data = encodeCommand("PING");
      peer.write(Buffer.concat([frameHead(1, data.length, false), data]));
      const said = await heard(peer, 3);
      assert.deepEqual(said.toSorted(), [
        "1 +PONG\r\n",
        '1 ["opened"]',
        '2 ["lost","not configured"]',
      ]);
      const metrics = await page("/metrics");
      for (const line of [
        "echarde_bridge_sessions 1",
        "echarde_bridge_links 1",
        "echarde_bridge_links_total 1",
        "echarde_bridge_links_refused_total 1",
        `echarde_bridge_to_servers_bytes_total ${data.length}`,
        "echarde_bridge_to_peers_bytes_total 7",
      ]) {
        assert.ok(metrics.split("\n").includes(line), `${line} in:\n${metrics}`);
      }
    } finally {
      peer.destroy();
    }
    const stranger = connectTls({ host: "127.0.0.1", port: bridge.port, ca: authority.pem });
    const bytes: Buffer[] = [];
    stranger.on("data", (chunk: Buffer) => bytes.push(chunk));
    await new Promise<void>((resolve) => {
      stranger.on("error", () => {});
      stranger.on("close", () => resolve());
      stranger.on("secureConnect", () => say(stranger, 1, ["open", "redis1", "127.0.0.1:1"]));
    });
    assert.equal(bytes.length, 0, "a stranger hears nothing");
    assert.match(await page("/metrics"), /^echarde_bridge_links_refused_total 1$/m);
  });
});

function say(peer: TLSSocket, link: number, message: Parameters<typeof encodeControl>[0]): void {
  const words = encodeControl(message);
  peer.write(Buffer.concat([frameHead(link, words.length, true), words]));
}

/** The first frames that come, as text. */
function heard(peer: TLSSocket, count: number): Promise<string[]> {
  const reader = new FrameReader();
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    peer.on("error", reject);
    peer.on("close", () => reject(new Error(`closed after ${said.join(" | ")}`)));
    peer.on("data", (chunk: Buffer) => {
      reader.append(chunk);
      while (reader.next()) {
        const { link, data, control } = reader;
        const words = control.length > 0 ? JSON.stringify(decode(control)) : Buffer.from(data);
        said.push(`${link} ${String(words)}`);
      }
      reader.keep();
      if (said.length >= count) resolve(said);
    });
  });
}
