import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ILL_FORMED, inspectText, NULL_CHARACTER, TEXT, type TextKind, WILDCARD } from "./text.ts";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** By the platform's decoder. */
function expected(bytes: Uint8Array): readonly TextKind[] {
  try {
    const text = strict.decode(bytes);
    if (text.includes("\0")) return [NULL_CHARACTER];
    return [/[+#]/.test(text) ? WILDCARD : TEXT];
  } catch {
    // Whichever fault comes first.
    return bytes.includes(0) ? [ILL_FORMED, NULL_CHARACTER] : [ILL_FORMED];
  }
}

function agrees(bytes: Uint8Array): void {
  // Continuation bytes behind: a sequence must not be completed by what follows the text.
  const buffer = new Uint8Array(bytes.length + 5).fill(0x80);
  buffer.set(bytes, 1);
  const found = inspectText(buffer, 1, 1 + bytes.length);
  assert.equal(
    expected(bytes).includes(found),
    true,
    `${Buffer.from(bytes).toString("hex")}: ${found}`,
  );
}

test("[MQTT-1.5.4-1] every pair of bytes, and every first three at the edges of each range", () => {
  for (let pair = 0; pair < 0x10000; pair++) agrees(Uint8Array.of(pair >> 8, pair & 0xff));
  const edges = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];
  for (let first = 0xc0; first < 0x100; first++) {
    for (const second of edges) {
      for (const third of edges) {
        agrees(Uint8Array.of(first, second, third));
        for (const fourth of edges) agrees(Uint8Array.of(first, second, third, fourth));
      }
    }
  }
});

test("[MQTT-1.5.4-1] any bytes, and any text", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 8 }), agrees), { numRuns: 5000 });
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => agrees(new Uint8Array(Buffer.from(text)))),
  );
});
