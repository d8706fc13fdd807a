import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { filled, page, regionsOf } from "./tutorial.ts";

const markdown = readFileSync(page, "utf8");

test("the tutorial shows the code that runs (tutorial.ts writes it anew)", () => {
  assert.equal(markdown, filled(markdown));
});

test("the tutorial leaves out no part of the codec", () => {
  for (const region of regionsOf("memcached.ts")) {
    assert.ok(markdown.includes(`<!-- memcached.ts: ${region} -->`), `${region} is not shown`);
  }
});
