/** The router checks its clients: beside one redis-server with the same users, and what only a router can say. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { redis } from "@echarde/codec-redis";
import {
  type AuthSpec,
  createShardServer,
  hashPassword,
  type ShardServer,
} from "@echarde/host-node";
import { type RedisServer, skipWithout, startRedis } from "@echarde/testkit/servers";
import { ask, type Shards, startShards } from "../redis/shards.ts";
import { type Command, raw, type Step, sameTranscript, say } from "../redis/transcript.ts";
import { portOf, talk } from "./clients.ts";

const skip = skipWithout("redis-server");
const sha = (password: string): string => `#${createHash("sha256").update(password).digest("hex")}`;
const wrongPass = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";
const noAuth = "-NOAUTH Authentication required.\r\n";
const noKey =
  "-NOPERM this user has no permissions to access one of the keys used as arguments\r\n";
const noChannel =
  "-NOPERM this user has no permissions to access one of the channels used as arguments\r\n";
const notRun = (name: string): string =>
  `-NOPERM this user has no permissions to run the '${name}' command\r\n`;

/** The same users for one server and for the router. */
const acl = [
  ...["--requirepass", "secret"],
  ...["--user", ..."alice on >pw >pw2 ~* &* +@all".split(" ")],
  ...["--user", ..."bob on >pw ~bob:* &bob:* +@all -@dangerous -@scripting".split(" ")],
  ...["--user", ..."reader on >pw ~* &* +@all -@write -@pubsub -@scripting -@admin".split(" ")],
  ...["--user", ..."gone off >pw ~* +@all".split(" ")],
];
const auth: AuthSpec = {
  users: {
    default: { password: sha("secret") },
    alice: { password: [sha("pw"), sha("pw2")] },
    bob: { password: sha("pw"), prefixes: ["bob:"] },
    reader: { password: sha("pw"), commands: ["read", "server", "keyspace"] },
    gone: { password: sha("pw"), enabled: false },
  },
};

describe("users of the router, beside one server", { skip }, () => {
  let one: RedisServer;
  let shards: Shards;
  before(async () => {
    [one, shards] = await Promise.all([startRedis({ args: acl }), startShards({ auth })]);
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
    const commands = [
      ...["GET k", "MGET a b c", "DBSIZE", "SCAN 0", "INFO", "PING", "ECHO x", "SUBSCRIBE a"],
      ...["WATCH k", "SELECT 1", "COMMAND COUNT", "MULTI", "EXEC", "DISCARD", "CLIENT ID", "ROLE"],
      ...["FOO bar", "GET", "EXEC now", "CLIENT FOO", "RESET", "HELLO", "HELLO 3", "HELLO 4"],
      ...["HELLO x", "HELLO 3 AUTH alice", "HELLO 3 SETNAME x", "HELLO 3 FOO", "ACL WHOAMI"],
      ...["HELLO 3 AUTH alice wrong FOO", "HELLO 3 AUTH alice pw FOO", "CLIENT REPLY ON"],
    ];
    for (const command of commands) same(command, [command, "AUTH secret", "ACL WHOAMI"]);
    same("QUIT", ["QUIT"], { closes: true });
    same("too many arguments", [raw("*11\r\n")], { closes: true });
    same("too long an argument", [raw("*2\r\n$4\r\nAUTH\r\n$16385\r\n")], { closes: true });
    same("both, once it is known", [
      "AUTH secret",
      `MSET ${Array.from({ length: 20 }, (_, i) => `{x}${i} v`).join(" ")}`,
      `SET k ${"v".repeat(20_000)}`,
      "STRLEN k",
    ]);
  });

  same("AUTH", [
    ...["AUTH wrong", "AUTH secret", "GET k", "AUTH wrong", "GET k", "AUTH", "AUTH a b c"],
    ...["AUTH alice wrong", "AUTH alice pw", "ACL WHOAMI", "AUTH alice pw2", "AUTH nobody pw"],
    ...["ACL WHOAMI", "AUTH gone pw", "AUTH default secret", "ACL WHOAMI", "AUTH bob pw"],
  ]);
  same("HELLO with AUTH", [
    ...["HELLO 3 AUTH alice wrong", "GET k", "HELLO 3 AUTH alice pw SETNAME me", "ACL WHOAMI"],
    ...["CLIENT GETNAME", "HELLO 2", "ACL WHOAMI", "HELLO 2 AUTH bob pw", "GET k", "ACL WHOAMI"],
  ]);
  same("RESET", ["AUTH secret", "GET k", "RESET", "GET k", "AUTH alice pw", "ACL WHOAMI"]);
  same("AUTH keeps the order of requests", [
    ...["AUTH alice pw", "SET bob:k 1", "AUTH bob pw", "INCR bob:k", "AUTH alice pw"],
    ...[
      "INCR bob:k",
      "SELECT 2",
      "SET bob:k 9",
      "AUTH bob pw",
      "GET bob:k",
      "SELECT 0",
      "GET bob:k",
    ],
  ]);
  same("a user with a prefix", [
    ...["AUTH bob pw", "SET bob:1 x", "SET k x", "GET k", "MGET bob:1 bob:2 bob:3", "GET bo"],
    ...["MGET bob:1 k bob:2", "DEL bob:1 k", "EXISTS bob:1 bob:1", "MSET bob:1 1 b:2 2"],
    ...[
      "RENAME bob:1 k",
      "RENAME k bob:1",
      "COPY bob:1 bob:1x",
      "OBJECT ENCODING k",
      "OBJECT HELP",
    ],
    ...["PUBLISH bob:1 x", "PUBLISH other x", "SPUBLISH other x", "WATCH k", "TYPE k"],
    ...["XREAD COUNT 1 STREAMS k 0", "XREAD STREAMS k", "XADD bob:s 1-1 f v", "LMPOP 1 k LEFT"],
    ...["SINTERSTORE bob:d bob:1 k", "ZUNIONSTORE bob:d 2 bob:z k", "SINTERCARD 2 bob:1 k"],
    ...["FLUSHALL", "KEYS *", "CONFIG GET save", "BLPOP k 1", "BLPOP bob:none k 1"],
    ...["GEORADIUS bob:g 1 1 1 m STORE k", "GETEX k", "TIME x", "ACL WHOAMI"],
  ]);
  same("a user with a prefix in a transaction", [
    ...["AUTH bob pw", "MULTI", "SET bob:1 y", "GET k", "EXEC", "GET bob:1", "MULTI", "FLUSHALL"],
    ...["EXEC", "MULTI", "SET bob:1 y", "DISCARD", "WATCH bob:1", "MULTI", "INCR bob:1", "EXEC"],
  ]);
  same("a user with a prefix and subscriptions", [
    ...["AUTH bob pw", "SUBSCRIBE other", "SUBSCRIBE bob:1 other", "PSUBSCRIBE *", "SSUBSCRIBE x"],
    ...[
      "PSUBSCRIBE bob*",
      say("SUBSCRIBE bob:1 bob:2", 2),
      "UNSUBSCRIBE bob:1",
      "UNSUBSCRIBE other",
    ],
    ...["PSUBSCRIBE bob:*", "PUNSUBSCRIBE bob:*", "UNSUBSCRIBE bob:2"],
  ]);
  same("a user with classes", [
    ...["AUTH reader pw", "GET k", "SET k v", "MGET a b", "DEL a", "PUBLISH c x", "SUBSCRIBE c"],
    ...[
      "EVAL return 0",
      "EVALSHA x 0",
      "SCRIPT LOAD x",
      "DBSIZE",
      "STRLEN k",
      "SORT k",
      "SORT_RO k",
    ],
    ...[
      "GETDEL k",
      "SCRIPT EXISTS x",
      "FCALL f 0",
      "BLPOP k 1",
      "MULTI",
      "SET k v",
      "EXEC",
      "PING",
    ],
  ]);
});

describe("users of the router", { skip }, () => {
  let servers: RedisServer[];
  let dir: string;
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), "echarde-users-"));
    servers = await Promise.all([startRedis(), startRedis()]);
  });
  after(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(dir, { recursive: true, force: true });
  });

  const start = (own: unknown): Promise<ShardServer> =>
    createShardServer({
      codec: redis({ admin: true }),
      listen: "127.0.0.1:0",
      folder: dir,
      table: {
        timeouts: { request: "30s" }, // a password may be checked on a busy machine
        auth: own,
        clusters: Object.fromEntries(
          servers.map(({ port }, i) => [`r${i}`, { endpoints: [`127.0.0.1:${port}`] }]),
        ),
        routes: [{ prefix: "one:", cluster: "r1" }],
        defaultCluster: "r0",
      },
    });

  it("may be bound to clusters", async () => {
    const server = await start({ users: { u: { password: sha("pw"), clusters: ["r1"] } } });
    const client = await talk(portOf(server));
    assert.deepEqual(
      await client.ask(
        ...["AUTH u pw", "SET one:k v", "GET one:k", "GET k", "MGET one:k k", "PUBLISH one:c x"],
        ...["PUBLISH c x", "SUBSCRIBE c", "PSUBSCRIBE one:*", "FLUSHALL", "EVAL x 1 one:k"],
        ...["SCAN 0", "RANDOMKEY", "CONFIG GET save", "SLOWLOG GET", "SCRIPT FLUSH", "DBSIZE"],
      ),
      [
        ...["+OK\r\n", "+OK\r\n", "$1\r\nv\r\n", noKey, noKey, ":0\r\n"],
        ...[noChannel, noChannel, noChannel, notRun("flushall"), notRun("eval")],
        ...[notRun("scan"), notRun("randomkey"), notRun("config|get"), notRun("slowlog|get")],
        ...[notRun("script|flush"), notRun("dbsize")],
      ],
    );
    client.close();
    await server.close();
  });

  it("may not reach other keys by a large value or by SORT", async () => {
    const server = await start({ users: { u: { password: sha("pw"), prefixes: ["u:"] } } });
    const client = await talk(portOf(server));
    const large = "x".repeat(200_000);
    assert.deepEqual(
      await client.ask(
        ...["AUTH u pw", `SET k ${large}`, `SET u:k ${large}`, "STRLEN u:k", "EXISTS u:k u:l"],
        ...["SORT u:l BY w_* GET v_*", "SORT u:l GET v_*", "SORT u:l GET #", "PSUBSCRIBE u:[a]*"],
      ),
      [
        ...["+OK\r\n", noKey, "+OK\r\n", ":200000\r\n", ":1\r\n"],
        "-ERR BY option of SORT denied due to insufficient ACL permissions\r\n",
        "-ERR GET option of SORT denied due to insufficient ACL permissions\r\n",
        ...["*0\r\n", "*3\r\n$10\r\npsubscribe\r\n$6\r\nu:[a]*\r\n:1\r\n"],
      ],
    );
    client.close();
    await server.close();
  });

  it("need not say who they are when the default user has no password", async () => {
    const server = await start({
      users: { default: { nopass: true, prefixes: ["public:"] }, root: { password: sha("pw") } },
    });
    const client = await talk(portOf(server));
    assert.deepEqual(
      await client.ask(
        "GET public:x",
        "GET k",
        "AUTH pw",
        "AUTH default x",
        "AUTH root no",
        "GET k",
      ),
      [
        ...["$-1\r\n", noKey],
        "-ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?\r\n",
        ...["+OK\r\n", wrongPass, noKey],
      ],
    );
    assert.deepEqual(await client.ask("AUTH root pw", "GET k", "RESET", "GET k"), [
      ...["+OK\r\n", "$-1\r\n", "+RESET\r\n", noKey],
    ]);
    client.close();
    await server.close();
  });

  it("never share a link", async () => {
    const server = await start({
      users: { u: { password: sha("pw") }, v: { password: sha("pw") }, default: { nopass: true } },
    });
    const before = await connections(servers[0]);
    const clients = await Promise.all(Array.from({ length: 9 }, () => talk(portOf(server))));
    for (const [i, client] of clients.entries()) {
      const names = ["u", "v", ""];
      const name = names[i % 3];
      await client.ask(...(name === "" ? [] : [`AUTH ${name} pw`]), "GET k");
    }
    assert.equal((await connections(servers[0])) - before, 3);
    const u = server.stats().upstreams.find(({ name }) => name === "r0");
    assert.equal(u?.links, 3);
    for (const client of clients) client.close();
    await server.close();
  });

  it("keep order when one client becomes another while much is in flight", async () => {
    const server = await start({
      users: { u: { password: sha("pw") }, v: { password: sha("pw") } },
    });
    const client = await talk(portOf(server));
    const lines: string[] = ["AUTH u pw", "SET n 0"];
    for (let i = 0; i < 100; i++) {
      lines.push(...Array.from({ length: 20 }, () => "INCR n"), `AUTH ${i % 2 ? "u" : "v"} pw`);
    }
    const replies = await client.ask(...lines);
    const numbers = replies.filter((reply) => reply.startsWith(":"));
    assert.deepEqual(
      numbers,
      Array.from({ length: 2_000 }, (_, i) => `:${i + 1}\r\n`),
    );
    client.close();
    await server.close();
  });

  it("have hashes that are slow on purpose, and are let in again at once", async () => {
    const server = await start({
      users: { u: { password: await hashPassword(Buffer.from("pw")) } },
    });
    /** CPU time of this process since then, milliseconds: the router's threads are among it. */
    const spent = (from?: NodeJS.CpuUsage): number => process.cpuUsage(from).user / 1_000;
    const cost = async (): Promise<number> => {
      const from = process.cpuUsage();
      const client = await talk(portOf(server));
      assert.deepEqual(await client.ask("AUTH u pw", "GET k"), ["+OK\r\n", "$-1\r\n"]);
      client.close();
      return spent(from);
    };
    const [first, second] = [await cost(), await cost()];
    assert.ok(first > 4 * second, `${first} ms, then ${second} ms`);
    // Others are served while a password is checked; a wrong one and a wrong name take as long.
    const client = await talk(portOf(server));
    for (const line of ["AUTH u wrong", "AUTH nobody wrong"]) {
      const from = process.cpuUsage();
      assert.deepEqual(await client.ask(line), [wrongPass]);
      assert.ok(spent(from) > first / 4, line);
    }
    client.close();
    await server.close();
  });

  it("are silent when the client wants no replies", async () => {
    const server = await start({ users: { u: { password: sha("pw") } } });
    const client = await talk(portOf(server));
    await client.ask("AUTH u pw");
    client.socket.write("CLIENT REPLY OFF\r\nAUTH u no\r\nAUTH u pw\r\nHELLO 2 AUTH u pw\r\n");
    assert.deepEqual(await client.ask("CLIENT REPLY ON"), ["+OK\r\n"]);
    client.close();
    await server.close();
  });

  it("come from a file that is read again: new rights at once, gone users are gone", async () => {
    const file = join(dir, "users.yaml");
    const put = (text: string): void => writeFileSync(file, text);
    const user = (name: string, more = ""): string =>
      `${name}: { password: "${sha("pw")}"${more} }\n`;
    put(user("stays") + user("limited") + user("goes") + user("listens") + user("goes2"));
    const same = user("same", ", prefixes: ['s:'], clusters: [r0], commands: [pubsub]");
    writeFileSync(file, `${same}${readFileSync(file, "utf8")}`);
    const server = await start({ file: "users.yaml" });
    const undisturbed = await talk(portOf(server));
    await undisturbed.ask("AUTH same pw", "SUBSCRIBE s:c");
    const [stays, limited, goes, listens, gone] = await Promise.all(
      ["stays", "limited", "goes", "listens", "goes2"].map(async (name) => {
        const client = await talk(portOf(server));
        await client.ask(`AUTH ${name} pw`, "SET k v");
        return client;
      }),
    );
    const late = await talk(portOf(server));
    await stays?.ask("SUBSCRIBE c");
    await listens?.ask("SUBSCRIBE c");
    await gone?.ask("SUBSCRIBE c");
    assert.deepEqual(server.secretFiles, [file]);

    assert.equal(server.secretsChanged, false);
    put(`${user("stays")}limited:\n  password: "#12"\n`);
    assert.equal(server.secretsChanged, true);
    assert.throws(
      () => server.reloadSecrets(),
      /auth\.file: line 3, column 13: limited\.password: must be the hash of a password/,
    );
    assert.equal(server.secretsChanged, false);
    assert.deepEqual(await goes?.ask("GET k"), ["$1\r\nv\r\n"]);

    put(
      user("stays") + user("limited", ", prefixes: ['l:']") + user("listens", ", prefixes: ['l:']"),
    );
    writeFileSync(file, `${same}${readFileSync(file, "utf8")}`);
    server.reloadSecrets();
    assert.deepEqual(await limited?.ask("GET k", "GET l:k"), [noKey, "$-1\r\n"]);
    await Promise.all([goes?.closed(), gone?.closed(), listens?.closed()]);
    assert.deepEqual(await late.ask("AUTH goes pw", "GET k", "AUTH stays pw", "PUBLISH c hello"), [
      ...[wrongPass, noAuth, "+OK\r\n", ":1\r\n"],
    ]);
    assert.deepEqual(await stays?.take(1), ["*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$5\r\nhello\r\n"]);

    assert.deepEqual(await late.ask("PUBLISH s:c hello"), [":1\r\n"]);
    assert.equal((await undisturbed.take(1)).length, 1);
    undisturbed.close();

    put(user("stays").replace(sha("pw"), sha("new")));
    server.reloadSecrets();
    const other = await talk(portOf(server));
    assert.deepEqual(await other.ask("AUTH stays pw", "AUTH stays new"), [wrongPass, "+OK\r\n"]);
    for (const client of [stays, limited, late, other]) client?.close();
    await server.close();
  });

  it("do not go away with a bare table", async () => {
    const server = await start({ users: { u: { password: sha("pw") } } });
    const bare = {
      clusters: { r0: { endpoints: [`127.0.0.1:${servers[0]?.port}`] } },
      defaultCluster: "r0",
    };
    assert.throws(() => server.swap(bare), /by a restart/);
    server.swap({ ...bare, auth: { users: { u: { password: sha("pw") } } } });
    const own = { endpoints: ["127.0.0.1:1"], auth: { password: "x" } };
    const both = { clusters: { r0: own }, defaultCluster: "r0" };
    const second = await createShardServer({
      codec: redis(),
      listen: "127.0.0.1:0",
      table: { ...both, auth: { users: {} } },
    });
    assert.throws(() => second.swap(both), /auth: .* by a restart/);
    await second.close();
    const client = await talk(portOf(server));
    assert.deepEqual(await client.ask("GET k", "AUTH u pw"), [noAuth, "+OK\r\n"]);
    client.close();
    await server.close();
  });

  it("are said right or refused with their place", async () => {
    const one = (user: unknown): unknown => ({ users: { u: user } });
    const wrong: readonly (readonly [unknown, RegExp])[] = [
      [{}, /^auth: needs `users` or `file`$/],
      [{ users: {}, file: "x" }, /^auth: needs `users` or `file`$/],
      [{ file: "none" }, /^auth\.file: none: there is no such file$/],
      [one({}), /^auth\.users\.u: needs `password`, or `nopass: true`$/],
      [one({ password: "plain" }), /^auth\.users\.u\.password: must be the hash of a password/],
      [one({ password: null }), /^auth\.users\.u\.password: must be the hash of a password/],
      [one({ password: [sha("x"), "y"] }), /^auth\.users\.u\.password\.1: must be the hash/],
      [
        one({ password: "$scrypt$ln=30,r=8,p=1$AAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA" }),
        /must be the hash/,
      ],
      [
        one({ password: sha("x"), nopass: true }),
        /^auth\.users\.u\.nopass: stands beside `password`/,
      ],
      [
        one({ nopass: true, clusters: ["r9"] }),
        /^auth\.users\.u\.clusters\.0: unknown cluster; known: r0, r1$/,
      ],
      [
        one({ nopass: true, commands: ["reed"] }),
        /^auth\.users\.u\.commands\.0: unknown class; known: read, /,
      ],
      [
        one({ nopass: true, prefixes: ["a"], commands: ["read", "scripts"] }),
        /^auth\.users\.u\.commands: scripts reaches beyond `prefixes`/,
      ],
      [one({ nopass: true, prefixes: [""] }), /^auth\.users\.u\.prefixes\.0: must be a text/],
      [
        { users: { "a b": { nopass: true } } },
        /^auth\.users\.a b: the name of a user is printable/,
      ],
    ];
    for (const [own, words] of wrong) await assert.rejects(start(own), { message: words });
  });
});

async function connections(server: RedisServer | undefined): Promise<number> {
  const list = await ask(server?.port ?? 0, ["CLIENT", "LIST"]);
  return list.split("\n").filter((line) => line.includes(" cmd=get")).length;
}

describe("wrong passwords", { skip }, () => {
  const unchecked = "-ERR the password could not be checked in time\r\n";

  it("from one address are checked so many at once, the right one likewise; others wait a second", async () => {
    const shards = await startShards({ auth: { ...auth, wrongPasswords: 3 } });
    try {
      const [client, other] = [await talk(shards.port), await talk(shards.port)];
      const replies: string[] = [];
      while (!replies.includes(unchecked) && replies.length < 10_000) {
        const guesser = replies.length % 2 === 0 ? client : other;
        replies.push(...(await guesser.ask("AUTH alice guess")));
      }
      assert.ok(replies.length > 3, `checked: ${replies.length - 1}`);
      assert.deepEqual(new Set(replies), new Set([wrongPass, unchecked]));
      let reply = unchecked;
      const by = Date.now() + 20_000;
      while (reply === unchecked && Date.now() < by)
        [reply = ""] = await client.ask("AUTH alice pw");
      assert.equal(reply, "+OK\r\n");
      for (const each of [client, other]) each.close();
    } finally {
      await shards.close();
    }
  });
});
