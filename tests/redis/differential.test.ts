/** Random traffic to one real redis-server and to the router over three: the replies must be the same. */
import { test } from "node:test";
import { skipWithout } from "@echarde/testkit/servers";
import { run } from "./differential/run.ts";

const seed = Number(process.env["ECHARDE_SEED"] ?? 1);
const commands = Number(process.env["ECHARDE_COMMANDS"] ?? 120_000);
const options = { skip: skipWithout("redis-server"), timeout: 600_000 };

test("one server and three behind the router give the same replies", options, async (t) => {
  const say = (line: string): void => t.diagnostic(line);
  const goal = { commands, seed: (seed * 1_000_000) % 2 ** 31, successes: 50, share: 0.2 };
  await run({ ...goal, uneven: false }, say);
});

test("so do they when connections differ in speed", options, async (t) => {
  const say = (line: string): void => t.diagnostic(line);
  const first = (seed * 1_000_000 + 500_000) % 2 ** 31;
  await run({ commands: commands / 10, seed: first, uneven: true, successes: 0, share: 0.2 }, say);
});
