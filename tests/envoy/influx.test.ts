/** InfluxDB inside a real Envoy: writes split and queries merged over two influxd. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type InfluxdServer, skipWithout, startInfluxd } from "@echarde/testkit/servers";
import { query, send, write } from "../influx/shards.ts";
import { type Chain, startChain } from "./chain.ts";

const lines = (from: string): string =>
  Array.from({ length: 20 }, (_, i) => `${from},host=h${i % 4} value=${i} ${1_000 + i}`).join("\n");

for (const route of ["frame", "grpc"] as const) {
  const skip = skipWithout("envoy", "influxd");
  describe(`InfluxDB, ${route} route`, { skip, timeout: 240_000 }, () => {
    let servers: readonly InfluxdServer[] = [];
    let alone: InfluxdServer;
    let chain: Chain;
    before(async () => {
      alone = await startInfluxd();
      servers = await Promise.all([startInfluxd(), startInfluxd()]);
      chain = await startChain(route, () => ({
        protocol: "influx",
        defaultCluster: "i1",
        clusters: Object.fromEntries(
          servers.map(({ port }, i) => [`i${i + 1}`, { endpoints: [`127.0.0.1:${port}`] }]),
        ),
        routes: [{ prefix: "d/edge", cluster: "i2" }],
      }));
    });
    after(async () => {
      await chain?.close();
      await Promise.all([alone, ...servers].map((server) => server?.stop()));
    });

    test("a batch split over both, a query merged from both", async () => {
      for (const port of [alone.port, chain.port]) {
        const made = await query(port, "CREATE DATABASE d");
        assert.equal(made.status, 200, made.body);
        const written = await write(port, `${lines("cloud")}\n${lines("edge")}`);
        assert.equal(written.status, 204, written.body);
      }
      for (const [i, measurement] of ["cloud", "edge"].entries()) {
        const { body } = await query(servers[i]?.port ?? 0, "SHOW MEASUREMENTS");
        assert.match(body, new RegExp(`\\[\\["${measurement}"\\]\\]`), "its own measurement alone");
      }
      for (const q of [
        "SHOW MEASUREMENTS",
        "SELECT * FROM cloud, edge",
        "SELECT mean(value) FROM cloud; SELECT count(value) FROM edge GROUP BY host",
        "SELECT sum(value) FROM cloud, edge",
        "SHOW TAG VALUES WITH KEY = host",
      ]) {
        const [one, merged] = [await query(alone.port, q), await query(chain.port, q)];
        assert.equal(merged.status, one.status, q);
        assert.deepEqual(JSON.parse(merged.body), JSON.parse(one.body), q);
      }
    });

    test("a body in pieces of every kind", async () => {
      const bytes = Buffer.from(`${lines("cloud2")}\n${lines("edge2")}`);
      const body = new ReadableStream({
        start(controller) {
          for (let at = 0; at < bytes.length; at += 7)
            controller.enqueue(bytes.subarray(at, at + 7));
          controller.close();
        },
      });
      const { port } = chain;
      assert.equal((await query(port, "CREATE DATABASE d")).status, 200);
      const init = { method: "POST", body, duplex: "half" } as RequestInit;
      const written = await send(port, "/write?db=d", init);
      assert.equal(written.status, 204, written.body);
      const { body: answer } = await query(port, "SELECT count(value) FROM cloud2, edge2");
      assert.equal(answer.match(/,20\]/g)?.length, 2, answer);
    });
  });
}
