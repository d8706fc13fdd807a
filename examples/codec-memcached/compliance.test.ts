import { describe, it } from "node:test";
import { codecCompliance } from "@echarde/testkit";
import { memcached } from "./memcached.ts";
import { samples } from "./samples.ts";

// #region compliance
describe("the rules of every codec", () => {
  for (const { name, run } of codecCompliance(memcached, samples)) it(name, run);
});
// #endregion
