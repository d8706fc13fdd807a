/** As differential.test.ts, with 20,000 queries over many databases. The seed is printed with each failure's database. */
import { after, before, describe, it } from "node:test";
import { type InfluxdServer, skipWithout, startInfluxd } from "@echarde/testkit/servers";
import { fill, report, runQueries, splitRules, type Tally } from "./differential/run.ts";
import { programs, type Shards, startShards } from "./shards.ts";

const databases = 10;

for (const program of programs) {
  describe(`many random queries against one ${program}`, { skip: skipWithout(program) }, () => {
    let oracle: InfluxdServer;
    let shards: Shards;
    const tally: Tally = new Map();
    before(async () => {
      oracle = await startInfluxd({ program });
      shards = await startShards({ program, codec: { split: splitRules(databases) } });
    });
    after(async () => {
      process.stdout.write(`${report(tally)}\n`);
      await shards?.close();
      await oracle?.stop();
    });

    for (let i = 0; i < databases; i++) {
      it(`database ${i}`, async () => {
        await fill(oracle, shards, `split${i}`, 1000 + i, 50 + 100 * i);
        await fill(oracle, shards, `whole${i}`, 2000 + i, 50 + 100 * i);
        await runQueries(oracle, shards, `split${i}`, "split", 3000 + i, 1400, tally);
        await runQueries(oracle, shards, `whole${i}`, "whole", 4000 + i, 600, tally);
      });
    }
  });
}
