/** Guards, provoked by a codec that breaks what runs it: a bad connection costs no other one. No Envoy. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { testModule } from "../../scripts/build/build-module.ts";
import { type HostConnection, ModuleHost } from "../../test/module-host.ts";
import { encodeControl } from "../wire/control.ts";
import { frameHead } from "../wire/frame.ts";

const table = {
  protocol: "faulty",
  clusters: { one: { endpoints: ["127.0.0.1:1"] } },
  defaultCluster: "one",
};
const get = "*2\r\n$3\r\nGET\r\n$1\r\na\r\n";

for (const [what, word, reason] of [
  ["time", "LOOP", /took too long|interrupted/],
  ["stack", "DEEP", /[Ss]tack/],
  ["memory", "EAT", /memory/],
  ["exception", "THROW", /the client said so/],
] as const) {
  test(`${what}: the connection is closed, another one goes on`, { timeout: 240_000 }, async () => {
    const host = await ModuleHost.start(await testModule("faulty"));
    const { root, accepted } = host.configure({ name: "t", table });
    assert.equal(accepted, true, host.log.join("\n"));
    const ask = (client: HostConnection): void => {
      host.downstream(client, get);
      const reply = Buffer.from("$1\r\nv\r\n");
      host.upstream(client, Buffer.concat([frameHead(1, reply.length, false), reply]));
    };
    const other = host.connect(root);
    host.downstream(other, get);
    const opened = encodeControl(["opened"]);
    host.upstream(other, Buffer.concat([frameHead(1, opened.length, true), opened]));
    host.upstream(other, Buffer.concat([frameHead(1, 7, false), Buffer.from("$1\r\nv\r\n")]));
    assert.equal(other.toClient.toString(), "$1\r\nv\r\n");
    for (let round = 1; round <= 3; round++) {
      const bad = host.connect(root);
      host.downstream(bad, `${word}\r\n`);
      assert.equal(bad.closed, true, `${what} closes: ${host.log.join("\n")}`);
      assert.match(host.log.at(-1) ?? "", reason);
      assert.equal(host.metrics.get("echarde.t.failures"), round);
      host.close(bad);
      ask(other);
      assert.equal(other.closed, false, "the other one stays");
      assert.equal(other.toClient.toString(), "$1\r\nv\r\n".repeat(round + 1));
    }
    assert.equal(host.metrics.get("echarde.t.connections_active"), 1);
  });
}
