import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { nextCursor, packCursor, unpackCursor } from "./cursor.ts";

const scope = { clusters: 3, fingerprint: 5 };
const anyScope = fc.record({
  clusters: fc.integer({ min: 1, max: 1024 }),
  fingerprint: fc.integer(),
});

describe("composite cursor", () => {
  test("comes back as it went", () => {
    fc.assert(
      fc.property(anyScope, fc.nat(1023), fc.bigInt(0n, 2n ** 36n - 1n), (any, index, inner) => {
        const at = { inner, cluster: index % any.clusters };
        const text = packCursor(at, any);
        assert.ok(text !== null && BigInt(text) < 2n ** 63n, "it fits any client's integer");
        // 0 of the first cluster under fingerprint 0 is the start.
        assert.deepEqual(unpackCursor(text, any), at);
      }),
    );
  });

  test("is bounded", () => {
    const at = { inner: 2n ** 36n, cluster: 0 };
    assert.equal(packCursor(at, scope), null);
    assert.equal(nextCursor(2n ** 64n - 1n, 0, scope), null);
    assert.notEqual(packCursor({ ...at, inner: 2n ** 36n - 1n }, scope), null);
    const own = (2n ** 63n - 1n).toString();
    assert.notEqual(unpackCursor(own, { clusters: 1024, fingerprint: -1 }), null);
    assert.equal(
      unpackCursor((2n ** 64n - 1n).toString(), { clusters: 1024, fingerprint: -1 }),
      null,
    );
  });

  test("walks all clusters once and ends", () => {
    let text: string | null = "0";
    const seen: (readonly [number, bigint])[] = [];
    do {
      const at = unpackCursor(text ?? "", scope);
      assert.ok(at !== null && seen.length < 10, "each cursor is read again");
      seen.push([at.cluster, at.inner]);
      text = nextCursor(at.inner === 0n ? 7n : 0n, at.cluster, scope);
    } while (text !== "0");
    assert.deepEqual(seen, [
      [0, 0n],
      [0, 7n],
      [1, 0n],
      [1, 7n],
      [2, 0n],
      [2, 7n],
    ]);
  });

  test("of another list is taken for one of this list once in 2^17 to 2^27 times", () => {
    for (const [clusters, bits] of [
      [1, 27],
      [2, 26],
      [3, 25],
      [4, 25],
      [1024, 17],
    ] as const) {
      const at = { inner: 9n, cluster: clusters - 1 };
      for (let bit = 0; bit < 32; bit++) {
        const text = packCursor(at, { clusters, fingerprint: 1 << bit }) ?? "";
        const read = unpackCursor(text, { clusters, fingerprint: 0 });
        assert.deepEqual(read, bit < bits ? null : at, `${clusters} clusters, bit ${bit}`);
      }
    }
  });

  test("of other clusters, or none at all, is refused", () => {
    const text = packCursor({ inner: 9n, cluster: 2 }, scope) ?? "";
    assert.equal(unpackCursor(text, { ...scope, fingerprint: 6 }), null);
    for (const clusters of [1, 2, 5, 64, 1024]) {
      assert.equal(unpackCursor(text, { ...scope, clusters }), null);
    }
    for (const wrong of ["", "-1", "+1", "1e3", " 1", "0x10", "1".repeat(21), "１"]) {
      assert.equal(unpackCursor(wrong, scope), null);
    }
    assert.deepEqual(unpackCursor("00", scope), { inner: 0n, cluster: 0 });
  });
});
