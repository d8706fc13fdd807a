import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeUtf8 } from "@echarde/core";
import fc from "fast-check";
import { latin1Text } from "../text.ts";
import { LineLexer, walkFields } from "./line-lexer.ts";

/** Each line as `key|fields|time`, or its error. */
function lex(text: string, unit = 1n): readonly string[] {
  const bytes = encodeUtf8(text);
  const lexer = new LineLexer();
  const lines: string[] = [];
  lexer.begin(bytes, 0, bytes.length, unit);
  while (lexer.next()) {
    const of = (from: number, to: number): string => latin1Text(bytes, from, to);
    const { lineFrom, keyTo, fieldsFrom, fieldsTo, timeFrom, timeTo } = lexer;
    lines.push(
      lexer.error ??
        [of(lineFrom, keyTo), of(fieldsFrom, fieldsTo), of(timeFrom, timeTo)].join("|"),
    );
  }
  return lines;
}

describe("LineLexer", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["cpu,host=a v=1 10\ncpu v=2", ["cpu,host=a|v=1|10", "cpu|v=2|"]],
    ['cpu s="a\nb" 1\ncpu v=1', ['cpu|s="a\nb"|1', "cpu|v=1|"]],
    ["# comment\n\n  \ncpu v=1", ["cpu|v=1|"]],
    ['# it is a="\ncpu v=1\n"', []],
    ["z\\\\ v=1 1", ["invalid field format"]],
    ["z\\\\,t=1 v=1", ["z\\\\,t=1|v=1|"]],
    ["m\\ n,t\\,u=v\\=w f\\ g=1", ["m\\ n,t\\,u=v\\=w|f\\ g=1|"]],
    ["cpu,t=1,t=2 v=1", ["duplicate tags"]],
    ["cpu,b=1,a=2,b=3 v=1", ["duplicate tags"]],
    ["cpu v=+1", ["invalid boolean"]],
    ["cpu v=1i2", ["invalid number"]],
    ["cpu v=1 60\r", ["bad timestamp"]],
    ["cpu v=1 1 2", ["point is invalid"]],
    ['cpu v="open\ncpu v=2', ["unbalanced quotes"]],
    [
      "cpu v=1 9223372036854775807",
      ["time outside range -9223372036854775806 - 9223372036854775806"],
    ],
  ];
  for (const [text, lines] of cases) {
    it(JSON.stringify(text), () => assert.deepEqual(lex(text), lines));
  }

  it("counts the precision when it judges a time", () => {
    assert.deepEqual(lex("cpu v=1 9223372036", 1_000_000_000n), ["cpu|v=1|9223372036"]);
    assert.match(lex("cpu v=1 9223372037", 1_000_000_000n)[0] ?? "", /^time outside range/);
  });

  it("never throws, and ends", () => {
    const text = fc.string({ unit: fc.constantFrom(...'a,= \n"\\#1.-eiTt') });
    fc.assert(fc.property(text, (batch) => lex(batch).length <= batch.length));
  });

  it("reads a plain line as it reads one that is not", () => {
    // A blank before the line changes nothing but who reads it.
    const word = fc.string({ unit: fc.constantFrom(...'ab1-."#e'), minLength: 1, maxLength: 3 });
    const value = fc.oneof(
      fc.constantFrom("1", "-2i", "3.5", '"a b"', '"x,y=z"', "t", "1.", "-", "1e3", "9".repeat(20)),
      word,
    );
    const pair = (of: fc.Arbitrary<string>): fc.Arbitrary<string> =>
      fc.tuple(word, of).map((both) => both.join("="));
    const line = fc
      .record({
        key: fc.tuple(word, fc.array(pair(word), { maxLength: 3 })).map(([m, t]) => [m, ...t]),
        fields: fc.array(pair(value), { minLength: 1, maxLength: 3 }),
        time: fc.constantFrom("", " 1", " -5", " x", "  7", " 9223372036854775807", " 9"),
      })
      .map(({ key, fields, time }) => `${key.join(",")} ${fields.join(",")}${time}`)
      .filter((text) => !text.startsWith("#"));
    let plain = 0;
    fc.assert(
      fc.property(line, (text) => {
        const [bytes, other] = [encodeUtf8(text), encodeUtf8(` ${text}`)];
        const [lexer, careful] = [new LineLexer(), new LineLexer()];
        lexer.begin(bytes, 0, bytes.length, 1n);
        careful.begin(other, 0, other.length, 1n);
        assert.equal(lexer.next(), careful.next());
        assert.equal(careful.fields, -1);
        if (lexer.fields < 0) return;
        plain += 1;
        assert.equal(careful.error, null);
        const offsets = (of: LineLexer): readonly number[] => [
          ...[of.lineFrom, of.lineTo, of.measurementTo, of.keyTo, of.fieldsFrom, of.fieldsTo],
          ...(of.timeTo > of.timeFrom ? [of.timeFrom, of.timeTo] : []),
          ...of.tagFrom.slice(0, of.tags),
          ...of.tagEquals.slice(0, of.tags),
        ];
        assert.deepEqual(
          offsets(lexer).map((at) => at + 1),
          offsets(careful),
        );
        const names: number[] = [];
        walkFields(bytes, lexer.fieldsFrom, lexer.fieldsTo, (from, to) => names.push(from, to) > 0);
        const own = lexer.fieldFrom.slice(0, lexer.fields);
        assert.deepEqual(
          own.flatMap((from, i) => [from, lexer.fieldEquals[i]]),
          names,
        );
      }),
      { numRuns: 3000 },
    );
    assert.ok(plain > 100, `${plain} lines were plain`);
  });
});
