/** Servers that want a password, and a router that passes passwords on: nothing is answered that one server would not answer. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  connectRaw,
  encodeCommand,
  type RawClient,
  type RedisServer,
  skipWithout,
  startRedis,
} from "@echarde/testkit/servers";
import type { Command } from "../../packages/codec-redis/src/commands/command.ts";
import { CommandIndex } from "../../packages/codec-redis/src/commands/lookup.ts";
import { ask, type Shards, startShards } from "./shards.ts";
import { type Command as Line, raw, type Step, sameTranscript } from "./transcript.ts";

const skip = skipWithout("redis-server");
const allowed = ["--enable-debug-command", "yes", "--enable-module-command", "yes"];
const args = ["--requirepass", "secret", ...allowed];
const noAuth = "-NOAUTH Authentication required.\r\n";

describe("servers with a password, beside one", { skip }, () => {
  let one: RedisServer;
  let shards: Shards;
  before(async () => {
    [one, shards] = await Promise.all([startRedis({ args }), startShards({ args })]);
  });
  after(async () => {
    await Promise.all([one.stop(), shards.close()]);
  });

  for (const form of ["fewest arguments", "an argument too few"]) {
    it(`every command before AUTH, after a wrong one, after the right one, after RESET: ${form}`, async () => {
      let compared = 0;
      for (const [i, command] of new CommandIndex().all.filter(isKnown).entries()) {
        const words = wordsOf(command, String(i + 1)); // keys of its own
        if (form === "an argument too few") words.pop();
        if (words.length === 0) continue;
        const [expected, got] = await Promise.all(
          [one.port, shards.port].map((port) => allStates(port, command, words)),
        );
        assert.deepEqual(got, expected, words.join(" "));
        compared += 1;
      }
      assert.ok(compared > 300, `${compared} commands`);
    });
  }

  function same(
    name: string,
    script: readonly (Line | Step)[],
    options: { closes?: boolean } = {},
  ): void {
    it(name, async () => {
      const normal = (reply: string): string => reply.replace(/(\$2\r\nid\r\n):\d+/, "$1:ID");
      await sameTranscript(one.port, shards, script, { ...options, normal, password: "secret" });
    });
  }

  const tooLong = "x".repeat(16_385);
  const eleven = ["MGET", ..."abcdefghij"];
  same("a transaction", ["MULTI", "SET k v", "EXEC", "DISCARD", "UNWATCH", "AUTH secret", "EXEC"]);
  same("what is asked for again and again", [
    ...["PING", "PING", "CLIENT SETNAME a", "PING x", "AUTH secret", "CLIENT GETNAME", "PING"],
  ]);
  same("in one breath", ["PING", "AUTH secret", "PING", "RESET", "PING", "AUTH secret", "PING"]);
  same("keys of several servers", ["MSETNX a 1 b 2 c 3", "SINTER a b c", "MSET a", "SCAN x"]);
  same("nothing to unsubscribe from", ["UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE a"]);
  same("quiet", ["CLIENT REPLY OFF", "CLIENT REPLY SKIP", "PING"]);
  same("HELLO with a password", ["PING", "HELLO 3 AUTH default secret", "PING", "CLIENT GETNAME"]);
  same("HELLO without", ["HELLO 3", "HELLO 2", "PING", "HELLO 4", "HELLO x"]);
  same("ten arguments", [eleven.slice(0, 10), ["SET", "k", tooLong.slice(1)]]);
  same("eleven arguments", ["PING", eleven], { closes: true });
  same("eleven arguments at once", [eleven], { closes: true });
  same("a long argument", ["GET k", ["SET", "k", tooLong]], { closes: true });
  same("a long argument at once", [["SET", "k", tooLong]], { closes: true });
  same("a huge argument announced", [raw("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$200000\r\nxyz")], {
    closes: true,
  });
  same("long and many with a password", [
    ...["AUTH secret", eleven, ["SET", "k", tooLong], ["ECHO", tooLong]],
  ]);
  same("long and many after RESET", ["AUTH secret", eleven, "RESET", "PING", eleven], {
    closes: true,
  });
});

describe("servers without a password", { skip }, () => {
  let shards: Shards;
  before(async () => {
    shards = await startShards();
  });
  after(() => shards.close());

  it("are asked once for a client, and only when the router would answer first", async () => {
    const commands = async (): Promise<number> => {
      const stats = await Promise.all(
        shards.servers.map(({ port }) => ask(port, ["INFO", "commandstats"])),
      );
      const calls = stats.join("").matchAll(/cmdstat_(?:ping|reset):calls=(\d+)/g);
      return [...calls].reduce((sum, [, count]) => sum + Number(count), 0);
    };
    const before = await commands();
    const client = await shards.connect();
    await talk(client, "GET k");
    await talk(client, "MSET a 1 b 2 c 3");
    assert.equal(await commands(), before);
    for (let i = 0; i < 5; i++) assert.equal(await talk(client, "PING"), "+PONG\r\n");
    assert.equal(await commands(), before + 1);
    const second = await shards.connect();
    for (let i = 0; i < 5; i++) assert.equal(await talk(second, "PING"), "+PONG\r\n");
    assert.equal(await commands(), before + 3); // RESET and PING
    await Promise.all([client.close(), second.close()]);
  });

  it("take a large first value of a client that sends nothing more", async () => {
    const client = await shards.connect();
    client.send(encodeCommand("SET", "big", "x".repeat(100_000)));
    client.end();
    assert.equal(String(await client.reply()), "+OK\r\n");
    await client.close();
    const many = await shards.connect();
    many.send(encodeCommand("DEL", "big", ..."abcdefghijkl"));
    many.end();
    assert.match(String(await many.reply()), /^:\d+\r\n$/);
    await many.close();
  });
});

describe("a password that comes and goes", { skip }, () => {
  for (const first of ["PING", "GET k"]) {
    it(`clients that come later need it, those before do not (first ${first})`, async (context) => {
      const [one, shards] = await Promise.all([startRedis(), startShards()]);
      context.after(() => Promise.all([one.stop(), shards.close()]));
      const ports = [one.port, ...shards.servers.map(({ port }) => port)];
      const set = async (from: string | undefined, to: string): Promise<void> => {
        const command = ["CONFIG", "SET", "requirepass", to];
        for (const port of ports) assert.equal(await ask(port, command, from), "+OK\r\n");
      };
      const both = (): Promise<RawClient[]> =>
        Promise.all([connectRaw(one.port), shards.connect()]);
      const same = async (clients: readonly RawClient[], line: string, reply: string) => {
        for (const client of clients) assert.equal(await talk(client, line), reply, line);
      };
      const early = await both();
      await same(early, first, first === "PING" ? "+PONG\r\n" : "$-1\r\n");
      await same(early, "SET k v", "+OK\r\n");
      await set(undefined, "secret");
      const late = await both();
      await same(late, "PING", noAuth);
      for (const line of ["GET k", "MULTI", "MGET a b c", "CLIENT ID"])
        await same(late, line, noAuth);
      const later = await both();
      await same(later, "GET k", noAuth);
      await same(later, "DBSIZE", noAuth);
      await same(early, "GET k", "$1\r\nv\r\n");
      await same(early, "ECHO x", "$1\r\nx\r\n");
      await same(late, "AUTH secret", "+OK\r\n");
      await same(late, "GET k", "$1\r\nv\r\n");
      await set("secret", "");
      for (const clients of [early, late, later]) {
        await same(clients, "PING", "+PONG\r\n");
        await same(clients, "GET k", "$1\r\nv\r\n");
      }
      await set(undefined, "other");
      const last = await both();
      await same(last, "PING", noAuth);
      await same(last, "GET k", noAuth);
      await same(
        last,
        "AUTH secret",
        "-WRONGPASS invalid username-password pair or user is disabled.\r\n",
      );
      await same(last, "AUTH other", "+OK\r\n");
      await same(last, "GET k", "$1\r\nv\r\n");
      for (const client of [early, late, later, last].flat()) await client.close();
    });
  }
});

/** Whether Redis 7.0 knows it. */
function isKnown({ name }: Command): boolean {
  return name !== "client|setinfo" && name !== "client|no-touch";
}

/** The command with as few arguments as it takes. */
function wordsOf({ name, arity }: Command, argument: string): string[] {
  const words = name.split("|");
  while (words.length < Math.abs(arity)) words.push(argument);
  return words;
}

/** What it is answered in every state of a connection. */
async function allStates(
  port: number,
  command: Command,
  words: readonly string[],
): Promise<string[]> {
  const client = await connectRaw(port);
  const said: string[] = [];
  try {
    for (const line of [words, ["AUTH", "wrong"], words, ["AUTH", "secret"]]) {
      said.push(await talk(client, line));
      if (client.ended || command.name === "quit") return said;
    }
    if (isTame(command)) said.push(await talk(client, words));
    said.push(await talk(client, ["RESET"]));
    said.push(await talk(client, words));
  } finally {
    await client.close();
  }
  return said.map((reply) => reply.replace(/(\$2\r\nid\r\n):\d+/, "$1:ID"));
}

/** Whether a client that may may send it here, and gets the same reply twice. */
function isTame({ name, decision: { kind } }: Command): boolean {
  if (kind === "refuse" || kind.startsWith("admin-") || kind.startsWith("client-")) return false;
  if (/^b|block|^x(read|auto)|subscribe|help$|^command|^acl|^time$|^psetex$|^randomkey$/.test(name))
    return false;
  return !/^(info|lastsave|lolwut|scan|memory.*|config.get|function.*|reset|role|hello)$/.test(
    name,
  );
}

async function talk(client: RawClient, line: string | readonly string[]): Promise<string> {
  client.send(encodeCommand(...(typeof line === "string" ? line.split(" ") : line)));
  return String(await client.reply());
}
