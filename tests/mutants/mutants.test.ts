/** The public kit finds every error that is put into a codec, and says which rule is broken. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judge, type Mutant } from "./mutant.ts";
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

suite("codec-redis", "redis-entry.ts", redisMutants);
suite("the memcached example", "memcached-entry.ts", memcachedMutants);
suite("codec-kafka", "kafka-entry.ts", kafkaMutants);
suite("codec-mqtt", "mqtt-entry.ts", mqttMutants);
suite("codec-influx", "influx-entry.ts", influxMutants);
