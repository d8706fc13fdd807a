import assert from "node:assert/strict";
import { test } from "node:test";
import { constants, deflateRawSync, gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { everyByte } from "../test/reading.ts";
import { Gunzip, type GunzipLimits } from "./index.ts";

const hex = (text: string): Uint8Array => Buffer.from(text, "hex");

function gunzip(
  bytes: Uint8Array,
  cuts: readonly number[] = [],
  limits?: GunzipLimits,
): [text: string, failure: string | null] {
  const reader = new Gunzip(limits);
  const pieces: Uint8Array[] = [];
  let done = 0;
  for (const cut of [...cuts, bytes.length]) {
    pieces.push(...reader.write(bytes, done, cut));
    done = cut;
  }
  reader.end();
  const all = Buffer.concat(pieces);
  assert.equal(all.length, reader.written);
  return [all.toString("latin1"), reader.failure];
}

const head = "1f8b08000000000000ff";
const body = "ca48cdc9c957c020b900010000ffff";
const hello = "hello hello hello hello\n";
/** What Go 1.26 says of each: output and error. */
const golden: readonly (readonly [
  name: string,
  hex: string,
  text: string,
  error: string | null,
])[] = [
  ["good", `${head}${body}0088590b18000000`, hello, null],
  [
    "two members",
    `${head}${body}0088590b18000000${head}2acf2fca4901040000ffff4311773a05000000`,
    `${hello}world`,
    null,
  ],
  ["empty", "", "", "EOF"],
  ["short junk", "616263", "", "unexpected EOF"],
  ["only magic", "1f8b", "", "unexpected EOF"],
  ["long junk", "6e6f7420677a697020617420616c6c", "", "gzip: invalid header"],
  ["cut header", "1f8b080000", "", "unexpected EOF"],
  ["cut data", `${head}ca48cdc9c9`, "hell", "unexpected EOF"],
  ["no trailer", `${head}${body}`, hello, "unexpected EOF"],
  ["cut trailer", `${head}${body}0088590b18`, hello, "unexpected EOF"],
  ["CRC", `${head}${body}0188590b18000000`, hello, "gzip: invalid checksum"],
  ["length", `${head}${body}0088590b18000001`, hello, "gzip: invalid checksum"],
  ["four bytes behind", `${head}${body}0088590b180000006a756e6b`, hello, "unexpected EOF"],
  [
    "nine bytes behind",
    `${head}${body}0088590b18000000313233343536373839`,
    hello,
    "unexpected EOF",
  ],
  [
    "ten bytes behind",
    `${head}${body}0088590b1800000031323334353637383930`,
    hello,
    "gzip: invalid header",
  ],
  [
    "ten zeros behind",
    `${head}${body}0088590b1800000000000000000000000000`,
    hello,
    "gzip: invalid header",
  ],
  [
    "CRC of the second member",
    `${head}${body}0088590b18000000${head}2acf2fca4901040000ffff4211773a05000000`,
    `${hello}world`,
    "gzip: invalid checksum",
  ],
  ["method", `1f8b09000000000000ff${body}0088590b18000000`, "", "gzip: invalid header"],
  [
    "block type",
    `${head}cc48cdc9c957c020b900010000ffff0088590b18000000`,
    "",
    "flate: corrupt input",
  ],
  ["distance", `${head}4b045200000000000000000000`, "a", "flate: corrupt input"],
  ["stored length", `${head}0101000000410000000000000000`, "", "flate: corrupt input"],
];

for (const [name, bytes, text, error] of golden) {
  test(`as Go does: ${name}`, () => {
    const input = hex(bytes);
    assert.deepEqual(gunzip(input), [text, error]);
    assert.deepEqual(gunzip(input, everyByte(input.length)), [text, error]);
    for (let cut = 1; cut < input.length; cut++) {
      assert.deepEqual(gunzip(input, [cut]), [text, error]);
    }
  });
}

test("reserved flags are refused, as the RFC demands and Go does not", () => {
  assert.deepEqual(gunzip(hex(`1f8b08800000000000ff${body}0088590b18000000`)), [
    "",
    "gzip: invalid header",
  ]);
});

test("a whole member cut at any byte is an unexpected end", () => {
  const input = gzipSync("some text, some more text, and so on\n".repeat(20));
  for (let to = 1; to < input.length; to++) {
    assert.equal(gunzip(input.subarray(0, to))[1], "unexpected EOF");
  }
});

/** A header with all that it can have. */
function fullHeader(crcOff = 0): Uint8Array {
  const start = Buffer.concat([
    hex("1f8b081e000000000003"),
    hex("0300616263"),
    Buffer.from("name\0comment\0"),
  ]);
  let crc = -1;
  for (const byte of start) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  const sum = ((~crc >>> 0) & 0xffff) ^ crcOff;
  return Buffer.concat([start, Buffer.from([sum & 255, sum >> 8])]);
}

test("all parts of a header, one by one cut", () => {
  const rest = gzipSync("x").subarray(10);
  const good = Buffer.concat([fullHeader(), rest]);
  assert.equal(gunzipSync(good).toString(), "x");
  assert.deepEqual(gunzip(good), ["x", null]);
  assert.deepEqual(gunzip(good, everyByte(good.length)), ["x", null]);
  const bad = Buffer.concat([fullHeader(1), rest]);
  assert.throws(() => gunzipSync(bad));
  assert.deepEqual(gunzip(bad), ["", "gzip: invalid header"]);
  for (const [flags, extra] of [
    ["08", "6100"],
    ["10", "6100"],
    ["18", "61006200"],
    ["04", "0000"],
    ["04", "010061"],
    ["0c", "0000" + "6100"],
  ]) {
    const bytes = Buffer.concat([hex(`1f8b08${flags}000000000003${extra}`), rest]);
    assert.equal(gunzipSync(bytes).toString(), "x");
    assert.deepEqual(gunzip(bytes), ["x", null]);
    assert.deepEqual(gunzip(bytes, everyByte(bytes.length)), ["x", null]);
  }
});

test("the expansion is capped at its exact byte, in any cut", () => {
  const bomb = gzipSync(Buffer.alloc(1_000_000, "a"));
  for (const output of [0, 1, 999_999]) {
    const [text, failure] = gunzip(bomb, [], { output });
    assert.deepEqual([text.length, failure], [output, "too large"]);
    const [cut, again] = gunzip(bomb, everyByte(bomb.length), { output });
    assert.deepEqual([cut.length, again], [output, "too large"]);
  }
  assert.equal(gunzip(bomb, [], { output: 1_000_000 })[1], null);
  assert.equal(gunzip(Buffer.concat([bomb, bomb]), [], { output: 1_000_001 })[1], "too large");
});

/** Bodies with runs, text and noise. */
const plain = fc
  .array(
    fc.oneof(
      fc.tuple(fc.nat(255), fc.nat(40_000)).map(([byte, length]) => Buffer.alloc(length, byte)),
      fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes)),
      fc.string({ maxLength: 300 }).map((text) => Buffer.from(text.repeat(20))),
    ),
    { maxLength: 6 },
  )
  .map((pieces) => Buffer.concat(pieces));
const settings = fc.record({
  level: fc.integer({ min: 0, max: 9 }),
  strategy: fc.constantFrom(
    constants.Z_DEFAULT_STRATEGY,
    constants.Z_FIXED,
    constants.Z_HUFFMAN_ONLY,
    constants.Z_RLE,
  ),
  memLevel: fc.integer({ min: 1, max: 9 }),
  windowBits: fc.integer({ min: 9, max: 15 }),
});

test("zlib's output comes back, in any cut", () => {
  fc.assert(
    fc.property(plain, settings, fc.array(fc.nat(), { maxLength: 6 }), (bytes, options, seeds) => {
      const input = gzipSync(bytes, options);
      const cuts = seeds.map((seed) => seed % input.length).sort((a, b) => a - b);
      const expected = [bytes.toString("latin1"), null];
      assert.deepEqual(gunzip(input, cuts), expected);
      if (input.length < 2000) assert.deepEqual(gunzip(input, everyByte(input.length)), expected);
    }),
    { numRuns: 300 },
  );
});

test("damaged members fail as zlib says, and the same in any cut", () => {
  const small = fc
    .oneof(fc.string({ maxLength: 60 }), fc.constantFrom("aaaa".repeat(50), "abcabcabd".repeat(9)))
    .map((text) => Buffer.from(text));
  let damaged = 0;
  fc.assert(
    fc.property(
      small,
      settings,
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { maxLength: 3 }),
      fc.boolean(),
      (bytes, options, changes, fresh) => {
        const input = Buffer.from(gzipSync(bytes, options));
        for (const [at, mask] of changes) {
          const i = 10 + (at % (input.length - 18));
          input[i] = (input[i] as number) ^ mask;
        }
        const whole = gunzip(input);
        assert.deepEqual(gunzip(input, everyByte(input.length)), whole);
        assert.deepEqual(gunzip(input, [Math.floor(input.length / 2)]), whole);
        let theirs: string | null;
        try {
          theirs = gunzipSync(fresh ? input : Buffer.from(input)).toString("latin1");
        } catch {
          theirs = null;
        }
        if (whole[1] === null) assert.equal(theirs, whole[0]);
        else damaged += 1;
        // zlib passes over what follows a member, so only a body that is one member compares.
        if (theirs !== null && whole[1] !== null) {
          assert.ok(["unexpected EOF", "gzip: invalid header"].includes(whole[1]));
        }
      },
    ),
    { numRuns: 3000 },
  );
  assert.ok(damaged > 1000, `damaged ${damaged}`);
});

test("random codes: dynamic blocks of noise never escape", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 300 }), fc.nat(7), (noise, kind) => {
      const input = Buffer.concat([
        hex(head),
        Buffer.from([(noise[0] as number & 0xf8) | (kind & 7)]),
        noise,
      ]);
      const whole = gunzip(input, [], { output: 100_000 });
      assert.notEqual(whole[1], null);
      assert.deepEqual(gunzip(input, everyByte(input.length), { output: 100_000 }), whole);
    }),
    { numRuns: 2000 },
  );
});

/** A gzip body with one dynamic block whose codes have these lengths, and `rest` behind its header. */
function dynamicBlock(literals: number[], distances: number[], rest: Uint8Array): Uint8Array {
  const bits: number[] = [];
  const put = (value: number, count: number): void => {
    for (let i = 0; i < count; i++) bits.push((value >> i) & 1);
  };
  put(1, 1);
  put(2, 2);
  put(literals.length - 257, 5);
  put(distances.length - 1, 5);
  put(15, 4);
  // Symbols 0 to 15 have four bits each, so a length is its own code; 16 to 18 come first, unused.
  for (let i = 0; i < 19; i++) put(i < 3 ? 0 : 4, 3);
  for (const length of [...literals, ...distances]) {
    for (let i = 3; i >= 0; i--) bits.push((length >> i) & 1);
  }
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  for (const [i, bit] of bits.entries()) {
    bytes[i >> 3] = (bytes[i >> 3] as number) | (bit << (i & 7));
  }
  return Buffer.concat([hex(head), bytes, rest]);
}

function lengthsOf(count: number, set: Readonly<Record<number, number>>): number[] {
  return Array.from({ length: count }, (_, i) => set[i] ?? 0);
}

/** What zlib makes of a body that does not end well: bad, or cut short. */
function zlibSays(input: Uint8Array): string {
  try {
    gunzipSync(input);
    return "good";
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    // It looks at the CRC before the length is there.
    if (message === "incorrect data check") return "check";
    return code === "Z_BUF_ERROR" ? "short" : "bad";
  }
}

const weSay = (input: Uint8Array): string => {
  const failure = gunzip(input)[1];
  return failure === null ? "good" : failure === "unexpected EOF" ? "short" : "bad";
};

test("codes that are none are refused as zlib refuses them", () => {
  const nothing = new Uint8Array(0);
  const cases: [name: string, verdict: string, input: Uint8Array][] = [
    ["complete", "short", dynamicBlock(lengthsOf(257, { 65: 1, 256: 1 }), [1, 1], nothing)],
    ["no end of block", "bad", dynamicBlock(lengthsOf(257, { 65: 1, 66: 1 }), [1, 1], nothing)],
    ["too many literals", "bad", dynamicBlock(lengthsOf(287, { 65: 1, 256: 1 }), [1], nothing)],
    [
      "too many distances",
      "bad",
      dynamicBlock(lengthsOf(257, { 65: 1, 256: 1 }), lengthsOf(31, { 0: 1 }), nothing),
    ],
    ["too many codes", "bad", dynamicBlock(lengthsOf(257, { 65: 1, 66: 1, 256: 1 }), [1], nothing)],
    ["unused bits", "bad", dynamicBlock(lengthsOf(257, { 65: 2, 256: 1 }), [1], nothing)],
    ["lone literal", "short", dynamicBlock(lengthsOf(257, { 256: 1 }), [1], nothing)],
    ["lone of two bits", "bad", dynamicBlock(lengthsOf(257, { 256: 2 }), [1], nothing)],
    ["lone distance", "short", dynamicBlock(lengthsOf(257, { 65: 1, 256: 1 }), [1], nothing)],
    ["no distance", "short", dynamicBlock(lengthsOf(257, { 65: 1, 256: 1 }), [0], nothing)],
    ["no code at all", "bad", dynamicBlock(lengthsOf(257, {}), [0], nothing)],
    ["no code for the lengths", "bad", hex(`${head}05${"00".repeat(60)}`)],
  ];
  for (const [name, verdict, input] of cases) {
    assert.equal(zlibSays(input), verdict, `zlib: ${name}`);
    assert.equal(weSay(input), verdict, name);
  }
});

test("random codes are judged as zlib judges them", () => {
  const verdicts: Record<string, number> = {};
  const some = (most: number): fc.Arbitrary<Record<number, number>> =>
    fc
      .array(fc.tuple(fc.nat(most), fc.integer({ min: 1, max: 4 })), { maxLength: 5 })
      .map((pairs) => Object.fromEntries(pairs));
  fc.assert(
    fc.property(
      some(285),
      fc.integer({ min: 1, max: 3 }),
      some(29),
      fc.uint8Array({ maxLength: 40 }),
      fc.boolean(),
      (literals, end, distances, rest, complete) => {
        const input = dynamicBlock(
          lengthsOf(286, complete ? { 65: 1, 257: 2, 256: 2 } : { ...literals, 256: end }),
          lengthsOf(30, complete ? { 0: 1, 7: 1 } : distances),
          rest,
        );
        const verdict = zlibSays(input);
        if (verdict === "check") {
          const failure = gunzip(input)[1] ?? "good";
          assert.ok(["unexpected EOF", "gzip: invalid checksum"].includes(failure), failure);
        } else assert.equal(weSay(input), verdict);
        verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
      },
    ),
    { numRuns: 2000 },
  );
  const { short = 0, bad = 0 } = verdicts;
  assert.ok(short > 200 && bad > 200, `of each enough: ${JSON.stringify(verdicts)}`);
});

test("raw deflate of another writer's block kinds joins in one stream", () => {
  const stored = deflateRawSync("stored ", { level: 0, finishFlush: constants.Z_FULL_FLUSH });
  const fixed = deflateRawSync("fixed ", {
    strategy: constants.Z_FIXED,
    finishFlush: constants.Z_FULL_FLUSH,
  });
  const dynamic = deflateRawSync("dynamic ".repeat(200));
  const data = Buffer.concat([stored, fixed, dynamic]);
  const text = `stored fixed ${"dynamic ".repeat(200)}`;
  const trailer = gzipSync(text).subarray(-8);
  const input = Buffer.concat([hex(head), data, trailer]);
  assert.deepEqual(gunzip(input), [text, null]);
  assert.deepEqual(gunzip(input, everyByte(input.length)), [text, null]);
});
