// As a new user would: lay out a codec from the packed packages, see its tests name what is left to
// write, write it, see them pass, and its types too.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const made = spawnSync("node_modules/.bin/echarde", ["new", "codec", "lines"], {
  encoding: "utf8",
});
assert.equal(made.status, 0, made.stderr);

const run = () => {
  const args = ["--import", "tsx", "--test", "lines/src/compliance.test.ts"];
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return spawnSync(process.execPath, args, { encoding: "utf8", env });
};
const first = run();
assert.notEqual(first.status, 0, "the tests of a new codec fail");
assert.match(first.stdout, /GET gave refuse, not forward/);

const file = "lines/src/lines.ts";
const text = readFileSync(file, "utf8");
const written = text
  .replace('    return core.refuse("ERROR not written yet\\n");\n', "")
  .replace(/^ {4}\/\/ {3}(const cluster|return)/gm, "    $1");
writeFileSync(file, written);
const second = run();
assert.equal(second.status, 0, second.stdout);
