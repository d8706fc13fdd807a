/** InfluxDB through the sticky route: each connection has one influxd, and no other one sees a request of it. */
import assert from "node:assert/strict";
import { Agent, request } from "node:http";
import { after, before, describe, test } from "node:test";
import { type InfluxdServer, skipWithout, startInfluxd } from "@echarde/testkit/servers";
import { query, write } from "../influx/shards.ts";
import { type Chain, startChain } from "./chain.ts";

const skip = skipWithout("envoy", "influxd");
describe("InfluxDB, sticky route", { skip, timeout: 240_000 }, () => {
  let servers: readonly InfluxdServer[] = [];
  let chain: Chain;
  before(async () => {
    servers = await Promise.all([startInfluxd(), startInfluxd()]);
    for (const { port } of servers)
      assert.equal((await query(port, "CREATE DATABASE d")).status, 200);
    chain = await startChain(
      "sticky",
      () => ({
        protocol: "influx",
        localCluster: "i1",
        defaultCluster: "i1",
        clusters: Object.fromEntries(
          servers.map(({ port }, i) => [`i${i + 1}`, { endpoints: [`127.0.0.1:${port}`] }]),
        ),
        routes: [{ prefix: "d/edge", cluster: "i2" }],
      }),
      undefined,
      { databases: { other: "i2" } },
    );
  });
  after(async () => {
    await chain?.close();
    await Promise.all(servers.map((server) => server.stop()));
  });

  /** A client with one connection. */
  const connection = (): {
    readonly send: (
      method: string,
      path: string,
      body?: string,
    ) => Promise<{ status: number; text: string }>;
    readonly end: () => void;
  } => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const send = (
      method: string,
      path: string,
      body = "",
    ): Promise<{ status: number; text: string }> =>
      new Promise((resolve, reject) => {
        const sent = request(
          { agent, host: "127.0.0.1", port: chain.port, method, path },
          (reply) => {
            const pieces: Buffer[] = [];
            reply.on("data", (piece) => pieces.push(piece));
            reply.on("end", () =>
              resolve({ status: reply.statusCode ?? 0, text: Buffer.concat(pieces).toString() }),
            );
          },
        );
        sent.on("error", reject);
        sent.end(body);
      });
    return { send, end: () => agent.destroy() };
  };

  test("the first measurement chooses; what is elsewhere is refused in its place", async () => {
    for (const [i, [own, other]] of [
      ["cloud", "edge"],
      ["edge", "cloud"],
    ].entries()) {
      const client = connection();
      try {
        const first = await client.send("POST", "/write?db=d", `${own} v=1 1000`);
        assert.equal(first.status, 204, first.text);
        const refused = await client.send(
          "POST",
          "/write?db=d",
          `${own} v=9 9000\n${other} v=9 9000`,
        );
        assert.equal(refused.status, 400);
        assert.match(
          refused.text,
          new RegExp(`the key is on cluster i${2 - i}, this connection on i${i + 1}`),
        );
        const q = (text: string): string => `/query?db=d&q=${encodeURIComponent(text)}`;
        const read = await client.send("GET", q(`SELECT * FROM ${own}`));
        assert.equal(read.status, 200);
        assert.match(
          read.text,
          /\[\["1970-01-01T00:00:00.000001Z",1\]\]/,
          "its own point, and no other",
        );
        for (const text of [
          `SELECT * FROM ${other}`,
          "SHOW DATABASES",
          `DROP SERIES FROM ${other}`,
        ]) {
          const answer = await client.send("GET", q(text));
          assert.equal(answer.status, 400, text);
          assert.match(answer.text, /error parsing query: found query: not for cluster/);
        }
        assert.equal((await client.send("GET", "/ping")).status, 204);
        assert.equal((await client.send("POST", "/write?db=d", `${own} v=2 2000`)).status, 204);
      } finally {
        client.end();
      }
    }
    for (const [i, own] of ["cloud", "edge"].entries()) {
      const { body } = await query(servers[i]?.port ?? 0, "SHOW MEASUREMENTS");
      assert.match(body, new RegExp(`"values":\\[\\["${own}"\\]\\]`), "its own measurement alone");
    }
  });

  test("a first request without a measurement goes by its database, else to localCluster", async () => {
    const client = connection();
    try {
      assert.equal((await client.send("GET", "/ping?db=other")).status, 204);
      const written = await client.send("POST", "/write?db=d", "edge v=3 3000");
      assert.equal(written.status, 204, written.text);
    } finally {
      client.end();
    }
    const written = await write(chain.port, "cloud v=3 3000");
    assert.equal(written.status, 204, written.body);
  });
});
