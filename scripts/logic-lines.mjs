// node scripts/logic-lines.mjs [--write]: lines of protocol logic of each codec (what becomes of a request: plans, splits,
// merges, journal), without wire formats, generated code, tables of commands, comments and blank lines. A report, not a cap.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listFiles, root } from "./paths.mjs";

/** @type {readonly { name: string, folder: string, without: RegExp, original: string, covers: string }[]} */
const codecs = [
  {
    name: "Redis",
    folder: "packages/codec-redis/src",
    without: /\/(wire|commands)\//,
    original: "300",
    covers: "every command of 7.0, RESP2 and RESP3, transactions, blocking, subscriptions, users",
  },
  {
    name: "MQTT",
    folder: "packages/codec-mqtt/src",
    without: /\/wire\//,
    original: "140",
    covers: "3.1.1 and 5.0, every packet, QoS 2 both ways, sessions that outlive connections",
  },
  {
    name: "InfluxDB",
    folder: "packages/codec-influx/src",
    without: /\/(http|line|influxql)\//,
    original: "170",
    covers: "writes by measurement and tag, queries merged or refused, SHOW, DDL",
  },
  {
    name: "Kafka",
    folder: "packages/codec-kafka/src",
    without: /\/(wire|generated)\//,
    original: "320",
    covers: "32 APIs, idempotent producers, groups and transactions on a home cluster",
  },
  {
    name: "memcached (example)",
    folder: "examples/codec-memcached",
    without: /\/(client|cluster|model-server|samples|tutorial)\.ts$/,
    original: "–",
    covers: "the text protocol, wire format included",
  },
];

/** @param {string} text @returns {number} lines with code */
function codeLines(text) {
  const bare = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  return bare.split("\n").filter((line) => line.trim() !== "").length;
}

const rows = codecs.map(({ name, folder, without, original, covers }) => {
  const files = listFiles(
    folder,
    (path) => path.endsWith(".ts") && !/\.(test|long)\.ts$/.test(path) && !without.test(path),
  );
  const lines = files.reduce(
    (sum, file) => sum + codeLines(readFileSync(join(root, file), "utf8")),
    0,
  );
  return `| ${name} | ${lines} | ${original} | ${covers} |`;
});
const table = ["| codec | lines | the original | covers |", "|---|---|---|---|", ...rows].join(
  "\n",
);
process.stdout.write(`${table}\n`);

if (process.argv.includes("--write")) {
  const page = join(root, "docs/writing-a-codec.md");
  const marks = /<!-- logic-lines -->[\s\S]*?<!-- end -->/;
  const text = readFileSync(page, "utf8");
  if (!marks.test(text)) throw new Error(`${page} has no place for the table`);
  writeFileSync(
    page,
    text.replace(marks, () => `<!-- logic-lines -->\n\n${table}\n\n<!-- end -->`),
  );
}
