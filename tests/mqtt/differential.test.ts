import assert from "node:assert/strict";
import { test } from "node:test";
import { skipWithout } from "@echarde/testkit/servers";
import { type Comparison, compare } from "./differential.ts";

const mosquitto = skipWithout("mosquitto");
const seed = Number(process.env["ECHARDE_SEED"] ?? 1) * 1_000;
const late = { connect: "lazy", onLoss: "isolate" };
const worlds: readonly (Pick<Comparison, "brokers" | "flavour" | "options"> & {
  readonly skip: string | false;
})[] = [
  { brokers: 2, flavour: "mosquitto", skip: mosquitto },
  { brokers: 3, flavour: "mosquitto", skip: mosquitto },
  { brokers: 2, flavour: "aedes", skip: false },
  { brokers: 3, flavour: "mosquitto", options: late, skip: mosquitto },
];

for (const { skip, ...world } of worlds) {
  const { brokers, flavour, options } = world;
  const how = options === undefined ? "" : `, ${Object.values(options).join(" and ")},`;
  test(`${brokers} ${flavour}${how} behind the router deliver what one does`, {
    skip,
  }, async () => {
    const first = seed + brokers * 100 + (options === undefined ? 0 : 50);
    const { scripts, messages, byBroker } = await compare({
      ...world,
      seed: first,
      count: options === undefined ? 20 : 10,
    });
    const each = [...byBroker].map(([name, count]) => `${name} ${count}`).join(", ");
    console.log(`${scripts} scripts, ${messages} messages through the router: ${each}`);
    assert.equal(byBroker.size, brokers, "messages came from every broker");
    for (const [name, count] of byBroker)
      assert.ok(count > messages / 20, `${name} delivered only ${count} of ${messages}`);
  });
}
