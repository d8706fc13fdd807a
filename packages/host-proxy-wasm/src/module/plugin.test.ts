/** The module in a host of ours: routes, limits, guards, live tables. No Envoy. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { decode } from "@msgpack/msgpack";
import { testModule } from "../../scripts/build/build-module.ts";
import { type HostConnection, ModuleHost } from "../../test/module-host.ts";
import { encodeControl } from "../wire/control.ts";
import { FrameReader, frameHead } from "../wire/frame.ts";

const table = {
  protocol: "redis",
  localCluster: "one",
  clusters: { one: { endpoints: ["127.0.0.1:1"] }, two: { endpoints: ["127.0.0.1:2"] } },
  routes: [
    { prefix: "a", cluster: "one" },
    { prefix: "b", cluster: "two" },
  ],
  defaultCluster: "one",
};

let module: Uint8Array;
before(async () => {
  module = await testModule();
});

/** The frames that a connection has sent since the last call. */
function frames(connection: HostConnection): [number, unknown][] {
  const reader = new FrameReader();
  reader.append(connection.toUpstream);
  connection.toUpstream = Buffer.alloc(0);
  const found: [number, unknown][] = [];
  while (reader.next()) {
    const { link, data, control } = reader;
    found.push([link, control.length > 0 ? decode(control) : Buffer.from(data).toString("latin1")]);
  }
  assert.equal(reader.fault, "");
  assert.equal(reader.held, 0, "the last frame is whole");
  return found;
}

function control(link: number, ...message: [string, ...(string | number | boolean)[]]): Buffer {
  const words = encodeControl(message);
  return Buffer.concat([frameHead(link, words.length, true), words]);
}

function data(link: number, text: string): Buffer {
  return Buffer.concat([frameHead(link, text.length, false), Buffer.from(text, "latin1")]);
}

const get = (key: string): string => `*2\r\n$3\r\nGET\r\n$${key.length}\r\n${key}\r\n`;

describe("frame", () => {
  test("an MGET over two clusters", async () => {
    const host = await ModuleHost.start(module);
    const { root, accepted } = host.configure({ name: "t", table });
    assert.equal(accepted, true, host.log.join("\n"));
    const client = host.connect(root);
    host.downstream(client, "*3\r\n$4\r\nMGET\r\n$2\r\na1\r\n$2\r\nb1\r\n");
    assert.deepEqual(frames(client), [
      [1, ["open", "one", "127.0.0.1:1"]],
      [2, ["open", "two", "127.0.0.1:2"]],
    ]);
    host.upstream(client, Buffer.concat([control(1, "opened"), control(2, "opened")]));
    const sent = frames(client);
    assert.deepEqual(
      sent.map(([link]) => link),
      [1, 2],
    );
    assert.match(String(sent[1]?.[1]), /b1/);
    host.upstream(client, data(2, "*1\r\n$1\r\nB\r\n"));
    host.upstream(client, data(1, "*1\r\n$1\r\nA\r\n"));
    assert.equal(client.toClient.toString(), "*2\r\n$1\r\nA\r\n$1\r\nB\r\n", host.log.join("\n"));
    host.close(client);
  });
});

describe("sticky", () => {
  test("chooses by the first key, refuses what is elsewhere", async () => {
    const host = await ModuleHost.start(module);
    const { root } = host.configure({ name: "t", route: "sticky", table });
    const client = host.connect(root);
    host.downstream(client, get("b1").slice(0, 10));
    assert.equal(client.toUpstream.length, 0, "nothing moves before a request is whole");
    host.downstream(client, get("b1").slice(10) + get("a1") + get("b2"));
    const [state] = [...client.state.values()];
    assert.match(state ?? "", /envoy\.tcp_proxy\.cluster.*two/s);
    const sent = client.toUpstream.toString();
    assert.ok(sent.startsWith(get("b1")) && sent.endsWith(get("b2")), sent);
    assert.ok(!sent.includes(get("a1")) && sent.includes("GET: the key is on cluster one"), sent);
  });
});

describe("sticky, read by the shim", () => {
  const request = (...words: string[]): string =>
    `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;
  const bound = async (): Promise<{ host: ModuleHost; client: HostConnection }> => {
    const host = await ModuleHost.start(module);
    const { root } = host.configure({ name: "t", route: "sticky", table });
    const client = host.connect(root);
    host.downstream(client, get("b1"));
    client.toUpstream = Buffer.alloc(0);
    host.events = 0;
    return { host, client };
  };

  test("requests of one key pass, and replies, without an event of JS", async () => {
    const { host, client } = await bound();
    const sent = request("set", "b1", "v") + request("HMSET", "b2", "", "\r\n") + get("b3");
    host.downstream(client, sent);
    host.upstream(client, Buffer.from("+OK\r\n+OK\r\n$-1\r\n"));
    assert.equal(client.toUpstream.toString(), sent);
    assert.equal(client.toClient.toString(), "+OK\r\n+OK\r\n$-1\r\n");
    assert.equal(host.events, 0, "events of JS");
  });

  test("one key elsewhere among others: only that request is replaced", async () => {
    const { host, client } = await bound();
    host.downstream(client, get("b1") + get("a1") + get("b2"));
    const sent = client.toUpstream.toString();
    assert.ok(sent.startsWith(get("b1")) && sent.endsWith(get("b2")), sent);
    assert.ok(!sent.includes(get("a1")) && sent.includes("GET: the key is on cluster one"), sent);
  });

  test("a new table counts from the next request on", async () => {
    const { host, client } = await bound();
    const moved = { ...table, routes: [{ prefix: "b", cluster: "one" }] };
    assert.equal(host.configure({ name: "t", route: "sticky", table: moved }).accepted, true);
    host.downstream(client, get("b1"));
    assert.match(client.toUpstream.toString(), /GET: the key is on cluster one/);
  });

  test("a connection that is gone leaves nothing to one with its number's low bits", async () => {
    const { host, client } = await bound();
    host.close(client);
    host.downstream(client, get("b1"));
    assert.ok(host.events > 1, "JS is asked");
  });

  // What each form becomes: "pass" = as it is; "refuse" = not sent as it is; "close"; "hold" = not yet.
  const forms: readonly (readonly [text: string, becomes: "pass" | "refuse" | "close" | "hold"])[] =
    [
      [request("MGET", "b1", "b2"), "pass"],
      [request("MGET", "b1", "a1"), "refuse"],
      [request("PING"), "pass"],
      [request("get", "a1"), "refuse"],
      [request("GET", "b1").slice(0, -1), "hold"],
      [`${get("b1")}*2\r\n$3\r\nGET\r\n$2\r\na`, "hold"],
      ["*2\r\n$3\r\nGET\r\n$-1\r\n", "close"],
      ["*2\r\n$3\r\nGET\r\n$999999999999\r\n", "close"],
      ["GET b1\r\n", "pass"],
      ["GET a1\r\n", "refuse"],
      [request("SET", "b1", request("GET", "a1")), "pass"],
      [request("RENAME", "b1", "a1"), "refuse"],
    ];
  for (const [text, becomes] of forms) {
    test(`${JSON.stringify(text)}: ${becomes}`, async () => {
      const { host, client } = await bound();
      host.downstream(client, text);
      const sent = client.toUpstream.toString();
      assert.equal(client.closed, becomes === "close", host.log.join("\n"));
      if (becomes === "pass") assert.equal(sent, text);
      else if (becomes === "hold")
        assert.ok(sent.length < text.length && text.startsWith(sent), sent);
      else if (becomes === "refuse") assert.match(sent, /^\*1\r\n/);
      else assert.equal(sent, "");
    });
  }
});

test("a message larger than the module's buffers", async () => {
  const host = await ModuleHost.start(module);
  const { root } = host.configure({ name: "t", table });
  const client = host.connect(root);
  const value = "x".repeat(2 << 20);
  const set = `*3\r\n$3\r\nSET\r\n$2\r\na1\r\n$${value.length}\r\n${value}\r\n`;
  host.downstream(client, get("a1"));
  frames(client);
  host.upstream(client, Buffer.concat([control(1, "opened"), data(1, "$-1\r\n")]));
  frames(client);
  host.downstream(client, set);
  // Large values take a link of their own, which may have to be asked something first.
  let bytes = "";
  for (let round = 0; round < 5; round++) {
    for (const [link, said] of frames(client)) {
      if (typeof said !== "string") host.upstream(client, control(link, "opened"));
      else if (said.includes("PING")) host.upstream(client, data(link, "+PONG\r\n"));
      else bytes += said;
    }
  }
  assert.equal(bytes.length, set.length);
  assert.ok(bytes === set, "the very bytes, in order");
});

test("a wrong configuration is refused, a new table reaches connections that stand", async () => {
  const host = await ModuleHost.start(module);
  const { root } = host.configure({ name: "t", table });
  const client = host.connect(root);
  for (const wrong of [
    "{",
    { table: 1 },
    { table, colour: "red" },
    { table: { ...table, routes: [{}] } },
  ])
    assert.equal(host.configure(wrong).accepted, false, JSON.stringify(wrong));
  const moved = { ...table, routes: [{ prefix: "a", cluster: "two" }] };
  assert.equal(host.configure({ name: "t", table: moved }).accepted, true);
  host.downstream(client, get("a1"));
  assert.deepEqual(frames(client), [[1, ["open", "two", "127.0.0.1:2"]]]);
  assert.equal(host.metrics.get("echarde.t.configurations"), 2);
});

test("what a protocol cannot do is refused with its reason, at once", async () => {
  const host = await ModuleHost.start(await testModule("influx", "kafka", "mqtt"));
  const { clusters } = table;
  const of = (protocol: string): object => ({ protocol, clusters, defaultCluster: "one" });
  for (const [configuration, why] of [
    [{ table: of("kafka") }, /options\.advertised: must say/],
    [{ route: "sticky", table: of("kafka") }, /options\.advertised: must say/],
    [{ table: of("redis") }, /this module knows influx, kafka, mqtt, not redis/],
  ] as const) {
    assert.equal(host.configure(configuration).accepted, false, JSON.stringify(configuration));
    assert.match(host.log.at(-1) ?? "", why);
  }
  for (const protocol of ["mqtt", "influx"])
    assert.equal(host.configure({ table: of(protocol) }).accepted, true, host.log.join("\n"));
});

test("a bridge that sends what is no frame costs its connection only", async () => {
  const host = await ModuleHost.start(module);
  const { root } = host.configure({ name: "t", table });
  const [client, other] = [host.connect(root), host.connect(root)];
  host.downstream(client, get("a1"));
  frames(client);
  host.upstream(client, Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"));
  assert.deepEqual(frames(client), [[0, ["bye"]]]);
  host.downstream(other, get("a1"));
  assert.equal(frames(other).length, 1);
});

test("a thousand connections come and go in the same memory", async () => {
  const host = await ModuleHost.start(module);
  const { root } = host.configure({ name: "t", table });
  const round = (): void => {
    const client = host.connect(root);
    host.downstream(client, get("a1"));
    host.upstream(client, Buffer.concat([control(1, "opened"), data(1, "$-1\r\n")]));
    host.close(client);
  };
  for (let i = 0; i < 200; i++) round();
  const size = host.memorySize;
  for (let i = 0; i < 1_000; i++) round();
  assert.ok(host.memorySize <= size + (1 << 20), `${size} bytes have become ${host.memorySize}`);
  assert.equal(host.metrics.get("echarde.t.connections_active"), 0);
});
