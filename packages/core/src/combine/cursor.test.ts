import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { nextCursor, packCursor, unpackCursor } from "./cursor.ts";

const scope = { clusters: 3, fingerprint: 5 };
const anyScope = fc.record({
  clusters: fc.integer({ min: 1, max: 1024 }),
  fingerprint: fc.nat(63),
});

describe("composite cursor", () => {
  test("comes back as it went", () => {
    fc.assert(
      fc.property(anyScope, fc.nat(1023), fc.bigInt(0n, 2n ** 47n - 1n), (any, index, inner) => {
        const at = { inner, cluster: index % any.clusters };
        const text = packCursor(at, any);
        assert.ok(text !== null && BigInt(text) < 2n ** 63n, "it fits any client's integer");
        // 0 of the first cluster under fingerprint 0 is the start.
        assert.deepEqual(unpackCursor(text, any), at);
      }),
    );
  });

  test("is bounded", () => {
    const at = { inner: 2n ** 47n, cluster: 0 };
    assert.equal(packCursor(at, scope), null);
    assert.equal(nextCursor(2n ** 64n - 1n, 0, scope), null);
    assert.notEqual(packCursor({ ...at, inner: 2n ** 47n - 1n }, scope), null);
    const own = (2n ** 63n - 1n).toString();
    assert.notEqual(unpackCursor(own, { clusters: 1024, fingerprint: 63 }), null);
    assert.equal(
      unpackCursor((2n ** 64n - 1n).toString(), { clusters: 1024, fingerprint: 63 }),
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

  test("of other clusters, or none at all, is refused", () => {
    const text = packCursor({ inner: 9n, cluster: 2 }, scope) ?? "";
    assert.equal(unpackCursor(text, { ...scope, fingerprint: 6 }), null);
    assert.equal(unpackCursor(text, { ...scope, clusters: 2 }), null);
    for (const wrong of ["", "-1", "+1", "1e3", " 1", "0x10", "1".repeat(21), "１"]) {
      assert.equal(unpackCursor(wrong, scope), null);
    }
    assert.deepEqual(unpackCursor("00", scope), { inner: 0n, cluster: 0 });
  });
});
