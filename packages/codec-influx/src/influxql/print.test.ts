import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseQueryText, QueryError } from "./parse.ts";
import { printSelect } from "./print.ts";

function print(text: string): string {
  const [statement] = parseQueryText(text);
  if (statement?.select == null) throw new Error("no SELECT");
  return printSelect(statement.select);
}

describe("printSelect", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["select v from cpu", 'SELECT "v" FROM "cpu"'],
    [
      "SELECT Mean(v) AS m, count(*) FROM d.rp.cpu, /a\\/b/ WHERE host='it\\'s' AND time > now() - 1h30m group by time(5m, -1s), * fill(-2.5) order by time desc limit 1 offset 2 slimit 3 soffset 4 tz('Europe/Brussels')",
      `SELECT mean("v") AS "m", count(*) FROM "d"."rp"."cpu", /a\\/b/ WHERE "host" = 'it\\'s' AND "time" > now() - 1h30m GROUP BY time(5m, -1s), * fill(-2.5) ORDER BY time DESC LIMIT 1 OFFSET 2 SLIMIT 3 SOFFSET 4 TZ('Europe/Brussels')`,
    ],
    [
      'SELECT -v, (a+b)*2 FROM "we\\"ird"..x',
      'SELECT (-1 * "v"), ("a" + "b") * 2 FROM "we\\"ird".."x"',
    ],
    [
      "SELECT m FROM (SELECT max(v) AS m FROM cpu GROUP BY host) -- end",
      'SELECT "m" FROM (SELECT max("v") AS "m" FROM "cpu" GROUP BY "host")',
    ],
    [
      "SELECT /^a/, *::tag, k::field FROM cpu WHERE $x = k",
      'SELECT /^a/, *::tag, "k"::field FROM "cpu" WHERE $"x" = "k"',
    ],
  ];
  for (const [text, printed] of cases) {
    it(text, () => {
      assert.equal(print(text), printed);
      assert.equal(print(printed), printed);
    });
  }

  it("refuses what nests too deep, and says where a query is wrong", () => {
    const deep = `SELECT ${"(".repeat(500)}v${")".repeat(500)} FROM cpu`;
    assert.throws(() => parseQueryText(deep), QueryError);
    const nested = `${"SELECT v FROM (".repeat(50)}SELECT v FROM cpu${")".repeat(50)}`;
    assert.throws(() => parseQueryText(nested), QueryError);
    assert.throws(() => parseQueryText("SELECT v"), /found EOF, expected FROM at line 1, char 9/);
  });

  it("throws nothing else for garbage", () => {
    const words = fc.constantFrom(
      ..."select from where group by ( ) , ; ' \" / * = =~ v 1 1h . :: $a -- show tag values limit".split(
        " ",
      ),
    );
    fc.assert(
      fc.property(fc.array(words), (list) => {
        try {
          parseQueryText(list.join(" "));
        } catch (error) {
          assert.ok(error instanceof QueryError, String(error));
        }
      }),
    );
  });
});
