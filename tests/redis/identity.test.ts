/** Who a session is: passwords, users, databases and names, over links that sessions share. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  encodeCommand,
  type RawClient,
  type RedisServer,
  skipWithout,
  startRedis,
} from "@echarde/testkit/servers";
import { ask, type Shards, startShards } from "./shards.ts";
import { type Command, type Step, sameTranscript, say } from "./transcript.ts";

const skip = skipWithout("redis-server");
const users = [
  ...["--requirepass", "secret"],
  ...["--user", "alice", "on", ">pw", "~*", "&*", "+@all"],
  ...["--user", "bob", "on", ">pw", "~bob:*", "&bob:*", "+@all", "-@dangerous"],
  ...["--user", "carol", "on", ">pw", "~*", "&*", "+@all", "-multi"],
  ...["--user", "gone", "off", ">pw", "~*", "+@all"],
];

describe("who a session is, beside one server", { skip }, () => {
  let one: RedisServer;
  let shards: Shards;
  before(async () => {
    [one, shards] = await Promise.all([startRedis({ args: users }), startShards({ args: users })]);
  });
  after(async () => {
    await Promise.all([one.stop(), shards.close()]);
  });

  function same(
    name: string,
    script: readonly (Command | Step)[],
    options: { closes?: boolean; unfenced?: boolean } = {},
  ): void {
    it(name, async () => {
      const normal = (reply: string): string => reply.replace(/(\$2\r\nid\r\n):\d+/, "$1:ID");
      await sameTranscript(one.port, shards, script, { ...options, normal, password: "secret" });
    });
  }

  describe("before AUTH", () => {
    for (const command of ["GET k", "SET k v", "MGET a b c", "DBSIZE", "SCAN 0", "INFO"]) {
      same(command, [command, "AUTH secret"]);
    }
    for (const command of ["SUBSCRIBE a", "BLPOP l 0", "WATCH k", "SELECT 1", "COMMAND COUNT"]) {
      same(command, [command, "AUTH secret"]);
    }
    for (const command of ["FOO bar", "GET", "RESET", "HELLO", "HELLO 3", "HELLO 3 SETNAME x"]) {
      same(command, [command, "AUTH secret"]);
    }
    same("QUIT", ["QUIT"], { closes: true });
  });

  same("AUTH", ["AUTH wrong", "GET k", "AUTH secret", "GET k", "AUTH wrong", "GET k"]);
  same("AUTH of users", [
    ...[
      "AUTH alice wrong",
      "AUTH alice pw",
      "ACL WHOAMI",
      "SET k v",
      "AUTH nobody pw",
      "ACL WHOAMI",
    ],
    ...["AUTH gone pw", "AUTH default secret", "ACL WHOAMI", "AUTH bob pw", "ACL WHOAMI"],
  ]);
  same("a user that may do little", [
    ...["AUTH bob pw", "SET bob:1 x", "SET k x", "GET k", "MGET bob:1 bob:2 bob:3", "FLUSHALL"],
    ...["MGET bob:1 k bob:2", "PUBLISH bob:1 x", "PUBLISH other x", "SUBSCRIBE other", "KEYS *"],
    ...["SUBSCRIBE bob:1", "UNSUBSCRIBE bob:1", "MULTI", "SET bob:1 y", "GET k", "EXEC"],
  ]);
  same("HELLO with AUTH", [
    ...["HELLO 3 AUTH alice wrong", "GET k", "HELLO 3 AUTH alice pw SETNAME me", "ACL WHOAMI"],
    ...["CLIENT GETNAME", "HELLO 2", "ACL WHOAMI", "HELLO 2 AUTH bob pw", "GET k"],
  ]);
  same("RESET", ["AUTH secret", "GET k", "RESET", "GET k", "AUTH alice pw", "ACL WHOAMI"]);
  same("AUTH in a transaction", [
    "AUTH secret",
    "MULTI",
    "SET k v",
    "EXEC",
    "AUTH bob pw",
    "GET k",
  ]);
  same("AUTH and SELECT", [
    ...["AUTH secret", "SELECT 2", "SET k 2", "AUTH alice pw", "GET k", "SELECT 0", "GET k"],
    ...["AUTH bob wrong", "SELECT 2", "GET k", "RPUSH l x", "BLPOP l 0", say("SUBSCRIBE a b", 2)],
  ]);

  same("a transaction that does not begin while keys are watched", [
    ...["AUTH carol pw", "WATCH k", "MULTI", "SET k v", "EXEC", "MGET a b c k", "UNWATCH", "GET k"],
  ]);

  it("runs nothing outside of a transaction that a server does not begin", async () => {
    const client = await shards.connect();
    for (const first of ["SET carol inside", "ECHO x"]) {
      const lines = ["AUTH carol pw", "MULTI", first, "SET carol inside", "EXEC", "GET carol"];
      for (const line of lines) client.send(encodeCommand(...line.split(" ")));
      const replies = (await client.replies(lines.length)).map(String);
      assert.match(replies[first === "ECHO x" ? 3 : 2] ?? "", /^-NOPERM .*multi/, first);
      assert.match(replies[4] ?? "", /^-EXECABORT /, first);
      assert.equal(replies[5], "$-1\r\n", first);
    }
    const lines = ["MULTI", "PUBLISH c x", "CLIENT SETNAME inside", "EXEC", "CLIENT GETNAME"];
    for (const line of lines) client.send(encodeCommand(...line.split(" ")));
    const replies = (await client.replies(lines.length)).map(String);
    assert.match(replies[3] ?? "", /^-NOPERM .*multi/);
    assert.equal(replies[4], "$-1\r\n");
    await client.close();
  });

  it("aborts a transaction when a server refuses what came before its first key", async () => {
    const client = await shards.connect();
    const lines = ["AUTH bob pw", "MULTI", "CONFIG GET save", "SET bob:1 inside", "PING", "EXEC"];
    for (const line of [...lines, "GET bob:1"]) client.send(encodeCommand(...line.split(" ")));
    const replies = (await client.replies(lines.length + 1)).map(String);
    assert.match(replies[3] ?? "", /^-NOPERM .*config/);
    assert.match(replies[5] ?? "", /^-EXECABORT /);
    assert.notEqual(replies[6], "$6\r\ninside\r\n");
    await client.close();
  });
});

describe("clients that share links", { skip }, () => {
  let shards: Shards;
  before(async () => {
    shards = await startShards({ args: users });
  });
  after(() => shards.close());

  it("keeps databases, users and protocols of forty clients apart", async () => {
    const kinds = ["default secret", "alice pw"].flatMap((user) =>
      [0, 1, 5].flatMap((database) => [2, 3].map((protocol) => ({ user, database, protocol }))),
    );
    const clients = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        const kind = kinds[i % kinds.length] ?? fail();
        const client = await shards.connect();
        const lines = [`AUTH ${kind.user}`, `SELECT ${kind.database}`, `HELLO ${kind.protocol}`];
        await talk(client, [...lines, `CLIENT SETNAME c${i}`]);
        return { client, i, ...kind };
      }),
    );
    let checked = 0;
    await Promise.all(
      clients.map(async ({ client, i, user, database, protocol }) => {
        for (let round = 0; round < 20; round++) {
          const key = `${user.split(" ")[0]}:${database}:${i}:${round}`;
          const value = `${key} of client ${i}`;
          const commands = [
            ["SET", key, value],
            ["GET", key],
            ["MGET", key, `${key}:none`, key],
            ["ACL", "WHOAMI"],
            ["CLIENT", "GETNAME"],
            ["HSET", `${key}:h`, "f", value],
            ["HGETALL", `${key}:h`],
            ["MULTI"],
            ["GET", key],
            ["EXEC"],
          ];
          for (const command of commands) client.send(encodeCommand(...command));
          const replies = (await client.replies(commands.length)).map(String);
          const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;
          const none = protocol === 3 ? "_\r\n" : "$-1\r\n";
          const pair = protocol === 3 ? "%1\r\n" : "*2\r\n";
          assert.deepEqual(replies, [
            "+OK\r\n",
            bulk(value),
            `*3\r\n${bulk(value)}${none}${bulk(value)}`,
            bulk(user.split(" ")[0] ?? ""),
            bulk(`c${i}`),
            ":1\r\n",
            `${pair}${bulk("f")}${bulk(value)}`,
            "+OK\r\n",
            "+QUEUED\r\n",
            `*1\r\n${bulk(value)}`,
          ]);
          checked += replies.length;
        }
      }),
    );
    assert.equal(checked, 40 * 20 * 10);
    await assertWhere(shards, clients);
    for (const { client } of clients) await client.close();
  });

  it("tries credentials and databases on links of their own", async () => {
    const [good, bad] = await Promise.all([shards.connect(), shards.connect()]);
    await talk(good, ["AUTH secret", "SET k 0"]);
    const connections = await connectionsOf(shards);
    for (let i = 0; i < 20; i++) {
      await talk(bad, [`AUTH wrong${i}`, `AUTH alice wrong${i}`, "SELECT 99", "GET k"], "-");
      await talk(good, ["GET k", "SELECT 3", "GET k", "SELECT 0"]);
    }
    await talk(bad, ["AUTH alice pw", "SELECT 7", "SET k 7"]);
    assert.deepEqual(await talk(good, ["GET k", "ACL WHOAMI"]), [
      "$1\r\n0\r\n",
      "$7\r\ndefault\r\n",
    ]);
    const more = (await connectionsOf(shards)) - connections;
    assert.ok(more <= 6, `${more} more connections to the servers stay open`);
    await Promise.all([good.close(), bad.close()]);
  });

  it("names links of a client's own alone", async () => {
    const client = await shards.connect();
    const key = shards.keyOn(1, "l");
    await talk(client, ["AUTH secret", "CLIENT SETNAME seen", "GET a", "GET b", "GET c"]);
    const names = async (): Promise<string[]> => {
      const lists = await Promise.all(shards.servers.map(({ port }) => admin(port, "CLIENT LIST")));
      return lists.flatMap((list) =>
        [...list.matchAll(/ name=(\S+)/g)].map(([, name]) => name ?? ""),
      );
    };
    assert.deepEqual(await names(), []);
    await talk(client, [`RPUSH ${key} x`, `BLPOP ${key} 0`]);
    assert.deepEqual(await names(), ["seen"]);
    await client.close();
  });
});

/** Sends lines, and gives their replies; all must begin with `sign`, or none with "-". */
async function talk(client: RawClient, lines: readonly string[], sign = ""): Promise<string[]> {
  for (const line of lines) client.send(encodeCommand(...line.split(" ")));
  const replies = (await client.replies(lines.length)).map(String);
  for (const [i, reply] of replies.entries()) {
    assert.equal(reply.startsWith("-"), sign === "-", `${lines[i]}: ${reply}`);
  }
  return replies;
}

/** Every key stands in the database of the client that wrote it, and in no other. */
async function assertWhere(
  shards: Shards,
  clients: readonly { readonly database: number }[],
): Promise<void> {
  const sizes = new Map<number, number>();
  for (const { port } of shards.servers) {
    const keyspace = await admin(port, "INFO keyspace");
    for (const [, database, keys] of keyspace.matchAll(/db(\d+):keys=(\d+)/g)) {
      sizes.set(Number(database), (sizes.get(Number(database)) ?? 0) + Number(keys));
    }
  }
  for (const database of [0, 1, 5]) {
    const writers = clients.filter((client) => client.database === database).length;
    assert.equal(sizes.get(database), writers * 20 * 2, `keys in database ${database}`);
  }
  assert.equal(sizes.size, 3);
}

async function connectionsOf(shards: Shards): Promise<number> {
  const infos = await Promise.all(shards.servers.map(({ port }) => admin(port, "INFO clients")));
  const counts = infos.map((info) => Number(/connected_clients:(\d+)/.exec(info)?.[1]));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** One command on a server, past the router. */
function admin(port: number, line: string): Promise<string> {
  return ask(port, line.split(" "), "secret");
}

function fail(): never {
  throw new Error("unreachable");
}
