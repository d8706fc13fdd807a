import assert from "node:assert/strict";
import { test } from "node:test";
import { skipWithout, startInfluxd } from "@echarde/testkit/servers";
import { DATABASE, linesOf } from "./data.ts";
import { driveInflux } from "./drive.ts";
import { connectHttp, parseAnswer, requestOf } from "./http.ts";

test("an answer is whole at its last byte and not before", () => {
  const answers = [
    "HTTP/1.1 204 No Content\r\nX: y\r\n\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabcde",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n0\r\n\r\n1\r\na\r\n0\r\n\r\n",
  ];
  for (const text of answers) {
    const bytes = Buffer.from(text);
    for (let end = 0; end < bytes.length; end++) {
      assert.equal(parseAnswer(bytes.subarray(0, end)), null, `${end} bytes of ${text}`);
    }
    assert.equal(parseAnswer(bytes)?.status, Number(text.slice(9, 12)));
  }
});

test("requests must succeed", { skip: skipWithout("influxd") }, async () => {
  const server = await startInfluxd();
  const { port } = server;
  try {
    const write = { kind: "write", lines: 3, clients: 2 } as const;
    await assert.rejects(driveInflux(port, write, 5), /404.*database not found/);
    const client = await connectHttp(port);
    const create = `/query?q=${encodeURIComponent(`CREATE DATABASE ${DATABASE}`)}`;
    assert.equal((await client.send(requestOf(create, Buffer.alloc(0)))).status, 200);
    const point = { kind: "point", lines: 0, clients: 2 } as const;
    await assert.rejects(driveInflux(port, point, 5), /200 /, "no rows are there");
    const { operations, p50Ms, p99Ms } = await driveInflux(port, write, 5);
    assert.equal(operations, 5);
    assert.ok(p50Ms > 0 && p99Ms >= p50Ms, `p50 ${p50Ms}, p99 ${p99Ms}`);
    const lines = requestOf(`/write?db=${DATABASE}`, linesOf("readings", 5000, 0));
    assert.equal((await client.send(lines)).status, 204);
    const count = encodeURIComponent("SELECT count(value) FROM written, readings");
    const { body } = await client.send(requestOf(`/query?db=${DATABASE}&q=${count}`, null));
    assert.match(body.toString(), /"readings".*,5000\].*"written".*,15\]/);
    client.close();
  } finally {
    await server.stop();
  }
});
