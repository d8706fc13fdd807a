/** The public kit finds every error that is put into a codec, and says which rule is broken. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { mqttFilterMutants, mqttSessionMutants } from "./mqtt-session-mutants.ts";
import { judge, judgeByTests, type Mutant } from "./mutant.ts";
import {
  influxMutants,
  kafkaMutants,
  memcachedMutants,
  mqttMutants,
  redisMutants,
} from "./mutants.ts";

const runs = 400;

function suite(name: string, entry: string, mutants: readonly Mutant[]): void {
  describe(name, () => {
    it("keeps all rules as it is", async () => {
      assert.equal(await judge(entry, null, 200), null);
    });
    for (const mutant of mutants) {
      it(`found: ${mutant.name}`, async (context) => {
        const kill = await judge(entry, mutant, runs);
        assert.ok(kill, "no rule of the kit is broken");
        context.diagnostic(kill.rule);
        assert.ok(kill.message.startsWith(kill.rule), "the rule is named first");
      });
    }
  });
}

/** Errors in what a codec means, which its own tests find. */
function testedSuite(name: string, files: readonly string[], mutants: readonly Mutant[]): void {
  describe(name, () => {
    it("passes as it is", async () => {
      assert.equal(await judgeByTests(files, null), null);
    });
    for (const mutant of mutants) {
      it(`found: ${mutant.name}`, async (context) => {
        const kill = await judgeByTests(files, mutant);
        assert.ok(kill, "no test fails");
        context.diagnostic(kill.rule);
      });
    }
  });
}

suite("codec-redis", "redis-entry.ts", redisMutants);
suite("the memcached example", "memcached-entry.ts", memcachedMutants);
suite("codec-kafka", "kafka-entry.ts", kafkaMutants);
suite("codec-mqtt", "mqtt-entry.ts", mqttMutants);
suite("codec-influx", "influx-entry.ts", influxMutants);
testedSuite(
  "sessions of codec-mqtt",
  ["packages/codec-mqtt/src/session/session.test.ts"],
  mqttSessionMutants,
);
testedSuite(
  "filters of codec-mqtt",
  ["filter", "topic-map"].map((file) => `packages/codec-mqtt/src/filters/${file}.test.ts`),
  mqttFilterMutants,
);
