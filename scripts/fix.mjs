// npm run fix: formats, sorts imports and applies the safe fixes of the linter.
import "./node-version.mjs";
import { runInherited } from "./run.mjs";
import { setup } from "./setup.mjs";

setup();
process.exit(
  runInherited(process.execPath, [
    "node_modules/@biomejs/biome/bin/biome",
    "check",
    "--write",
    ...(process.argv.length > 2 ? process.argv.slice(2) : ["."]),
  ]),
);
