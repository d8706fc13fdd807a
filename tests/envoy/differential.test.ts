/** Random traffic to one redis-server and through Envoy to three: the replies must be the same. */
import { test } from "node:test";
import { run } from "../redis/differential/run.ts";
import { skip, startMesh } from "./mesh.ts";

const seed = Number(process.env["ECHARDE_SEED"] ?? 1);

test("10,000 commands through the frame route", { skip, timeout: 600_000 }, async (t) => {
  await run(
    {
      ...{ commands: 10_000, seed: (seed * 1_000_000 + 700_000) % 2 ** 31, uneven: false },
      ...{ successes: 0, share: 0.1 },
      front: (servers, slots) =>
        startMesh({ route: "frame", servers, routes: [{ hash: "crc16-slots", slots }] }),
    },
    (line) => t.diagnostic(line),
  );
});
