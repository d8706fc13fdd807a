/** Core and codec-redis in QuickJS: no Node, no DOM, no clock; the same chunks have the same effects as in Node. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { QuickJS } from "quickjs-wasi";
import { writeChapter } from "../redis/differential/chapter.ts";
import { bytesOf } from "../redis/differential/item.ts";
import { type Input, playScenario } from "./scenario.ts";

const seed = Number(process.env["ECHARDE_SEED"] ?? 1);

/** Traffic of a chapter, round by round. */
function inputsOf(chapterSeed: number, size: number): Input[] {
  const rounds = new Map<string, Input & { bytes: Buffer[] }>();
  for (const { connection, round, items, task } of writeChapter(
    chapterSeed,
    size,
    Buffer.from("none"),
  )) {
    // hex is slow to read in QuickJS; 64 KiB and a little is enough for values that are cut through
    const tooLong = items.some((one) => bytesOf(one).length > 70_000);
    if (task === "wake" || tooLong) continue;
    const key = `${round} ${connection}`;
    const input = rounds.get(key) ?? { client: connection, hex: "", bytes: [] };
    input.bytes.push(...items.map(bytesOf));
    rounds.set(key, input);
  }
  return [...rounds.values()].map(({ client, bytes }) => ({
    client,
    hex: Buffer.concat(bytes).toString("hex"),
  }));
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("./entry.ts", import.meta.url))],
    ...{ bundle: true, write: false, format: "iife", target: "es2022", platform: "neutral" },
    conditions: ["source"],
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}

test("the same effects in QuickJS as in Node", async (t) => {
  const code = await bundle();
  t.diagnostic(`bundle: ${code.length} bytes`);
  const wasm = readFileSync(new URL(import.meta.resolve("quickjs-wasi/quickjs.wasm")));
  const vm = await QuickJS.create({ wasm });
  try {
    for (const name of [
      "process",
      "Buffer",
      "setTimeout",
      "TextEncoder",
      "TextDecoder",
      "URL",
      "fetch",
    ]) {
      assert.equal(
        vm.evalCode(`typeof ${name}`).consume((h) => h.toString()),
        "undefined",
        name,
      );
    }
    vm.evalCode("Date.now = Math.random = () => { throw new Error('impure'); }").dispose();
    vm.evalCode(code, "bundle.js").dispose();
    for (const [number, reusesInput] of [
      [0, false],
      [1, true],
      [2, false],
      [3, true],
    ] as const) {
      const inputs = inputsOf(seed + number, 500);
      const expected = playScenario(inputs, seed + number, reusesInput);
      vm.setProp(vm.global, "input", vm.newString(JSON.stringify(inputs)));
      const log = vm
        .evalCode(`play(input, ${seed + number}, ${reusesInput})`)
        .consume((h) => h.toString());
      const lines = expected.split("\n");
      assert.ok(lines.length > 300, `only ${lines.length} effects`);
      assert.ok(
        lines.some((line) => line.includes("/private")) &&
          lines.some((line) => line.includes("flush")),
      );
      assert.deepEqual(log.split("\n"), lines);
      t.diagnostic(
        `${inputs.length} inputs, ${lines.length} effects alike, reusesInput ${reusesInput}`,
      );
    }
  } finally {
    vm.dispose();
  }
});
