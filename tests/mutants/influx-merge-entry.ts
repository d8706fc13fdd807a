/**
 * What codec-influx makes of lines, statements and answers, without servers:
 * each rule says what must be asked, and what comes of given answers.
 */
import assert from "node:assert/strict";
import { influx } from "@echarde/codec-influx";
import { createRouter, decodeUtf8, encodeUtf8 } from "@echarde/core";
import type { ComplianceCheck } from "@echarde/testkit";
import { parseQueryText } from "../../packages/codec-influx/src/influxql/parse.ts";
import { splitBatch } from "../../packages/codec-influx/src/line/split-batch.ts";
import { answerWriter } from "../../packages/codec-influx/src/merge/answer-writer.ts";
import { found, type Series } from "../../packages/codec-influx/src/merge/result.ts";
import { mergeRows } from "../../packages/codec-influx/src/merge/rows.ts";
import { SeriesMerge } from "../../packages/codec-influx/src/merge/series-merge.ts";
import { defaultInfluxOptions } from "../../packages/codec-influx/src/options.ts";
import { planSelect } from "../../packages/codec-influx/src/plan/select.ts";
import {
  everything,
  isStep,
  type QueryContext,
  type Step,
} from "../../packages/codec-influx/src/plan/step.ts";
import { HeldRound } from "../../packages/codec-influx/src/rounds.ts";

const options = {
  ...defaultInfluxOptions,
  split: [
    { measurement: "cpu", by: ["host"] },
    { measurement: "two", by: ["a", "b"] },
  ],
};

/** Hosts from `m` on, and values from `m` on, are of the second cluster. */
const { table } = createRouter({
  codec: influx(options),
  table: {
    clusters: { one: { endpoints: ["one:1"] }, two: { endpoints: ["two:1"] } },
    defaultCluster: "one",
    routes: [{ range: ["d/cpu/m", "d/cpu/~"], cluster: "two" }],
  },
});

const context: QueryContext = {
  ...{ table, options, database: "d", policy: "", epoch: "ns" },
  ...{ now: 100n, params: new Map<string, string>(), streams: false },
};

type Row = readonly string[];

function series(rows: readonly Row[], columns: readonly string[] = ["time", "v"]): Series {
  return { name: "cpu", tags: null, columns, rows };
}

/** The round behind the schema of field `v`, an integer on both clusters. */
function planned(q: string): Step {
  const [statement] = parseQueryText(q);
  assert.ok(statement?.select, "a SELECT");
  const first = planSelect(statement, statement.select, context);
  assert.ok(isStep(first), "the clusters are asked");
  if (!first.asks.every(({ query }) => query.startsWith("SHOW FIELD KEYS"))) return first;
  const fields = [
    found([series([['"v"', '"integer"']], ["fieldKey", "fieldType"])]),
    found([series([['"host"']], ["tagKey"])]),
  ];
  const second = first.merge([fields, fields]);
  assert.ok(isStep(second), "the clusters are asked again");
  return second;
}

/** Rows of the answer to a query, where each cluster answers its question with these. */
function answer(q: string, ...answers: readonly (readonly Row[])[]): readonly Row[] {
  const step = planned(q);
  const outcome = step.merge(
    answers.map((rows) => [found(rows.length === 0 ? [] : [series(rows)])]),
  );
  assert.ok(!isStep(outcome), "it is answered");
  assert.equal(outcome.error, "");
  return outcome.series[0]?.rows ?? [];
}

const max = "9223372036854775807";

function functions(): void {
  const cases: readonly (readonly [string, readonly Row[], readonly Row[], readonly Row[]])[] = [
    ["sum(v)", [["0", max]], [["0", "1"]], [["0", "-9223372036854775808"]]],
    ["count(v)", [["0", "2"]], [["0", "3"]], [["0", "5"]]],
    ["mean(v)", [["0", "6", "2", "4", "2"]], [["0", "9", "1", "9", "9"]], [["0", "5"]]],
    ["spread(v)", [["0", "6", "2"]], [["0", "9", "1"]], [["0", "8"]]],
    ["max(v)", [["7", "3"]], [["5", "3"]], [["5", "3"]]],
    ["min(v)", [["7", "3"]], [["5", "4"]], [["7", "3"]]],
    ["first(v)", [["7", "3"]], [["5", "4"]], [["5", "4"]]],
    ["last(v)", [["7", "3"]], [["5", "4"]], [["7", "3"]]],
    ["last(v)", [["7", "3"]], [["7", "4"]], [["7", "4"]]],
    [
      "count(distinct(v))",
      [
        ["0", "1"],
        ["0", "2"],
      ],
      [["0", "2"]],
      [["0", "2"]],
    ],
    [
      "distinct(v)",
      [
        ["0", "1"],
        ["0", "2"],
      ],
      [["0", "2"]],
      [
        ["0", "1"],
        ["0", "2"],
      ],
    ],
    [
      "top(v, 2)",
      [
        ["3", "9"],
        ["4", "7"],
      ],
      [
        ["1", "8"],
        ["2", "1"],
      ],
      [
        ["1", "8"],
        ["3", "9"],
      ],
    ],
    ["bottom(v, 1)", [["3", "9"]], [["1", "8"]], [["1", "8"]]],
  ];
  for (const [call, a, b, wanted] of cases) {
    assert.deepEqual(answer(`SELECT ${call} FROM cpu`, a, b), wanted, call);
  }
}

function windows(): void {
  const q = (call: string, fill: string, tail = ""): string =>
    `SELECT ${call} FROM cpu WHERE time >= 0 AND time < 40 GROUP BY time(10ns)${fill}${tail}`;
  const [a, b]: readonly (readonly Row[])[] = [
    [["0", "1"]],
    [
      ["0", "2"],
      ["30", "9"],
    ],
  ];
  const cases: readonly (readonly [string, readonly string[]])[] = [
    [q("sum(v)", ""), ["3", "null", "null", "9"]],
    [q("count(v)", ""), ["3", "0", "0", "9"]],
    [q("sum(v)", " fill(7.5)"), ["3", "7", "7", "9"]],
    [q("sum(v)", " fill(previous)"), ["3", "3", "3", "9"]],
    [q("sum(v)", " fill(previous)", " ORDER BY time DESC"), ["9", "9", "9", "3"]],
    [q("sum(v)", " fill(linear)"), ["3", "5", "7", "9"]],
    [q("sum(v)", " fill(none)"), ["3", "9"]],
    [q("sum(v)", "", " LIMIT 2 OFFSET 1"), ["null", "null"]],
  ];
  for (const [text, wanted] of cases) {
    assert.deepEqual(
      answer(text, a ?? [], b ?? []).map((row) => row[1]),
      wanted,
      text,
    );
  }
  for (const { query } of planned(q("sum(v)", "", " LIMIT 2")).asks) {
    assert.match(query, /fill\(none\)/i, "clusters fill nothing in");
    assert.doesNotMatch(query, /LIMIT/, "windows are counted behind the fill");
  }
}

function questions(): void {
  const asked = (q: string): string => {
    const [statement] = parseQueryText(q);
    assert.ok(statement?.select, "a SELECT");
    const step = planSelect(statement, statement.select, context);
    return isStep(step) ? step.asks.map(({ cluster }) => cluster).join() : "";
  };
  assert.equal(asked("SELECT v::field FROM cpu WHERE host = 'a'"), "0");
  assert.equal(asked("SELECT v::field FROM cpu WHERE host = 'z' AND time > 3"), "1");
  assert.equal(asked("SELECT v::field FROM cpu WHERE host != 'a'"), "0,1");
  assert.equal(asked("SELECT v::field FROM cpu WHERE host = 'a' OR host = 'z'"), "0,1");
  assert.equal(asked("SELECT v::field FROM cpu WHERE host = 'a' OR time > 3"), "0,1");
  for (const { query } of planned("SELECT v FROM cpu LIMIT 2 OFFSET 3").asks) {
    assert.match(query, /LIMIT 5$/, "what OFFSET cuts must be known");
  }
  const rows = [0, 1, 2, 3, 4, 5].map((i): Row => [String(i), String(i)]);
  const cut = answer("SELECT v FROM cpu LIMIT 2 OFFSET 3", rows, [["2", "22"]]);
  assert.deepEqual(cut, [
    ["2", "22"],
    ["3", "3"],
  ]);
  for (const call of [
    ...["percentile(v, 50)", "stddev(v)", "derivative(v)", "sum(v) / count(v)", "top(v, dc, 2)"],
    ...["first(v) FROM cpu GROUP BY time(10s) --"],
  ]) {
    assert.throws(() => planned(`SELECT ${call} FROM cpu`), /cannot be merged/, call);
  }
}

function errors(): void {
  const step = planned("SELECT sum(v) FROM cpu");
  const well = [found([series([["0", "1"]])])];
  const error = { ...found([]), error: "no" };
  for (const bad of [error, { ...found([series([["0", "1"]])]), partial: true }]) {
    for (const answers of [
      [[bad], well],
      [well, [bad]],
    ]) {
      const outcome = step.merge(answers);
      assert.ok(!isStep(outcome) && outcome.error !== "", "a sum over a part is no sum");
      assert.deepEqual(outcome.series, []);
    }
  }
}

function lines(): void {
  const at = (text: string): readonly string[] => {
    const batch = encodeUtf8(text);
    const keys: Uint8Array[] = [];
    const place = { database: "d", policy: "", precision: "s", now: 5_000, keys };
    const { lines: split } = splitBatch(batch, 0, batch.length, { table, options, ...place });
    return [
      ...[0, 1].map((i) => decodeUtf8(split.get(i) ?? new Uint8Array(0))),
      ...keys.map((key) => decodeUtf8(key)),
    ];
  };
  assert.deepEqual(at("cpu,host=a v=1 1\ncpu,host=z v=2\ncpu,host=b v=3 3").slice(0, 2), [
    "cpu,host=a v=1 1\ncpu,host=b v=3 3\n",
    "cpu,host=z v=2 5\n",
  ]);
  assert.deepEqual(at('cpu,host=z s="x\ny" 1\ncpu,host=a v=1 1').slice(0, 2), [
    "cpu,host=a v=1 1\n",
    'cpu,host=z s="x\ny" 1\n',
  ]);
  const [, , x, y] = at("two,a=x\\,y,b=z v=1 1\ntwo,b=y\\,z,a=x v=1 1");
  assert.notEqual(x, y, "two series have two keys");
  const [, , p, q] = at("two,a=1,b=2 v=1 1\ntwo,b=2,a=1 v=1 1");
  assert.equal(p, q, "the order of tags does not matter");
}

/** Answers that arrive in any pieces, against all rows sorted. */
function merges(runs: number): void {
  let seed = 7;
  const below = (most: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((seed / 2 ** 32) * most);
  };
  for (let run = 0; run < runs; run++) {
    const offset = below(3) - 1;
    const limit = below(3) === 0 ? below(4) + 1 : -1;
    const parts = Array.from({ length: 1 + below(3) }, (_, part) =>
      ["a", "b", "c"]
        .filter(() => below(3) > 0)
        .map((name): Series => {
          const times = Array.from({ length: 1 + below(6) }, () => below(12) - 3);
          const rows = times.sort((x, y) => x - y).map((time, i) => [String(time), `${part}${i}`]);
          return { ...series(rows), name };
        }),
    );
    const got: string[] = [];
    const cut = { descending: false, offset, limit };
    const group =
      below(3) > 0
        ? null
        : (answers: Parameters<typeof mergeRows>[0]) => found(mergeRows(answers, cut));
    const rule = group === null ? { ...everything, ...cut } : { ...everything, group };
    const merge = new SeriesMerge(parts.length, rule, 0, (one) => {
      for (const row of one.rows) got.push(`${one.name} ${row.join(" ")}`);
    });
    const size = 1 + below(3);
    const left = parts.map((part) =>
      part.flatMap((one) => {
        const starts = one.rows.map((_, i) => i).filter((i) => i % size === 0);
        return starts.map((from) => {
          const piece = { ...one, rows: one.rows.slice(from, from + size) };
          return { one: piece, more: from + size < one.rows.length };
        });
      }),
    );
    const open = new Set(parts.keys());
    while (open.size > 0) {
      const ready = [...open].filter((at) => !merge.isAhead(at));
      assert.ok(ready.length > 0, "some part is read");
      const at = ready[below(ready.length)] as number;
      const piece = left[at]?.shift();
      if (piece === undefined) {
        open.delete(at);
        merge.end(at);
      } else merge.push(at, piece.one, piece.more, 1);
      merge.advance();
    }
    assert.equal(merge.error, "");
    const wanted = ["a", "b", "c"].flatMap((name) => {
      const rows = parts.flatMap((part) => part.filter((one) => one.name === name));
      const all = rows.flatMap((one) => one.rows).sort((x, y) => Number(x[0]) - Number(y[0]));
      const from = Math.max(0, offset);
      return all
        .slice(from, limit < 0 ? undefined : from + limit)
        .map((row) => `${name} ${row.join(" ")}`);
    });
    assert.deepEqual(got, wanted);
  }
}

function bounds(): void {
  const held = new HeldRound(2, 10, [], ({ replies }) => {
    assert.equal(replies, null, "what is more than may be held is no answer");
    return { type: "skip" };
  });
  held.piece(0, new Uint8Array(8));
  held.piece(1, new Uint8Array(8));
  assert.equal(held.held, 0, "nothing is held any more");
  held.next();
  const rows = Array.from({ length: 30 }, (_, i): Row => [String(i), "1"]);
  const three = [0, 1, 2].map(() => series(rows));
  let most = 0;
  const merge = new SeriesMerge(3, everything, 5, () => undefined);
  const at = [0, 0, 0];
  while (at.some((next) => next < 30)) {
    // The first part would always be read.
    const part = at.findIndex((next, i) => next < 30 && !merge.isAhead(i));
    assert.ok(part >= 0, "some part is read");
    const next = at[part] as number;
    const one = { ...(three[part] as Series), rows: rows.slice(next, next + 1) };
    merge.push(part, one, next < 29, 1);
    at[part] = next + 1;
    if (next === 29) merge.end(part);
    merge.advance();
    most = Math.max(most, merge.held);
  }
  assert.ok(most < 25, `${most} of 90 rows were held`);
}

function objects(): void {
  const writer = answerWriter({ csv: false, pretty: false, chunkSize: 2 });
  const three = [0, 1, 2].map((i): Row => [String(i), "1"]);
  const text =
    writer.rows(series(three)) +
    writer.rows({ ...series(three.slice(0, 1)), name: "mem" }) +
    writer.end(found([]));
  const flags = text
    .trim()
    .split("\n")
    .map((line) => (line.match(/"partial":true/g) ?? []).length);
  assert.deepEqual(flags, [2, 1, 0], "partial series, partial statement, the last object");
}

/** Rules of merges, each in the words of what it holds the codec to. */
export function checks(runs: number): readonly ComplianceCheck[] {
  const rules: readonly (readonly [string, () => void])[] = [
    ["functions are merged from their parts", functions],
    ["windows are filled in behind the merge", windows],
    ["clusters are asked for what the answer needs, or nothing is", questions],
    ["an error of a part is the error of all", errors],
    ["each line goes to the owner of its series", lines],
    ["answers in any pieces are one in order", () => merges(runs)],
    ["what is held is bounded", bounds],
    ["objects of a chunked answer say what follows", objects],
  ];
  return rules.map(([name, rule]) => ({
    name,
    run: () => {
      try {
        rule();
      } catch (error) {
        throw new Error(`${name}\n${error instanceof Error ? error.message : String(error)}`);
      }
    },
  }));
}
