import assert from "node:assert/strict";
import { test } from "node:test";
import { skipWithout } from "@echarde/testkit/servers";
import { compare } from "./differential.ts";

const skip = skipWithout("mosquitto");
const seed = Number(process.env["ECHARDE_SEED"] ?? 1) * 1_000;

for (const brokers of [2, 3]) {
  test(`${brokers} brokers behind the router deliver what one broker does`, { skip }, async () => {
    const { scripts, messages, byBroker } = await compare(brokers, seed + brokers * 100, 20);
    const each = [...byBroker].map(([name, count]) => `${name} ${count}`).join(", ");
    console.log(`${scripts} scripts, ${messages} messages through the router: ${each}`);
    assert.equal(byBroker.size, brokers, "messages came from every broker");
    for (const [name, count] of byBroker)
      assert.ok(count > messages / 20, `${name} delivered only ${count} of ${messages}`);
  });
}
