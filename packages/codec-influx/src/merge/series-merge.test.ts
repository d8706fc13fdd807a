/** Answers in any pieces, in any order of arrival, give what all of them give at a time. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeUtf8 } from "@echarde/core";
import fc from "fast-check";
import { answerWriter } from "./answer-writer.ts";
import { compareSeries, found, type Series, tagsKey } from "./result.ts";
import { mergeRows } from "./rows.ts";
import { SeriesMerge, type StreamRule } from "./series-merge.ts";
import { writeResults } from "./write-result.ts";

const everything: StreamRule = {
  ...{ descending: false, limit: -1, offset: -1, group: null },
  keep: () => true,
};

const name = fc.constantFrom("a", "b", "\u{1f600}", "\uffee");
const times = fc.array(fc.integer({ min: -15, max: 15 }), { minLength: 1, maxLength: 12 });
/** One part: rows by series, in any order yet. */
const part = fc.dictionary(fc.tuple(name, name).map(JSON.stringify), times);

/** A part's series in the server's order; each row says where it came from. */
function seriesOf(
  rows: Readonly<Record<string, readonly number[]>>,
  part: number,
  descending: boolean,
): readonly Series[] {
  const sign = descending ? -1 : 1;
  return Object.entries(rows)
    .map(([key, all]): Series => {
      const [own = "", tag = ""] = JSON.parse(key) as string[];
      const sorted = [...all].sort((a, b) => sign * (a - b));
      return {
        ...{ name: own, tags: [["t", tag]], columns: ["time", "v"] },
        rows: sorted.map((time, i) => [String(time), String(100 * part + i)]),
      };
    })
    .sort((a, b) => sign * compareSeries(a, b));
}

/** Rows that have been emitted, as whole series. */
function joined(pieces: readonly Series[]): readonly Series[] {
  const all: { series: Series; rows: (readonly string[])[] }[] = [];
  for (const piece of pieces) {
    const last = all.at(-1);
    const same =
      last?.series.name === piece.name && tagsKey(last.series.tags) === tagsKey(piece.tags);
    if (same) last.rows.push(...piece.rows);
    else all.push({ series: piece, rows: [...piece.rows] });
  }
  return all.map(({ series, rows }) => ({ ...series, rows }));
}

/** Pushes all parts, in pieces of some rows, in the order that `turns` says. */
function play(
  parts: readonly (readonly Series[])[],
  rule: StreamRule,
  turns: readonly number[],
  size: number,
): { readonly merge: SeriesMerge; readonly emitted: Series[]; readonly most: number } {
  const emitted: Series[] = [];
  const merge = new SeriesMerge(parts.length, rule, 0, (series) => emitted.push(series));
  const left = parts.map((all) =>
    all.flatMap((series) => {
      const pieces: { series: Series; more: boolean }[] = [];
      for (let from = 0; from < series.rows.length; from += size) {
        const rows = series.rows.slice(from, from + size);
        pieces.push({ series: { ...series, rows }, more: from + size < series.rows.length });
      }
      return pieces;
    }),
  );
  const open = parts.map(() => true);
  let most = 0;
  for (let i = 0; open.includes(true); i++) {
    const wanted = (turns[i % turns.length] ?? 0) % parts.length;
    // A part that is ahead is not read while another one is open.
    const ready = parts.map((_, at) => at).filter((at) => open[at] && !merge.isAhead(at));
    assert.ok(ready.length > 0, "some part is always read");
    const at = ready.includes(wanted) ? wanted : (ready[0] as number);
    const piece = left[at]?.shift();
    if (piece === undefined) {
      open[at] = false;
      merge.end(at);
    } else merge.push(at, piece.series, piece.more, piece.series.rows.length);
    merge.advance();
    most = Math.max(most, merge.held);
  }
  return { merge, emitted, most };
}

const arrival = {
  turns: fc.array(fc.nat(7), { minLength: 1, maxLength: 30 }),
  size: fc.integer({ min: 1, max: 5 }),
};

describe("series merged while they come", () => {
  it("give the rows of all by time, cut as asked", () => {
    fc.assert(
      fc.property(
        fc.record({
          ...arrival,
          parts: fc.array(part, { minLength: 1, maxLength: 4 }),
          descending: fc.boolean(),
          limit: fc.constantFrom(-1, 0, 1, 3),
          offset: fc.constantFrom(-1, 0, 1, 4),
        }),
        ({ parts, turns, size, ...cut }) => {
          const answers = parts.map((rows, i) => seriesOf(rows, i, cut.descending));
          const { merge, emitted } = play(answers, { ...everything, ...cut }, turns, size);
          assert.equal(merge.error, "");
          assert.equal(merge.held, 0);
          const wanted = mergeRows(
            answers.map((series) => [found(series)]),
            cut,
          );
          assert.deepEqual(joined(emitted), wanted);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("hold little of rows: what a part that is waited for lets the others read", () => {
    const rows = Array.from({ length: 1_000 }, (_, i) => i);
    const answers = [0, 1, 2].map((at) => seriesOf({ '["a","x"]': rows }, at, false));
    // One part would always be first.
    const { most } = play(answers, everything, [0], 5);
    assert.ok(most <= 15, `${most} rows were held`);
  });

  it("give one group at a time, with what each part has of it", () => {
    fc.assert(
      fc.property(
        fc.record({ ...arrival, parts: fc.array(part, { minLength: 1, maxLength: 4 }) }),
        ({ parts, turns, size }) => {
          const answers = parts.map((rows, i) => seriesOf(rows, i, false));
          const group: StreamRule["group"] = (of) => {
            assert.equal(of.length, parts.length);
            return found(
              mergeRows(of, everything).map((one) => ({
                ...one,
                rows: [[String(one.rows.length)]],
              })),
            );
          };
          const { emitted } = play(answers, { ...everything, group }, turns, size);
          const all = mergeRows(
            answers.map((series) => [found(series)]),
            everything,
          );
          const wanted = all.map((one) => ({ ...one, rows: [[String(one.rows.length)]] }));
          assert.deepEqual(emitted, wanted);
        },
      ),
    );
  });

  it("leave out what is not kept", () => {
    const answers = [seriesOf({ '["a","x"]': [1], '["b","x"]': [2] }, 0, false)];
    const keep = (series: Series): boolean => series.name === "b";
    const { emitted } = play(answers, { ...everything, keep }, [0], 1);
    assert.deepEqual(
      emitted.map((series) => series.name),
      ["b"],
    );
  });

  it("fail where a server's series are not in order, or its answer is cut short", () => {
    const one = seriesOf({ '["a","x"]': [1], '["b","x"]': [2] }, 0, false);
    assert.match(play([[...one].reverse(), []], everything, [0], 1).merge.error, /order/);
    assert.match(play([[...one, ...one], []], everything, [0], 1).merge.error, /order/);
    const merge = new SeriesMerge(2, everything, 0, () => undefined);
    merge.push(0, one[0] as Series, true, 1);
    merge.end(0);
    assert.match(merge.error, /before it was whole/);
  });
});

describe("an answer written while its rows come", () => {
  const value = fc.constantFrom("1", '"x,\\"y"', "null", "1e+21");
  const series = fc.record({
    name,
    tags: fc.constantFrom(null, [["t", "v,1"]] as const),
    rows: fc.array(fc.tuple(fc.constantFrom('"1970-01-01T00:00:00Z"', "7"), value), {
      minLength: 1,
      maxLength: 9,
    }),
  });
  const formats = fc.constantFrom(
    { csv: true, pretty: false, chunkSize: 0 },
    { csv: false, pretty: false, chunkSize: 0 },
    { csv: false, pretty: false, chunkSize: 3 },
    { csv: false, pretty: true, chunkSize: 4 },
  );

  it("is the same as the one written at a time", () => {
    const statement = fc.record({
      series: fc.uniqueArray(series, { maxLength: 3, selector: ({ name }) => name }),
      streamed: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(statement, { minLength: 1, maxLength: 3 }),
        formats,
        fc.integer({ min: 1, max: 4 }),
        (statements, format, size) => {
          const results = statements.map((one) =>
            found(one.series.map((each) => ({ ...each, columns: ["time", "v"] }))),
          );
          const writer = answerWriter(format);
          let text = "";
          results.forEach((result, i) => {
            if (!statements[i]?.streamed) {
              text += writer.end(result);
              return;
            }
            for (const one of result.series) {
              for (let from = 0; from < one.rows.length; from += size) {
                text += writer.rows({ ...one, rows: one.rows.slice(from, from + size) });
              }
            }
            text += writer.end(found([]));
          });
          text += writer.last();
          assert.equal(writer.broken, false);
          assert.deepEqual(encodeUtf8(text), writeResults(results, format));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("tells of an error behind rows, or that it cannot", () => {
    const one: Series = { name: "m", tags: null, columns: ["time", "v"], rows: [["1", "2"]] };
    const error = { series: [], error: "lost", messages: [], partial: false };
    const write = (csv: boolean, chunkSize: number): readonly [string, boolean] => {
      const writer = answerWriter({ csv, pretty: false, chunkSize });
      const text = writer.rows(one) + writer.end(error) + writer.last();
      return [text, writer.broken];
    };
    const head = '{"results":[{"statement_id":0,"series":[{"name":"m","columns":["time","v"],';
    assert.deepEqual(write(false, 0), [`${head}"values":[[1,2]]}],"error":"lost"}]}\n`, false]);
    const object = '{"results":[{"statement_id":0,"error":"lost"}]}\n';
    assert.deepEqual(write(false, 9), [`${head}"values":[[1,2]]}]}]}\n${object}`, false]);
    assert.equal(write(true, 0)[1], true);
  });
});
