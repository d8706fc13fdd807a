/** As session-fuzz.test.ts; `ECHARDE_SESSIONS` says how many. */
import { test } from "node:test";
import { skipWithout } from "@echarde/testkit/servers";
import { fuzzSessions } from "./session-fuzz.ts";

const sessions = Number(process.env["ECHARDE_SESSIONS"] ?? 50_000);

test(
  `${sessions} sessions of garbage`,
  {
    skip: skipWithout("redis-server"),
    timeout: 7_200_000,
  },
  () => fuzzSessions(sessions, Number(process.env["ECHARDE_SEED"] ?? 1)),
);
