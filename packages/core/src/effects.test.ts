import assert from "node:assert/strict";
import { test } from "node:test";
import { openOf } from "./effects.ts";

test("an address to dial is taken apart", () => {
  const parts = (endpoint: string): unknown => {
    const { host, port, path } = openOf("east", "", endpoint);
    return [host, port, path];
  };
  assert.deepEqual(parts("10.0.0.1:7001"), ["10.0.0.1", 7001, ""]);
  assert.deepEqual(parts("[::1]:7001"), ["::1", 7001, ""]);
  assert.deepEqual(parts("unix:/run/a:1"), ["", 0, "/run/a:1"]);
  assert.deepEqual(parts("name"), ["name", 0, ""]);
  assert.deepEqual(parts("name:70000"), ["name", 0, ""]);
  assert.deepEqual(openOf("east", "n:1", "n:1").endpoint, "n:1");
});
