import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { findRedis, howToGetRedis, startRedis } from "./redis-servers.ts";

const dir = mkdtempSync(join(tmpdir(), "echarde-find-"));
after(() => rmSync(dir, { recursive: true, force: true }));

test("a program in PATH is found first", () => {
  const program = join(dir, "redis-server");
  writeFileSync(program, "#!/bin/sh\necho out of order; exit 3\n");
  assert.notEqual(findRedis(dir), program);
  chmodSync(program, 0o755);
  assert.equal(findRedis(dir), program);
  assert.match(howToGetRedis, /apt-get install redis-server/);
});

test("a server that does not start is an error with the end of its log", async () => {
  const program = join(dir, "redis-server");
  assert.ok(existsSync(program));
  await assert.rejects(startRedis(program), /redis-server did not start/);
});
