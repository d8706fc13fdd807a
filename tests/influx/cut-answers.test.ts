/** A server is lost once rows of an answer have left: the answer says so, or has no end. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { skipWithout } from "@echarde/testkit/servers";
import { type Answer, query, type Shards, startShards, write } from "./shards.ts";

const rows = 20_000;
const lost = '"error":"upstream lost (cluster influx2)"';

describe("an answer that is cut", { skip: skipWithout("influxd") }, () => {
  let shards: Shards;
  before(async () => {
    shards = await startShards({
      relayed: true,
      codec: { split: [{ by: ["host"] }], queryTimeout: 60_000 },
      timeouts: { request: 60_000 },
    });
    await query(shards.port, "CREATE DATABASE d");
    const text = "x".repeat(100);
    for (let from = 0; from < rows; from += 5_000) {
      const lines = Array.from({ length: 5_000 }, (_, i) => {
        return `cpu,host=h${i % 40} n=${from + i}i,s="${text}" ${from + i}`;
      });
      assert.equal((await write(shards.port, lines.join("\n"))).status, 204);
    }
  });
  after(() => shards?.close());

  /** Runs while the second server's connections are cut after some of its rows. */
  async function cut<T>(run: () => Promise<T>): Promise<T> {
    shards.relays[1]?.set({ toClient: { cutAfter: 400_000 } });
    try {
      return await run();
    } finally {
      shards.relays[1]?.set({});
    }
  }

  /** The same until rows had left before: what the servers sent may not have been read yet when the one is cut. */
  async function cutLate<T>(run: () => Promise<T>, hadLeft: (answer: T) => boolean): Promise<T> {
    for (let times = 1; ; times++) {
      const answer = await cut(run);
      if (hadLeft(answer)) return answer;
      assert.ok(times < 100, `no rows had left: ${JSON.stringify(answer)}`);
    }
  }

  it("says so in an object of its own, chunked", async () => {
    for (const q of ["SELECT n, s FROM cpu", "SELECT n, s FROM cpu GROUP BY host"]) {
      const all = `${q}; SHOW DATABASES`;
      const { status, body } = await cutLate(
        () => query(shards.port, all, { chunked: "true" }),
        ({ body }) => body.trim().split("\n").length > 2,
      );
      assert.equal(status, 200);
      const objects = body.trim().split("\n");
      assert.ok(objects.at(-2)?.includes(lost), objects.at(-2)?.slice(-300));
      assert.match(objects.at(-1) ?? "", /"statement_id":1,"error":"not executed"/);
    }
  });

  it("says so behind the series, as one object", async () => {
    const q = "SELECT n, s FROM cpu; SHOW DATABASES";
    const { status, body } = await cutLate(
      () => query(shards.port, q),
      ({ body }) => body.includes('"series"'),
    );
    assert.equal(status, 200);
    const { results } = JSON.parse(body) as {
      readonly results: readonly { readonly error: string; readonly series?: readonly unknown[] }[];
    };
    assert.deepEqual(
      results.map(({ error }) => error),
      ["upstream lost (cluster influx2)", "not executed"],
    );
    assert.equal(results[0]?.series?.length, 1);
  });

  it("has no end as CSV, which has no form for errors", async () => {
    const ask = (): Promise<Answer | null> =>
      query(shards.port, "SELECT n, s FROM cpu", {}, { accept: "application/csv" }).catch(
        () => null,
      );
    await cutLate(ask, (answer) => answer === null);
  });

  it("says so instead of rows while none have left", async () => {
    shards.relays[1]?.set({ toClient: { cutAfter: 3_000 } });
    try {
      const { body } = await query(shards.port, "SELECT n, s FROM cpu");
      assert.equal(body, `{"results":[{"statement_id":0,${lost}}]}\n`);
    } finally {
      shards.relays[1]?.set({});
    }
    const { body } = await query(shards.port, "SELECT count(n) FROM cpu");
    assert.match(body, /,20000\]\]/);
    assert.equal(shards.router.stats().heldBytes, 0);
  });
});
