/** What the compliance kit must be told about InfluxDB. */
import { encodeUtf8 } from "@echarde/core";
import type { CodecSamples } from "@echarde/testkit";

/** A request; with a body it says its length. */
function request(line: string, headers: readonly string[] = [], body = ""): Uint8Array {
  const length = body === "" ? [] : [`Content-Length: ${encodeUtf8(body).length}`];
  const lines = [`${line} HTTP/1.1`, "Host: x", ...headers, ...length];
  return encodeUtf8(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

function reply(status: string, body: string, headers: readonly string[] = []): Uint8Array {
  const lines = [`HTTP/1.1 ${status}`, ...headers, `Content-Length: ${body.length}`];
  return encodeUtf8(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

const get = (q: string): Uint8Array => request(`GET /query?db=d&q=${encodeURIComponent(q)}`);
const chunked = ["Transfer-Encoding: chunked"];

/** Measurements that begin with `m` of database d are of b, all others of a. */
export const samples: CodecSamples = {
  table: {
    clusters: { a: { endpoints: ["a:1"] }, b: { endpoints: ["b:1"] } },
    defaultCluster: "a",
    localCluster: "a",
    routes: [{ prefix: "d/m", cluster: "b" }],
    options: { split: [{ measurement: "wide", by: ["host"] }] },
  },
  requests: [
    ["ping", request("GET /ping"), "forward", "a"],
    ["head of ping", request("HEAD /ping"), "forward", "a"],
    ["an unknown path", request("GET /nowhere"), "forward", "a"],
    ["a write", request("POST /write?db=d", [], "mem,host=x v=1 1\n"), "forward", "b"],
    ["a split write", request("POST /write?db=d", [], "mem v=1 1\ncpu v=2 2"), "fragment"],
    ["a chunked write", request("POST /write?db=d", chunked).slice(), "forward", "b"],
    [
      "a write with a bad line",
      request("POST /write?db=d", [], "mem v=1\ncpu v=x\ncpu v=1"),
      "fragment",
    ],
    ["a write without a database", request("POST /write", [], "cpu v=1"), "forward", "a"],
    [
      "a write and close",
      request("POST /write?db=d", ["Connection: close"], "cpu v=1"),
      "fragment",
    ],
    ["one measurement", get("SELECT percentile(v, 50) FROM mem"), "forward", "b"],
    ["a fixed tag", get("SELECT v FROM wide WHERE host = 'x'"), "forward", "a"],
    ["two measurements", get("SELECT v FROM mem, cpu"), "stream"],
    ["two statements", get("SELECT v FROM mem; SELECT v FROM cpu"), "stream"],
    [
      "a form",
      request(
        "POST /query",
        ["Content-Type: application/x-www-form-urlencoded"],
        "db=d&q=SHOW+DATABASES",
      ),
      "stream",
    ],
    ["no InfluxQL", get("SELEC v"), "refuse"],
    ["a refused statement", get("KILL QUERY 3"), "local"],
    ["about one server", request("GET /debug/vars"), "refuse"],
  ].map(([name, bytes, does, cluster]) => ({
    name: name as string,
    bytes:
      name === "a chunked write"
        ? new Uint8Array([
            ...(bytes as Uint8Array),
            ...encodeUtf8("5\r\nmem v\r\n3;x=y\r\n=1 \r\n2\r\n1\n\r\n0\r\n\r\n"),
          ])
        : (bytes as Uint8Array),
    does: does as "forward",
    ...(cluster === undefined ? {} : { cluster: cluster as string }),
  })),
  replies: [
    {
      name: "204",
      bytes: encodeUtf8("HTTP/1.1 204 No Content\r\nX-Influxdb-Version: 1.6.7\r\n\r\n"),
    },
    {
      name: "an error",
      bytes: reply("400 Bad Request", '{"error":"x"}\n', ["X-Influxdb-Error: \u0001x"]),
    },
    {
      name: "a chunked answer",
      bytes: encodeUtf8(
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{"results":[{"statement_id":0}]}\r\n0\r\n\r\n',
      ),
    },
    { name: "HEAD", bytes: encodeUtf8("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"), expect: 1 },
  ],
  garbage: [
    request("POST /write?db=d", ["Expect: nothing"], "cpu v=1"),
    encodeUtf8("\u0000\u0001"),
    encodeUtf8("GET /ping HTTP/2.0\r\n\r\n"),
    encodeUtf8("POST /write HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"),
    encodeUtf8("POST /write HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
    encodeUtf8(
      "POST /write HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ),
    encodeUtf8("POST /write HTTP/1.1\r\nHost: x\r\nContent-Length: 25000001\r\n\r\n"),
  ],
};
