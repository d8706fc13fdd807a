/** Readers of what goes to clusters: any cut of the bytes gives the same packets, and no bytes make one throw. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { encodeMetadataRequest } from "@echarde/codec-kafka";
import { encodePacket } from "@echarde/codec-mqtt";
import { encodeCommand } from "@echarde/testkit/servers";
import fc from "fast-check";
import { loadPacketKind } from "./packet-kinds.ts";
import type { PacketKind } from "./packets.ts";
import { seriesOf } from "./series.ts";
import { encodeHead, type Word } from "./trace.ts";
import { TraceFile } from "./trace-file.ts";

const publish = {
  ...({ type: "publish", dup: false, qos: 1, retain: false, packetId: 7, properties: [] } as const),
  ...{ topic: "a/b", payload: Buffer.from("message") },
};
const http = (head: string, body: Uint8Array | string = ""): Buffer =>
  Buffer.concat([Buffer.from(`${head}\r\nHost: x\r\n\r\n`), Buffer.from(body)]);
const zipped = gzipSync("cpu,host=a v=1\ncpu,host=b v=2");

/** What goes to a cluster, and how many packets of it are recorded. */
const streams: Readonly<Record<string, readonly [bytes: Uint8Array, packets: number]>> = {
  redis: [
    Buffer.concat([
      encodeCommand("SET", "k", "value"),
      encodeCommand("AUTH", "secret"),
      encodeCommand("MGET", "a", "b"),
    ]),
    2,
  ],
  mqtt: [
    Buffer.concat([
      encodePacket(
        {
          ...({ type: "connect", version: 5, cleanStart: true, keepAlive: 9 } as const),
          ...{ properties: [], clientId: "c", userName: "u", password: Buffer.from("secret") },
          will: { qos: 0, retain: false, properties: [], topic: "w", payload: Buffer.from("m") },
        },
        5,
      ),
      encodePacket(publish, 5),
      encodePacket({ type: "pingreq" }, 5),
      encodePacket({ type: "unsubscribe", packetId: 8, properties: [], filters: ["a/#"] }, 5),
    ]),
    3,
  ],
  kafka: [Buffer.concat([encodeMetadataRequest(["a", "b"]), encodeMetadataRequest(["c"])]), 2],
  influx: [
    Buffer.concat([
      http("POST /write?db=d HTTP/1.1\r\nContent-Length: 14", "cpu,host=a v=1"),
      http("GET /query?db=d&q=SELECT+1 HTTP/1.1"),
      http(
        `POST /write?db=d HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: ${zipped.length}`,
        zipped,
      ),
      http(
        "POST /query HTTP/1.1\r\nTransfer-Encoding: chunked",
        "6\r\nq=SHOW\r\na\r\n+DATABASES\r\n0\r\n\r\n",
      ),
    ]),
    4,
  ],
};

/** Reads the bytes in these pieces; null = they could not be read to their end. */
function read(kind: PacketKind, bytes: Uint8Array, cuts: readonly number[]): Word[][] | null {
  const packets: Word[][] = [];
  const reader = kind.reader({
    ...{ values: false, explain: () => [], packet: (words) => packets.push([...words]) },
  });
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  let from = 0;
  for (const end of ends) {
    const piece = Uint8Array.prototype.slice.call(bytes, from, end);
    if (!reader.read(piece)) return null;
    piece.fill(0); // nothing of it may be kept
    from = end;
  }
  return packets;
}

for (const [protocol, [bytes, count]] of Object.entries(streams)) {
  describe(`packets of ${protocol}`, () => {
    const cuts = fc.array(fc.nat(), { maxLength: 40 });

    test("are the same in any cut", async () => {
      const kind = await loadPacketKind(protocol);
      assert.ok(kind !== null, "it is known");
      const whole = read(kind, bytes, []);
      assert.equal(whole?.length, count);
      assert.deepEqual(
        read(
          kind,
          bytes,
          Array.from(bytes, (_, i) => i),
        ),
        whole,
      );
      fc.assert(fc.property(cuts, (at) => assert.deepEqual(read(kind, bytes, at), whole)));
      for (const words of whole ?? []) assert.doesNotMatch(kind.show(words), /secret|message/);
    });

    test("that are none, or broken ones, are said to be none", async () => {
      const kind = await loadPacketKind(protocol);
      assert.ok(kind !== null, "it is known");
      const changes = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), {
        ...{ minLength: 1, maxLength: 4 },
      });
      const broken = changes.map((all) => {
        const copy = Uint8Array.from(bytes);
        for (const [at, byte] of all) copy[at] = byte;
        return copy;
      });
      const any = fc.oneof(broken, fc.uint8Array({ maxLength: 200 }));
      fc.assert(
        fc.property(any, cuts, (given, at) => {
          for (const words of read(kind, given, at) ?? []) kind.show(words);
        }),
        { numRuns: 1_000 },
      );
    });
  });
}

test("passwords are in no packet, also where values are recorded", async () => {
  const secret = "s3cret";
  const http11 = (q: string): Buffer =>
    http(`GET /query?u=ann&p=${secret}&q=${encodeURIComponent(q)} HTTP/1.1`);
  const sent: Readonly<Record<string, Uint8Array>> = {
    redis: Buffer.concat([
      encodeCommand("AUTH", "user", secret),
      encodeCommand("HELLO", "3", "AUTH", "user", secret),
      encodeCommand("CONFIG", "SET", "requirepass", secret),
      encodeCommand("acl", "SETUSER", "bob", `>${secret}`),
      encodeCommand("MIGRATE", "h", "1", "k", "0", "1", "AUTH", secret),
      encodeCommand("SET", "k", "value"),
    ]),
    mqtt: encodePacket(
      {
        ...({ type: "connect", version: 4, cleanStart: true, keepAlive: 9, will: null } as const),
        ...{ properties: [], clientId: "c", userName: "u", password: Buffer.from(secret) },
      },
      4,
    ),
    influx: Buffer.concat([
      http11(`CREATE USER bob WITH PASSWORD '${secret}'`),
      http11(`SET password FOR bob = '${secret}'`),
      http(
        `POST /write?db=d&p=${secret} HTTP/1.1\r\nAuthorization: Token a:${secret}\r\nContent-Length: 5`,
        "m v=1",
      ),
    ]),
  };
  for (const [protocol, bytes] of Object.entries(sent)) {
    const kind = await loadPacketKind(protocol);
    assert.ok(kind !== null, "it is known");
    for (const values of [false, true]) {
      const packets: Word[] = [];
      const reader = kind.reader({
        ...{ values, explain: () => [], packet: (words) => packets.push(...words) },
      });
      assert.ok(reader.read(bytes), "it is read");
      assert.ok(packets.length > 0, "something is recorded");
      const text = packets
        .map((word) => (typeof word === "number" ? "" : Buffer.from(word)))
        .join();
      assert.ok(!text.includes(secret), `${protocol}: ${text}`);
    }
  }
});

describe("series of a batch", () => {
  test("end before the fields, whatever stands in these", () => {
    const batch = [
      'cpu,host=a\\ b v=1,t="x\ny,z=1 w=2" 12',
      "# note",
      "",
      'mem\\,1 a"b=1,c="d\\"\ne"',
      "cpu,host=a\\ b v=2",
      "alone",
    ];
    assert.deepEqual(seriesOf(Buffer.from(batch.join("\n"))), ["cpu,host=a\\ b", "mem\\,1"]);
  });

  test("never hold what is between quotes", () => {
    const text = fc
      .string({ unit: fc.constantFrom("S", "\n", " ", ",", "=", "\\", "#", '"') })
      .map((value) => value.replaceAll(/[\\"]/g, "\\$&"));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), (values) => {
        const lines = values.map((value, i) => `m${i},k=v a=1,s="${value}",b=2 ${i}`);
        const expected = values.map((_, i) => `m${i},k=v`);
        assert.deepEqual(seriesOf(Buffer.from(lines.join("\n"))), expected);
      }),
    );
  });
});

test("a disk that is full ends the trace, not the server", {
  skip: !existsSync("/dev/full"),
}, () => {
  const head = { protocol: "redis", table: "t", values: false, began: 1 };
  const trace = new TraceFile("/dev/full", 1_000_000, head);
  let ended = 0;
  trace.full = () => {
    ended += 1;
  };
  trace.packet(encodeHead(head));
  trace.packet(encodeHead(head));
  assert.match(String(trace.failure), /ENOSPC|EINVAL/);
  assert.deepEqual([trace.isOpen, ended, trace.close()], [false, 1, null]);
});
