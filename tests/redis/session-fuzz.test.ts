import { test } from "node:test";
import { skipWithout } from "@echarde/testkit/servers";
import { fuzzSessions } from "./session-fuzz.ts";

test(
  "sessions of garbage end in order and disturb nobody",
  {
    skip: skipWithout("redis-server"),
  },
  () => fuzzSessions(400, Number(process.env["ECHARDE_SEED"] ?? 1)),
);
