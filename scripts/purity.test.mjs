import assert from "node:assert/strict";
import { test } from "node:test";
import { findImpurities, findProtocolNames } from "./purity.mjs";

/** @param {string} text */
function impurities(text) {
  return findImpurities("file.ts", text, new Set(["@echarde/core"])).map(({ what }) => what);
}

for (const [text, what] of [
  ["const a = Buffer.from('x');", "uses Buffer"],
  ["const a = Date.now();", "uses Date"],
  ["const a: Date | undefined = undefined;", "uses Date"],
  ["const a = { at: Date };", "uses Date"],
  ["const { a = Date } = b;", "uses Date"],
  ["const a = { Date };", "uses Date"],
  ["const a = globalThis.crypto;", "uses globalThis"],
  ["const a = Math.random();", "uses Math.random"],
  ["const a = Math['random']();", "uses Math.random"],
  ["const { random } = Math;", "takes random out of an object"],
  ["const { random: a } = Math;", "takes random out of an object"],
  ["setTimeout(a, 1);", "uses setTimeout"],
  ["new TextEncoder();", "uses TextEncoder"],
  ["console.log(1);", "uses console"],
  ["a.sort((b, c) => b.localeCompare(c));", "uses localeCompare"],
  ["async function a() {}", "is asynchronous"],
  ["import { b } from 'node:fs';", "imports node:fs"],
  ["import 'fs';", "imports fs"],
  ["export { b } from 'yaml';", "imports yaml"],
  ["const a = import('./a.ts');", "imports at run time"],
]) {
  test(`finds: ${text}`, () => {
    assert.deepEqual(impurities(/** @type {string} */ (text)), [what]);
  });
}

for (const text of [
  "// Date, Buffer and process are words here.",
  "const a = 'setTimeout';",
  "const a = codec.process(b).module;",
  "const a = { process: 1, Date: 2 };",
  "interface A { process(): void; readonly random: number }",
  "class A { require(): void {} }",
  "import { a } from './a.ts'; import type { B } from '@echarde/core';",
]) {
  test(`leaves alone: ${text}`, () => {
    assert.deepEqual(impurities(text), []);
  });
}

test("finds protocols anywhere in core, in any case", () => {
  const found = findProtocolNames("src/a.ts", "// like Redis\nconst kafkaIsh = 1;\n");
  assert.deepEqual(
    found.map(({ line, what }) => [line, what]),
    [
      [1, 'says "Redis"'],
      [2, 'says "kafka"'],
    ],
  );
  assert.equal(findProtocolNames("src/mqtt.ts", "").length, 1);
});
