/**
 * As differential.test.ts, 10,000 scripts (`ECHARDE_SCRIPTS`) from a seed that is printed: most of them
 * over Mosquitto, which has both versions.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { skipWithout } from "@echarde/testkit/servers";
import { type Comparison, compare } from "./differential.ts";

const seed = Number(process.env["ECHARDE_SEED"] ?? 2);
const scripts = Number(process.env["ECHARDE_SCRIPTS"] ?? 10_000);
const mosquitto = skipWithout("mosquitto");
const late = { connect: "lazy", onLoss: "isolate" };
const worlds: readonly (Pick<Comparison, "brokers" | "flavour" | "options"> & {
  /** Of all scripts. */
  readonly share: number;
  readonly skip: string | false;
})[] = [
  { brokers: 2, flavour: "mosquitto", share: 0.35, skip: mosquitto },
  { brokers: 3, flavour: "mosquitto", share: 0.35, skip: mosquitto },
  { brokers: 2, flavour: "mosquitto", options: late, share: 0.1, skip: mosquitto },
  { brokers: 3, flavour: "mosquitto", options: late, share: 0.1, skip: mosquitto },
  { brokers: 2, flavour: "aedes", share: 0.05, skip: false },
  { brokers: 3, flavour: "aedes", share: 0.05, skip: false },
];

worlds.forEach(({ share, skip, ...world }, index) => {
  const { brokers, flavour } = world;
  const count = Math.ceil(scripts * share);
  const first = (seed * 100_000 + index * 20_000) % 2 ** 31;
  const name = `${count} scripts from seed ${first}: ${brokers} ${flavour} deliver what one does`;
  test(name, { skip, timeout: 6 * 3_600_000 }, async () => {
    const began = performance.now();
    const { messages, byBroker, crossings } = await compare({ ...world, seed: first, count });
    const rate = count / ((performance.now() - began) / 1_000);
    const each = [...byBroker].map(([broker, number]) => `${broker} ${number}`).join(", ");
    console.log(`${count} scripts, ${rate.toFixed(1)} a second; ${messages} messages: ${each}`);
    console.log(`${crossings} came to a client that had the one before from another broker`);
    assert.equal(byBroker.size, brokers, "messages came from every broker");
    assert.ok(crossings > messages / 10, `only ${crossings} of ${messages} crossed brokers`);
  });
});
