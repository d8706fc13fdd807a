import assert from "node:assert/strict";
import { test } from "node:test";
import { limitsOf } from "./limits.ts";

test("limits are the defaults with what is given over them; nonsense is a ConfigError", () => {
  assert.equal(limitsOf({ maxInFlight: 7 }).maxInFlight, 7);
  assert.equal(limitsOf({}).maxInFlight, 16_384);
  assert.throws(() => limitsOf({ maxInFlight: 0 }), { name: "ConfigError" });
  assert.throws(() => limitsOf({ nonsense: 1 } as object), { name: "ConfigError" });
});
