// npm test [-- FILE-PART...]        checks, then all *.test.ts
// npm run test:long [-- FILE-PART…] all *.long.ts: what takes longer than a test may
// npm run coverage                  all *.test.ts under c8
//
// Node 20 does not expand globs after --test, so the files are listed here.
// ECHARDE_REQUIRE=redis-server,…  a server of this list that is missing is a failure
// ECHARDE_SEED=N                  the seed of everything random in tests; printed by each run
import "./node-version.mjs";
import { randomInt } from "node:crypto";
import { rmSync } from "node:fs";
import os from "node:os";
import { delimiter, dirname, join } from "node:path";
import { check } from "./check.mjs";
import { cache, listFiles } from "./paths.mjs";
import { fail, runForeground, say } from "./run.mjs";
import { ensureServer, findServer, howToGet, servers } from "./servers.mjs";
import { setup } from "./setup.mjs";

const args = process.argv.slice(2);
const isLong = args.includes("--long");
const withCoverage = args.includes("--coverage");
const parts = args.filter((each) => !each.startsWith("--"));

setup();

const required = (process.env["ECHARDE_REQUIRE"] ?? "")
  .split(/[\s,]+/)
  .filter((name) => name !== "");
const unknown = required.filter((name) => !(name in servers));
if (unknown.length > 0) {
  fail(
    `ECHARDE_REQUIRE names unknown servers: ${unknown.join(", ")} (known: ${Object.keys(servers).join(", ")})`,
  );
}
/** Servers that most tests want: got when possible, required or not. */
const wanted = ["redis-server", "mosquitto", "influxd"];
/** @type {string[]} */
const folders = [];
let lacking = false;
for (const name of Object.keys(servers)) {
  const isRequired = required.includes(name);
  const server = isRequired || wanted.includes(name) ? ensureServer(name) : findServer(name);
  if (server.problem === undefined) {
    folders.push(dirname(server.path));
    say(`✔ ${name} ${server.version}`);
  } else if (isRequired) {
    lacking = true;
    for (const line of howToGet(server)) say(`✖ ${line}`);
  } else {
    say(`- ${name} is missing: tests that need it are skipped (${server.problem})`);
  }
}
if (lacking) fail("A server that ECHARDE_REQUIRE names is missing.");

const isAll = parts.length === 0;
if (isAll && !isLong && !withCoverage && !check([])) process.exit(1);

const ending = isLong ? ".long.ts" : ".test.ts";
const files = ["packages", "tests", "examples", "bench", "scripts"]
  .flatMap((folder) =>
    listFiles(folder, (path) => path.endsWith(ending) || (!isLong && path.endsWith(".test.mjs"))),
  )
  .filter((path) => isAll || parts.some((part) => path.includes(part)));
if (files.length === 0)
  fail(isAll ? `There is no *${ending}.` : `No *${ending} has ${parts.join(" or ")} in its path.`);

const seed = process.env["ECHARDE_SEED"] ?? String(isLong ? randomInt(2 ** 31) : 1);
if (!/^\d+$/.test(seed)) fail(`ECHARDE_SEED has to be a number, not ${seed}`);
say(`${files.length} files, ECHARDE_SEED=${seed}`);

const runner = [
  "--conditions=source",
  "--import",
  "tsx",
  "--test",
  "--test-reporter=spec",
  // Node's default leaves one core to the runner itself, which has next to nothing to do.
  `--test-concurrency=${isLong ? 1 : os.availableParallelism()}`,
  // A file that hangs is ended and named, instead of the whole run by whoever waits for it.
  ...(isLong ? [] : [`--test-timeout=${15 * 60_000}`]),
  ...files,
];
const coverage = join(cache, "coverage");
if (withCoverage) rmSync(coverage, { recursive: true, force: true });
const c8 = ["node_modules/c8/bin/c8.js", "--temp-directory", coverage, process.execPath];
process.exitCode = await runForeground(withCoverage ? [...c8, ...runner] : runner, {
  wholeGroup: true,
  env: {
    ECHARDE_SEED: seed,
    PATH: [process.env["PATH"], ...new Set(folders)].join(delimiter),
  },
});
