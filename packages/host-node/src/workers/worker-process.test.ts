/** A worker as the first process sees it: when it is gone. */
import assert from "node:assert/strict";
import cluster from "node:cluster";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { WorkerProcess } from "./worker-process.ts";

const folder = mkdtempSync(join(tmpdir(), "echarde-worker-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("a question to a worker that is cut off fails after its end is known, not before", async () => {
  const script = join(folder, "worker.mjs");
  writeFileSync(script, "process.disconnect(); setInterval(() => {}, 1_000);");
  cluster.setupPrimary({ exec: script, args: [], serialization: "advanced" });
  const heard: string[] = [];
  const start = {
    ...({ type: "start", text: "", folder, listen: null, workers: 1 } as const),
    ...{ sessionFile: null, record: null },
  };
  const worker = new WorkerProcess(start, {
    log: () => {},
    value: () => Promise.reject(new Error("no values here")),
    session: () => null,
    trace: () => {},
    ended: (_, why) => heard.push(`ended: ${why}`),
  });
  try {
    await once(cluster, "disconnect");
    // Who has its sessions is known when it has ended: a client that asks for one before must wait.
    const given = worker.give("s").catch((error: Error) => heard.push(error.message));
    worker.kill();
    await given;
    assert.deepEqual(heard, ["ended: SIGKILL", "the worker is gone"]);
    await assert.rejects(worker.give("s"), /the worker is gone/);
  } finally {
    worker.kill();
    await worker.gone;
  }
});
