/**
 * first() and last() where points of several series have the same time. One
 * server reads points from the heap in which it merges its series, two of
 * them, and takes the larger of these when their times are equal. So of two
 * points it is the larger one wherever they are; of more it hangs on the times
 * of all series which two are compared, and a router cannot know.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type InfluxdServer, skipWithout, startInfluxd } from "@echarde/testkit/servers";
import { programs, query, type Shards, startShards, write } from "./shards.ts";

const PAIRS = 40;
const CROWDS = 20;

/** Numbers that differ and are in no order. */
const value = (i: number): number => (i * 7919) % 10_007;

/** Ten series, of which two begin together and two end together; the other times are all different. */
function pair(m: number): string[] {
  const lines: string[] = [];
  for (let host = 0; host < 10; host++) {
    const begins = host === m % 10 || host === (m + 1 + (m % 9)) % 10;
    const ends = host === (m + 3) % 10 || host === (m + 4 + (m % 7)) % 10;
    const times = [begins ? 1 : 10 + host, 40 + host, ends ? 99 : 60 + host];
    for (const [i, time] of times.entries()) {
      lines.push(`p${m},dc=d${host % 2},host=h${host} v=${value(m * 30 + host * 3 + i)}i ${time}`);
    }
  }
  return lines;
}

/** Two to ten series with one time. */
function crowd(m: number): number[] {
  return Array.from({ length: 2 + (m % 9) }, (_, host) => value(m * 10 + host));
}

for (const program of programs) {
  describe(`points of equal time on ${program}`, { skip: skipWithout(program) }, () => {
    let oracle: InfluxdServer;
    let shards: Shards;
    before(async () => {
      oracle = await startInfluxd({ program });
      shards = await startShards({ program, codec: { split: [{ by: ["host"] }] } });
      const lines = [
        ...Array.from({ length: PAIRS }, (_, m) => pair(m)).flat(),
        ...Array.from({ length: CROWDS }, (_, m) =>
          crowd(m).map((v, host) => `c${m},host=h${host} v=${v}i 5`),
        ).flat(),
      ].join("\n");
      for (const port of [oracle.port, shards.port]) {
        assert.doesNotMatch((await query(port, "CREATE DATABASE d")).body, /error/);
        assert.equal((await write(port, lines)).status, 204);
      }
    });
    after(async () => {
      await shards?.close();
      await oracle?.stop();
    });

    it("give the larger of two, as one server does", async () => {
      for (let m = 0; m < PAIRS; m++) {
        for (const name of ["first", "last"]) {
          for (const rest of [
            `FROM p${m}`,
            `FROM p${m} GROUP BY dc`,
            `FROM p${m} WHERE time > 0 AND time < 100`,
            `, host FROM p${m}`,
            `FROM p${m} ORDER BY time DESC`,
          ]) {
            const q = `SELECT ${name}(v) ${rest}`;
            const [wanted, got] = await Promise.all(
              [oracle.port, shards.port].map((port) => query(port, q)),
            );
            assert.equal(got?.body, wanted?.body, q);
            assert.match(got?.body ?? "", /"series"/, q);
          }
        }
      }
    });

    it("of more give one of them: the larger of two on one server, the largest of the clusters' here", async () => {
      const answer = async (port: number, q: string): Promise<number> => {
        const { body } = await query(port, q);
        return Number(/"values":\[\["[^"]*",(\d+)\]\]/.exec(body)?.[1] ?? -1);
      };
      for (let m = 0; m < CROWDS; m++) {
        const all = crowd(m);
        for (const name of ["first", "last"]) {
          const q = `SELECT ${name}(v) FROM c${m}`;
          // All have one time: the heap's top and what takes its place, the first and the last series.
          const two = Math.max(all[0] ?? 0, all.at(-1) ?? 0);
          assert.equal(await answer(oracle.port, q), two, q);
          const parts = await Promise.all(shards.servers.map(({ port }) => answer(port, q)));
          assert.equal(await answer(shards.port, q), Math.max(...parts), q);
        }
      }
    });
  });
}
