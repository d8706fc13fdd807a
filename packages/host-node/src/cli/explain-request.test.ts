/** `echarde check` and `echarde explain` over routes that depend on who opens an MQTT session. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { runCli } from "./run-cli.ts";

describe("routes by the source of MQTT sessions", () => {
  async function cli(...args: readonly string[]): Promise<{ code: number; text: string }> {
    let text = "";
    const add = (line: string): void => {
      text += `${line}\n`;
    };
    return { code: await runCli(args, { out: add, err: add }), text };
  }
  const folder = mkdtempSync(join(tmpdir(), "echarde-sources-"));
  const file = join(folder, "echarde.yaml");
  const config = (rule: string): string => `protocol: mqtt
listen: 127.0.0.1:1884
defaultCluster: m1
clusters:
  m1: { endpoints: ["127.0.0.1:1"] }
  m2: { endpoints: ["127.0.0.1:2"] }
routes: [{ prefix: alert, cluster: m2 }]
options:
  sessions:
    - ${rule}
`;

  test("check names the line of what is wrong, explain the rule of the session", async () => {
    try {
      writeFileSync(file, config("{ user: bob, cluster: m3 }"));
      const refused = await cli("check", file);
      assert.equal(refused.code, 3);
      assert.match(refused.text, /:10:\d+: .*options\.sessions\[0\]\.cluster: unknown cluster m3/);

      writeFileSync(file, config("{ clientId: { prefix: cam- }, user: bob, cluster: m1 }"));
      assert.equal((await cli("check", file)).code, 0);
      const own = await cli("explain", file, "client=cam-1 user=bob publish alert/x");
      assert.match(own.text, /sessions\[0\]: client id "cam-"…, user "bob": default cluster/);
      assert.match(own.text, /-> m1: \d+ bytes/);
      assert.doesNotMatch(own.text, /-> m2/, "its session has no link to m2");
      const others = await cli("explain", file, "client=cam-1 publish alert/x");
      assert.match(others.text, /key "alert\/x": m2 \(prefix "alert"\)/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
