// npm run check [-- NAME...]: everything that can be said about the sources without running them,
// in the order in which a mistake is cheapest to mend.
import "./node-version.mjs";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { root } from "./paths.mjs";
import { fail, runCaptured, say } from "./run.mjs";
import { setup } from "./setup.mjs";

const tsc = "node_modules/typescript/bin/tsc";

/** @type {readonly { name: string, args: readonly string[] }[]} what to give to node */
const steps = [
  { name: "lint", args: ["node_modules/@biomejs/biome/bin/biome", "ci", "--colors=off", "."] },
  { name: "build", args: [tsc, "-b", "--pretty", "false"] },
  { name: "types", args: [tsc, "-p", "tsconfig.test.json", "--pretty", "false"] },
  { name: "page", args: [tsc, "-p", "examples/browser", "--pretty", "false"] },
  { name: "scripts", args: [tsc, "-p", "tsconfig.scripts.json", "--pretty", "false"] },
  { name: "purity", args: ["scripts/purity.mjs"] },
  { name: "docs", args: ["node_modules/typedoc/bin/typedoc", "--emit", "none"] },
  {
    name: "dead-code",
    args: ["node_modules/knip/bin/knip.js", "--no-progress", "--no-config-hints"],
  },
  { name: "packaging", args: ["scripts/packaging.mjs"] },
];

/**
 * Runs the steps, all of them even when one fails, and says which failed.
 * @param {readonly string[]} names those to run; none is all
 * @returns {boolean} whether all passed
 */
export function check(names) {
  const unknown = names.filter((name) => !steps.some((step) => step.name === name));
  if (unknown.length > 0) {
    fail(
      `unknown check: ${unknown.join(", ")}; there are: ${steps.map(({ name }) => name).join(", ")}`,
    );
  }
  /** @type {string[]} */
  const failed = [];
  for (const { name, args } of steps) {
    if (names.length > 0 && !names.includes(name)) continue;
    if (name === "packaging" && failed.includes("build")) {
      say("✖ packaging: not tried, the build failed");
      failed.push(name);
      continue;
    }
    const began = performance.now();
    const { status, output } = runCaptured(process.execPath, args, { env: { NO_COLOR: "1" } });
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    if (status === 0) {
      say(`✔ ${name} (${seconds} s)`);
    } else {
      failed.push(name);
      say(`✖ ${name} (${seconds} s)\n${indented(output)}`);
    }
  }
  if (failed.length > 0)
    say(`check failed: ${failed.join(", ")}. One alone: npm run check -- ${failed[0]}`);
  return failed.length === 0;
}

if (
  process.argv[1] &&
  existsSync(process.argv[1]) &&
  join(root, "scripts/check.mjs") === process.argv[1]
) {
  setup();
  process.exit(check(process.argv.slice(2)) ? 0 : 1);
}

/** @param {string} output @returns {string} without colours, set in */
function indented(output) {
  return stripVTControlCharacters(output).trim().replaceAll(/^/gm, "    ");
}
