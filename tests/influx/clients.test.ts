/** Real clients: the influx command line, npm influx, curl's habits, and what the forms of answers look like to them. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { request } from "node:http";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { type InfluxdServer, skipWithout, startInfluxd } from "@echarde/testkit/servers";
import { FieldType, InfluxDB } from "influx";
import { programs, query, type Shards, send, startShards, write } from "./shards.ts";

const run = promisify(execFile);
const lines = Array.from(
  { length: 40 },
  (_, i) =>
    `cpu,host=h${i % 5},dc=x${i % 2} v=${i}.5,n=${i}i ${(1_000_000 + i) * 1e9}\nm${i % 3} f=${i} ${i}`,
).join("\n");

for (const program of programs) {
  describe(`real clients before ${program}`, { skip: skipWithout(program) }, () => {
    let oracle: InfluxdServer;
    let shards: Shards;
    before(async () => {
      oracle = await startInfluxd({ program });
      shards = await startShards({
        program,
        codec: { split: [{ measurement: "cpu", by: ["host"] }] },
      });
      for (const port of [oracle.port, shards.port]) {
        await query(port, "CREATE DATABASE d");
        const { status, body } = await write(port, lines);
        assert.equal(status, 204, body);
      }
    });
    after(async () => {
      await shards?.close();
      await oracle?.stop();
    });

    /** The same to both; bodies must be equal. */
    async function same(
      ask: (port: number) => Promise<{ status: number; body: string }>,
    ): Promise<void> {
      const [wanted, got] = await Promise.all([ask(oracle.port), ask(shards.port)]);
      assert.equal(got.body, wanted.body);
      assert.equal(got.status, wanted.status);
    }

    for (const params of [
      { chunked: "true", chunk_size: "3" },
      { chunked: "true" },
      { epoch: "ms" },
      { epoch: "h" },
      { epoch: "xx" },
      {},
    ]) {
      it(`the same bytes with ${JSON.stringify(params)}`, () =>
        same((port) =>
          query(port, "SELECT * FROM cpu; SELECT mean(v) FROM cpu; SHOW MEASUREMENTS", params),
        ));
    }

    it("pretty", () =>
      same((port) => send(port, "/query?db=d&pretty=true&q=SELECT+*+FROM+cpu+LIMIT+3")));

    it("CSV", async () => {
      const headers = { accept: "application/csv" };
      await same((port) => query(port, "SELECT * FROM cpu", {}, headers));
      await same((port) =>
        query(port, "SELECT mean(v) FROM cpu GROUP BY host, dc; SHOW TAG KEYS", {}, headers),
      );
    });

    it("bound parameters", () =>
      same((port) =>
        query(port, "SELECT v FROM cpu WHERE host = $h AND v > $least", {
          params: '{"h":"h1","least":3.5}',
        }),
      ));

    it("gzip bodies, and broken ones", async () => {
      const whole = gzipSync("cpu,host=g1 v=1 1\ncpu,host=g2 v=1 1\ncpu,host=g3 v=1 1");
      const headers = { "content-encoding": "gzip" };
      await same((port) => write(port, whole, {}, headers));
      const broken = Buffer.from(whole);
      broken.writeUInt8(broken.readUInt8(broken.length - 5) ^ 1, broken.length - 5);
      await same((port) => write(port, broken, {}, headers));
      await same((port) => query(port, "SELECT count(v) FROM cpu WHERE host =~ /^g/"));
    });

    it("errors of the server in its own words", async () => {
      await same((port) => send(port, "/write", { method: "POST", body: "cpu v=1" }));
      await same((port) => write(port, "a v=1\nb v=1\nc v=1\nd v=1", { db: "nope" }));
      await same((port) => write(port, "a v=1\nb v=1\nc v=1\nd v=1", { rp: "nope" }));
      await same((port) => send(port, "/query?db=d", { method: "POST" }));
      await same((port) => query(port, "SELECT v FROM m0, m1, m2", { db: "nope" }));
      await same((port) => send(port, "/nowhere"));
    });

    it("untimed lines of one batch get one time", async () => {
      const { status } = await write(shards.port, "s1 v=1\ns2 v=1\ns3 v=1\ns4 v=1", {
        precision: "ms",
      });
      assert.equal(status, 204);
      const { body } = await query(shards.port, "SELECT v FROM s1, s2, s3, s4", { epoch: "ns" });
      const times = [...body.matchAll(/\[\[(\d+),1\]\]/g)].map(([, time]) => time);
      assert.equal(times.length, 4, body);
      assert.equal(new Set(times).size, 1, body);
    });

    it("a pipeline of writes, queries, HEAD, 100-continue and a close, byte by byte", async () => {
      const socket = connect(shards.port, "127.0.0.1").setNoDelay(true);
      const post = (headers: string, body: string): string =>
        `POST /write?db=d HTTP/1.1\r\nHost: x\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
      const text = [
        post("", "p1 v=1 1\np2 v=1 1\np3 v=1 1"),
        "HEAD /ping HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /query?db=d&q=SELECT+v+FROM+p1,p2,p3 HTTP/1.1\r\nHost: x\r\n\r\n",
        post("Expect: 100-continue\r\n", "p1 v=2 2\np2 v=2 2"),
        "GET /query?db=d&q=SELECT+v+FROM+p1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      ].join("");
      for (const byte of Buffer.from(text)) socket.write(Buffer.from([byte]));
      const chunks: Buffer[] = [];
      for await (const chunk of socket) chunks.push(chunk as Buffer);
      const all = Buffer.concat(chunks).toString();
      const statuses = [...all.matchAll(/^HTTP\/1\.1 (\d+)/gm)]
        .map(([, status]) => status)
        .filter((status) => status !== "100");
      assert.deepEqual(statuses, ["204", "204", "200", "204", "200"], all);
      assert.match(all, /"name":"p3"/);
      assert.match(all, /"1970-01-01T00:00:00.000000002Z",2\]/);
    });

    it("a body that waits for 100 Continue", async () => {
      const status = await new Promise<number>((resolve, reject) => {
        const headers = { expect: "100-continue" };
        const path = "/write?db=d";
        const asked = request({
          host: "127.0.0.1",
          port: shards.port,
          path,
          method: "POST",
          headers,
        });
        asked.once("continue", () => asked.end("w1 v=1 1\nw2 v=1 1\nw3 v=1 1"));
        asked.once("response", (response) => resolve(response.resume().statusCode ?? 0));
        asked.once("error", reject);
        asked.flushHeaders();
      });
      assert.equal(status, 204);
      assert.match((await query(shards.port, "SHOW MEASUREMENTS")).body, /w1.*w2.*w3/);
    });

    it("the influx command line", { skip: skipWithout("influx") }, async () => {
      const ask = async (port: number): Promise<{ status: number; body: string }> => {
        const args = ["-port", String(port), "-database", "d", "-format", "csv", "-execute"];
        const { stdout } = await run("influx", [
          ...args,
          "SELECT sum(n), max(v) FROM cpu WHERE time < 2000000s GROUP BY dc; SHOW FIELD KEYS FROM cpu",
        ]);
        const { stdout: inserted } = await run("influx", [...args, "INSERT cli,host=a v=1 1"]);
        const { stdout: shown } = await run("influx", [...args, "SELECT * FROM cli"]);
        return { status: 0, body: stdout + inserted + shown };
      };
      await same(ask);
    });

    it("npm influx", async () => {
      const ask = async (port: number): Promise<unknown> => {
        const schema = [{ measurement: "npm", fields: { v: FieldType.FLOAT }, tags: ["host"] }];
        const client = new InfluxDB({ host: "127.0.0.1", port, database: "d2", schema });
        await client.createDatabase("d2");
        await client.writePoints(
          Array.from({ length: 10 }, (_, i) => ({
            ...{ measurement: "npm", tags: { host: `h${i}` }, fields: { v: i } },
            timestamp: new Date(i * 1000),
          })),
        );
        const rows = await client.query("SELECT * FROM npm; SELECT sum(v) FROM npm");
        const names = await client.getMeasurements();
        const databases = await client.getDatabaseNames();
        return JSON.stringify([rows, names, databases]);
      };
      assert.equal(await ask(shards.port), await ask(oracle.port));
    });
  });
}
