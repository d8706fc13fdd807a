/** What clients see when an influxd is killed, hangs, and comes back. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { skipWithout } from "@echarde/testkit/servers";
import { query, type Shards, startShards, write } from "./shards.ts";

const batch = Array.from({ length: 30 }, (_, i) => `cpu,host=h${i} v=${i} ${i}`).join("\n");
/** Measurements whose names land on every server. */
const measurements = Array.from({ length: 12 }, (_, i) => `m${i}`);
const many = measurements.map((name) => `${name} v=1 1`).join("\n");

describe("a server that is lost", { skip: skipWithout("influxd") }, () => {
  let shards: Shards;
  before(async () => {
    shards = await startShards({
      codec: { split: [{ measurement: "cpu", by: ["host"] }], queryTimeout: 1_000 },
      timeouts: { request: 1_000 },
    });
    await query(shards.port, "CREATE DATABASE d");
    assert.equal((await write(shards.port, `${batch}\n${many}`)).status, 204);
  });
  after(() => shards?.close());

  /** All that touches the second server fails by name; the rest goes on. */
  async function expectLoss(): Promise<void> {
    const written = await write(shards.port, batch);
    assert.equal(written.status, 503, written.body);
    assert.match(written.body, /upstream \w+ \(cluster influx2\)/);
    // Words on which clients throw data away must not be there.
    assert.doesNotMatch(written.body, /partial write|unable to parse|database not found/);
    const merged = await query(shards.port, "SELECT sum(v) FROM cpu");
    assert.match(merged.body, /"error":"upstream \w+ \(cluster influx2\)"/);
    assert.doesNotMatch(merged.body, /"series"/);
    const shown = await query(shards.port, "SHOW MEASUREMENTS; SHOW DATABASES");
    assert.match(shown.body, /"error":"upstream .*"error":"not executed"/);
    const whole = await Promise.all(
      measurements.map((name) => query(shards.port, `SELECT v FROM ${name}`)),
    );
    const answered = whole.filter(
      ({ status, body }) => status === 200 && body.includes('"series"'),
    );
    const lost = whole.filter(({ status }) => status === 503);
    assert.equal(answered.length + lost.length, whole.length);
    assert.ok(answered.length > 0 && lost.length > 0, "each server has some of the measurements");
  }

  async function expectAll(): Promise<void> {
    for (let tries = 0; ; tries++) {
      const { status } = await write(shards.port, batch);
      if (status === 204) break;
      assert.ok(tries < 200, "the server is not used again");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { body } = await query(shards.port, "SELECT sum(v), count(v) FROM cpu");
    assert.match(body, /"values":\[\["1970-01-01T00:00:00Z",435,30\]\]/);
  }

  it("killed, then restarted", async () => {
    await shards.servers[1]?.kill();
    await expectLoss();
    await shards.servers[1]?.restart();
    await expectAll();
  });

  it("hung, then resumed", async () => {
    shards.servers[1]?.suspend();
    try {
      await expectLoss();
    } finally {
      shards.servers[1]?.resume();
    }
    await expectAll();
  });

  it("killed in the middle of many requests: each gets one answer", async () => {
    const answers = Array.from({ length: 60 }, (_, i) =>
      i % 2 === 0 ? write(shards.port, batch) : query(shards.port, "SELECT count(v) FROM cpu"),
    );
    await shards.servers[1]?.kill();
    for (const { status, body } of await Promise.all(answers)) {
      if (status === 200) assert.match(body, /"error":"upstream|,30\]\]/);
      else assert.ok(status === 204 || status === 503, body);
    }
    await shards.servers[1]?.restart();
    await expectAll();
  });
});
