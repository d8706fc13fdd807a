import { describe, it } from "node:test";
import { codecCompliance } from "@echarde/testkit";
import { redisOnParser } from "./redis-on-parser.ts";
import { samples } from "./redis-samples.ts";

describe("the rules of every codec, by a codec on redis-parser", () => {
  for (const { name, run } of codecCompliance(redisOnParser, samples)) it(name, run);
});
