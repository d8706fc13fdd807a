import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startNutcracker } from "./nutcracker.ts";
import { startPipe } from "./pipe.ts";
import { startProgram } from "./program.ts";
import { available, required, skipWithout } from "./programs.ts";
import { connectRaw } from "./raw.ts";
import { startRedis } from "./redis-server.ts";
import { encodeCommand } from "./resp.ts";

const skip = skipWithout("redis-server");

/** Whether a process is there; a zombie is not. */
function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function ask(port: number, ...args: string[]): Promise<string> {
  const client = await connectRaw(port);
  client.send(encodeCommand(...args));
  const reply = String(await client.reply());
  await client.close();
  return reply;
}

async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    assert.ok(tries < 300, `${what}: not after 3 s`);
    await sleep(10);
  }
}

test("required: a missing program fails only when it is named", () => {
  const before = process.env["ECHARDE_REQUIRE"];
  try {
    process.env["ECHARDE_REQUIRE"] = "no-such-program-2, other";
    assert.equal(required("no-such-program"), false);
    assert.throws(() => required("no-such-program-2"), /ECHARDE_REQUIRE/);
    assert.equal(skipWithout("sh", "no-such-program"), "not installed: no-such-program");
    assert.equal(required("sh"), available("sh"));
    assert.equal(skipWithout("sh"), false);
  } finally {
    if (before === undefined) delete process.env["ECHARDE_REQUIRE"];
    else process.env["ECHARDE_REQUIRE"] = before;
  }
});

test("redis: start, hang, crash, restart, stop", { skip }, async () => {
  const server = await startRedis({ args: ["--appendonly", "yes", "--appendfsync", "always"] });
  assert.equal(await ask(server.port, "SET", "k", "v"), "+OK\r\n");
  assert.match(await ask(server.port, "INFO", "server"), new RegExp(`process_id:${server.pid}\\r`));

  server.suspend();
  const client = await connectRaw(server.port);
  client.send(encodeCommand("GET", "k"));
  await assert.rejects(client.reply(100), /in 100 ms/);
  server.resume();
  assert.equal(String(await client.reply()), "$1\r\nv\r\n");

  const first = server.pid;
  await server.kill();
  await client.closed;
  await client.close();
  assert.equal(server.running, false);
  assert.ok(existsSync(server.dir));
  await assert.rejects(connectRaw(server.port), { code: "ECONNREFUSED" });
  await server.restart();
  assert.notEqual(server.pid, first);
  assert.equal(await ask(server.port, "GET", "k"), "$1\r\nv\r\n");

  assert.ok(existsSync(server.dir));

  server.suspend();
  const before = performance.now();
  await server.stop();
  assert.ok(performance.now() - before < 2_000, "it went on and ended by itself");
  assert.equal(existsSync(server.dir), false);
  assert.equal(alive(server.pid), false);
  await server.restart();
  assert.equal(await ask(server.port, "GET", "k"), "$-1\r\n");
  await server.stop();
  assert.equal(existsSync(server.dir), false);
});

test("many servers at once each have a port of their own", { skip }, async () => {
  const servers = await Promise.all(Array.from({ length: 8 }, () => startRedis()));
  try {
    assert.equal(new Set(servers.map((server) => server.port)).size, 8);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
});

test("a port in use is a clear error, and another one is taken where that is allowed", {
  skip,
}, async () => {
  const stranger = createServer((socket) => socket.end("+PONG\r\n")).listen(0, "127.0.0.1");
  await once(stranger, "listening");
  const { port } = stranger.address() as AddressInfo;
  await assert.rejects(startRedis({ port }), /already in use/);

  // a stranger that binds between our look and the server's start, twice
  let prepared = 0;
  const server = await startProgram({
    name: "redis",
    program: available("redis-server") as string,
    prepare: (free, dir) => ["--port", String(++prepared <= 2 ? port : free), "--dir", dir],
  });
  assert.equal(prepared, 3);
  assert.equal(await ask(server.port, "PING"), "+PONG\r\n");
  await server.stop();
  stranger.close();
});

test("a program that cannot start says why", { skip }, async () => {
  await assert.rejects(startRedis({ args: ["--no-such-option", "1"] }), /no-such-option/);
  await assert.rejects(
    startProgram({ name: "absent", program: "/no/such/program", prepare: () => [] }),
    /status 127/,
  );
});

test("twemproxy spreads keys over its servers", {
  skip: skipWithout("redis-server", "nutcracker"),
}, async () => {
  const servers = await Promise.all([startRedis(), startRedis()]);
  const proxy = await startNutcracker({ servers, hashTag: "{}", distribution: "modula" });
  try {
    for (let i = 0; i < 50; i++) {
      assert.equal(await ask(proxy.port, "SET", `key${i}`, String(i)), "+OK\r\n");
    }
    assert.equal(await ask(proxy.port, "GET", "key7"), "$1\r\n7\r\n");
    for (const server of servers) assert.notEqual(await ask(server.port, "DBSIZE"), ":0\r\n");
  } finally {
    await proxy.stop();
    await Promise.all(servers.map((server) => server.stop()));
  }
});

test("the pipe passes bytes both ways and ends", { skip }, async () => {
  const server = await startRedis();
  const pipe = await startPipe(server.port);
  try {
    const client = await connectRaw(pipe.port);
    client.send(encodeCommand("SET", "k", Buffer.alloc(1_000_000)));
    client.send(encodeCommand("STRLEN", "k"));
    assert.deepEqual((await client.replies(2)).map(String), ["+OK\r\n", ":1000000\r\n"]);
    client.send(encodeCommand("QUIT"));
    await client.closed;
    await client.close();
  } finally {
    await pipe.stop();
    await server.stop();
  }
});

for (const how of ["SIGKILL", "SIGINT", "SIGTERM", "exit", "throw", "end"] as const) {
  test(`nothing is left behind when this process goes by ${how}`, { skip }, async () => {
    const script = `
      import { startRedis } from ${JSON.stringify(new URL("./index.ts", import.meta.url).href)};
      const server = await startRedis();
      server.suspend();
      process.stdout.write(JSON.stringify({ pid: server.pid, dir: server.dir }) + "\\n");
      if (${how === "exit"}) process.exit(3);
      if (${how === "throw"}) throw new Error("as a failed test");
      if (${how.startsWith("SIG")}) setInterval(() => {}, 1000);
    `;
    const parent = spawn(
      process.execPath,
      ["--conditions=source", "--import", "tsx", "--input-type=module", "-e", script],
      { stdio: ["ignore", "pipe", "ignore"] },
    );
    const [line] = await once(parent.stdout, "data");
    const { pid, dir } = JSON.parse(String(line)) as { pid: number; dir: string };
    if (how.startsWith("SIG")) {
      assert.ok(alive(pid) && existsSync(dir));
      parent.kill(how as NodeJS.Signals);
    }
    if (parent.exitCode === null && parent.signalCode === null) await once(parent, "exit");
    await eventually("the server is gone", () => !alive(pid));
    await eventually("its folder is gone", () => !existsSync(dir));
  });
}
