/**
 * One influxd against three behind the router: random points, random queries.
 * Every answer is right, or it is a refusal; what the support table says is
 * answered is never refused. On failure the message has the query; the seeds
 * are fixed, so that a run repeats.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type InfluxdServer, skipWithout, startInfluxd } from "@echarde/testkit/servers";
import { compare } from "./differential/compare.ts";
import { fill, report, runQueries, splitRules, type Tally } from "./differential/run.ts";
import { programs, query, type Shards, startShards } from "./shards.ts";

for (const program of programs) {
  describe(`random queries against one ${program}`, { skip: skipWithout(program) }, () => {
    let oracle: InfluxdServer;
    let shards: Shards;
    const tally: Tally = new Map();
    before(async () => {
      oracle = await startInfluxd({ program });
      shards = await startShards({ program, codec: { split: splitRules(2) } });
      await fill(oracle, shards, "split0", 11, 400);
      await fill(oracle, shards, "split1", 12, 60);
      await fill(oracle, shards, "whole0", 13, 400);
    });
    after(async () => {
      process.stdout.write(`${report(tally)}\n`);
      await shards?.close();
      await oracle?.stop();
    });

    it("answers right or refuses where measurements are split", () =>
      runQueries(oracle, shards, "split0", "split", 101, 700, tally));

    it("answers right or refuses where clusters know few fields", () =>
      runQueries(oracle, shards, "split1", "split", 102, 300, tally));

    it("fills windows without a lower bound of time as one server does", async () => {
      for (const list of ["count(n), mean(u)", "max(f), count(k)", "sum(big), count(u)"]) {
        for (const fillWord of ["null", "0", "2.5", "previous", "linear"]) {
          for (const tail of ["", " LIMIT 3 OFFSET 1"]) {
            const q = `SELECT ${list} FROM cpu WHERE time <= 1600000060s GROUP BY time(20s), dc fill(${fillWord})${tail}`;
            const params = { db: "split0", epoch: "ns" };
            const [wanted, got] = await Promise.all(
              [oracle.port, shards.port].map((port) => query(port, q, params)),
            );
            const one = { q, kind: "", mergeable: true, rows: "exact", cut: false } as const;
            const verdict = compare(
              { ...one, anySeriesOrder: false },
              wanted?.body ?? "",
              got?.body ?? "",
            );
            assert.equal(verdict, "equal", `${q}\nexpected ${wanted?.body}\nactual   ${got?.body}`);
          }
        }
      }
    });

    it("answers right where measurements stand whole", () =>
      runQueries(oracle, shards, "whole0", "whole", 103, 500, tally));
  });
}
