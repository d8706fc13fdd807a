import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket as NetSocket } from "node:net";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { nodeSockets } from "./node-sockets.ts";
import type { Socket, SocketEvents } from "./sockets.ts";

const ends: (() => void)[] = [];
after(() => {
  for (const end of ends) end();
});

interface Dialled {
  readonly near: Socket;
  readonly far: NetSocket;
  readonly log: string[];
}

async function dialled(): Promise<Dialled> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, "127.0.0.1");
  ends.push(() => server.close());
  await once(server, "listening");
  const log: string[] = [];
  const events: SocketEvents = {
    opened: () => log.push("opened"),
    bytes: (chunk) => log.push(`bytes ${Buffer.from(chunk).toString()}`),
    drained: (waiting) => log.push(`drained ${waiting > 0 ? "some" : "all"}`),
    halfClosed: () => log.push("halfClosed"),
    lost: (error) => log.push(`lost ${(error as NodeJS.ErrnoException | null)?.code ?? ""}`),
  };
  const { port } = server.address() as AddressInfo;
  const near = nodeSockets({ keepAlive: 0 }).dial({ type: "tcp", host: "127.0.0.1", port }, events);
  const [far] = (await once(server, "connection")) as [NetSocket];
  far.on("error", () => {});
  ends.push(() => far.destroy());
  await sleep(5);
  assert.deepEqual(log.splice(0), ["opened"]);
  return { near, far, log };
}

async function received(socket: NetSocket, size: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
  });
  socket.resume();
  const by = Date.now() + 20_000;
  while (length < size && Date.now() < by) await sleep(2);
  return Buffer.concat(chunks);
}

test("sends all chunks in order, tells its progress, and then the end", async () => {
  const { near, far, log } = await dialled();
  // More than six times what the system's buffers may hold, so that it must stop and go on several times.
  const chunks = Array.from({ length: 270 }, (_, i) =>
    Buffer.alloc(i % 3 === 0 ? 700_000 : 1_000, i),
  );
  const all = Buffer.concat(chunks);
  const waiting = near.write(chunks);
  assert.ok(waiting > 1_000_000 && waiting <= all.length, String(waiting));
  assert.ok(near.write([Buffer.from("z")]) === waiting + 1);
  near.write([]);
  const bytes = await received(far, all.length + 1);
  assert.ok(bytes.equals(Buffer.concat([all, Buffer.from("z")])));
  await sleep(20);
  assert.ok(log.filter((line) => line === "drained some").length >= 5);
  assert.equal(log.at(-1), "drained all");
  log.length = 0;
  assert.equal(near.write([Buffer.from("bye")]), 0);
  near.end();
  await once(far, "end");
  far.end("late");
  await once(far, "close");
  await sleep(10);
  assert.deepEqual(log, [], "no event after end");
});

test("end sends what still waits", async () => {
  const { near, far } = await dialled();
  const big = Buffer.alloc(20_000_000, 7);
  assert.ok(near.write([big]) > 0);
  near.end();
  assert.ok((await received(far, big.length)).equals(big));
  assert.ok(far.readableEnded || (await once(far, "end")));
});

test("pause stops reading, resume goes on; half-close and loss are told once", async () => {
  const { near, far, log } = await dialled();
  near.pause();
  far.write("one");
  await sleep(30);
  assert.deepEqual(log, []);
  near.resume();
  await sleep(30);
  assert.deepEqual(log.splice(0), ["bytes one"]);
  far.end();
  await sleep(30);
  assert.deepEqual(log.splice(0), ["halfClosed"]);
  far.resetAndDestroy();
  await sleep(30);
  near.write([Buffer.from("x")]);
  await sleep(30);
  assert.equal(log.length, 1);
  assert.match(log[0] ?? "", /^lost/);
});

test("a peer that does not close its side is dropped soon after we closed ours", async () => {
  const { near, far } = await dialled();
  near.end();
  far.resume();
  await once(far, "end");
  const timer = setInterval(() => far.write("still here"), 200);
  ends.push(() => clearInterval(timer));
  const closed = new Promise((resolve) => far.once("close", resolve));
  const began = performance.now();
  await Promise.race([closed, sleep(5_000)]);
  const took = performance.now() - began;
  assert.ok(took > 500 && took < 3_000, `${took} ms`);
});

test("nobody at the other end is lost with the reason", async () => {
  const lost = await new Promise<Error | null>((resolve) => {
    const nothing = (): void => {};
    nodeSockets({ keepAlive: 0 }).dial(
      { type: "unix", path: "/nonexistent/socket" },
      { opened: nothing, bytes: nothing, drained: nothing, halfClosed: nothing, lost: resolve },
    );
  });
  assert.equal((lost as NodeJS.ErrnoException).code, "ENOENT");
});
