/** Answers that are larger than what the router may hold. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { type InfluxdServer, skipWithout, startInfluxd } from "@echarde/testkit/servers";
import { query, type Shards, send, startShards, write } from "./shards.ts";

const rows = 80_000;
/** Bytes of text in each row: all rows are 24 MB. */
const text = "x".repeat(230);

describe("large answers over several clusters", { skip: skipWithout("influxd") }, () => {
  let oracle: InfluxdServer;
  let shards: Shards;
  before(async () => {
    oracle = await startInfluxd();
    shards = await startShards({
      codec: { split: [{ by: ["host"] }], maxRows: 30_000, maxHeld: 700_000 },
      limits: { maxMemory: 20_000_000 },
    });
    for (const port of [oracle.port, shards.port]) {
      await query(port, "CREATE DATABASE d");
      for (let from = 0; from < rows; from += 5_000) {
        const lines = Array.from({ length: 5_000 }, (_, i) => {
          // All early rows are of one host, so that one cluster is far ahead.
          const host = from < rows / 4 ? 0 : i % 40;
          return `cpu,host=h${host} n=${from + i}i,s="${text}" ${from + i}`;
        });
        assert.equal((await write(port, lines.join("\n"))).status, 204);
      }
      const tied = Array.from({ length: 35_000 }, (_, i) => `tied,host=h${i} n=${i}i 7`);
      const around = ["tied,host=a n=-1i 6", "tied,host=b n=-2i 8"];
      assert.equal((await write(port, [...tied, ...around].join("\n"))).status, 204);
    }
  });
  after(async () => {
    await shards?.close();
    await oracle?.stop();
  });

  async function same(q: string, params: Readonly<Record<string, string>>): Promise<void> {
    const [wanted, got] = await Promise.all(
      [oracle.port, shards.port].map((port) =>
        query(port, q, { epoch: "ns", chunked: "true", ...params }),
      ),
    );
    assert.equal(got?.body.length, wanted?.body.length, got?.body.slice(-500));
    assert.ok(got?.body === wanted?.body, `${q}: bytes differ`);
  }

  it("leave while they come, chunked", () => same("SELECT n, s FROM cpu", {}));
  it("in chunks of odd sizes", () => same("SELECT s, n FROM cpu", { chunk_size: "7777" }));
  it("in one chunk", () => same("SELECT n FROM cpu", { chunk_size: "90000" }));
  it("in descending order", () => same("SELECT * FROM cpu ORDER BY time DESC", {}));
  it("with a limit", () =>
    same("SELECT n FROM cpu WHERE n != 20005 LIMIT 30001 OFFSET 11111", { chunk_size: "999" }));
  it("with a limit that is not met", () => same("SELECT n FROM cpu LIMIT 90000 OFFSET 79990", {}));
  it("with a limit of 0, which is none", () => same("SELECT n FROM cpu LIMIT 0", {}));
  it("with nothing behind the offset", () => same("SELECT n FROM cpu OFFSET 80000", {}));
  it("in times as text, with other statements", () =>
    same(
      "SHOW MEASUREMENTS; SELECT n FROM cpu WHERE time < 40000; SELECT count(n) FROM cpu; SELECT n FROM cpu LIMIT 20000",
      { epoch: "", pretty: "true" },
    ));
  it("before a statement that fails", async () => {
    const q = "SELECT n FROM cpu; SELECT median(n) FROM cpu; SHOW DATABASES";
    const { body } = await query(shards.port, q, { chunked: "true" });
    const objects = body.trim().split("\n");
    assert.equal(objects.length, 8 + 2, body.slice(-500));
    assert.match(objects.at(-2) ?? "", /"statement_id":1,"error":".*median/);
    assert.match(objects.at(-1) ?? "", /"statement_id":2,"error":"not executed"/);
  });

  it("are whole where they are not chunked", async () => {
    for (const q of [
      "SELECT n, s FROM cpu",
      "SELECT n FROM cpu GROUP BY host; SHOW DATABASES; SELECT n FROM cpu LIMIT 3",
      "SELECT s FROM cpu GROUP BY host ORDER BY time DESC LIMIT 400 OFFSET 5",
      "SELECT n FROM cpu GROUP BY dc, host SLIMIT 7 SOFFSET 2",
      "SELECT n, s FROM cpu WHERE host = 'h0'; SELECT sum(n) FROM cpu",
    ]) {
      const [wanted, got] = await Promise.all(
        [oracle.port, shards.port].map((port) => query(port, q)),
      );
      // influxd 1.6 says it of all that has more than 10,000 rows.
      const expected = wanted?.body.replaceAll(',"partial":true', "");
      assert.ok(got?.body === expected, `${q}: ${got?.body.slice(-300)}`);
    }
  });

  it("by series, chunked", () => same("SELECT n, s FROM cpu GROUP BY host", { chunk_size: "700" }));
  it("by series in descending order", () =>
    same("SELECT n, s FROM cpu GROUP BY host ORDER BY time DESC", {}));
  it("of windows of functions", () =>
    same("SELECT max(n), count(s) FROM cpu WHERE time < 80000 GROUP BY time(1u)", {}));
  it("of functions by groups", () =>
    same("SELECT max(n), min(n), mean(n) FROM cpu GROUP BY time(1u), nosuch fill(none)", {}));
  it("as CSV", async () => {
    for (const q of [
      "SELECT n, s FROM cpu; SHOW DATABASES",
      "SELECT n, s FROM cpu GROUP BY host",
    ]) {
      const [wanted, got] = await Promise.all(
        [oracle.port, shards.port].map((port) => query(port, q, {}, { accept: "text/csv" })),
      );
      assert.ok(got?.body === wanted?.body, `${q}: ${got?.body.slice(-300)}`);
    }
  });

  it("are refused where all would be held", async () => {
    for (const [q, path] of [
      // For people, as a whole.
      ["SELECT n, s FROM cpu WHERE time < 29000", "/query?pretty=true"],
      // One group.
      ["SELECT distinct(n) FROM cpu", "/query"],
      // Two questions to each cluster.
      ["SELECT sum(n), count(distinct(n)) FROM cpu", "/query"],
      // A list.
      ["SHOW SERIES FROM tied", "/query"],
    ] as const) {
      const body = new URLSearchParams({ db: "d", q: `${q}; SHOW DATABASES` });
      const answer = await send(shards.port, path, { method: "POST", body });
      assert.equal(answer.status, 200);
      assert.match(answer.body, /"error":\s?"the answer cannot be merged: more than 700000 by/, q);
      assert.match(answer.body, /not executed/, q);
      assert.doesNotMatch(answer.body, /"series"/, q);
    }
  });

  it("with more rows of one time than a page has", async () => {
    const sorted = async (port: number): Promise<readonly string[]> => {
      const { body } = await query(port, "SELECT n FROM tied", { chunked: "true", epoch: "ns" });
      const all = body.match(/\[\d+,-?\d+\]/g) ?? [];
      assert.deepEqual(
        [all[0], all.at(-1)],
        ["[6,-1]", "[8,-2]"],
        `${port === oracle.port} ${body.slice(0, 500)}`,
      );
      return all.sort();
    };
    const [wanted, got] = await Promise.all([sorted(oracle.port), sorted(shards.port)]);
    assert.equal(wanted?.length, 35_002);
    assert.deepEqual(got, wanted);
  });

  it("reach a client that reads slowly", async () => {
    const socket = connect(shards.port, "127.0.0.1");
    const q = encodeURIComponent("SELECT n, s FROM cpu");
    socket.write(
      `GET /query?db=d&chunked=true&q=${q} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );
    let size = 0;
    let tail = "";
    let unpaused = 0;
    for await (const chunk of socket) {
      const bytes = chunk as Buffer;
      size += bytes.length;
      tail = (tail + bytes.toString("latin1")).slice(-400);
      unpaused += bytes.length;
      if (unpaused < 1_000_000) continue;
      unpaused = 0;
      await pause(30);
    }
    assert.ok(size > 20_000_000, `${size} bytes came`);
    assert.ok(tail.endsWith("}]}\n\r\n0\r\n\r\n"), tail);
    assert.match(tail, /,79999,"x*"\]/);
  });
});
