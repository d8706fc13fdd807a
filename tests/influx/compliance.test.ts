import { describe, it } from "node:test";
import { influx } from "@echarde/codec-influx";
import { codecCompliance } from "@echarde/testkit";
import { samples } from "./samples.ts";

describe("the rules of every codec", () => {
  for (const { name, run } of codecCompliance(influx(), samples)) it(name, run);
});
