/** docs/api-tour.md names what the package exports, all of it and nothing else. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");

test("the tour of the API names every export once, and nothing else", () => {
  const index = read("../src/index.ts").replace(/\/\*[\s\S]*?\*\//g, "");
  const exported = [...index.matchAll(/\{([^}]*)\}/g)].flatMap(([, names = ""]) =>
    names.split(",").map((name) => name.replace(/^\s*(type\s+)?/, "").trim()),
  );
  const rows = read("../../../docs/api-tour.md").matchAll(/^\| (`.*?`) \|/gm);
  const named = [...rows].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  const sorted = (names: readonly (string | undefined)[]) =>
    names.filter((name) => name !== "").sort();
  assert.deepEqual(sorted(named), sorted(exported));
});
