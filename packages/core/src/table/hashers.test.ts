import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ascii } from "../bytes/ascii.ts";
import { encodeUtf8 } from "../bytes/utf8.ts";
import { compileTable } from "./compile.ts";
import { braceTag } from "./hash-tag.ts";
import { jump } from "./jump-hasher.ts";
import { waitOf } from "./rendezvous-hasher.ts";
import { slotOf } from "./slot-hasher.ts";
import type { RoutingTable } from "./table.ts";

const braces = braceTag(0x7b, 0x7d);

function names(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `c${String(i).padStart(3, "0")}`);
}

function hashTable(rule: object): RoutingTable {
  return compileTable({ routes: [rule] }, { hashTag: null });
}

function owner(table: RoutingTable, key: Uint8Array): string | undefined {
  return table.clusters[table.route(key, 0, key.length)]?.name;
}

/** How many of 30,000 keys each cluster gets. */
function spread(table: RoutingTable): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of sample) {
    const name = owner(table, key) as string;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

const sample = Array.from({ length: 30_000 }, (_, i) => ascii(`user:${i}`));

describe("the brace tag and crc16 slots", () => {
  const vectors: [string, number][] = [
    ["123456789", 12739],
    ["a", 15495],
    ["{a}", 15495],
    ["{user1000}.following", 3443],
    ["foo{bar}{zap}", 5061],
    ["foo{{bar}}zap", 4015],
    ["foo{}{bar}", 8363],
    ["{}x{y}", 2166],
    ["{}", 15257],
    ["foo{}", 5542],
    ["", 0],
    ["foo{bar", 15278],
    ["foo}bar{", 11073],
  ];
  for (const [key, slot] of vectors) {
    it(`put ${JSON.stringify(key)} into slot ${slot}, at any offset`, () => {
      for (const [before, after] of [
        ["", ""],
        ["{x", "}y"],
      ] as const) {
        const bytes = ascii(before + key + after);
        braces.find(bytes, before.length, before.length + key.length);
        assert.equal(slotOf(bytes, braces.from, braces.to), slot);
      }
    });
  }

  it("take other marks, also twice the same", () => {
    const dollars = braceTag(0x24, 0x24);
    dollars.find(ascii("$$t$x"), 0, 5);
    assert.deepEqual([dollars.from, dollars.to], [0, 5]);
    dollars.find(ascii("a$t$x"), 0, 5);
    assert.deepEqual([dollars.from, dollars.to], [2, 3]);
  });

  it("cut three equal shares at the usual slots, by name", () => {
    const table = compileTable(
      { routes: [{ hash: "crc16-slots", over: ["z", "a", "m"] }] },
      { hashTag: braces },
    );
    const at = (slot: number): string | undefined => owner(table, keyOf(slot));
    assert.deepEqual([0, 5460, 5461, 10922, 10923, 16383].map(at), ["a", "a", "m", "m", "z", "z"]);
  });

  it("follow explicit slots", () => {
    const slots = { b: ["0-99", "300-16383"], a: [100, "101-299"] };
    const table = hashTable({ hash: "crc16-slots", slots });
    const at = (slot: number): string | undefined => owner(table, keyOf(slot));
    assert.deepEqual([99, 100, 101, 299, 300].map(at), ["b", "a", "a", "a", "b"]);
  });

  function keyOf(slot: number): Uint8Array {
    for (let i = 0; ; i++) {
      const key = ascii(`k${i}`);
      if (slotOf(key, 0, key.length) === slot) return key;
    }
  }
});

describe("jump", () => {
  it("gives the published buckets", () => {
    // Check values of the linear congruential generator's port in Guava's tests.
    const vectors: [bigint, number, number][] = [
      [10863919174838991n, 11, 6],
      [2016238256797177309n, 11, 3],
      [1673758223894951030n, 11, 5],
      [2n, 100001, 80343],
      [2201n, 100001, 22152],
      [2202n, 100001, 15018],
    ];
    for (const [key, buckets, bucket] of vectors) {
      assert.equal(jump(Number(key >> 32n), Number(key & 0xffffffffn), buckets), bucket);
    }
  });

  it("equals the paper's code in big integers", () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, 2n ** 64n - 1n),
        fc.integer({ min: 1, max: 2000 }),
        (key, buckets) => {
          let state = key;
          let bucket = 0;
          for (let next = 0; next < buckets; ) {
            bucket = next;
            state = (state * 2862933555777941757n + 1n) & (2n ** 64n - 1n);
            next = Math.floor((bucket + 1) * (2 ** 31 / (Number(state >> 33n) + 1)));
          }
          assert.equal(jump(Number(key >> 32n), Number(key & 0xffffffffn), buckets), bucket);
        },
      ),
    );
  });

  it("carries from the low word where its product is all ones", () => {
    // 0x666313ab times the low word of the factor is 0xffffffff modulo 2^32.
    assert.equal(jump(0, 0x666313ab, 1_000_000), 91669);
  });

  it("keeps the order of a list, and moves keys only to a bucket added at its end", () => {
    const before = hashTable({ hash: "jump", over: ["b", "a"] });
    const after = hashTable({ hash: "jump", over: ["b", "a", "0"] });
    for (const key of sample) {
      const now = owner(after, key);
      if (now !== "0") assert.equal(now, owner(before, key));
    }
  });
});

describe("rendezvous", () => {
  it("draws waiting times as the logarithm gives them", () => {
    for (const draw of [0, 1, 2, 1000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff]) {
      const expected = -Math.log((draw + 0.5) / 2 ** 32);
      assert.ok(Math.abs(waitOf(draw) - expected) < 1e-12, `${draw}`);
    }
  });

  it("chooses alike by draws and by equal weights", () => {
    const over = { a: 1, b: 1, c: 1 };
    const draws = hashTable({ hash: "rendezvous", over });
    // A fourth, feather-weight member forces the weighted way; it hardly ever wins.
    const waits = hashTable({ hash: "rendezvous", over: { a: 9000, b: 9000, c: 9000, d: 1 } });
    let same = 0;
    for (const key of sample) {
      const name = owner(waits, key);
      if (name === "d") continue;
      assert.equal(name, owner(draws, key));
      same++;
    }
    assert.ok(same > 29_900);
  });
});

describe("every distribution", () => {
  const recorded: Record<string, string> = {
    "crc16-slots": "00 42 32 22 32 32 01 00",
    ketama: "02 42 02 02 02 11 22 02",
    rendezvous: "22 00 42 11 12 11 32 31",
    jump: "00 42 11 42 32 21 21 12",
    maglev: "22 42 02 02 22 00 31 22",
  };
  for (const hash of ["crc16-slots", "ketama", "rendezvous", "jump", "maglev"]) {
    it(`${hash} places the recorded keys where it always did`, () => {
      const even = hashTable({ hash, over: names(5) });
      const weighted = hashTable({ hash, over: { c000: 1, c001: 2, c002: 5 } });
      const text = ["", "a", "user:1", "user:2", "é", "日本", "x".repeat(100), "{a}b"].map(
        (key) => {
          const bytes = encodeUtf8(key);
          return `${owner(even, bytes)?.slice(-1)}${owner(weighted, bytes)?.slice(-1)}`;
        },
      );
      assert.equal(text.join(" "), recorded[hash]);
    });

    it(`${hash} follows the weights`, () => {
      const counts = spread(hashTable({ hash, over: { a: 1, b: 2, c: 5 } }));
      const slack = hash === "ketama" ? 0.25 : 0.06;
      for (const [name, weight] of [
        ["a", 1],
        ["b", 2],
        ["c", 5],
      ] as const) {
        const expected = (sample.length * weight) / 8;
        const off = Math.abs((counts.get(name) ?? 0) - expected) / expected;
        assert.ok(off < slack, `${name}: ${counts.get(name)} instead of ${expected}`);
      }
    });
  }

  for (const [hash, allowed] of [
    ["ketama", 0],
    ["rendezvous", 0],
    ["maglev", 0.05],
  ] as const) {
    it(`${hash} moves hardly any key between members that stay`, () => {
      const before = hashTable({ hash, over: names(6) });
      const after = hashTable({ hash, over: names(6).filter((name) => name !== "c002") });
      let moved = 0;
      for (const key of sample) {
        const old = owner(before, key);
        if (old !== "c002" && owner(after, key) !== old) moved++;
      }
      assert.ok(moved <= allowed * sample.length, `${moved} keys moved`);
    });
  }
});
