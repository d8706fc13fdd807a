import { describe, it } from "node:test";
import { codecCompliance } from "@echarde/testkit";
import { codec, samples } from "./samples.ts";

describe("the rules of every codec", () => {
  for (const { name, run } of codecCompliance(codec, samples)) it(name, run);
});
