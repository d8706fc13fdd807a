/** The main job, as `npm start` runs it. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connectRaw, encodeCommand, freePort, skipWithout } from "@echarde/testkit/servers";
import { type RunningCommand, startCommand } from "../../test/command.ts";

const ends: (() => Promise<unknown> | unknown)[] = [];
after(async () => {
  for (const end of ends.reverse()) await end();
});

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** All processes, from /proc. */
function processes(): Process[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      const command = readFileSync(`/proc/${name}/cmdline`, "latin1").replaceAll("\0", " ");
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return state === "Z" ? [] : [{ pid: Number(name), parent: Number(parent), command }];
    } catch {
      return []; // it ended meanwhile
    }
  });
}

function descendants(root: number): Process[] {
  const all = processes();
  const found: Process[] = [];
  const parents = new Set([root]);
  for (let size = 0; size !== parents.size; ) {
    size = parents.size;
    for (const each of all) if (parents.has(each.parent)) parents.add(each.pid);
  }
  for (const each of all) if (each.pid !== root && parents.has(each.pid)) found.push(each);
  return found;
}

function isAlive(pid: number): boolean {
  return processes().some((each) => each.pid === pid);
}

async function started(): Promise<{
  command: RunningCommand;
  port: number;
  children: Process[];
  dirs: string[];
}> {
  const command = startCommand("start/main.ts", ["--port", "0"]);
  ends.push(() => command.process.kill("SIGKILL"));
  const [, port] = await command.until(/redis-cli -p (\d+) mget/);
  const children = descendants(command.process.pid ?? 0);
  assert.equal(
    children.filter(({ command: line }) => /redis-server 127\.0\.0\.1:\d+/.test(line)).length,
    3,
  );
  const dirs = children.flatMap(({ command: line }) => / supervisor (\S+) /.exec(line)?.[1] ?? []);
  assert.equal(new Set(dirs).size, 3);
  for (const dir of dirs) assert.ok(existsSync(dir));
  return { command, port: Number(port), children, dirs };
}

async function nothingLeft(children: readonly Process[], dirs: readonly string[]): Promise<void> {
  const by = Date.now() + 5_000;
  while (
    Date.now() < by &&
    (children.some(({ pid }) => isAlive(pid)) || dirs.some((dir) => existsSync(dir)))
  ) {
    await sleep(10);
  }
  assert.deepEqual(
    children.filter(({ pid }) => isAlive(pid)),
    [],
  );
  assert.deepEqual(
    dirs.filter((dir) => existsSync(dir)),
    [],
  );
}

const skip = existsSync("/proc/self/stat") ? skipWithout("redis-server") : "needs /proc";

describe("npm start", () => {
  test("starts empty, sends nothing of its own, shows traffic, and ends cleanly", {
    skip,
  }, async () => {
    const { command, port, children, dirs } = await started();
    const client = await connectRaw(port, "127.0.0.1");
    ends.push(() => client.close());
    client.send(encodeCommand("DBSIZE"));
    assert.equal((await client.reply()).toString(), ":0\r\n");
    client.send(encodeCommand("INFO", "commandstats"));
    assert.doesNotMatch((await client.reply()).toString(), /cmdstat_(?!ping|dbsize|info)/);
    client.send(encodeCommand("SET", "user1", "ann"));
    await client.reply();
    client.send(encodeCommand("INCR", "user1"));
    await client.reply();
    command.process.kill("SIGTERM");
    assert.equal(await command.ended, 0);
    assert.match(
      command.output(),
      /redis2: \d+ requests \(\d+\/s\), 1 errors, 0 in flight, p50 \d/,
    );
    await nothingLeft(children, dirs);
  });

  test("Ctrl-C ends it", { skip }, async () => {
    const { command, children, dirs } = await started();
    command.process.kill("SIGINT");
    assert.equal(await command.ended, 0);
    await nothingLeft(children, dirs);
  });

  test("leaves nothing behind when it is killed outright", { skip }, async () => {
    const { command, children, dirs } = await started();
    command.process.kill("SIGKILL");
    assert.equal(await command.ended, "SIGKILL");
    await nothingLeft(children, dirs);
  });

  test("a port in use is a clear message, and nothing is left", { skip }, async () => {
    const port = await freePort();
    const other = createServer().listen(port, "127.0.0.1");
    ends.push(() => other.close());
    const command = startCommand("start/main.ts", ["redis", "--port", String(port)]);
    assert.equal(await command.ended, 1);
    assert.match(
      command.output(),
      new RegExp(
        `^127\\.0\\.0\\.1:${port} is in use by another process; choose another port: npm start -- --port ${port + 1}\\n$`,
      ),
    );
  });

  test("mqtt: two brokers of its own, which end with it", {
    skip: existsSync("/proc/self/stat") ? skipWithout("mosquitto") : "needs /proc",
  }, async () => {
    const command = startCommand("start/main.ts", ["mqtt", "--port", "0"]);
    ends.push(() => command.process.kill("SIGKILL"));
    const [, port] = await command.until(/mosquitto_sub -p (\d+)/);
    const children = descendants(command.process.pid ?? 0);
    const brokers = children.filter(({ command: line }) => /mosquitto -c /.test(line));
    assert.ok(brokers.length >= 2, "two brokers run");
    const dirs = children.flatMap(
      ({ command: line }) => / supervisor (\S+) /.exec(line)?.[1] ?? [],
    );
    const client = connect(Number(port), "127.0.0.1");
    ends.push(() => client.destroy());
    client.write(Buffer.from("100d00044d5154540402003c000161", "hex")); // CONNECT
    const [connack] = (await once(client, "data")) as [Buffer];
    assert.equal(connack.toString("hex"), "20020000");
    command.process.kill("SIGTERM");
    assert.equal(await command.ended, 0);
    await nothingLeft(children, dirs);
  });

  test("another protocol is refused with the names of those that there are", async () => {
    const command = startCommand("start/main.ts", ["http"]);
    assert.equal(await command.ended, 2);
    assert.match(command.output(), /^no such protocol: http\. There are: redis, .*kafka/);
  });
});
