/** docs/coming-from.md: what stands in it is what the importer prints and what can be served. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readConfig } from "./config/load.ts";
import { importNutcracker } from "./import/nutcracker.ts";

const doc = readFileSync(new URL("../../../docs/coming-from.md", import.meta.url), "utf8");
const blocks = [...doc.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = ""]) => text);

test("our configurations can be served", async () => {
  const ours = blocks.filter((text) => /^protocol: redis$/m.test(text));
  assert.equal(ours.length, 3);
  for (const text of ours) {
    const { problems, config } = await readConfig(text);
    assert.deepEqual(problems, []);
    assert.ok(config !== null, text);
  }
});

test("the importer prints what stands beside the nutcracker.yml", () => {
  const [theirs = "", ours = ""] = blocks;
  assert.match(theirs, /^# nutcracker\.yml/);
  assert.equal(importNutcracker(theirs, null), ours);
});
