/**
 * One influxd against three behind the router: random points, random queries.
 * Every answer is right, or it is a refusal; what the support table says is
 * answered is never refused. On failure the message has the query; the seeds
 * are fixed, so that a run repeats.
 */
import { after, before, describe, it } from "node:test";
import { type InfluxdServer, skipWithout, startInfluxd } from "@echarde/testkit/servers";
import { fill, report, runQueries, splitRules, type Tally } from "./differential/run.ts";
import { type Shards, startShards } from "./shards.ts";

describe("random queries against one influxd", { skip: skipWithout("influxd") }, () => {
  let oracle: InfluxdServer;
  let shards: Shards;
  const tally: Tally = new Map();
  before(async () => {
    oracle = await startInfluxd();
    shards = await startShards({ codec: { split: splitRules(2) } });
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

  it("answers right where measurements stand whole", () =>
    runQueries(oracle, shards, "whole0", "whole", 103, 500, tally));
});
