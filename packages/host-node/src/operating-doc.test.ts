/** docs/operating.md lists what there is: settings and metrics, no more and no less. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { metricNames } from "./admin/metrics.ts";
import { readConfig } from "./config/load.ts";

const doc = readFileSync(new URL("../../../docs/operating.md", import.meta.url), "utf8");

/** First cells of the table between two marks. */
function listed(name: string): string[] {
  const part = doc.split(`<!-- ${name} -->`)[1]?.split(`<!-- /${name} -->`)[0] ?? "";
  return [...part.matchAll(/^\| `([^`]+)`/gm)].map(([, cell = ""]) => cell);
}

/** Keys that the reader of a configuration says it knows there. */
async function knownIn(section: string): Promise<string[]> {
  const text = section === "" ? "qqqqqqqq: 1" : `${section}: { qqqqqqqq: 1 }`;
  const { problems } = await readConfig(`protocol: redis\n${text}\n`);
  const words = problems.find(({ message }) => message.includes("qqqqqqqq"))?.message ?? "";
  const keys = /known here: (.*)$/.exec(words)?.[1]?.split(", ") ?? [];
  assert.ok(keys.length > 0, words);
  return keys;
}

test("the metrics of the document are those of the code, in the same order", () => {
  assert.ok(metricNames().length > 20);
  assert.deepEqual(listed("metrics"), metricNames());
});

test("the settings of the document are those of the code", async () => {
  const ofTable = ["protocol", "defaultCluster", "localCluster", "clusters", "routes"];
  const expected: string[] = [];
  for (const key of await knownIn("")) {
    if ([...ofTable, "routingTable", "options"].includes(key)) continue;
    if (["limits", "timeouts", "admin", "log", "tracing"].includes(key)) {
      for (const name of await knownIn(key)) expected.push(`${key}.${name}`);
    } else expected.push(key);
  }
  assert.deepEqual(listed("settings").sort(), expected.sort());
});
