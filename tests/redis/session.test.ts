import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { encodeCommand, type RedisServer, skipWithout, startRedis } from "@echarde/testkit/servers";
import { type Shards, startShards } from "./shards.ts";
import { type Command, other, raw, type Step, sameTranscript, say } from "./transcript.ts";

const skip = skipWithout("redis-server");
const big = "v".repeat(100 << 10);
const names = ["CLIENT GETNAME", "GET {k}1", "SELECT 0"];
const aboutConnection = [
  ...["CLIENT GETNAME", "CLIENT SETNAME me", "CLIENT GETNAME", "ROLE", "CLUSTER INFO", "READONLY"],
  ...["CLIENT NO-EVICT ON", "CLIENT TRACKINGINFO", "CLIENT GETREDIR", "PING", "ECHO x"],
];
/** Of all servers. */
const channels = ["a", "b", "c", "d", "e", "f"];

describe("a session, beside one server", { skip }, () => {
  let one: RedisServer;
  let shards: Shards;
  before(async () => {
    [one, shards] = await Promise.all([startRedis(), startShards()]);
  });
  after(async () => {
    await Promise.all([one.stop(), shards.close()]);
  });

  /** One test for each script, in RESP2 and, unless told otherwise, in RESP3. */
  function same(
    name: string,
    script: readonly (Command | Step)[],
    options: { closes?: boolean; unfenced?: boolean; unordered?: boolean; only?: 2 | 3 } = {},
  ): void {
    for (const protocol of [2, 3] as const) {
      if (options.only !== undefined && options.only !== protocol) continue;
      it(`${name} (RESP${protocol})`, async () => {
        const steps = protocol === 3 ? ["HELLO 3", ...script] : script;
        await sameTranscript(one.port, shards, steps, { ...options, normal });
      });
    }
  }

  describe("transactions", () => {
    same("nothing queued", ["MULTI", "EXEC"]);
    same("a few commands", ["MULTI", "SET {k}1 a", "GET {k}1", "INCR {k}2", "EXEC", "GET {k}2"]);
    same("discarded", ["SET {k}1 a", "MULTI", "SET {k}1 b", "DISCARD", "GET {k}1"]);
    same("discarded while empty", ["MULTI", "DISCARD", "EXEC"]);
    same("unknown command", ["MULTI", "SET {k}1 a", "FOO bar", "SET {k}1 b", "EXEC", "GET {k}1"]);
    same("unknown command first", ["MULTI", "FOO", "SET {k}1 b", "EXEC", "GET {k}1"]);
    same("wrong arity", ["MULTI", "SET {k}1", "SET {k}1 b", "EXEC", "GET {k}1"]);
    same("wrong arity later", ["MULTI", "SET {k}1 b", "GET", "EXEC", "GET {k}1"]);
    same("failed, then discarded", ["MULTI", "FOO", "DISCARD", "SET {k}1 b", "GET {k}1"]);
    same("EXEC with an argument ends it", ["MULTI", "SET {k}1 a", "EXEC x", "EXEC", "GET {k}1"]);
    same("DISCARD with an argument", ["MULTI", "SET {k}1 a", "DISCARD x", "EXEC", "GET {k}1"]);
    same("nested", ["MULTI", "SET {k}1 a", "MULTI", "WATCH {k}1", "GET {k}1", "EXEC"]);
    same("nested first", ["MULTI", "MULTI", "WATCH {k}1", "EXEC"]);
    same("outside", ["EXEC", "DISCARD", "UNWATCH", "EXEC x", "MULTI x"]);
    same("not allowed inside", ["MULTI", "SET {k}1 a", "SAVE", "EXEC", "GET {k}1"]);
    same("run-time error", ["MULTI", "SET {k}1 a", "LPUSH {k}1 x", "GET {k}1", "EXEC"]);
    same("blocking inside", ["MULTI", "BLPOP {k}1 0", "EXEC"]);
    same("blocking inside, with data", ["RPUSH {k}l a b", "MULTI", "BLPOP {k}l 0", "EXEC"]);
    same("another database inside", [
      ...["SET {k}1 zero", "MULTI", "SET {k}1 a", "SELECT 3", "SET {k}1 three", "EXEC"],
      ...["GET {k}1", "SELECT 0", "GET {k}1"],
    ]);
    same("another database inside, discarded", [
      "MULTI",
      "SELECT 3",
      "DISCARD",
      "SET {k}1 a",
      "GET {k}1",
    ]);
    same("databases alone inside", [
      "MULTI",
      "SELECT 2",
      "SELECT 99",
      "EXEC",
      "SET {k}1 a",
      "SELECT 2",
      "GET {k}1",
    ]);
    for (const first of ["PING", "GET {k}1"]) {
      same(`a database left behind in a transaction (first ${first})`, [
        ...["SET {k}1 zero", "MULTI", first, "SELECT 2", "EXEC", "SELECT 0", "MULTI"],
        ...["GET {k}1", "EXEC", "RPUSH {k}l zero", "BLPOP {k}l 0", "WATCH {k}1", "MULTI", first],
        ...["SELECT 5", "EXEC", "SET {k}1 five", "SELECT 0", "MULTI", "GET {k}1", "EXEC"],
      ]);
    }
    same("a database left behind for another than the first", [
      ...["SELECT 4", "SET {k}1 four", "MULTI", "GET {k}1", "SELECT 2", "EXEC", "SELECT 4"],
      ...["MULTI", "GET {k}1", "EXEC", "MULTI", "SELECT 2", "SELECT 99", "GET {k}1", "EXEC"],
      ...["MULTI", "GET {k}1", "EXEC", "WATCH {k}1", other("SET {k}9 x"), "MULTI", "SELECT 4"],
      ...["EXEC", "MULTI", "GET {k}1", "EXEC"],
    ]);
    same("messages and names before a key", [
      ...["MULTI", "PUBLISH a 1", "PUBLISH b 2", "CLIENT SETNAME me", "PUBLISH c 3"],
      ...["CLIENT GETNAME", "SET {k}1 x", "GET {k}1", "EXEC"],
    ]);
    same("no database inside", [
      "MULTI",
      "SELECT x",
      "SELECT -1",
      "EXEC",
      "SET {k}1 a",
      "GET {k}1",
    ]);
    same("back to the first database inside", [
      "SELECT 4",
      "SET {k}1 four",
      "MULTI",
      "SELECT 0",
      "EXEC",
      "GET {k}1",
    ]);
    same("without keys", ["MULTI", "PING", "ECHO hi", "PING x", "EXEC"]);
    same("without keys, then with", ["MULTI", "PING", "SET {k}1 a", "ECHO hi", "GET {k}1", "EXEC"]);
    same("watched, unchanged", ["WATCH {k}1", "MULTI", "SET {k}1 a", "EXEC", "GET {k}1"]);
    same("watched, changed by itself", ["WATCH {k}1", "SET {k}1 z", "MULTI", "GET {k}1", "EXEC"]);
    same("watched, changed by another", [
      ...["WATCH {k}1", other("SET {k}1 z"), "MULTI", "SET {k}1 a", "EXEC", "GET {k}1"],
    ]);
    same("watched, read, changed by another", [
      ...["WATCH {k}1", "GET {k}1", other("SET {k}1 z"), "MULTI", "PING", "SET {k}1 a", "EXEC"],
      "GET {k}1",
    ]);
    same("watched, changed inside", [
      ...["WATCH {k}1", "MULTI", "SET {k}1 a", other("SET {k}1 z"), "EXEC", "GET {k}1"],
    ]);
    same("unwatched", [
      ...["WATCH {k}1", other("SET {k}1 z"), "UNWATCH", "MULTI", "SET {k}1 a", "EXEC"],
    ]);
    same("watch dropped by discard", [
      ...["WATCH {k}1", other("SET {k}1 z"), "MULTI", "DISCARD", "MULTI", "SET {k}1 a", "EXEC"],
    ]);
    same("watch survives EXEC without MULTI", [
      ...["WATCH {k}1", "EXEC", other("SET {k}1 z"), "MULTI", "SET {k}1 a", "EXEC"],
    ]);
    same("watch dropped by RESET", [
      ...["WATCH {k}1", other("SET {k}1 z"), "RESET", "MULTI", "SET {k}1 a", "EXEC"],
    ]);
    same("watch, second key", [
      ...["WATCH {k}1", "WATCH {k}2 {k}3", other("SET {k}3 z"), "MULTI", "SET {k}1 a", "EXEC"],
    ]);
    same("watched, transaction without keys", ["WATCH {k}1", "MULTI", "PING", "EXEC"]);
    same("watched and changed, nothing queued", [
      ...["WATCH {k}1", other("SET {k}1 z"), "MULTI", "EXEC"],
    ]);
    same("QUIT inside", ["MULTI", "SET {k}1 a", "QUIT"], { closes: true });
    same("RESET inside", ["MULTI", "SET {k}1 a", "RESET", "GET {k}1", "EXEC"]);
    same("bad numkeys are queued", ["MULTI", "SET {k}1 a", ["EVAL", "return 1", "-1"], "EXEC"]);
    same("MSET with an odd number is queued", ["MULTI", "SET {k}1 a", "MSET {k}1 a {k}2", "EXEC"]);
    same("multi-key commands", [
      ...["MULTI", "MSET {k}1 a {k}2 b", "MGET {k}1 {k}2 {k}1", "DEL {k}1 {k}2 {k}1", "EXEC"],
    ]);
    same("keys without values", [
      ...["MSETNX a 1 b 2 c", "MULTI", "MSET a 1 b 2 c", "MSETNX a 1 b 2 c", "SET {k}1 a"],
      ...["MSETNX a 1 b 2 c", "EXEC"],
    ]);
    same("about the connection", [
      ...["MULTI", "CLIENT SETNAME me", "SET {k}1 a", ...aboutConnection, "GET {k}1", "EXEC"],
      "CLIENT GETNAME",
    ]);
    same("about the connection alone", ["MULTI", ...aboutConnection, "EXEC", "CLIENT GETNAME"]);
    same("about the connection, discarded", ["MULTI", ...aboutConnection, "DISCARD", ...names]);
    same("about the connection, aborted", ["MULTI", ...aboutConnection, "FOO", "EXEC", ...names]);
    same("about the connection, watched key changed", [
      ...["WATCH {k}1", other("SET {k}1 z"), "MULTI", ...aboutConnection, "GET {k}1", "EXEC"],
      ...names,
    ]);
    same("about the connection, watched", [
      ...["WATCH {k}1", "MULTI", ...aboutConnection, "GET {k}1", "EXEC", ...names],
    ]);
    same("about the connection, between databases and errors", [
      ...["SET {k}1 zero", "MULTI", "SELECT 3", "CLIENT SETNAME three", "LPUSH {k}2 x"],
      ...["SET {k}2 a", "LPUSH {k}2 x", "CLIENT GETNAME", "SELECT 99", "CLIENT SETNAME x", "EXEC"],
      ...["GET {k}2", "GET {k}1", "CLIENT GETNAME"],
    ]);
    same("wrong about the connection", [
      ...["MULTI", "SET {k}1 a", ["CLIENT", "SETNAME", "a b"], "CLIENT NO-EVICT x", "EXEC"],
      ...["MULTI", "CLIENT SETNAME", "EXEC", "MULTI", "CLIENT FOO", "EXEC", ...names],
    ] as Command[]);
    same("a message for nobody", ["MULTI", "PUBLISH a 1", "SPUBLISH b 2", "EXEC"]);
    same(
      "messages of another's transaction",
      [
        ...[say(["SUBSCRIBE", ...channels], channels.length), other("MULTI")],
        ...[other("SET {k}1 x"), ...channels.map((name) => other(`PUBLISH ${name} ${name}`))],
        ...[other("GET {k}1"), other("EXEC", channels.length)],
      ],
      { unordered: true },
    );
    for (const [i, name] of channels.entries()) {
      same(
        `messages before a key: ${name}`,
        [
          ...[say(["SUBSCRIBE", ...channels], channels.length), other("MULTI")],
          ...[other(`PUBLISH ${name} 1`), other(`PUBLISH ${channels[i - 1] ?? "none"} 2`)],
          ...[other("SET {k}1 x"), other(`PUBLISH ${name} 3`), other("EXEC", i > 0 ? 3 : 2)],
        ],
        { unordered: true },
      );
      same(`messages alone: ${name}`, [
        ...[say(["SUBSCRIBE", ...channels], channels.length), other("MULTI")],
        ...[other(`PUBLISH ${name} 1`), other("PUBLISH none 2"), other("PING"), other("EXEC", 1)],
      ]);
      same(`a message to itself: ${name}`, [`SUBSCRIBE ${name}`, "MULTI", "SET {k}1 x"], {
        only: 3,
      });
    }
    same("messages that are not sent", [
      ...[say(["SUBSCRIBE", ...channels], channels.length), other("MULTI"), other("SET {k}1 x")],
      ...[...channels.map((name) => other(`PUBLISH ${name} 1`)), other("DISCARD"), other("MULTI")],
      ...[...channels.map((name) => other(`PUBLISH ${name} 1`)), other("FOO"), other("EXEC")],
      ...[other("PUBLISH a end", 1)],
    ]);
    same("unsubscribing from nothing", [
      ...["MULTI", "UNSUBSCRIBE", "SET {k}1 a", "PUNSUBSCRIBE p*", "SUNSUBSCRIBE", "EXEC"],
    ]);
    same("subscribing", ["MULTI", "SUBSCRIBE a", "SET {k}1 a", "EXEC", other("PUBLISH a hi", 1)]);
    // The array is short of a frame: what it lacks comes behind it.
    same("subscribing to two", [
      ...["MULTI", "SUBSCRIBE a b", "SET {k}1 a", say("EXEC", 2), other("PUBLISH b hi", 1)],
      ...[other("PUBLISH a hi", 1), say("UNSUBSCRIBE a b", 2), "GET {k}1"],
    ]);
    same("subscribing to a pattern", [
      ...["MULTI", "SET {k}1 a", "PSUBSCRIBE n*", "EXEC", other("PUBLISH n1 hi", 1)],
      ...["PUNSUBSCRIBE", "GET {k}1"],
    ]);
    same("subscribing to a shard channel", ["MULTI", "SSUBSCRIBE a", "SET {k}1 a", "EXEC"]);
    same("subscribing, given up", ["MULTI", "SUBSCRIBE a", "DISCARD", "PING", "GET {k}1"]);
    same("a large value", ["MULTI", ["SET", "{k}1", big], "STRLEN {k}1", "EXEC", "GET {k}1"]);
    same("a large value first and last", [
      ...[["SET", "{k}1", big], "MULTI", ["SET", "{k}2", big], ["SET", "{k}1", "x"], "EXEC"],
      ...[["SET", "{k}2", big], "STRLEN {k}2"],
    ] as Command[]);
    same("twenty in a row", twenty());
  });

  it("tells who the client is inside a transaction as outside", async () => {
    const client = await shards.connect();
    const lines = [
      "CLIENT ID",
      "MULTI",
      "CLIENT ID",
      "SET k v",
      "CLIENT ID",
      "CLIENT INFO",
      "EXEC",
    ];
    for (const line of lines) client.send(encodeCommand(...line.split(" ")));
    const replies = (await client.replies(lines.length)).map(String);
    const [id] = replies;
    const start = `*4\r\n${id}+OK\r\n${id}$`;
    assert.equal(replies[6]?.slice(0, start.length), start);
    assert.match(replies[6] ?? "", new RegExp(`id=${id?.slice(1, -2)} name= .*cmd=exec`));
    await client.close();
  });

  it("refuses in a transaction what one server of several cannot answer", async () => {
    const client = await shards.connect();
    const lines = ["DBSIZE", "KEYS *", "SCAN 0", "RANDOMKEY", "INFO", "FLUSHALL", "SCRIPT LOAD x"];
    for (const line of [...lines, "HELLO 3", "AUTH x", "CLIENT REPLY OFF", "CLIENT REPLY SKIP"]) {
      const name = /^(CLIENT|SCRIPT)/.test(line)
        ? line.replace(" ", "|").split(" ")[0]
        : line.split(" ")[0];
      for (const said of ["MULTI", "SET k v", line, "EXEC"])
        client.send(encodeCommand(...said.split(" ")));
      assert.deepEqual((await client.replies(4)).map(String), [
        "+OK\r\n",
        "+QUEUED\r\n",
        `-ERR '${name?.toLowerCase()}' is not supported inside a transaction through this proxy\r\n`,
        "-EXECABORT Transaction discarded because of previous errors.\r\n",
      ]);
    }
    await client.close();
  });

  it("keeps no more than so much of a transaction", async () => {
    for (const first of ["PING", "SET k v"]) {
      const client = await shards.connect();
      const name = "x".repeat(1 << 19);
      const lines = ["MULTI", first, `CLIENT SETNAME ${name}`, "PING", `CLIENT SETNAME ${name}`];
      for (const line of [...lines, "EXEC"]) client.send(encodeCommand(...line.split(" ")));
      assert.deepEqual((await client.replies(6)).map(String), [
        "+OK\r\n",
        "+QUEUED\r\n",
        "+QUEUED\r\n",
        "+QUEUED\r\n",
        "-ERR too many commands of a transaction wait for its first key, or for EXEC\r\n",
        "-EXECABORT Transaction discarded because of previous errors.\r\n",
      ]);
      await client.close();
    }
  });

  it("refuses the second shard of a transaction, and aborts it", async () => {
    const [a, b] = [shards.keyOn(0, "a"), shards.keyOn(1, "b")];
    const client = await shards.connect();
    const commands = [
      `SET ${a} 0`,
      `MULTI`,
      `SET ${a} 1`,
      `SET ${b} 1`,
      `MGET ${a} ${b}`,
      "DBSIZE",
    ];
    const rest = ["EXEC", `GET ${a}`, `WATCH ${a}`, `WATCH ${b}`, `WATCH ${a} ${b}`, "UNWATCH"];
    for (const line of [...commands, ...rest]) client.send(encodeCommand(...line.split(" ")));
    const replies = (await client.replies(12)).map(String);
    const crossSlot = "-CROSSSLOT Keys in request don't hash to the same slot\r\n";
    assert.deepEqual(replies, [
      "+OK\r\n",
      "+OK\r\n",
      "+QUEUED\r\n",
      crossSlot,
      crossSlot,
      "-ERR 'dbsize' is not supported inside a transaction through this proxy\r\n",
      "-EXECABORT Transaction discarded because of previous errors.\r\n",
      "$1\r\n0\r\n",
      "+OK\r\n",
      crossSlot,
      crossSlot,
      "+OK\r\n",
    ]);
    await client.close();
  });

  describe("subscriptions", () => {
    same("one channel", ["SUBSCRIBE a", other("PUBLISH a hi", 1), "UNSUBSCRIBE a"]);
    same("two channels", [
      ...[say("SUBSCRIBE a b", 2), other("PUBLISH a 1", 1), other("PUBLISH b 2", 1)],
      ...[other("PUBLISH c 3"), say("UNSUBSCRIBE b a", 2)],
    ]);
    same("the same twice", [
      ...[say("SUBSCRIBE a a b a", 4), other("PUBLISH a 1", 1), say("UNSUBSCRIBE a a b", 3)],
    ]);
    same("patterns", [
      ...["PSUBSCRIBE n*", other("PUBLISH n1 1", 1), other("PUBLISH n2 2", 1), "PSUBSCRIBE *1"],
      ...[other("PUBLISH m1 3", 1), other("PUBLISH n2 4", 1), "PUNSUBSCRIBE n*", "PUNSUBSCRIBE *1"],
    ]);
    same("shard channels", ["SSUBSCRIBE a", other("SPUBLISH a hi", 1), other("PUBLISH a no")]);
    same("shard channels apart", [
      ...["SSUBSCRIBE a", "SUBSCRIBE a", "PSUBSCRIBE z*", "SUNSUBSCRIBE a", "UNSUBSCRIBE a"],
    ]);
    same("unsubscribe from nothing", ["UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE"]);
    same("unsubscribe from what is not held", [say("UNSUBSCRIBE x y x", 3), "PUNSUBSCRIBE p*"]);
    same("unsubscribe from all", ["SUBSCRIBE a", "PSUBSCRIBE p*", "UNSUBSCRIBE", "PUNSUBSCRIBE"]);
    same("unsubscribe from a mixture", [say("SUBSCRIBE a b", 2), say("UNSUBSCRIBE x a a b", 4)]);
    same("PING while subscribed", ["SUBSCRIBE a", "PING", "PING hi", "UNSUBSCRIBE", "PING"]);
    same("PING with too much", ["SUBSCRIBE a", "PING a b", "PING"]);
    same(
      "other commands",
      [
        ...[
          "SUBSCRIBE a",
          "GET k",
          "SET k v",
          "MULTI",
          "EXEC",
          "PUBLISH b x",
          "ECHO x",
          "FOO",
          "GET",
        ],
        ...["MGET a b c", "DBSIZE", "CLIENT GETNAME", "CONFIG GET", "SSUBSCRIBE q", "SELECT 1"],
      ].filter((line) => line !== "CONFIG GET"),
    );
    same("HELLO while subscribed", ["SUBSCRIBE a", "HELLO 2"], { only: 2 });
    same("RESET", ["SUBSCRIBE a", "PSUBSCRIBE b*", "RESET", other("PUBLISH a 1"), "SET k v"]);
    same("QUIT", ["SUBSCRIBE a", "QUIT"], { closes: true });
    same("to its own channel", ["SUBSCRIBE a", say("PUBLISH a hi", 2), "PUBLISH b no"], {
      only: 3,
    });
    same("to its own pattern", ["PSUBSCRIBE *", say("PUBLISH a hi", 2), "GET k"], { only: 3 });
    same("down to RESP2", ["SUBSCRIBE a", "HELLO 2", "GET k", other("PUBLISH a 1", 1)], {
      only: 3,
    });
    same(
      "a subscriber's own transaction",
      [...["SUBSCRIBE a", "MULTI", "SET {k}1 x", "GET {k}1", "EXEC", other("PUBLISH a 1", 1)]],
      { only: 3 },
    );
    same(
      "a subscriber's own data",
      [
        ...["SUBSCRIBE a", ["SET", "a", big], "GET a", other("PUBLISH a 1", 1), "MGET a b c"],
        ...["RPUSH l x", "BLPOP l 0", "DEL a b c"],
      ],
      { only: 3 },
    );
    same("a large message", ["SUBSCRIBE a", other(["PUBLISH", "a", big], 1), "UNSUBSCRIBE a"]);
    same("counts", [
      ...[say("SUBSCRIBE a b", 2), "PSUBSCRIBE p*", "SSUBSCRIBE s"],
      ...[other("PUBSUB NUMSUB a b c"), other("PUBSUB NUMSUB"), other("PUBSUB NUMPAT")],
      ...[
        other("PUBSUB CHANNELS a*"),
        other("PUBSUB SHARDCHANNELS"),
        other("PUBSUB SHARDNUMSUB s"),
      ],
      ...[other("PUBLISH a 1", 1), other("PUBLISH p1 1", 1), other("PUBLISH none 1")],
    ]);
    same("arity", ["SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "PUBLISH a", "PUBSUB", "PUBSUB FOO"]);
  });

  describe("the connection", () => {
    same("HELLO", ["HELLO", "HELLO 2", "HELLO", "HELLO 3", "HELLO", "GET k", "HELLO 2", "GET k"]);
    same("HELLO that changes nothing, and CLIENT REPLY ON, in a transaction", [
      ...["MULTI", "SET k v", "HELLO", "HELLO SETNAME", "HELLO 4", "CLIENT REPLY ON", "GET k"],
      ...["EXEC", "MULTI", "HELLO", "EXEC", "GET k", "MULTI", "CLIENT REPLY ON", "EXEC", "PING"],
    ]);
    same(
      "HELLO 2 with a name in a transaction",
      ["MULTI", "SET {k}1 v", "HELLO 2 SETNAME me", "HGETALL {k}h", "EXEC", "CLIENT GETNAME"],
      { only: 2 },
    );
    same(
      "HELLO 3 with a name in a transaction",
      ["MULTI", "SET {k}1 v", "HELLO 3 SETNAME me", "HGETALL {k}h", "EXEC", "CLIENT GETNAME"],
      { only: 3 },
    );
    same("HELLO, wrong", [
      ...["HELLO 4", "HELLO 1", "HELLO a", "HELLO 3 FOO", "HELLO 3 SETNAME", "HELLO 2 AUTH x"],
      ...[["HELLO", "3", "SETNAME", "a b"], "HELLO 3 FOO BAR BAZ", "GET k", "CLIENT GETNAME"],
    ]);
    same("HELLO with a name", [
      "HELLO 3 SETNAME me",
      "CLIENT GETNAME",
      "HELLO 2",
      "CLIENT GETNAME",
    ]);
    same("HELLO with credentials", [
      ...["HELLO 3 AUTH default nopass", "GET k", "HELLO 2 AUTH nobody wrong SETNAME x", "GET k"],
      "CLIENT GETNAME",
    ]);
    same("AUTH without a password set", [
      "AUTH x",
      "AUTH default x",
      "AUTH nobody x",
      "AUTH",
      "AUTH a b c",
    ]);
    same("SELECT", [
      ...["SET k 0", "SELECT 1", "GET k", "SET k 1", "SELECT 0", "GET k", "SELECT 1", "GET k"],
      ...[
        "SELECT 16",
        "GET k",
        "SELECT -1",
        "SELECT x",
        "SELECT",
        "SELECT 1 2",
        "GET k",
        "SELECT 01",
      ],
      ...["SELECT 999999999999", "DBSIZE", "FLUSHDB", "DBSIZE", "SELECT 0", "DBSIZE"],
    ]);
    same("SELECT and lanes", [
      ...[
        "SELECT 3",
        ["SET", "k", big],
        "STRLEN k",
        "MULTI",
        "SET k 3",
        "EXEC",
        "SELECT 0",
        "GET k",
      ],
      ...["RPUSH l a", "SELECT 3", "GET k", "RPUSH l b", "BLPOP l 0", "SELECT 0", "BLPOP l 0"],
    ] as Command[]);
    same("CLIENT", [
      ...["CLIENT GETNAME", "CLIENT SETNAME me", "CLIENT GETNAME", ["CLIENT", "SETNAME", "a b"]],
      ...[
        "CLIENT GETNAME",
        ["CLIENT", "SETNAME", ""],
        "CLIENT GETNAME",
        "CLIENT SETNAME",
        "CLIENT",
      ],
      ...["CLIENT FOO", "CLIENT ID x", "CLIENT REPLY", "CLIENT REPLY FOO", "CLIENT NO-EVICT ON"],
      ...["CLIENT NO-EVICT OFF", "CLIENT NO-EVICT x", "CLIENT NO-EVICT", "CLIENT TRACKINGINFO"],
      ...["CLIENT GETREDIR", "CLIENT MAINT_NOTIFICATIONS ON"],
    ] as Command[]);
    same("RESET", [
      ...[
        "CLIENT SETNAME me",
        "SELECT 2",
        "SET k 2",
        "RESET",
        "CLIENT GETNAME",
        "GET k",
        "HELLO 3",
      ],
      ...["RESET", "GET k", "SELECT 2", "GET k", "RESET x"],
    ]);
    same("QUIT", ["SET k v", "QUIT", say("SET k w", 0), say("PING", 0)], { closes: true });
    same("QUIT with an argument", ["QUIT x"], { closes: true });
    same("QUIT behind much", [...twenty(), "QUIT", say("SET k w", 0)], { closes: true });
    same("PING and ECHO", [
      "PING",
      "PING x",
      ["PING", ""],
      "PING a b",
      "ECHO x",
      "ECHO",
      "ECHO a b",
    ]);
    same("replies off and on", [
      ...[say("CLIENT REPLY OFF", 0), say("SET k 1", 0), say("INCR k", 0), say("FOO", 0)],
      ...[say("MGET a b c k", 0), say("PING", 0), say("CLIENT REPLY SKIP", 0), say("INCR k", 0)],
      ...["CLIENT REPLY ON", "GET k"],
    ]);
    same("replies skipped", [
      ...[say("CLIENT REPLY SKIP", 0), say("SET k 1", 0), "GET k", say("CLIENT REPLY SKIP", 0)],
      ...[say("MGET a b c", 0), "GET k", say("CLIENT REPLY SKIP", 0), say("PING", 0), "PING"],
      ...[say("CLIENT REPLY SKIP", 0), say("FOO", 0), say("CLIENT REPLY SKIP", 0)],
      ...[say("CLIENT REPLY SKIP", 0), say("PING", 0), "GET k", "CLIENT REPLY ON", "GET k"],
    ]);
    same("replies off, large value", [
      ...[say("CLIENT REPLY OFF", 0), say(["SET", "k", big], 0), say("STRLEN k", 0)],
      ...["CLIENT REPLY ON", "STRLEN k", say("CLIENT REPLY SKIP", 0), say(["SET", "k", big], 0)],
      "STRLEN k",
    ]);
    // Their acknowledgements are pushes, in RESP2 too.
    same("subscriptions while replies are off", [
      ...[say("CLIENT REPLY OFF", 0), say("SUBSCRIBE a b", 2), "PSUBSCRIBE x*", "UNSUBSCRIBE a"],
      ...[say("SUBSCRIBE", 0), say("GET k", 0), "SSUBSCRIBE s", other("PUBLISH b 1", 1)],
      ...["UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE", say("PING", 0), "CLIENT REPLY ON", "PING"],
    ]);
    same("a skipped subscription", [
      ...[say("CLIENT REPLY SKIP", 0), "SUBSCRIBE a", "PING", "UNSUBSCRIBE a"],
      ...[say("CLIENT REPLY SKIP", 0), "UNSUBSCRIBE", "PING"],
    ]);
    // 7,995 arrays in one another, then an error, end what Lua's stack cannot hold.
    same("a table within itself", [
      ["EVAL", "local a = {}; local b = {a}; a[1] = b; return a", "0"],
      ...["PING", "SET k 1", "GET k"],
    ]);
    same("CLUSTER and others", ["CLUSTER INFO", "CLUSTER NODES", "READONLY", "ROLE"]);
    same("unknown", [
      "FOO",
      "FOO a b",
      ["FOO", "x".repeat(200), "y"],
      ["A\r\nB", "c"],
      "GET",
      "OBJECT FOO",
    ]);
  });

  describe("protocol errors", () => {
    const closing: readonly (readonly [string, string])[] = [
      ["multibulk length", "*x\r\n"],
      ["multibulk length too large", "*2147483648\r\n$1\r\n"],
      ["multibulk length with a sign", "*+1\r\n$4\r\nPING\r\n"],
      ["bulk length", "*1\r\n$x\r\n"],
      ["negative bulk length", "*1\r\n$-1\r\n"],
      ["bulk length of 1 GiB", "*2\r\n$3\r\nGET\r\n$1073741824\r\n"],
      ["no dollar", "*1\r\n!4\r\nPING\r\n"],
      ["unbalanced quotes", 'GET "a\r\n'],
      ["quotes in a word", 'GET "a"b\r\n'],
      ["long inline", "x".repeat(70_000)],
      ["long count", `*${"1".repeat(70_000)}`],
      ["long bulk count", `*1\r\n$${"1".repeat(70_000)}`],
    ];
    for (const [name, bytes] of closing) {
      same(name, [raw(bytes)], { closes: true });
      same(`${name}, behind others`, ["SET k v", "MGET a b c k", raw(bytes)], { closes: true });
    }
    same("POST", [raw("POST / HTTP/1.1\r\n", 0)], { closes: true, only: 2 });
    same("Host:", [raw("Host: x\r\n", 0)], { closes: true, only: 2 });
    same("nothing", [raw("*0\r\n*-1\r\n\r\n   \r\n", 0), "PING"]);
    same("inline", [
      ...[raw("PING\r\n"), raw("set k 'a b'\n"), raw('GET "k"\r\n'), raw('echo "\\x41\\n\\q"\r\n')],
      ...[
        raw("echo 'it\\'s'\r\n"),
        raw("  echo   x  \r\n"),
        raw('echo ""\r\n'),
        raw("mget k a b c\r\n"),
      ],
    ]);
  });

  function twenty(): Step[] {
    const script: Step[] = [];
    for (let i = 0; i < 20; i++) {
      script.push(
        say(`SET key:${i} ${i}`),
        say("MULTI"),
        say(`INCR key:${i}`),
        say(`GET key:${i}`),
      );
      script.push(say("EXEC"), say(`MGET key:0 key:${i} key:${i + 1}`), say(`DEL key:${i} nokey`));
    }
    return script;
  }
});

/** What differs by right: the client's id. */
function normal(reply: string): string {
  return reply.replace(/(\$2\r\nid\r\n):\d+/, "$1:ID");
}
