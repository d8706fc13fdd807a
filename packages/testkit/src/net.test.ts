import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Codec, noSecurity } from "@echarde/core";
import { fifo } from "./models/fifo.ts";
import { FifoServer } from "./models/fifo-server.ts";
import { packetId } from "./models/packet-id.ts";
import { PacketIdServer } from "./models/packet-id-server.ts";
import * as wire from "./models/packet-id-wire.ts";
import { modelTable } from "./models/samples.ts";
import { Net, type NetOptions } from "./net.ts";
import { latin1, textOf } from "./text.ts";
import { fairWeather, foulWeather } from "./weather.ts";

function fifoNet(more: Partial<NetOptions> = {}): Net {
  const router = { codec: fifo, table: modelTable };
  return new Net({ router, serverAt: () => new FifoServer(), seed: 1, ...more });
}

/** `fifo` with one thing changed. */
function changed(change: Partial<ReturnType<Codec["start"]>>): Codec {
  return { ...fifo, start: (router) => ({ ...fifo.start(router), ...change }) };
}

describe("Net", () => {
  it("gives equal runs for equal seeds, and other runs for other seeds", () => {
    const run = (seed: number): string => {
      const net = fifoNet({ seed, weather: foulWeather });
      const client = net.client();
      client.send(latin1("SET a 1\nSET z 2\nMGET a z\nCOUNT\n".repeat(5)));
      net.run();
      return `${net.steps} ${net.faults} ${textOf(client.received)}`;
    };
    assert.equal(run(7), run(7));
    assert.ok(new Set([7, 8, 9, 10, 11].map(run)).size > 3);
  });

  it("cuts in every way, without changing a byte", () => {
    const sizes = new Set<number>();
    for (let seed = 0; seed < 20; seed++) {
      const net = fifoNet({ seed });
      const client = net.client();
      client.onBytes = (bytes) => sizes.add(bytes.length);
      client.send(latin1(`ECHO ${"x".repeat(100)}\n`));
      net.run();
      assert.equal(textOf(client.received), `+${"x".repeat(100)}\n`);
    }
    assert.ok(sizes.size > 20, `${sizes.size} sizes`);
  });

  it("answers a client that half-closes, then closes it", () => {
    const net = fifoNet();
    const client = net.client();
    client.send(latin1("SET a 1\nGET a\n"));
    client.halfClose();
    net.run(1_000);
    assert.equal(textOf(client.received), "+ok\n+1\n");
    assert.equal(client.closed, "flush");
    net.close();
  });

  it("keeps bytes for a client that stalls, and gives it up in the end", () => {
    const limits = { maxOutput: 1_000, stallTimeout: 5_000 };
    const net = fifoNet({
      router: { codec: fifo, table: modelTable, limits },
      weather: { ...fairWeather, highWater: 64 },
    });
    const client = net.client();
    client.stall(true);
    client.send(latin1(`ECHO ${"x".repeat(100)}\n`.repeat(50)));
    net.run(4_000);
    assert.equal(client.closed, null);
    assert.equal(client.received.length, 0);
    net.run(10_000);
    assert.equal(client.closed, "abort");
    net.close();
  });

  it("reads a stalled client no further, and goes on where it stopped", () => {
    const limits = { maxOutput: 1_000 };
    const net = fifoNet({
      router: { codec: fifo, table: modelTable, limits },
      weather: { ...fairWeather, highWater: 64 },
    });
    const client = net.client();
    client.stall(true);
    client.send(latin1(`ECHO ${"x".repeat(100)}\n`.repeat(50)));
    net.run(2_000);
    client.stall(false);
    net.run();
    assert.equal(textOf(client.received), `+${"x".repeat(100)}\n`.repeat(50));
    net.close();
  });

  it("fails what a hung server does not answer, goes on with the other, and recovers", () => {
    const net = fifoNet();
    const client = net.client();
    client.send(latin1("SET a 1\nSET z 2\n"));
    net.run(1_000);
    net.hang("a:1", true);
    client.send(latin1("GET z\nGET a\nGET z\n"));
    net.run(4_000);
    assert.equal(textOf(client.received), "+ok\n+ok\n+2\n");
    net.run(2_000);
    assert.equal(textOf(client.received), "+ok\n+ok\n+2\n-timeout a\n+2\n");
    net.hang("a:1", false);
    net.run(1_000);
    client.send(latin1("GET a\n"));
    net.run(1_000);
    assert.equal(textOf(client.received), "+ok\n+ok\n+2\n-timeout a\n+2\n+1\n");
    net.close();
  });

  it("recovers within a second of a restart", () => {
    const net = fifoNet();
    const client = net.client();
    client.send(latin1("SET a 1\n"));
    net.run(100);
    net.down("a:1", true);
    for (let i = 0; i < 20; i++) {
      client.send(latin1("GET a\n"));
      net.run(100);
    }
    net.down("a:1", false);
    net.run(600);
    client.send(latin1("GET a\n"));
    net.run(400);
    const lines = textOf(client.received).split("\n").slice(0, -1);
    assert.equal(lines.length, 22);
    assert.equal(lines[21], "+1");
    assert.ok(
      lines.slice(1, 21).every((line) => line === "-unreachable a" || line === "-lost a"),
      lines.join(),
    );
    net.close();
  });

  it("fails when a link codec throws, with the last inputs", () => {
    const codec = changed({
      link: () => {
        throw new TypeError("no link today");
      },
    });
    const net = fifoNet({ router: { codec, table: modelTable } });
    net.client().send(latin1("GET a\n"));
    assert.throws(() => net.run(), /no link today[\s\S]*seed 1[\s\S]*bytes of client 1/);
  });

  it("fails a run that does not come to rest", () => {
    const net = fifoNet({ maxSteps: 50 });
    const client = net.client();
    client.onBytes = () => client.send(latin1("ECHO on\n"));
    client.send(latin1("ECHO on\n"));
    assert.throws(() => net.run(), /livelock/);
  });

  it("fails an ask that nobody answers", () => {
    const codec = changed({
      session: (context) => {
        const session = fifo
          .start({
            table: {} as never,
            limits: {} as never,
            keep: (bytes) => bytes,
            security: noSecurity,
            records: null,
            keepsValues: false,
          })
          .session(context);
        session.request = (bytes) => {
          Object.assign(session, { end: bytes.length });
          return {
            type: "ask",
            topic: "credentials",
            value: null,
            answered: () => ({ type: "skip" }),
          };
        };
        return session;
      },
    });
    const net = fifoNet({ router: { codec, table: modelTable } });
    net.client().send(latin1("x"));
    assert.throws(() => net.run(), /nobody answers "credentials"/);
  });
});

describe("model packet-id in a net", () => {
  it("delivers from all clusters under ids of its own, and maps the acknowledgements back", () => {
    const servers = new Map<string, PacketIdServer>();
    const net = new Net({
      router: { codec: packetId, table: modelTable },
      serverAt: (address) => {
        const server = new PacketIdServer();
        servers.set(address, server);
        return server;
      },
      seed: 5,
    });
    const [publisher, subscriber] = [net.client(), net.client()];
    subscriber.send(wire.packet(wire.SUBSCRIBE, 9, latin1("a1z1")));
    net.run(1_000);
    const ids: number[] = [];
    let left = new Uint8Array(0);
    subscriber.onBytes = (bytes) => {
      left = Uint8Array.from([...left, ...bytes]);
      for (let length = wire.packetLength(left, 0); length > 0 && left.length >= length; ) {
        ids.push(wire.packetId(left, 0));
        subscriber.send(wire.packet(wire.ACKNOWLEDGE, wire.packetId(left, 0), []));
        left = left.slice(length);
        length = wire.packetLength(left, 0);
      }
    };
    for (let i = 0; i < 10; i++) {
      publisher.send(wire.packet(wire.PUBLISH, i + 1, latin1(i % 2 === 0 ? "a1 one" : "z1 two")));
    }
    net.run(2_000);
    assert.equal(new Set(ids).size, 10, "ten ids, all different");
    for (const server of servers.values()) {
      assert.equal(server.unacknowledged, 0);
      assert.equal(server.strayAcknowledgements, 0);
    }
    net.close();
  });

  it("closes a subscriber whose cluster is lost", () => {
    const net = new Net({
      router: { codec: packetId, table: modelTable },
      serverAt: () => new PacketIdServer(),
      seed: 5,
    });
    const client = net.client();
    client.send(wire.packet(wire.SUBSCRIBE, 9, latin1("a1")));
    net.run(1_000);
    net.down("a:1", true);
    net.run(1_000);
    assert.equal(client.closed, "flush");
    net.close();
  });
});
