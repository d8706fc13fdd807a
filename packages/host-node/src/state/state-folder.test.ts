import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { openStateFolder } from "./state-folder.ts";

describe("the folder for what outlives the process", () => {
  const parent = mkdtempSync(join(tmpdir(), "echarde-state-"));
  after(() => rmSync(parent, { recursive: true }));

  test("is made for its owner alone, and had by one router at a time", async () => {
    const path = join(parent, "a", "b");
    const first = await openStateFolder(path);
    assert.equal(statSync(path).mode & 0o777, 0o700);
    await assert.rejects(openStateFolder(path), /another router has/);
    first.release();
    const second = await openStateFolder(path);
    second.release();
  });

  test("what cannot be a folder is said", async () => {
    const file = join(parent, "file");
    writeFileSync(file, "");
    await assert.rejects(openStateFolder(file), /EEXIST|is no folder/);
    await assert.rejects(openStateFolder(join(parent, "x".repeat(200))), /98 bytes at most/);
  });
});
