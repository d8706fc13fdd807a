/** Rules of merges find every error that is put into them. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { influxMergeMutants } from "./influx-merges.ts";
import { judge } from "./mutant.ts";

const entry = "influx-merge-entry.ts";

describe("merges of codec-influx", () => {
  it("keep all rules as they are", async () => {
    assert.equal(await judge(entry, null, 200), null);
  });
  for (const mutant of influxMergeMutants) {
    it(`found: ${mutant.name}`, async (context) => {
      const kill = await judge(entry, mutant, 400);
      assert.ok(kill, "no rule is broken");
      context.diagnostic(kill.rule);
      assert.ok(kill.message.startsWith(kill.rule), "the rule is named first");
    });
  }
});
