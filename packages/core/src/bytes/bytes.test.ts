import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ascii, equalsWord, formatInteger, parseInteger, writeInteger } from "./ascii.ts";
import { compareBytes, equalAt, equalBytes, startsWith } from "./compare.ts";
import { crc16, crc16Wide } from "./crc16.ts";
import { crc32 } from "./crc32.ts";
import { fnv1a32, fnv1a64Hex } from "./fnv.ts";
import { formatHex, parseHex } from "./hex.ts";
import { md5, md5Words } from "./md5.ts";
import { avalanche, murmur3 } from "./murmur.ts";
import { decodeUtf8, encodeUtf8, isUtf8, utf8Length } from "./utf8.ts";

/** Calls `hash` on the text inside other bytes, so that offsets count. */
function inside<T>(text: string, hash: (bytes: Uint8Array, from: number, to: number) => T): T {
  const bytes = ascii(`<<${text}>`);
  return hash(bytes, 2, bytes.length - 1);
}

describe("check values of hashes", () => {
  it("CRC-16/XMODEM, cut and wide", () => {
    assert.equal(inside("123456789", crc16), 0x31c3);
    assert.equal(inside("", crc16), 0);
    assert.equal(inside("123456789", crc16Wide) & 0xffff, 0x31c3);
    assert.equal(inside("a", crc16Wide), inside("a", crc16));
    assert.ok(inside("123456789", crc16Wide) > 0xffff);
  });

  it("CRC-16 of any bytes is the low half of the wide one, which goes byte by byte", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(8), (bytes, from) => {
        const begin = Math.min(from, bytes.length);
        const wide = crc16Wide(bytes, begin, bytes.length) & 0xffff;
        assert.equal(crc16(bytes, begin, bytes.length), wide);
      }),
    );
  });

  it("CRC-32", () => {
    assert.equal(inside("123456789", crc32), 0xcbf43926);
    assert.equal(inside("", crc32), 0);
  });

  it("FNV-1a, 32 and 64 bits (draft-eastlake-fnv)", () => {
    assert.equal(inside("", fnv1a32), 0x811c9dc5);
    assert.equal(inside("a", fnv1a32), 0xe40c292c);
    assert.equal(inside("foobar", fnv1a32), 0xbf9cf968);
    assert.equal(inside("", fnv1a64Hex), "cbf29ce484222325");
    assert.equal(inside("a", fnv1a64Hex), "af63dc4c8601ec8c");
    assert.equal(inside("foobar", fnv1a64Hex), "85944171f73967e8");
  });

  it("FNV-1a, 64 bits, equals the definition in big integers", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        let hash = 0xcbf29ce484222325n;
        for (const byte of bytes)
          hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & (2n ** 64n - 1n);
        assert.equal(fnv1a64Hex(bytes, 0, bytes.length), hash.toString(16).padStart(16, "0"));
      }),
    );
  });

  it("MurmurHash3, x86, 32 bits", () => {
    const seeded = (seed: number) => (bytes: Uint8Array, from: number, to: number) =>
      murmur3(bytes, from, to, seed);
    assert.equal(inside("", seeded(0)), 0);
    assert.equal(inside("", seeded(1)), 0x514e28b7);
    assert.equal(inside("", seeded(0xffffffff)), 0x81f16f39);
    assert.equal(inside("test", seeded(0)), 0xba6bd213);
    assert.equal(inside("Hello, world!", seeded(0)), 0xc0363e43);
    assert.equal(inside("Hello, world!", seeded(0x9747b28c)), 0x24884cba);
    assert.equal(
      inside("The quick brown fox jumps over the lazy dog", seeded(0x9747b28c)),
      0x2fa826cd,
    );
    assert.equal(avalanche(0), 0);
    assert.equal(avalanche(1), 0x514e28b7);
  });

  it("MD5 of the suite of RFC 1321", () => {
    const digest = (text: string): string => {
      inside(text, md5);
      return formatHex(new Uint8Array(md5Words.slice().buffer));
    };
    assert.equal(digest(""), "d41d8cd98f00b204e9800998ecf8427e");
    assert.equal(digest("a"), "0cc175b9c0f1b6a831c399e269772661");
    assert.equal(digest("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
    const digits = "1234567890".repeat(8);
    assert.equal(digest(digits), "57edf4a22be3c955ac49da2e2107b67a");
  });

  it("MD5 equals a foreign implementation at every length up to three blocks", () => {
    for (let length = 0; length < 200; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 0xff);
      md5(bytes, 0, length);
      const words = new Uint8Array(md5Words.slice().buffer);
      assert.equal(formatHex(words), createHash("md5").update(bytes).digest("hex"));
    }
  });
});

describe("UTF-8", () => {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  it("encodes as the platform does, lone surrogates included", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((c) => String.fromCharCode(c)) }),
        (text) => {
          assert.deepEqual(encodeUtf8(text), encoder.encode(text));
          assert.equal(utf8Length(text), encoder.encode(text).length);
        },
      ),
    );
    assert.equal(formatHex(encodeUtf8("aé日😀")), "61c3a9e697a5f09f9880");
  });

  it("decodes as the platform does, ill-formed parts included", () => {
    const likely = fc.constantFrom(
      0x41,
      0x80,
      0x8f,
      0x90,
      0x9f,
      0xa0,
      0xbf,
      0xc1,
      0xc2,
      0xe0,
      0xed,
      0xef,
      0xf0,
      0xf4,
      0xf5,
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(likely, fc.integer({ min: 0, max: 255 }))), (list) => {
        const bytes = Uint8Array.from(list);
        assert.equal(decodeUtf8(bytes), decoder.decode(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  it("round-trips well-formed text at an offset and knows what is well-formed", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const bytes = encodeUtf8(`é${text}é`);
        assert.equal(decodeUtf8(bytes, 2, bytes.length - 2), text);
        assert.equal(isUtf8(bytes, 2, bytes.length - 2), true);
      }),
    );
    assert.equal(isUtf8(Uint8Array.of(0xc3)), false);
    assert.equal(isUtf8(encodeUtf8("\ufffd")), true);
    assert.equal(isUtf8(Uint8Array.of(0xff, 0xbf, 0xbd)), false);
  });
});

describe("integers and words in ASCII", () => {
  it("round-trips every safe integer", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const bytes = formatInteger(value);
        assert.deepEqual(bytes, ascii(String(value)));
        assert.equal(parseInteger(bytes, 0, bytes.length), value);
        const target = new Uint8Array(bytes.length + 2);
        assert.equal(writeInteger(value, target, 1), bytes.length + 1);
        assert.deepEqual(target.subarray(1, -1), bytes);
      }),
    );
    assert.deepEqual(formatInteger(0), ascii("0"));
  });

  it("refuses what is no integer or no safe one", () => {
    for (const text of [
      "",
      "-",
      "+1",
      " 1",
      "1 ",
      "1a",
      "--1",
      "9007199254740992",
      "1".repeat(400),
    ]) {
      assert.ok(Number.isNaN(parseInteger(ascii(text), 0, text.length)), text);
    }
    assert.ok(Object.is(parseInteger(ascii("-0"), 0, 2), 0));
    assert.equal(parseInteger(ascii("007"), 0, 3), 7);
  });

  it("compares words in any case, letters only", () => {
    const word = ascii("get");
    assert.equal(equalsWord(ascii("xGeTx"), 1, 4, word), true);
    assert.equal(equalsWord(ascii("gets"), 0, 4, word), false);
    assert.equal(equalsWord(ascii("@"), 0, 1, ascii("`")), false);
  });
});

describe("byte strings", () => {
  it("are ordered as Buffer orders them", () => {
    const bytes = fc.uint8Array({ max: 3, maxLength: 4 });
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        assert.equal(Math.sign(compareBytes(a, b)), Buffer.compare(a, b));
        assert.equal(equalBytes(a, b), Buffer.compare(a, b) === 0);
        assert.equal(startsWith(a, b), Buffer.compare(a.subarray(0, b.length), b) === 0);
      }),
    );
    assert.equal(equalAt(ascii("xaby"), 1, 3, ascii("zzab"), 2), true);
    assert.equal(equalAt(ascii("xaby"), 1, 3, ascii("zzac"), 2), false);
  });

  it("have a hexadecimal text", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        assert.equal(formatHex(bytes), Buffer.from(bytes).toString("hex"));
        assert.deepEqual(parseHex(formatHex(bytes).toUpperCase()), bytes);
      }),
    );
    for (const text of ["0", "0g", "0x", " 00", "+1"]) assert.equal(parseHex(text), null);
  });
});
