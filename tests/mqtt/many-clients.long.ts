/**
 * 5,000 clients connected at once over two brokers (`ECHARDE_CLIENTS` makes it fewer). The router runs
 * in a process of its own, since it has three open files for each: its client and a link to each broker.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { skipWithout, startMosquitto } from "@echarde/testkit/servers";
import { TestClient } from "./client.ts";

const count = Number(process.env["ECHARDE_CLIENTS"] ?? 5_000);
const needed = 3 * count + 500;
const cli = fileURLToPath(new URL("../../packages/host-node/src/cli.ts", import.meta.url));

describe(`${count} clients`, { skip: skipWithout("mosquitto"), timeout: 30 * 60_000 }, () => {
  test("all connect, subscribe, and hear one message of each broker", async () => {
    const limit = execFileSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).trim();
    assert.ok(
      limit === "unlimited" || Number(limit) >= needed,
      `${needed} open files are needed for the router alone, and ${limit} are allowed: raise it with ulimit -Hn ${needed}`,
    );
    const brokers = await Promise.all([startMosquitto(), startMosquitto()]);
    const dir = mkdtempSync(join(tmpdir(), "echarde-many-"));
    const file = join(dir, "echarde.json");
    const [cloud, edge] = brokers.map(({ port }) => ({ endpoints: [`127.0.0.1:${port}`] }));
    const config = {
      ...{ protocol: "mqtt", listen: "127.0.0.1:0", defaultCluster: "cloud" },
      ...{ clusters: { cloud, edge }, routes: [{ prefix: "edge", cluster: "edge" }] },
      timeouts: { connect: "30s", request: "60s" },
    };
    writeFileSync(file, JSON.stringify(config));
    const router = spawn(
      process.execPath,
      ["--conditions=source", "--import", "tsx", cli, "run", file],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const clients: TestClient[] = [];
    try {
      let output = "";
      router.stdout.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
      while (!output.includes("mqtt on ")) await once(router.stdout, "data");
      const port = Number(/mqtt on 127\.0\.0\.1:(\d+)/.exec(output)?.[1]);
      const began = performance.now();
      // A hundred at a time: the system's queue of connections that wait to be accepted is finite.
      while (clients.length < count) {
        const some = Array.from({ length: Math.min(100, count - clients.length) }, (_, i) => {
          const client = new TestClient(port, i % 2 === 0 ? 4 : 5);
          clients.push(client);
          return client;
        });
        const first = clients.length - some.length;
        await Promise.all(
          some.map(async (client, i) => {
            const { reason } = await client.connect({ clientId: `c${first + i}`, keepAlive: 0 });
            assert.equal(reason, 0);
            await client.subscribe([{ filter: "+/all", qos: 1 }]);
          }),
        );
      }
      const connected = Math.round(performance.now() - began);
      const [publisher] = clients;
      for (const topic of ["edge/all", "cloud/all"]) {
        assert.equal(await publisher?.publish(topic, "hello", { qos: 1 }), 0);
      }
      for (const client of clients) {
        await client.until(() => client.messages.length >= 2, "both messages");
      }
      const took = Math.round(performance.now() - began) - connected;
      for (const { messages } of clients) {
        assert.deepEqual(messages.map(({ topic }) => topic).sort(), ["cloud/all", "edge/all"]);
      }
      console.log(
        `${count} clients connected in ${connected} ms, two messages to each in ${took} ms`,
      );
      assert.ok(
        clients.every(({ ended }) => !ended),
        "all are still connected",
      );
    } finally {
      await Promise.all(clients.map((client) => client.drop()));
      router.kill("SIGKILL");
      await Promise.all(brokers.map((broker) => broker.stop()));
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
