/** The sticky route for protocols other than Redis, in a host of ours: what goes to the server, and what the client gets. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { testModule } from "../../scripts/build/build-module.ts";
import { type HostConnection, ModuleHost } from "../../test/module-host.ts";

let module: Uint8Array;
before(async () => {
  module = await testModule("influx", "kafka", "mqtt");
});

const clusters = { one: { endpoints: ["127.0.0.1:1"] }, two: { endpoints: ["127.0.0.1:2"] } };

interface Opened {
  readonly host: ModuleHost;
  readonly client: HostConnection;
  /** What went to the server since the last call. */
  readonly sent: () => Buffer;
  readonly cluster: () => string;
  /** Another prefix is the other cluster's. */
  readonly swap: (prefix: string) => void;
}

async function open(
  protocol: string,
  prefix: string,
  more: object = {},
  other: object = {},
): Promise<Opened> {
  const host = await ModuleHost.start(module);
  const options = protocol === "kafka" ? { advertised: "127.0.0.1:1" } : {};
  const common = { protocol, clusters, localCluster: "one", defaultCluster: "one", options };
  const configured = (routes: readonly object[]): number => {
    const table = { ...common, routes, ...other };
    const { root, accepted } = host.configure({ name: "t", route: "sticky", table, ...more });
    assert.equal(accepted, true, host.log.join("\n"));
    return root;
  };
  const root = configured([{ prefix, cluster: "two" }]);
  const client = host.connect(root);
  return {
    host,
    client,
    sent: () => {
      const sent = client.toUpstream;
      client.toUpstream = Buffer.alloc(0);
      return sent;
    },
    cluster: () =>
      /envoy\.tcp_proxy\.cluster..(.*)/s.exec([...client.state.values()].join())?.[1] ?? "",
    swap: (another) => void configured([{ prefix: another, cluster: "two" }]),
  };
}

describe("MQTT, sticky", () => {
  const text = (value: string): number[] => [
    value.length >> 8,
    value.length & 255,
    ...Buffer.from(value),
  ];
  const framed = (first: number, body: readonly number[]): Buffer => {
    const length: number[] = [];
    for (let left = body.length; ; left >>= 7) {
      length.push(left > 127 ? (left & 127) | 128 : left);
      if (left < 128) break;
    }
    return Buffer.from([first, ...length, ...body]);
  };
  const none = (version: number): number[] => (version === 5 ? [0] : []);
  const connect = (
    version: number,
    id: string,
    extra: { will?: string; user?: string } = {},
  ): Buffer => {
    const flags = (extra.will === undefined ? 0 : 4) | (extra.user === undefined ? 0 : 128) | 2;
    return framed(0x10, [
      ...[...text("MQTT"), version, flags, 0, 60, ...none(version), ...text(id)],
      ...(extra.will === undefined ? [] : [...none(version), ...text(extra.will), ...text("gone")]),
      ...(extra.user === undefined ? [] : text(extra.user)),
    ]);
  };
  const publish = (
    version: number,
    topic: string,
    qos: number,
    id = 7,
    size = 5,
    alias = 0,
  ): Buffer =>
    framed(0x30 | (qos << 1), [
      ...[...text(topic), ...(qos > 0 ? [0, id] : [])],
      ...(version === 5 ? (alias > 0 ? [3, 0x23, 0, alias] : [0]) : []),
      ...Buffer.alloc(size, "x"),
    ]);
  const subscribe = (version: number, id: number, ...filters: string[]): Buffer =>
    framed(0x82, [0, id, ...none(version), ...filters.flatMap((filter) => [...text(filter), 1])]);
  const ping = Buffer.of(0xc0, 0);
  const pong = Buffer.of(0xd0, 0);

  test("will, pipelined topic, client id, user, localCluster choose in this order", async () => {
    const sources = { sources: { clients: { c2: "two" }, users: { u2: "two" }, databases: {} } };
    for (const [bytes, cluster] of [
      [connect(4, "any"), "one"],
      [connect(5, "any", { will: "edge/will" }), "two"],
      [connect(5, "c2", { will: "cloud/will" }), "one"],
      [connect(4, "c2"), "two"],
      [connect(5, "any", { user: "u2" }), "two"],
      [Buffer.concat([connect(4, "any"), publish(4, "edge/a", 0)]), "two"],
      [Buffer.concat([connect(5, "any"), ping, subscribe(5, 1, "edge/+")]), "two"],
    ] as const) {
      for (const step of [bytes.length, 1]) {
        const { host, client, sent, cluster: chosen } = await open("mqtt", "edge", sources);
        for (let at = 0; at < bytes.length; at += step)
          host.downstream(client, bytes.subarray(at, at + step));
        if (step > 1) assert.equal(chosen(), cluster, bytes.toString("latin1"));
        assert.equal(client.closed, step === 1 && cluster === "two" && bytes.includes("edge/a"));
        if (!client.closed && step > 1) assert.deepEqual(sent(), bytes);
      }
    }
  });

  test("5.0: a PUBLISH elsewhere becomes a ping, and its answer a PUBACK or PUBREC in its place", async () => {
    const { host, client, sent } = await open("mqtt", "edge");
    host.downstream(client, connect(5, "c"));
    sent();
    host.downstream(
      client,
      Buffer.concat([
        ...[ping, publish(5, "cloud/a", 1, 1), publish(5, "edge/a", 1, 2, 300)],
        ...[ping, publish(5, "edge/a", 2, 3), publish(5, "cloud/b", 0)],
      ]),
    );
    assert.deepEqual(
      sent(),
      Buffer.concat([
        ping,
        publish(5, "cloud/a", 1, 1),
        ping,
        ping,
        ping,
        publish(5, "cloud/b", 0),
      ]),
    );
    const message = publish(5, "cloud/x", 0, 0, 400);
    const replies = Buffer.concat([
      pong,
      message,
      pong,
      pong,
      Buffer.of(0x40, 2, 0, 1),
      pong,
      message,
    ]);
    for (const byte of replies) host.upstream(client, Buffer.of(byte));
    assert.deepEqual(
      client.toClient,
      Buffer.concat([
        ...[pong, message, Buffer.of(0x40, 3, 0, 2, 0x83), pong],
        ...[Buffer.of(0x40, 2, 0, 1), Buffer.of(0x50, 3, 0, 3, 0x83), message],
      ]),
    );
    host.upstream(client, message);
    assert.equal(client.closed, false);
  });

  test("an alias stands for the topic that it was given", async () => {
    const { host, client, sent } = await open("mqtt", "edge");
    host.downstream(client, connect(5, "c"));
    host.downstream(client, publish(5, "cloud/a", 1, 1, 5, 9));
    host.downstream(client, publish(5, "edge/a", 1, 2, 5, 8));
    sent();
    host.downstream(client, publish(5, "", 1, 3, 5, 9));
    assert.deepEqual(sent(), publish(5, "", 1, 3, 5, 9));
    host.downstream(client, publish(5, "", 1, 4, 5, 8));
    assert.deepEqual(sent(), ping);
  });

  test("an alias that the broker was never told of is not sent to it, whatever the table says by then", async () => {
    const { host, client, sent, swap } = await open("mqtt", "edge");
    host.downstream(client, connect(5, "c"));
    host.downstream(client, publish(5, "cloud/a", 1, 1, 5, 8));
    host.downstream(client, publish(5, "edge/a", 1, 2, 5, 8));
    swap("other");
    sent();
    host.downstream(client, publish(5, "edge/b", 1, 3));
    assert.deepEqual(sent(), publish(5, "edge/b", 1, 3), "the new table is in force");
    host.downstream(client, publish(5, "", 1, 4, 5, 8));
    assert.deepEqual(sent(), ping, "to the broker it would be cloud/a");
    host.downstream(client, publish(5, "edge/a", 1, 5, 5, 8));
    host.downstream(client, publish(5, "", 1, 6, 5, 8));
    const both = [publish(5, "edge/a", 1, 5, 5, 8), publish(5, "", 1, 6, 5, 8)];
    assert.deepEqual(sent(), Buffer.concat(both));
    host.downstream(client, publish(5, "", 1, 7, 5, 9));
    assert.deepEqual(sent(), publish(5, "", 1, 7, 5, 9), "an alias that nobody has given");
  });

  test("what is held of aliases and refusals has an end", async () => {
    for (const packet of [
      (i: number): Buffer => publish(5, "c".repeat(60_000), 0, 0, 5, i + 1),
      (): Buffer => subscribe(5, 1, ...Array<string>(20_000).fill("#")),
      (): Buffer => publish(5, "edge/a", 1),
    ]) {
      const { host, client } = await open("mqtt", "edge");
      host.downstream(client, connect(5, "c"));
      for (let i = 0; i < 5_000 && !client.closed; i++) host.downstream(client, packet(i));
      assert.equal(client.closed, true);
      assert.match(host.log.at(-1) ?? "", /more aliases of topics|too many requests without/);
    }
  });

  test("a will that nobody owns, and a filter that is no UTF-8, close", async () => {
    const own = { defaultCluster: undefined, routes: [{ prefix: "cloud", cluster: "one" }] };
    for (const [bytes, why] of [
      [[connect(5, "c", { will: "edge/a" })], /no cluster owns the topic of the will/],
      [
        [connect(5, "c"), framed(0x82, [0, 1, 0, 0, 2, 0xc3, 0x28, 0])],
        /a SUBSCRIBE that cannot be read/,
      ],
      [[connect(4, "c"), publish(4, "edge/a", 1)], /the topic is no cluster's/],
    ] as const) {
      const { host, client, sent } = await open("mqtt", "edge", {}, own);
      const last = bytes.length - 1;
      for (const [i, each] of bytes.entries()) {
        host.downstream(client, each);
        assert.equal(client.closed, i === last);
        assert.deepEqual(sent(), i === last ? Buffer.alloc(0) : each);
      }
      assert.match(host.log.at(-1) ?? "", why);
    }
  });

  test("filters that are none go to the broker or are refused", async () => {
    for (const filter of [
      "cloud/#/x",
      "cloud#",
      "",
      "$share",
      "$share//x",
      "$share/g/",
      "/".repeat(65_000),
    ]) {
      const { host, client, sent } = await open("mqtt", "edge");
      host.downstream(client, connect(5, "c"));
      sent();
      host.downstream(client, subscribe(5, 1, filter));
      const bytes = sent();
      assert.ok(bytes.equals(ping) || bytes.equals(subscribe(5, 1, filter)), filter.slice(0, 9));
      assert.equal(client.closed, false, filter.slice(0, 9));
    }
  });

  for (const [version, qos] of [
    [4, 0],
    [4, 1],
    [4, 2],
    [5, 0],
  ] as const) {
    test(`version ${version}, QoS ${qos}: a PUBLISH elsewhere closes, and goes nowhere`, async () => {
      const { host, client, sent } = await open("mqtt", "edge");
      host.downstream(client, connect(version, "c"));
      sent();
      host.downstream(client, publish(version, "edge/a", qos));
      assert.equal(client.closed, true);
      assert.equal(sent().length, 0);
      assert.match(host.log.at(-1) ?? "", /the topic is on cluster two, this connection on one/);
    });
  }

  for (const version of [4, 5] as const) {
    test(`version ${version}: SUBSCRIBE over others fails every filter, cut anywhere`, async () => {
      const { host, client, sent } = await open("mqtt", "edge");
      host.downstream(client, connect(version, "c"));
      const own = subscribe(version, 4, "cloud/+", "$share/g/cloud/x");
      for (const [i, filters] of [["cloud/+", "edge/a"], ["#"], ["+/a"]].entries()) {
        sent();
        for (const byte of Buffer.concat([subscribe(version, i + 1, ...filters), own]))
          host.downstream(client, Buffer.of(byte));
        assert.deepEqual(sent(), Buffer.concat([ping, own]));
        client.toClient = Buffer.alloc(0);
        host.upstream(client, pong);
        const codes = filters.map(() => (version === 5 ? 0x83 : 0x80));
        const body = [0, i + 1, ...none(version), ...codes];
        assert.deepEqual(client.toClient, Buffer.from([0x90, body.length, ...body]));
      }
    });
  }

  test("a large PUBLISH goes through as it comes, one elsewhere is swallowed", async () => {
    const { host, client, sent } = await open("mqtt", "edge");
    host.downstream(client, connect(5, "c"));
    sent();
    const bytes = [publish(5, "cloud/a", 1, 1, 2 << 20), publish(5, "edge/a", 1, 2, 2 << 20)];
    for (let at = 0; at < (bytes[0]?.length ?? 0); at += 100_000)
      host.downstream(client, bytes[0]?.subarray(at, at + 100_000) ?? "");
    assert.ok(sent().equals(bytes[0] ?? ping), "the very bytes");
    host.downstream(client, Buffer.concat([bytes[1] ?? ping, ping]));
    assert.deepEqual(sent(), Buffer.concat([ping, ping]));
    const all = Buffer.concat([publish(5, "cloud/x", 0, 0, 600_000), pong, pong, ping]);
    host.upstream(client, all);
    assert.ok(client.toClient.includes(Buffer.of(0x40, 3, 0, 2, 0x83)), "refused");
    assert.equal(client.toClient.length, all.length + 3);
  });

  test("what is no CONNECT, or of another version, closes", async () => {
    for (const bytes of [
      ping,
      connect(3, "c"),
      Buffer.from("GET / HTTP/1.1\r\n\r\n"),
      Buffer.alloc(9, 255),
    ]) {
      const { host, client, sent } = await open("mqtt", "edge");
      host.downstream(client, bytes);
      assert.equal(client.closed, true, bytes.toString("latin1"));
      assert.equal(sent().length, 0);
    }
  });
});

describe("InfluxDB, sticky", () => {
  const write = (db: string, body: string, head = ""): string =>
    `POST /write?db=${db} HTTP/1.1\r\nHost: h\r\n${head}Content-Length: ${body.length}\r\n\r\n${body}`;
  const query = (q: string, db = "d"): string =>
    `GET /query?db=${db}&q=${encodeURIComponent(q)} HTTP/1.1\r\nHost: h\r\n\r\n`;
  const refused = /^GET \/query\?q=%22[^ ]*(?:cluster|not%20possible)[^ ]*%22[^ ]* HTTP\/1\.1\r\n/;

  test("the first measurement chooses, else the database or user, else localCluster", async () => {
    const sources = { sources: { clients: {}, users: { u2: "two" }, databases: { d2: "two" } } };
    const basic = `Authorization: Basic ${Buffer.from("u2:p").toString("base64")}\r\n`;
    for (const [text, cluster] of [
      [write("d", "edge v=1 1"), "two"],
      [write("d2", "cloud v=1 1"), "one"],
      [query("SELECT * FROM edge"), "two"],
      [query("SELECT * FROM cloud", "d2"), "one"],
      [`GET /ping?db=d2 HTTP/1.1\r\nHost: h\r\n\r\n`, "two"],
      [`GET /ping?u=u2&p=p HTTP/1.1\r\nHost: h\r\n\r\n`, "two"],
      [`GET /ping HTTP/1.1\r\nHost: h\r\n${basic}\r\n`, "two"],
      [`GET /ping HTTP/1.1\r\nHost: h\r\n\r\n`, "one"],
    ] as const) {
      const { host, client, sent, cluster: chosen } = await open("influx", "d/edge", sources);
      for (const byte of text) host.downstream(client, byte);
      assert.equal(chosen(), cluster, text);
      assert.equal(sent().toString(), text);
    }
  });

  test("what is elsewhere becomes a query that cannot be parsed, in its place", async () => {
    const { host, client, sent } = await open("influx", "d/edge");
    const own = write("d", "cloud v=1 1");
    host.downstream(client, own);
    sent();
    for (const text of [
      write("d", "edge v=1 1"),
      write("d", "cloud v=1 1\nedge v=1 1"),
      query("SELECT * FROM edge"),
      query("SELECT * FROM cloud, edge"),
      query("SHOW MEASUREMENTS"),
      query("DROP SERIES FROM edge"),
      query("SELECT * INTO edge FROM cloud"),
      query("no query at all"),
    ]) {
      host.downstream(client, own + text + query("SELECT * FROM cloud"));
      const bytes = sent().toString();
      assert.ok(bytes.startsWith(own) && bytes.endsWith(query("SELECT * FROM cloud")), bytes);
      assert.match(bytes.slice(own.length), refused, text);
      assert.ok(!bytes.includes("no%20query") && !bytes.includes("edge v"), bytes);
    }
    host.downstream(client, write("d", "edge v=1 1", "Authorization: Token a:b\r\nAccept: x\r\n"));
    const bytes = sent().toString();
    assert.match(bytes, /\r\nAuthorization: Token a:b\r\n\r\n$/);
    assert.equal(client.closed, false);
    const reply = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    host.events = 0;
    host.upstream(client, Buffer.from(reply));
    assert.equal(host.events, 0, "replies pass without JavaScript");
    host.downstream(client, `HEAD /api/v2/buckets HTTP/1.1\r\nHost: h\r\n\r\n`);
    assert.equal(client.closed, true, "a HEAD has no error with words");
    assert.equal(sent().length, 0);
  });

  test("requests of clients that end their connection, or speak 1.0, pass as they are", async () => {
    const close = "Connection: close\r\n";
    const body = "5\r\ncloud\r\n6\r\n v=1 1\r\n0\r\n\r\n";
    for (const own of [
      write("d", "cloud v=1 1", close),
      query("SELECT * FROM cloud").replace("Host: h\r\n", `Host: h\r\n${close}`),
      query("SELECT * FROM cloud").replace("HTTP/1.1\r\nHost: h", "HTTP/1.0\r\nX: h"),
      `\r\n${query("SELECT * FROM cloud")}`,
      `POST /write?db=d HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n${body}`,
    ]) {
      for (const step of [own.length, 1]) {
        const { host, client, sent } = await open("influx", "d/edge");
        for (let at = 0; at < own.length; at += step)
          host.downstream(client, own.slice(at, at + step));
        assert.equal(sent().toString(), own);
        const other = own.replace("cloud", "theedge").replace("theedge", "edge");
        const length = /Content-Length: 11/.test(own);
        const wrong = length
          ? write("d", "edge v=1 1", close)
          : other.replace("5\r\nedge", "4\r\nedge");
        for (let at = 0; at < wrong.length; at += step)
          host.downstream(client, wrong.slice(at, at + step));
        const bytes = sent().toString();
        assert.match(bytes, /^GET \/query\?q=%22/, wrong);
        assert.equal(bytes.includes(close), own.includes(close), "its end of the connection stays");
        assert.equal(bytes.includes(" HTTP/1.0\r\n"), own.includes(" HTTP/1.0\r\n"));
      }
    }
    const { host, client, sent } = await open("influx", "d/edge");
    host.downstream(client, "\r\nHEAD /api/v2/buckets HTTP/1.1\r\nHost: h\r\n\r\n");
    assert.equal(client.closed, true, "a HEAD behind an empty line is one");
    assert.equal(sent().length, 0);
  });

  test("a line whose cluster cannot be told is not sent with those whose can", async () => {
    const split = [{ database: "d", measurement: "cpu", by: ["host"] }];
    const { host, client, sent } = await open("influx", "d/edge", {}, { options: { split } });
    host.downstream(client, write("d", "cloud v=1 1"));
    assert.match(sent().toString(), /cloud v=1/);
    host.downstream(client, write("d", "cloud v=1 1\ncpu,host=a host=1 1"));
    assert.match(sent().toString(), refused);
  });

  test("a client that asks whether its body is wanted sends it all the same", async () => {
    const { host, client, sent } = await open("influx", "d/edge");
    const text = write("d", "edge v=1 1", "Expect: 100-continue\r\n");
    host.downstream(client, text.slice(0, text.indexOf("edge v")));
    assert.equal(sent().length, 0);
    host.downstream(client, text.slice(text.indexOf("edge v")));
    assert.equal(sent().toString(), text);
  });
});

describe("Kafka, sticky", () => {
  const text = (value: string): Buffer => {
    const length = Buffer.alloc(2);
    length.writeInt16BE(value.length);
    return Buffer.concat([length, Buffer.from(value)]);
  };
  const request = (key: number, version: number, body: Buffer, id = "client"): Buffer => {
    const head = Buffer.alloc(12);
    head.writeInt16BE(key, 4);
    head.writeInt16BE(version, 6);
    head.writeInt32BE(77, 8);
    const bytes = Buffer.concat([head, text(id), body]);
    bytes.writeInt32BE(bytes.length - 4);
    return bytes;
  };
  const int32 = (...values: number[]): Buffer => {
    const bytes = Buffer.alloc(values.length * 4);
    values.forEach((value, i) => {
      bytes.writeInt32BE(value, i * 4);
    });
    return bytes;
  };
  const apiVersions = (id = "client"): Buffer => request(18, 0, Buffer.alloc(0), id);
  const metadata = (...topics: string[]): Buffer =>
    request(3, 1, Buffer.concat([int32(topics.length), ...topics.map(text)]));
  const produce = (acks: number, ...topics: string[]): Buffer => {
    const head = Buffer.from([0xff, 0xff, (acks >> 8) & 255, acks & 255]);
    const partition = Buffer.concat([int32(1, 0, 0)]);
    const parts = topics.flatMap((topic) => [text(topic), partition]);
    return request(0, 3, Buffer.concat([head, int32(1000, topics.length), ...parts]));
  };

  test("the client id chooses where no topic does", async () => {
    const sources = { sources: { clients: { c2: "two" }, users: {}, databases: {} } };
    for (const [bytes, cluster] of [
      [apiVersions("c2"), "two"],
      [apiVersions(), "one"],
      [metadata("b-x"), "two"],
      [metadata("a-x"), "one"],
    ] as const) {
      const { host, client, sent, cluster: chosen } = await open("kafka", "b-", sources);
      for (const byte of bytes) host.downstream(client, Buffer.of(byte));
      assert.equal(chosen(), cluster);
      assert.deepEqual(sent(), bytes);
    }
  });

  test("a Produce elsewhere is sent with acks that no broker takes", async () => {
    const { host, client, sent } = await open("kafka", "b-");
    host.downstream(client, apiVersions());
    sent();
    host.downstream(
      client,
      Buffer.concat([
        produce(-1, "a-x"),
        produce(-1, "b-x"),
        produce(1, "a-x", "b-x"),
        apiVersions(),
      ]),
    );
    assert.deepEqual(
      sent(),
      Buffer.concat([
        produce(-1, "a-x"),
        produce(2, "b-x"),
        produce(2, "a-x", "b-x"),
        apiVersions(),
      ]),
    );
    assert.equal(client.closed, false);
    host.downstream(client, produce(0, "b-x"));
    assert.equal(client.closed, true, "nobody waits for its reply");
    assert.equal(sent().length, 0);
  });

  for (const [what, bytes] of [
    ["Metadata of a topic elsewhere", metadata("a-x", "b-x")],
    ["a request that is not known", request(77, 0, Buffer.alloc(0))],
    ["a version that is not known", request(1, 16, Buffer.alloc(64))],
    ["a transaction", request(26, 0, Buffer.concat([text("t"), Buffer.alloc(11)]))],
  ] as const) {
    test(`${what} closes`, async () => {
      const { host, client, sent } = await open("kafka", "b-");
      host.downstream(client, apiVersions());
      sent();
      host.downstream(client, bytes);
      assert.equal(client.closed, true);
      assert.equal(sent().length, 0);
    });
  }
});
