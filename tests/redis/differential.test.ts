/** Random traffic to one real redis-server and to the router over three: the replies must be the same. */
import { test } from "node:test";
import { skipWithout } from "@echarde/testkit/servers";
import { run } from "./differential/run.ts";

const seed = Number(process.env["ECHARDE_SEED"] ?? 1);
const commands = Number(process.env["ECHARDE_COMMANDS"] ?? 120_000);

test("one server and three behind the router give the same replies", {
  skip: skipWithout("redis-server"),
  timeout: 600_000,
}, async (t) => {
  await run({ commands, seed: seed * 1_000_000, successes: 50, share: 0.2 }, (line) =>
    t.diagnostic(line),
  );
});
