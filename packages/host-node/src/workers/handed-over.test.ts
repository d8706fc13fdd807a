/** A connection that a worker was handed, and did not take. */
import assert from "node:assert/strict";
import cluster from "node:cluster";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { closeWhatIsLeft } from "./handed-over.ts";

const folder = mkdtempSync(join(tmpdir(), "echarde-worker-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("is closed when the worker ends", { timeout: 60_000 }, async () => {
  const script = join(folder, "worker.mjs");
  writeFileSync(
    script,
    `import { createServer } from "node:net";
     createServer((socket) => socket.end("taken")).listen(0, "127.0.0.1");`,
  );
  cluster.setupPrimary({ exec: script, args: [] });
  const worker = cluster.fork();
  closeWhatIsLeft(worker);
  const gone = once(worker, "exit");
  try {
    const [{ port }] = (await once(worker, "listening")) as [AddressInfo];
    const taken = connect(port, "127.0.0.1");
    assert.equal(String((await once(taken, "data"))[0]), "taken");
    await once(taken, "close");
    worker.process.kill("SIGSTOP");
    const waiting = connect(port, "127.0.0.1");
    waiting.on("error", () => {}); // `close` follows
    await once(waiting, "connect");
    await handedOver();
    const closed = once(waiting, "close");
    worker.process.kill("SIGKILL");
    await closed;
  } finally {
    worker.process.kill("SIGKILL");
    await gone;
  }

  /** The connection was accepted here before the next one is. */
  async function handedOver(): Promise<void> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const probe = connect((server.address() as AddressInfo).port, "127.0.0.1");
    const [socket] = await once(server, "connection");
    socket.destroy();
    probe.destroy();
    server.close();
    await once(server, "close");
  }
});
