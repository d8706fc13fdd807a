/** Where Flux goes: to the one cluster that a script provably reads, or nowhere. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRouter, encodeUtf8 } from "@echarde/core";
import { influx } from "./influx.ts";

const split = [
  { measurement: "cpu", by: ["host"] },
  { measurement: "all", by: "series" as const },
];
const router = createRouter({
  codec: influx({ split, policies: { p: "week" } }),
  table: {
    clusters: { a: { endpoints: ["a:1"] }, b: { endpoints: ["b:1"] } },
    defaultCluster: "a",
    routes: [
      { prefix: "d/m", cluster: "b" },
      { prefix: "d/cpu/y", cluster: "b" },
      { prefix: "p/week/", cluster: "b" },
    ],
  },
});

/** Name of the cluster that a body goes to, or the kind of plan. */
function goes(body: string, type = "application/vnd.flux"): string {
  const bytes = encodeUtf8(body);
  const head = `POST /api/v2/query HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\n`;
  const [explained] = router.explain(
    encodeUtf8(`${head}Content-Length: ${bytes.length}\r\n\r\n${body}`),
  );
  return explained?.packets[0]?.cluster ?? explained?.plan ?? "";
}

const from = 'from(bucket: "d") |> range(start: -1h)';
const whole = `${from} |> filter(fn: (r) => r._measurement == "m1")`;

describe("Flux over several clusters", () => {
  it("goes where the measurement is", () => {
    assert.equal(goes(whole), "b");
    assert.equal(goes(`${from} |> filter(fn: (r) => r._measurement == "x") |> mean()`), "a");
    assert.equal(goes(`// words\n${from}\n|> filter(fn: (q) => q["_measurement"] == "m1")`), "b");
    const both = '(r._value > 3.0 or r._value < 1.0) and r._measurement == "m1"';
    assert.equal(
      goes(`${from} |> filter(fn: (r) => ${both}) |> map(fn: (r) => ({r with x: 1}))`),
      "b",
    );
    assert.equal(goes(whole.replace('"d"', '"d/autogen"')), "b");
    assert.equal(goes(whole.replace('"d"', '"p"')), "b");
    assert.equal(goes(whole.replace('"d"', '"p/day"')), "a");
  });

  it("goes where the tags of a split say", () => {
    const cpu = `${from} |> filter(fn: (r) => r._measurement == "cpu")`;
    assert.equal(goes(cpu), "refuse");
    assert.equal(goes(`${cpu} |> filter(fn: (r) => r.host == "y1")`), "b");
    assert.equal(goes(`${cpu} |> filter(fn: (r) => r.host == "x" and r.dc == "y")`), "a");
    assert.equal(goes(`${cpu} |> count() |> filter(fn: (r) => r.host == "x")`), "refuse");
    assert.equal(goes(whole.replace("m1", "all")), "refuse");
  });

  it("is read from JSON that holds nothing else", () => {
    const json = (value: object): string => goes(JSON.stringify(value), "application/json; x=y");
    assert.equal(json({ query: whole, type: "flux", dialect: { header: true } }), "b");
    assert.equal(json({ query: whole, extern: {} }), "refuse");
    assert.equal(json({ query: whole, QUERY: from }), "refuse");
    assert.equal(json({ query: "SELECT * FROM m1", type: "influxql" }), "refuse");
    assert.equal(json([whole]), "refuse");
    assert.equal(goes("{", "application/json"), "refuse");
    assert.equal(goes(whole, "text/plain"), "refuse");
  });

  it("is refused where more may be touched", () => {
    const filtered = (body: string): string => `${from} |> filter(fn: (r) => ${body})`;
    for (const script of [
      "",
      from,
      filtered('r._measurement == "m1" or r._value > 3.0'),
      filtered('r._measurement != "m1"'),
      filtered('not r._measurement == "m1"'),
      filtered('r._measurement == "m1" + ""'),
      filtered("r._measurement =~ /m1/"),
      filtered('if true then true else r._measurement == "m1"'),
      filtered('r._measurement == "m1", onEmpty: "keep"'),
      filtered('(r._measurement == "m1")'),
      filtered('{ return r._measurement == "m1" }'),
      filtered('s._measurement == "m1"'),
      filtered('r.x._measurement == "m1"'),
      filtered(`r._measurement == "m\${x}"`),
      `${from} |> count() |> filter(fn: (r) => r._measurement == "m1")`,
      `${whole} |> to(bucket: "e")`,
      `${whole}\n${from}`,
      `import "csv"\n${whole}`,
      `a = ${whole}`,
      `option now = () => 2020-01-01T00:00:00Z\n${whole}`,
      "buckets()",
      whole.replace("bucket:", "bucketID:"),
      whole.replace('"d"', 'db + "d"'),
      `${from} |> filter(fn: (r) => r._measurement == "m1"`,
    ]) {
      assert.equal(goes(script), "refuse", script);
    }
  });
});
