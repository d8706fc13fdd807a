/** Paths that 1.8 has and 1.6 lacks, and what stands before several servers of one of them. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { type InfluxdServer, skipWithout, startInfluxd } from "@echarde/testkit/servers";
import { type Answer, programs, query, type Shards, send, startShards } from "./shards.ts";

for (const program of programs) {
  describe(`paths of ${program}`, { skip: skipWithout(program) }, () => {
    let oracle: InfluxdServer;
    let shards: Shards;
    before(async () => {
      oracle = await startInfluxd({ program });
      shards = await startShards({ program, codec: { split: [{ by: ["host"] }] } });
      for (const port of [oracle.port, shards.port]) await query(port, "CREATE DATABASE d");
    });
    after(async () => {
      await shards?.close();
      await oracle?.stop();
    });

    async function same(path: string, init: RequestInit): Promise<Answer> {
      const [wanted, got] = await Promise.all(
        [oracle.port, shards.port].map((port) => send(port, path, init)),
      );
      assert.deepEqual([got?.status, got?.body], [wanted?.status, wanted?.body], path);
      return wanted as Answer;
    }

    it("/health, /ping", async () => {
      const { status } = await same("/health", {});
      assert.equal(status, program === "influxd" ? 404 : 200);
      await same("/ping", {});
      await same("/ping?verbose=true", {});
    });

    it("/api/v2/delete, which neither has", async () => {
      const body = JSON.stringify({ start: "2020-01-01T00:00:00Z", stop: "2021-01-01T00:00:00Z" });
      await same("/api/v2/delete?org=o&bucket=d", { method: "POST", body });
    });

    it("/api/v2/write", async () => {
      const lines = Array.from({ length: 30 }, (_, i) => `cpu,host=h${i} v=${i} ${i}`).join("\n");
      const headers = { authorization: "Token u:p" };
      const requests: readonly (readonly [string, string])[] = [
        ["org=o&bucket=d%2Fautogen", lines],
        ["bucket=d", `${lines}\ncpu,host=x v=x 1`],
        ["bucket=d&precision=us", lines],
        ["bucket=d&precision=s&db=other", lines],
        ["bucket=nosuch", lines],
        ["bucket=d%2Fnosuch", lines],
        ["bucket=d&precision=zz", lines],
        ["org=o", lines],
        ["bucket=%2Fautogen", lines],
      ];
      for (const [params, body] of requests) {
        await same(`/api/v2/write?${params}`, { method: "POST", body, headers });
      }
      await same("/api/v2/write?bucket=d", {
        method: "POST",
        body: gzipSync("cpu,host=z1 w=1 1\ncpu,host=z2 w=1 1\ncpu,host=z3 w=1 1"),
        headers: { "content-encoding": "gzip" },
      });
      const [wanted, got] = await Promise.all(
        [oracle.port, shards.port].map((port) =>
          query(port, "SELECT sum(v), count(w) FROM cpu GROUP BY host; SHOW SERIES"),
        ),
      );
      assert.equal(got?.body, wanted?.body);
    });
  });
}
