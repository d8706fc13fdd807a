/** Requests that the shim carries, in a host of ours: the same as if the router had. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { redis } from "@echarde/codec-redis";
import { compileTable } from "@echarde/core";
import { decode } from "@msgpack/msgpack";
import fc from "fast-check";
import { testModule } from "../../scripts/build/build-module.ts";
import { type HostConnection, ModuleHost } from "../../test/module-host.ts";
import { encodeControl } from "../wire/control.ts";
import { FrameReader, frameHead } from "../wire/frame.ts";

let module: Uint8Array;
before(async () => {
  module = await testModule();
});

const clusters = { one: { endpoints: ["1:1"] }, two: { endpoints: ["2:2"] } };

interface Configuration {
  readonly name: string;
  readonly table: unknown;
}

/** Keys of "s" are on cluster `s`. */
function configuration(s = "one"): Configuration {
  const routes = [
    { prefix: "a", cluster: "one" },
    { prefix: "b", cluster: "two" },
    { prefix: "s", cluster: s },
  ];
  return { name: "lanes", table: { protocol: "redis", clusters, routes, defaultCluster: "one" } };
}

/** Keys by their slots, in these shares. */
function slots(one: number, two: number): Configuration {
  const routes = [{ hash: "crc16-slots", over: { one, two } }];
  return { name: "lanes", table: { protocol: "redis", clusters, routes } };
}

/** Name of the cluster of a key. */
function ownerIn({ table }: Configuration): (key: string) => string {
  const compiled = compileTable(table, { hashTag: redis().hashTag });
  return (key) => {
    const bytes = Buffer.from(key, "latin1");
    return compiled.clusters[compiled.route(bytes, 0, bytes.length)]?.name ?? "";
  };
}

const words = (...given: string[]): Buffer =>
  Buffer.from(
    `*${given.length}\r\n${given.map((each) => `$${each.length}\r\n${each}\r\n`).join("")}`,
    "latin1",
  );
const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;

/** One connection to a cluster, as the bridge has it: a server of a few lines behind it. */
class Server {
  /** Bytes of replies that have not left. */
  replies: Buffer = Buffer.alloc(0);
  readonly cluster: string;
  #bytes: Buffer = Buffer.alloc(0);
  #database = "0";
  #queues = false;

  constructor(cluster: string) {
    this.cluster = cluster;
  }

  take(bytes: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    for (;;) {
      const found = requestIn(this.#bytes);
      if (found === null) return;
      this.#bytes = this.#bytes.subarray(found.end);
      this.replies = Buffer.concat([this.replies, Buffer.from(this.#reply(found.words), "latin1")]);
    }
  }

  #reply([name = "", ...args]: readonly string[]): string {
    if (name === "MULTI") this.#queues = true;
    else if (name === "EXEC" || name === "DISCARD") this.#queues = false;
    else if (this.#queues) return "+QUEUED\r\n";
    const at = (key: string): string => bulk(`${this.cluster} ${this.#database} ${key}`);
    switch (name) {
      case "GET":
        return at(args[0] ?? "");
      case "HGETALL":
        return `*2\r\n*1\r\n:7\r\n${at(args[0] ?? "")}`;
      case "MGET":
        return `*${args.length}\r\n${args.map(at).join("")}`;
      case "LLEN":
        return "-WRONGTYPE no list\r\n";
      case "TTL":
        return ":-1\r\n";
      case "STRLEN":
        return "$-1\r\n";
      case "GETRANGE":
        return bulk(`${args[0]}\r\n`.repeat(Number(args[1])));
      case "SELECT":
        this.#database = args[0] ?? "";
        return "+OK\r\n";
      default:
        return "+OK\r\n";
    }
  }
}

/** The first whole request. */
function requestIn(bytes: Buffer): { readonly words: string[]; readonly end: number } | null {
  const text = bytes.toString("latin1");
  const head = /^\*(\d+)\r\n/.exec(text);
  if (head === null) return null;
  const found: string[] = [];
  let at = head[0].length;
  for (let left = Number(head[1]); left > 0; left--) {
    const line = /^\$(\d+)\r\n/.exec(text.slice(at, at + 16));
    if (line === null) return null;
    const from = at + line[0].length;
    at = from + Number(line[1]) + 2;
    if (at > bytes.length) return null;
    found.push(text.slice(from, at - 2));
  }
  return { words: found, end: at };
}

/** The bridge of one connection. */
class Bridge {
  /** What it has said and the module has not heard. */
  said: Buffer = Buffer.alloc(0);
  readonly #servers = new Map<number, Server>();
  readonly #reader = new FrameReader();

  /** Takes what the module has sent. */
  take(connection: HostConnection): void {
    this.#reader.append(connection.toUpstream);
    connection.toUpstream = Buffer.alloc(0);
    while (this.#reader.next()) {
      const { link, data, control } = this.#reader;
      if (data.length > 0) {
        const server = this.#servers.get(link);
        assert.ok(server !== undefined, `link ${link} is open`);
        server.take(data);
        continue;
      }
      const [word, cluster] = decode(control) as [string, string];
      if (word === "open") {
        this.#servers.set(link, new Server(cluster));
        this.#say(link, encodeControl(["opened"]), true);
      } else if (word === "nudge") this.#say(0, encodeControl(["nudge"]), true);
    }
    this.#reader.keep();
    assert.equal(this.#reader.fault, "");
  }

  /** Replies that have not left. */
  get waiting(): number[] {
    return [...this.#servers].flatMap(([link, { replies }]) => (replies.length > 0 ? [link] : []));
  }

  /** Says at most `count` bytes of replies of a link. */
  reply(link: number, count: number): void {
    const server = this.#servers.get(link);
    if (server === undefined) return;
    this.#say(link, server.replies.subarray(0, count), false);
    server.replies = server.replies.subarray(count);
  }

  #say(link: number, bytes: Uint8Array, control: boolean): void {
    this.said = Buffer.concat([this.said, frameHead(link, bytes.length, control), bytes]);
  }
}

/** A host with one client. */
class Bench {
  readonly host: ModuleHost;
  readonly root: number;
  readonly client: HostConnection;
  readonly bridge: Bridge = new Bridge();

  constructor(host: ModuleHost, root: number) {
    this.host = host;
    this.root = root;
    this.client = host.connect(root);
  }

  send(bytes: Uint8Array): void {
    this.host.downstream(this.client, bytes);
    this.bridge.take(this.client);
  }

  /** The module hears `count` bytes of the bridge. */
  hear(count: number): void {
    const { bridge } = this;
    if (bridge.said.length === 0) return;
    this.host.upstream(this.client, bridge.said.subarray(0, count));
    bridge.said = bridge.said.subarray(count);
    bridge.take(this.client);
  }

  /** All that is there goes where it belongs. */
  settle(): void {
    const { bridge } = this;
    while (bridge.said.length + bridge.waiting.length > 0) {
      for (const link of bridge.waiting) bridge.reply(link, 1 << 30);
      this.hear(1 << 30);
    }
  }

  /** The answer to a request, when nothing else is going on. */
  ask(...given: string[]): string {
    this.send(words(...given));
    this.settle();
    return this.answers();
  }

  /** What the client has got since the last call. */
  answers(): string {
    const text = this.client.toClient.toString("latin1");
    this.client.toClient = Buffer.alloc(0);
    return text;
  }
}

/** A bench whose links are known to the shim. */
async function warm(): Promise<Bench> {
  const host = await ModuleHost.start(module);
  const { root, accepted } = host.configure(configuration());
  assert.equal(accepted, true, host.log.join("\n"));
  const bench = new Bench(host, root);
  for (const key of ["a", "b", "a", "b"]) bench.ask("GET", key);
  bench.answers();
  host.events = 0;
  return bench;
}

describe("frame, carried by the shim", () => {
  test("plain requests and their replies, without an event of JS", async () => {
    const bench = await warm();
    assert.equal(bench.ask("GET", "a1"), bulk("one 0 a1"));
    const large = "x".repeat(30_000);
    assert.equal(bench.ask("SET", "b1", large), "+OK\r\n");
    bench.send(Buffer.concat(["b1", "a1", "b2", "a2"].map((key) => words("GET", key))));
    const [one, two] = bench.bridge.waiting as [number, number];
    bench.bridge.reply(two, 1000);
    bench.hear(1000);
    assert.equal(bench.answers(), bulk("two 0 b1"), "in the order of the requests");
    bench.send(words("HGETALL", "a3"));
    bench.bridge.reply(one, 1000);
    bench.hear(10);
    bench.hear(1000);
    const rest = ["one 0 a1", "two 0 b2", "one 0 a2"].map(bulk).join("");
    assert.equal(bench.answers(), `${rest}*2\r\n*1\r\n:7\r\n${bulk("one 0 a3")}`);
    assert.equal(bench.host.events, 0, "events of JS");
  });

  test("what is not plain is the router's, and what was in flight before it", async () => {
    const bench = await warm();
    bench.send(words("GET", "a1"));
    assert.equal(bench.host.events, 0);
    bench.send(words("MGET", "b2", "a2"));
    assert.ok(bench.host.events > 0, "adopted");
    bench.settle();
    const both = ["two 0 b2", "one 0 a2"].map(bulk).join("");
    assert.equal(bench.answers(), `${bulk("one 0 a1")}*2\r\n${both}`);
    bench.ask("GET", "a3");
    bench.ask("GET", "b3");
    bench.host.events = 0;
    assert.equal(bench.ask("GET", "a4"), bulk("one 0 a4"));
    assert.equal(bench.host.events, 0, "carried again");
  });

  test("another database is another link", async () => {
    const bench = await warm();
    assert.equal(bench.ask("SELECT", "3"), "+OK\r\n");
    for (let turn = 0; turn < 4; turn++) {
      assert.equal(bench.ask("GET", "a1"), bulk("one 3 a1"));
      assert.equal(bench.ask("GET", "b1"), bulk("two 3 b1"));
    }
  });

  test("a client that wants no replies gets none", async () => {
    const bench = await warm();
    assert.equal(bench.ask("CLIENT", "REPLY", "OFF"), "");
    for (let turn = 0; turn < 4; turn++) assert.equal(bench.ask("GET", "a1"), "");
    assert.equal(bench.ask("CLIENT", "REPLY", "ON"), "+OK\r\n");
    assert.equal(bench.ask("CLIENT", "REPLY", "SKIP"), "");
    assert.equal(bench.ask("GET", "a1"), "");
    assert.equal(bench.ask("GET", "a1"), bulk("one 0 a1"));
  });

  test("a transaction is the router's", async () => {
    const bench = await warm();
    assert.equal(bench.ask("MULTI"), "+OK\r\n");
    for (let turn = 0; turn < 3; turn++) assert.equal(bench.ask("GET", "a1"), "+QUEUED\r\n");
    assert.match(bench.ask("GET", "b1"), /^-/, "of another cluster");
    assert.match(bench.ask("EXEC"), /^-EXECABORT/);
    assert.equal(bench.ask("GET", "b1"), bulk("two 0 b1"));
  });

  test("a link that is full is the router's", async () => {
    const bench = await warm();
    const words = encodeControl(["full", 1 << 20]);
    bench.host.upstream(bench.client, Buffer.concat([frameHead(1, words.length, true), words]));
    bench.host.events = 0;
    bench.ask("GET", "a1");
    assert.ok(bench.host.events > 0, "JS looks at it");
  });

  test("what is no reply ends its link at once, and so does one too many", async () => {
    for (const said of ["what?\r\n", `${bulk("one 0 a1")}+OK\r\n`]) {
      const bench = await warm();
      bench.send(words("GET", "a1"));
      const bytes = Buffer.from(said);
      bench.host.upstream(bench.client, Buffer.concat([frameHead(1, bytes.length, false), bytes]));
      const aborted = Buffer.concat([frameHead(1, 7, true), encodeControl(["abort"])]);
      assert.ok(bench.client.toUpstream.includes(aborted), said);
      bench.bridge.take(bench.client);
      assert.ok([bulk("one 0 a1")].includes(bench.answers()) || said === "what?\r\n");
    }
  });

  test("more than a lane holds", async () => {
    const bench = await warm();
    const keys = Array.from({ length: 100 }, (_, i) => `${i % 3 === 0 ? "a" : "b"}${i}`);
    bench.send(Buffer.concat(keys.slice(0, 20).map((key) => words("GET", key))));
    bench.send(Buffer.concat(keys.slice(20).map((key) => words("GET", key))));
    bench.settle();
    const answers = keys.map((key) => bulk(`${key.startsWith("a") ? "one" : "two"} 0 ${key}`));
    assert.equal(bench.answers(), answers.join(""));
  });

  test("what is held back behind a request that fails goes on", async () => {
    const host = await ModuleHost.start(module);
    const { root } = host.configure(configuration());
    const bench = new Bench(host, root);
    bench.send(words("GET", "a1"));
    bench.hear(1 << 30);
    host.events = 0;
    bench.send(words("GET", "b1"));
    assert.equal(host.events, 0, "held back");
    for (let tick = 0; tick < 80; tick++) host.tick(root, 100);
    bench.bridge.take(bench.client);
    bench.settle();
    assert.match(bench.answers(), /^-\w+ .*one.*\r\n\$8\r\ntwo 0 b1\r\n$/);
  });

  test("a request that nobody answers has its deadline", async () => {
    const bench = await warm();
    bench.send(words("GET", "a1"));
    for (let tick = 0; tick < 120; tick++) {
      bench.host.tick(bench.root, 100);
      bench.bridge.take(bench.client);
      bench.hear(1 << 30);
    }
    assert.match(bench.answers(), /^-\w+ .*one.*\r\n$/);
  });

  test("a request that nobody answers has its deadline while others go on", async () => {
    const bench = await warm();
    bench.send(words("GET", "a1"));
    const [one] = bench.bridge.waiting;
    for (let tick = 0; tick < 100; tick++) {
      if (tick % 5 === 0) bench.send(words("GET", `b${tick}`));
      for (const link of bench.bridge.waiting) {
        if (link !== one) bench.bridge.reply(link, 1 << 30);
      }
      bench.hear(1 << 30);
      bench.host.tick(bench.root, 100);
      bench.bridge.take(bench.client);
    }
    assert.match(bench.answers(), /^-\w+ .*one.*\r\n\$8\r\ntwo 0 b0\r\n/);
  });

  test("a lost link, with something in flight and without", async () => {
    for (const inFlight of [true, false]) {
      const bench = await warm();
      if (inFlight) bench.send(words("GET", "a1"));
      const gone = encodeControl(["lost"]);
      bench.host.upstream(bench.client, Buffer.concat([frameHead(1, gone.length, true), gone]));
      bench.bridge.take(bench.client);
      if (inFlight) assert.match(bench.answers(), /^-\w+ /);
      const answer = bench.ask("GET", "a2");
      assert.ok(answer === bulk("one 0 a2") || /^-\w+ /.test(answer), answer);
      assert.equal(bench.ask("GET", "b2"), bulk("two 0 b2"));
    }
  });

  test("another table is for what comes after it", async () => {
    const bench = await warm();
    assert.equal(bench.ask("GET", "s1"), bulk("one 0 s1"));
    bench.send(words("GET", "s2"));
    bench.host.configure(configuration("two"));
    bench.send(words("GET", "s3"));
    bench.settle();
    assert.equal(bench.answers(), bulk("one 0 s2") + bulk("two 0 s3"));
    for (let turn = 0; turn < 3; turn++) assert.equal(bench.ask("GET", "s4"), bulk("two 0 s4"));

    const { name, table } = configuration();
    const third = { three: { endpoints: ["3:3"] }, ...clusters };
    const routes = [
      { prefix: "s", cluster: "three" },
      ...(table as { routes: [] }).routes.slice(0, 2),
    ];
    bench.host.configure({ name, table: { ...(table as object), clusters: third, routes } });
    for (const [key, cluster] of [
      ["s5", "three"],
      ["b5", "two"],
      ["s6", "three"],
      ["b6", "two"],
    ]) {
      assert.equal(bench.ask("GET", key as string), bulk(`${cluster} 0 ${key}`));
    }
  });

  test("a client that goes leaves nothing behind", async () => {
    const bench = await warm();
    bench.send(words("GET", "a1"));
    bench.host.close(bench.client);
    for (let tick = 0; tick < 20; tick++) bench.host.tick(bench.root, 100);
    assert.deepEqual(
      bench.host.log.filter((line) => line.includes("closed")),
      [],
    );
  });

  test("with slots: another table is for what comes after it", async () => {
    const host = await ModuleHost.start(module);
    const { root } = host.configure(slots(5, 1));
    const bench = new Bench(host, root);
    const keys = Array.from({ length: 40 }, (_, i) => `${["x{", "", "{}"][i % 3]}k${i}}{y}`);
    for (const [one, two] of [
      [5, 1],
      [1, 5],
      [5, 1],
      [1, 1],
    ] as const) {
      const configured = slots(one, two);
      const before = bench.bridge.waiting.length;
      assert.equal(before, 0);
      host.configure(configured);
      for (let turn = 0; turn < 3; turn++) {
        host.events = 0;
        for (const key of keys) {
          assert.equal(bench.ask("GET", key), bulk(`${ownerIn(configured)(key)} 0 ${key}`));
        }
      }
      assert.equal(host.events, 0, "events of JS");
    }
  });

  for (const [how, configured] of [
    ["prefixes", configuration()],
    ["slots", slots(2, 1)],
  ] as const)
    test(`any mix of requests, in any cut, with replies in any order, gets its answers in order: ${how}`, async () => {
      const host = await ModuleHost.start(module);
      const { root } = host.configure(configured);
      const ownerOf = ownerIn(configured);
      let carried = 0;
      const plain = fc.constantFrom("GET", "HGETALL", "LLEN", "TTL", "STRLEN", "SET", "GETRANGE");
      const request = fc.oneof(
        { weight: 12, arbitrary: fc.record({ name: plain, size: fc.nat(40) }) },
        {
          weight: 1,
          arbitrary: fc.record({
            name: fc.constantFrom("MGET", "SELECT", "PING"),
            size: fc.nat(3),
          }),
        },
      );
      const step = fc.record({
        requests: fc.array(request, { maxLength: 6 }),
        cut: fc.oneof(fc.constant(1 << 20), fc.nat(80)),
        hears: fc.array(fc.record({ link: fc.nat(3), reply: size(), hear: size() }), {
          maxLength: 4,
        }),
        quiet: fc.boolean(),
        tick: fc.nat(9),
      });
      fc.assert(
        fc.property(fc.array(step, { minLength: 3, maxLength: 12 }), (steps) => {
          const bench = new Bench(host, root);
          let database = "0";
          let next = 0;
          let expected = "";
          const at = (key: string): string => bulk(`${ownerOf(key)} ${database} ${key}`);
          for (const { requests, cut, hears, quiet, tick } of steps) {
            const bytes: Buffer[] = [];
            for (const { name, size: number } of requests) {
              const key = `${number % 2 === 0 ? "a" : "b"}${next++}`;
              const other = `${number % 3 === 0 ? "a" : "b"}${next++}`;
              const [asked, answer] = ((): [string[], string] => {
                switch (name) {
                  case "MGET":
                    return [[key, other], `*2\r\n${at(key)}${at(other)}`];
                  case "SELECT":
                    database = String(number);
                    return [[database], "+OK\r\n"];
                  case "PING":
                    return [[], "+PONG\r\n"];
                  case "SET":
                    return [[key, "\r\n$".repeat(number * 100)], "+OK\r\n"];
                  case "GETRANGE":
                    return [
                      [key, String(number * 50), "1"],
                      bulk(`${key}\r\n`.repeat(number * 50)),
                    ];
                  case "HGETALL":
                    return [[key], `*2\r\n*1\r\n:7\r\n${at(key)}`];
                  case "LLEN":
                    return [[key], "-WRONGTYPE no list\r\n"];
                  case "TTL":
                    return [[key], ":-1\r\n"];
                  case "STRLEN":
                    return [[key], "$-1\r\n"];
                  default:
                    return [[key], at(key)];
                }
              })();
              bytes.push(words(name, ...asked));
              expected += answer;
            }
            const all = Buffer.concat(bytes);
            host.events = 0;
            if (all.length > 0) bench.send(all.subarray(0, cut));
            if (all.length > 0 && host.events === 0) carried += 1;
            if (all.length > cut) bench.send(all.subarray(cut));
            for (const { link, reply, hear } of hears) {
              const { waiting } = bench.bridge;
              if (waiting.length > 0)
                bench.bridge.reply(waiting[link % waiting.length] as number, reply);
              bench.hear(hear);
            }
            if (tick === 0) for (let i = 0; i < 12; i++) host.tick(root, 100);
            bench.bridge.take(bench.client);
            if (quiet) bench.settle();
          }
          bench.settle();
          assert.equal(bench.client.closed, false, host.log.join("\n"));
          assert.equal(bench.answers(), expected);
          host.close(bench.client);
        }),
        { numRuns: Number(process.env["ECHARDE_RUNS"] ?? 300) },
      );
      assert.ok(carried > 100, `${carried} chunks were carried`);
    });
});

function size(): fc.Arbitrary<number> {
  return fc.oneof(fc.constant(1 << 20), fc.integer({ min: 1, max: 60 }));
}
