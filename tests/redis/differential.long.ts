/** As differential.test.ts, a million commands from a seed that is printed. */
import { test } from "node:test";
import { skipWithout } from "@echarde/testkit/servers";
import { run } from "./differential/run.ts";

const seed = Number(process.env["ECHARDE_SEED"] ?? 2);
const commands = Number(process.env["ECHARDE_COMMANDS"] ?? 1_000_000);

test("one server and three behind the router give the same replies, a million times", {
  skip: skipWithout("redis-server"),
  timeout: 3_600_000,
}, async (t) => {
  const say = (line: string): void => t.diagnostic(line);
  await run(
    { commands, seed: (seed * 10_000) % 2 ** 31, uneven: false, successes: 500, share: 0.2 },
    say,
  );
});

test("the same with connections of different speed, a hundred thousand times", {
  skip: skipWithout("redis-server"),
  timeout: 3_600_000,
}, async (t) => {
  const say = (line: string): void => t.diagnostic(line);
  const first = (seed * 10_000 + 5_000) % 2 ** 31;
  await run({ commands: commands / 10, seed: first, uneven: true, successes: 50, share: 0.2 }, say);
});
