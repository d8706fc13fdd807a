/** The module in a host of ours: routes, limits, guards, live tables. No Envoy. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { decode } from "@msgpack/msgpack";
import { testModule } from "../../scripts/build/build-module.ts";
import { type HostConnection, ModuleHost } from "../../test/module-host.ts";
import { encodeControl } from "../wire/control.ts";
import { FrameReader, frameHead } from "../wire/frame.ts";

const table = {
  protocol: "redis",
  localCluster: "one",
  clusters: { one: { endpoints: ["127.0.0.1:1"] }, two: { endpoints: ["127.0.0.1:2"] } },
  routes: [
    { prefix: "a", cluster: "one" },
    { prefix: "b", cluster: "two" },
  ],
  defaultCluster: "one",
};

let module: Uint8Array;
before(async () => {
  module = await testModule();
});

/** The frames that a connection has sent since the last call. */
function frames(connection: HostConnection): [number, unknown][] {
  const reader = new FrameReader();
  reader.append(connection.toUpstream);
  connection.toUpstream = Buffer.alloc(0);
  const found: [number, unknown][] = [];
  while (reader.next()) {
    const { link, data, control } = reader;
    found.push([link, control.length > 0 ? decode(control) : Buffer.from(data).toString("latin1")]);
  }
  assert.equal(reader.fault, "");
  assert.equal(reader.held, 0, "the last frame is whole");
  return found;
}

function control(link: number, ...message: [string, ...(string | number | boolean)[]]): Buffer {
  const words = encodeControl(message);
  return Buffer.concat([frameHead(link, words.length, true), words]);
}

function data(link: number, text: string): Buffer {
  return Buffer.concat([frameHead(link, text.length, false), Buffer.from(text, "latin1")]);
}

const get = (key: string): string => `*2\r\n$3\r\nGET\r\n$${key.length}\r\n${key}\r\n`;

describe("frame", () => {
  test("an MGET over two clusters", async () => {
    const host = await ModuleHost.start(module);
    const { root, accepted } = host.configure({ name: "t", table });
    assert.equal(accepted, true, host.log.join("\n"));
    const client = host.connect(root);
    host.downstream(client, "*3\r\n$4\r\nMGET\r\n$2\r\na1\r\n$2\r\nb1\r\n");
    assert.deepEqual(frames(client), [
      [1, ["open", "one", "127.0.0.1:1"]],
      [2, ["open", "two", "127.0.0.1:2"]],
    ]);
    host.upstream(client, Buffer.concat([control(1, "opened"), control(2, "opened")]));
    const sent = frames(client);
    assert.deepEqual(
      sent.map(([link]) => link),
      [1, 2],
    );
    assert.match(String(sent[1]?.[1]), /b1/);
    host.upstream(client, data(2, "*1\r\n$1\r\nB\r\n"));
    host.upstream(client, data(1, "*1\r\n$1\r\nA\r\n"));
    assert.equal(client.toClient.toString(), "*2\r\n$1\r\nA\r\n$1\r\nB\r\n", host.log.join("\n"));
    host.close(client);
  });
});
void get;
