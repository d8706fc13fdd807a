/** WebSocket listeners: the handshake, bytes both ways, bounds, and the end. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, describe, test } from "node:test";
import { WebSocket } from "ws";
import { formatAddress, parseListenAddress } from "./address.ts";
import { nodeSockets } from "./node-sockets.ts";
import { fullAt, type Socket, type SocketEvents } from "./sockets.ts";

const ends: (() => unknown)[] = [];
after(() => {
  for (const end of ends.reverse()) end();
});

/** What a listener's connection saw. */
class Seen implements SocketEvents {
  readonly socket: Socket;
  readonly chunks: Buffer[] = [];
  readonly drains: number[] = [];
  lostWith: (Error | null)[] = [];
  constructor(socket: Socket) {
    this.socket = socket;
  }
  opened(): void {}
  bytes(chunk: Uint8Array): void {
    this.chunks.push(Buffer.from(chunk));
  }
  drained(waiting: number): void {
    this.drains.push(waiting);
  }
  halfClosed(): void {}
  lost(error: Error | null): void {
    this.lostWith.push(error);
  }
  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }
}

async function listen(
  refuses = false,
): Promise<{ port: number; url: string; all: Seen[]; close: () => void }> {
  const all: Seen[] = [];
  const listener = await nodeSockets({ keepAlive: 0 }).listen(
    { type: "ws", host: "127.0.0.1", port: 0, path: "/mqtt" },
    (socket) => {
      if (refuses) return null;
      const seen = new Seen(socket);
      all.push(seen);
      return seen;
    },
  );
  ends.push(() => listener.close());
  const { address } = listener;
  assert.ok(address.type === "ws" && address.port > 0, "the port is told");
  const url = formatAddress(address);
  return { port: address.port, url, all, close: () => listener.close() };
}

async function dial(url: string): Promise<WebSocket> {
  const client = new WebSocket(url, "mqtt");
  ends.push(() => client.terminate());
  await once(client, "open");
  return client;
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const by = performance.now() + 30_000;
  while (!condition()) {
    assert.ok(performance.now() < by, `not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function sizeOf(chunks: readonly Buffer[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}

/** The status of an HTTP answer. */
async function answerTo(port: number, ...lines: readonly string[]): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  ends.push(() => socket.destroy());
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  const [first] = (await once(socket, "data")) as [Buffer];
  return first.toString("latin1", 9, 12);
}

describe("WebSocket listeners", () => {
  test("addresses", () => {
    const read = (text: string): string | null => {
      const address = parseListenAddress(text);
      return address === null ? null : `${address.type} ${formatAddress(address)}`;
    };
    assert.equal(read("ws://127.0.0.1:8083/mqtt"), "ws ws://127.0.0.1:8083/mqtt");
    assert.equal(read("ws://[::1]:8083"), "ws ws://[::1]:8083/");
    assert.equal(read("127.0.0.1:1"), "tcp 127.0.0.1:1");
    for (const wrong of ["wss://a:1/", "ws://a", "ws://a:1/b c", "ws://unix:/x", "ws://a:1?x"]) {
      assert.equal(read(wrong), null, wrong);
    }
  });

  test("only GET of the path with the subprotocol is upgraded", async () => {
    const { port, url, all } = await listen();
    const upgrade = [
      ...["Host: x", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"],
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ];
    const offer = "Sec-WebSocket-Protocol: other, mqtt";
    assert.equal(await answerTo(port, "GET /mqtt HTTP/1.1", "Host: x"), "426");
    assert.equal(await answerTo(port, "GET / HTTP/1.1", "Host: x"), "404");
    assert.equal(await answerTo(port, "GET /other HTTP/1.1", ...upgrade, offer), "404");
    assert.equal(await answerTo(port, "GET /mqtt HTTP/1.1", ...upgrade), "400");
    assert.equal(all.length, 0);
    const noKey = upgrade.slice(0, -1);
    assert.equal(await answerTo(port, "GET /mqtt HTTP/1.1", ...noKey, offer), "400");
    await until(() => all[0]?.lostWith.length === 1, "the client of a bad handshake is lost");
    assert.equal(await answerTo(port, "GET /mqtt?x HTTP/1.1", ...upgrade, offer), "101");
    assert.equal((await dial(url)).protocol, "mqtt");
    const full = await listen(true);
    assert.equal(await answerTo(full.port, "GET /mqtt HTTP/1.1", ...upgrade, offer), "503");
  });

  test("bytes pass in any cut, pings are answered, the end is passed on", async () => {
    const { url, all } = await listen();
    const client = await dial(url);
    const got: Buffer[] = [];
    client.on("message", (data, isBinary) => {
      assert.ok(isBinary, "binary frames");
      got.push(data as Buffer);
    });
    client.send(Buffer.from("ab"), { fin: false });
    client.send(Buffer.from("cd"), { fin: true });
    client.send(Buffer.from("ef"));
    client.ping("x");
    await once(client, "pong");
    const [seen] = all;
    assert.equal(seen?.text, "abcdef");
    assert.equal(seen?.socket.remote, "127.0.0.1");
    seen?.socket.write([Buffer.from("12"), Buffer.alloc(600_000, "3")]);
    seen?.socket.end();
    const [code] = (await once(client, "close")) as [number];
    assert.equal(code, 1000);
    assert.equal(Buffer.concat(got).length, 600_002);
    assert.equal(seen?.lostWith.length, 0, "no event follows end");
    const other = await dial(url);
    other.close();
    await until(() => all[1]?.lostWith.length === 1, "the client's close is heard");
  });

  test("a text message and one that is too long end the connection", async () => {
    const { url, all } = await listen();
    const text = await dial(url);
    text.send("text");
    assert.equal(((await once(text, "close")) as [number])[0], 1003);
    const long = await dial(url);
    long.on("error", () => undefined);
    long.send(Buffer.alloc((16 << 20) + 1));
    await once(long, "close");
    await until(() => all.every(({ lostWith }) => lostWith.length === 1), "both are lost");
    assert.deepEqual(
      all.map((seen) => seen.text),
      ["", ""],
    );
  });

  test("back-pressure: a client that takes nothing fills nothing but the queue, then gets all", async () => {
    const { url, all } = await listen();
    const client = await dial(url);
    let got = 0;
    client.on("message", (data) => {
      got += (data as Buffer).length;
    });
    client.pause();
    const [seen] = all;
    const total = 32 << 20;
    const waiting = seen?.socket.write([Buffer.alloc(total, "x")]) ?? 0;
    assert.ok(waiting >= fullAt, `${waiting} bytes wait`);
    client.resume();
    await until(() => got === total, "all bytes");
    await until(() => seen?.drains.at(-1) === 0, "drained");
    assert.ok((seen?.drains.length ?? 0) > 1, "progress is told");
  });

  test("back-pressure: a listener that is paused is sent no more than the system holds", async () => {
    const { url, all } = await listen();
    const client = await dial(url);
    const [seen] = all;
    seen?.socket.pause();
    const total = 64 << 20;
    for (let i = 0; i < total; i += 64 << 10) client.send(Buffer.alloc(64 << 10));
    // While another client's pings come and go, a listener that read would have got some.
    const other = await dial(url);
    for (let i = 0; i < 500; i++) {
      other.ping();
      await once(other, "pong");
    }
    assert.equal(sizeOf(seen?.chunks ?? []), 0);
    assert.ok(client.bufferedAmount > 0, "the rest waits at the client");
    seen?.socket.resume();
    await until(() => sizeOf(seen?.chunks ?? []) === total, "all bytes");
  });

  test("pings of a client that reads nothing do not pile up", async () => {
    const { url, all } = await listen();
    const client = await dial(url);
    client.pause();
    const payload = Buffer.alloc(125);
    for (let i = 0; i < 200_000; i++) client.ping(payload);
    client.send(Buffer.from("end"));
    await until(() => all[0]?.text === "end", "all pings are read");
    assert.ok((all[0]?.socket.write([]) ?? 0) < 2 * fullAt, "few pongs wait");
  });
});
