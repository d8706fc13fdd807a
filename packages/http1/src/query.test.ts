import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bytesOf, textOf } from "../test/reading.ts";
import { escapeQuery, firstValue, parseQuery } from "./index.ts";

const parse = (text: string): [[string, string][], string | null] => {
  const query = parseQuery(bytesOf(`#${text}#`), 1, text.length + 1);
  return [query.pairs.map(({ name, value }) => [textOf(name), textOf(value)]), query.malformed];
};

/** What Go 1.26 makes of each. */
const golden: readonly (readonly [string, [string, string][], ("semicolon" | "escape")?])[] = [
  ["", []],
  [
    "a=1&b=2",
    [
      ["a", "1"],
      ["b", "2"],
    ],
  ],
  ["a", [["a", ""]]],
  ["a=", [["a", ""]]],
  ["=b", [["", "b"]]],
  ["=", [["", ""]]],
  ["&", []],
  ["&&a=1&&", [["a", "1"]]],
  ["a=1;b=2", [], "semicolon"],
  ["a;b", [], "semicolon"],
  [
    "q=x&a=1;b=2&c=3",
    [
      ["q", "x"],
      ["c", "3"],
    ],
    "semicolon",
  ],
  ["a=%3B", [["a", ";"]]],
  ["a=%", [], "escape"],
  ["a=%4", [], "escape"],
  ["a=%4g&b=1", [["b", "1"]], "escape"],
  ["a=%zz", [], "escape"],
  ["%zz=1&a=2", [["a", "2"]], "escape"],
  ["a+b=c+d", [["a b", "c d"]]],
  ["a=%2B", [["a", "+"]]],
  ["a=1=2", [["a", "1=2"]]],
  ["a==", [["a", "="]]],
  ["a=%00", [["a", "\0"]]],
  ["a=\xff", [["a", "\xff"]]],
  ["a=%ff", [["a", "\xff"]]],
  ["a=b%20c", [["a", "b c"]]],
  [
    "a=1&a=2",
    [
      ["a", "1"],
      ["a", "2"],
    ],
  ],
  ["%61=1", [["a", "1"]]],
  ["a=%u0041", [], "escape"],
  ["a=%%", [], "escape"],
  ["a=+", [["a", " "]]],
  ["+=1", [[" ", "1"]]],
  ["a=b#c", [["a", "b#c"]]],
  ["a=b?c", [["a", "b?c"]]],
  [
    "q=SELECT%20%2A&db=x&epoch=",
    [
      ["q", "SELECT *"],
      ["db", "x"],
      ["epoch", ""],
    ],
  ],
  ["a=%C3%A9", [["a", "\xc3\xa9"]]],
  ["a=%c3%a", [], "escape"],
  ["a=%25", [["a", "%"]]],
  ["a=\n", [["a", "\n"]]],
  ["?a=1", [["?a", "1"]]],
  [
    "__proto__=1&__proto__=2",
    [
      ["__proto__", "1"],
      ["__proto__", "2"],
    ],
  ],
];

for (const [text, pairs, malformed] of golden) {
  test(`query ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parse(text), [pairs, malformed ?? null]);
  });
}

test("the first of repeated names counts; spans are those of the input", () => {
  const bytes = bytesOf("a=%31&q=x&a=2");
  const query = parseQuery(bytes, 0, bytes.length);
  assert.equal(textOf(firstValue(query, bytesOf("a")) ?? bytes), "1");
  assert.equal(firstValue(query, bytesOf("b")), null);
  assert.deepEqual(
    query.pairs.map(({ from, to }) => textOf(bytes.subarray(from, to))),
    ["a=%31", "q=x", "a=2"],
  );
  assert.equal(query.pairs[1]?.value.buffer, bytes.buffer, "a view where nothing is escaped");
});

test("an escape does not reach beyond the end", () => {
  const bytes = bytesOf("a=%41");
  assert.equal(parseQuery(bytes, 0, 4).malformed, "escape");
  assert.equal(parseQuery(bytes, 0, 3).malformed, "escape");
  assert.equal(parseQuery(bytes, 0, 5).malformed, null);
});

test("escapes as Go does, and comes back", () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  assert.equal(
    textOf(escapeQuery(bytesOf(" !~-._/aZ9+&=;%\xff\0"))),
    "+%21~-._%2FaZ9%2B%26%3D%3B%25%FF%00",
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.uint8Array({ maxLength: 9 }), fc.uint8Array({ maxLength: 300 }))),
      (pairs) => {
        const text = pairs
          .concat([[all, all]])
          .map(([name, value]) => `${textOf(escapeQuery(name))}=${textOf(escapeQuery(value))}`)
          .join("&");
        const query = parseQuery(bytesOf(text), 0, text.length);
        assert.equal(query.malformed, null);
        assert.deepEqual(
          query.pairs.map(({ name, value }) => [textOf(name), textOf(value)]),
          pairs.concat([[all, all]]).map(([name, value]) => [textOf(name), textOf(value)]),
        );
      },
    ),
  );
});

test("garbage never escapes", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(..."ab=&;%+01fF\xff")).map((letters) => letters.join("")),
      (text) => {
        const [pairs, malformed] = parse(text);
        const good = text.split("&").filter((pair) => pair !== "" && !pair.includes(";"));
        const decoded = good.filter((pair) => !/%(?![0-9a-fA-F]{2})/.test(pair));
        assert.deepEqual(
          pairs.map(([name]) => name),
          decoded.map((pair) =>
            (pair.split("=", 1)[0] as string)
              .replaceAll("+", " ")
              .replace(/%(..)/g, (_, code: string) =>
                String.fromCharCode(Number.parseInt(code, 16)),
              ),
          ),
        );
        const bad = text.split("&").filter((pair) => pair !== "").length > pairs.length;
        assert.equal(malformed !== null, bad);
      },
    ),
    { numRuns: 2000 },
  );
});
