/** Scatter and gather inside a real Envoy: the filter splits and merges, the bridge owns the connections. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { encodeCommand } from "@echarde/testkit/servers";
import { type Mesh, skip, startMesh } from "./mesh.ts";

for (const route of ["frame", "grpc"] as const) {
  describe(`${route} route`, { skip, timeout: 120_000 }, () => {
    let mesh: Mesh;
    before(async () => {
      mesh = await startMesh({ route });
    });
    after(() => mesh.close());

    test("an MGET over three servers", async () => {
      const client = await mesh.connect();
      const keys = [0, 1, 2].map((server) => mesh.keyOn(server, "k"));
      client.send(encodeCommand("MSET", ...keys.flatMap((key, i) => [key, `v${i}`])));
      assert.equal(String(await client.reply()), "+OK\r\n");
      client.send(encodeCommand("MGET", ...keys));
      assert.equal(String(await client.reply()), "*3\r\n$2\r\nv0\r\n$2\r\nv1\r\n$2\r\nv2\r\n");
      for (const [i, key] of keys.entries()) {
        client.send(encodeCommand("GET", key));
        assert.equal(String(await client.reply()), `$2\r\nv${i}\r\n`);
      }
      await client.close();
    });
  });
}
