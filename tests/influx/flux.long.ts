/** Flux: a script of one cluster gives what one server gives, any other is refused. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type InfluxdServer, skipWithout, startInfluxd } from "@echarde/testkit/servers";
import { type Answer, query, type Shards, send, startShards, write } from "./shards.ts";

const program = "influxd-1.8"; // 1.6 has no Flux on this path
/** With these servers need several seconds of CPU to start, which is why this run is a long one. */
const config = ["flux-enabled = true"];

describe("Flux", { skip: skipWithout(program) }, () => {
  let oracle: InfluxdServer;
  let shards: Shards;
  before(async () => {
    oracle = await startInfluxd({ program, config });
    const split = [{ measurement: "cpu", by: ["host"] }];
    shards = await startShards({ program, config, count: 2, codec: { split } });
    const lines = Array.from({ length: 40 }, (_, i) => {
      return `cpu,host=h${i % 8} v=${i} ${i}000000000\nm${i % 8},host=a v=${i} ${i}000000000`;
    });
    for (const port of [oracle.port, shards.port]) {
      await query(port, "CREATE DATABASE d");
      assert.equal((await write(port, lines.join("\n"))).status, 204);
    }
  });
  after(async () => {
    await shards?.close();
    await oracle?.stop();
  });

  function flux(port: number, script: string): Promise<Answer> {
    const headers = { "content-type": "application/vnd.flux", accept: "application/csv" };
    return send(port, "/api/v2/query", { method: "POST", body: script, headers });
  }

  /** Rows, without those of tables' heads that say when it ran. */
  async function same(script: string): Promise<void> {
    const [wanted, got] = await Promise.all(
      [oracle.port, shards.port].map((port) => flux(port, script)),
    );
    assert.equal(got?.status, 200, `${script}: ${got?.body}`);
    assert.equal(got?.body, wanted?.body, script);
    assert.ok((got?.body.match(/_result/g) ?? []).length > 0, `${script}: ${got?.body}`);
  }

  const range = "range(start: 1970-01-01T00:00:00Z, stop: 1970-01-01T00:05:00Z)";

  it("gives what one server gives", async () => {
    for (let i = 0; i < 8; i++) {
      const from = `from(bucket: "d/autogen") |> ${range}`;
      await same(`${from} |> filter(fn: (r) => r._measurement == "m${i}")`);
      await same(
        `${from} |> filter(fn: (r) => r["_measurement"] == "m${i}" and r._value > 3.0) |> mean()`,
      );
      await same(
        `// the mean\n${from}\n|> filter(fn: (r) => (r._value >= 0.0) and r._measurement == "cpu")\n` +
          `|> filter(fn: (r) => r.host == "h${i}") |> window(every: 10s) |> sum()`,
      );
    }
    const body = JSON.stringify({
      query: `from(bucket:"d") |> ${range} |> filter(fn: (r) => r._measurement == "m1") |> count()`,
    });
    const headers = { "content-type": "application/json" };
    const [wanted, got] = await Promise.all(
      [oracle.port, shards.port].map((port) =>
        send(port, "/api/v2/query", { method: "POST", body, headers }),
      ),
    );
    assert.equal(got?.body, wanted?.body);
    assert.match(got?.body ?? "", /_result/);
  });

  it("refuses what may touch several clusters", async () => {
    const from = `from(bucket: "d") |> ${range}`;
    for (const script of [
      from,
      `${from} |> filter(fn: (r) => r._measurement == "cpu")`,
      `${from} |> filter(fn: (r) => r._measurement == "m1" or r._value > 3.0)`,
      `${from} |> filter(fn: (r) => r._measurement != "m1")`,
      `${from} |> filter(fn: (r) => not r._measurement == "m1")`,
      `${from} |> filter(fn: (r) => r._measurement == "m1" + "")`,
      `${from} |> filter(fn: (r) => r._measurement =~ /m1/)`,
      `${from} |> filter(fn: (r) => if true then true else r._measurement == "m1")`,
      `${from} |> filter(fn: (r) => r._measurement == "m1", onEmpty: "keep")`,
      `${from} |> count() |> filter(fn: (r) => r._measurement == "m1")`,
      `${from} |> filter(fn: (r) => r._measurement == "m1") |> to(bucket: "e")`,
      `${from} |> filter(fn: (r) => r._measurement == "m1")\nfrom(bucket: "d") |> ${range}`,
      `import "csv"\n${from} |> filter(fn: (r) => r._measurement == "m1")`,
      `a = ${from} |> filter(fn: (r) => r._measurement == "m1")`,
      "buckets()",
      `from(bucket: "d\${x}") |> ${range} |> filter(fn: (r) => r._measurement == "m1")`,
      "",
    ]) {
      const { status, body } = await flux(shards.port, script);
      assert.equal(status, 501, `${script}: ${body}`);
      assert.match(body, /Flux over several clusters/, script);
    }
    for (const body of [
      { query: `${from} |> filter(fn: (r) => r._measurement == "m1")`, extern: {} },
      { query: `${from} |> filter(fn: (r) => r._measurement == "m1")`, QUERY: from },
      { query: "SELECT * FROM m1", type: "influxql" },
    ]) {
      const headers = { "content-type": "application/json" };
      const init = { method: "POST", body: JSON.stringify(body), headers };
      assert.equal((await send(shards.port, "/api/v2/query", init)).status, 501);
    }
  });
});
