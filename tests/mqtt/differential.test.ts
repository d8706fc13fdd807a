import assert from "node:assert/strict";
import { test } from "node:test";
import { skipWithout } from "@echarde/testkit/servers";
import { type Comparison, compare } from "./differential.ts";

const mosquitto = skipWithout("mosquitto");
const seed = Number(process.env["ECHARDE_SEED"] ?? 1) * 1_000;
const worlds: readonly (Pick<Comparison, "brokers" | "flavour"> & {
  readonly skip: string | false;
})[] = [
  { brokers: 2, flavour: "mosquitto", skip: mosquitto },
  { brokers: 3, flavour: "mosquitto", skip: mosquitto },
  { brokers: 2, flavour: "aedes", skip: false },
];

for (const { skip, ...world } of worlds) {
  const { brokers, flavour } = world;
  test(`${brokers} ${flavour} behind the router deliver what one does`, { skip }, async () => {
    const first = seed + brokers * 100;
    const { scripts, messages, byBroker } = await compare({ ...world, seed: first, count: 20 });
    const each = [...byBroker].map(([name, count]) => `${name} ${count}`).join(", ");
    console.log(`${scripts} scripts, ${messages} messages through the router: ${each}`);
    assert.equal(byBroker.size, brokers, "messages came from every broker");
    for (const [name, count] of byBroker)
      assert.ok(count > messages / 20, `${name} delivered only ${count} of ${messages}`);
  });
}
