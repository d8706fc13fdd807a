import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { compareBytes, startsWith } from "../bytes/compare.ts";
import { formatHex } from "../bytes/hex.ts";
import { checkTable } from "./compile.ts";
import { covers, type Interval, prefixIntervals, union } from "./intervals.ts";

const bytes = fc
  .array(fc.constantFrom(0, 1, 254, 255), { maxLength: 3 })
  .map((list) => Uint8Array.from(list));
const interval = fc.record({ from: bytes, to: fc.option(bytes) });

function holds({ from, to }: Interval, key: Uint8Array): boolean {
  return compareBytes(from, key) <= 0 && (to === null || compareBytes(key, to) < 0);
}

describe("intervals", () => {
  it("of a prefix hold just the keys with it, or those of whole levels", () => {
    fc.assert(
      fc.property(bytes, bytes, fc.constantFrom(-1, 1), (prefix, key, separator) => {
        const rest = key[prefix.length];
        const levels =
          separator < 0 ||
          prefix.length === 0 ||
          prefix.at(-1) === separator ||
          rest === undefined ||
          rest === separator;
        const expected = startsWith(key, prefix) && levels;
        const parts = prefixIntervals(prefix, separator);
        assert.equal(
          parts.some((part) => holds(part, key)),
          expected,
        );
      }),
    );
  });

  it("are united without loss, disjoint, and know what they hold", () => {
    fc.assert(
      fc.property(fc.array(interval), interval, fc.array(bytes), (parts, asked, keys) => {
        const merged = union(parts);
        for (const key of keys) {
          assert.equal(
            merged.some((part) => holds(part, key)),
            parts.some((part) => holds(part, key)),
          );
        }
        merged.slice(1).forEach((part, i) => {
          const before = merged[i]?.to as Uint8Array;
          assert.ok(before !== null && compareBytes(before, part.from) < 0);
        });
        if (covers(merged, asked)) {
          for (const key of keys) {
            if (holds(asked, key)) assert.ok(merged.some((part) => holds(part, key)));
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("a prefix rule that the checks call dead", () => {
  const alphabet = Array.from({ length: 256 }, (_, i) => i);

  it("is one whose every continuation belongs to other rules", () => {
    const routes = [
      { prefix: "p", cluster: "a" },
      { key: "p", cluster: "a" },
    ] as object[];
    for (const byte of alphabet) {
      routes.push({ prefix: { hex: formatHex(Uint8Array.of(0x70, byte)) }, cluster: "a" });
    }
    const spec = (list: object[]): object => ({ defaultCluster: "a", routes: list });
    assert.deepEqual(
      checkTable(spec(routes)).map(({ path }) => path),
      [["routes", 0]],
    );
    for (const gone of [1, 2, 100, 257]) {
      assert.deepEqual(checkTable(spec(routes.toSpliced(gone, 1))), []);
    }
  });
});
