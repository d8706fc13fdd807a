/** One error each in what codec-influx makes of lines, statements and answers. Judged by influx-merge-entry.ts. */
import type { Mutant } from "./mutant.ts";

const influx = "packages/codec-influx/src/";

/** See the module. */
export const influxMergeMutants: readonly Mutant[] = [
  {
    name: "a part that is waited for is ahead",
    file: `${influx}merge/series-merge.ts`,
    find: "!ended && !awaited && bytes",
    put: "!ended && bytes",
  },
  {
    name: "no part is ever ahead",
    file: `${influx}merge/series-merge.ts`,
    find: "bytes > this.#far",
    put: "bytes < 0",
  },
  {
    name: "the least series is chosen before all have said theirs",
    file: `${influx}merge/series-merge.ts`,
    find: "if (!known || best === null) return false;",
    put: "if (best === null) return false;",
  },
  {
    name: "of equal times the last part comes first",
    file: `${influx}merge/series-merge.ts`,
    find: "if (best < second ?",
    put: "if (best > second ?",
  },
  {
    name: "OFFSET counts in each piece anew",
    file: `${influx}merge/series-merge.ts`,
    find: "    this.#passed += series.rows.length;\n",
    put: "",
  },
  {
    name: "a series ends with its piece",
    file: `${influx}merge/series-merge.ts`,
    find: "    if (head.more) continue;\n",
    put: "",
  },
  {
    name: "an object does not say that its series goes on",
    file: `${influx}merge/write-result.ts`,
    find: 'if (!lastOfSeries) own.push(["partial", "true"]);',
    put: "",
  },
  {
    name: "answers are held without a bound",
    file: `${influx}rounds.ts`,
    find: "if (this.held > this.#most) {",
    put: "if (this.held < 0) {",
  },
  {
    name: "sums of integers do not wrap",
    file: `${influx}merge/values.ts`,
    find: "String(BigInt.asIntN(64, BigInt(a) + BigInt(b)))",
    put: "String(BigInt(a) + BigInt(b))",
  },
  {
    name: "a mean is that of the last cluster's points",
    file: `${influx}merge/aggregate.ts`,
    find: "if (part < 2) cell.value = add(",
    put: "if (part < 1) cell.value = add(",
  },
  {
    name: "values of two clusters count twice",
    file: `${influx}merge/aggregate.ts`,
    find: "    cell.values.add(token);\n",
    put: "    cell.values.add(token + cell.values.size);\n",
  },
  {
    name: "the last point is the first",
    file: `${influx}merge/aggregate.ts`,
    find: 'return time < bestTime === (kind === "first");',
    put: 'return time > bestTime === (kind === "first");',
  },
  {
    name: "of equal maxima the later one wins",
    file: `${influx}merge/selectors.ts`,
    find: "return BigInt(time) < BigInt(bestTime);",
    put: "return BigInt(time) > BigInt(bestTime);",
  },
  {
    name: "the best N of each cluster are the best N of all",
    file: `${influx}merge/selectors.ts`,
    find: "        .slice(0, top.most),",
    put: "        .slice(0),",
  },
  {
    name: "a count that is not there is null",
    file: `${influx}merge/fill.ts`,
    find: 'if (isCount(column)) for (const point of points) point[1] ??= "0";',
    put: "",
  },
  {
    name: "what fills columns of integers is not cut",
    file: `${influx}merge/fill.ts`,
    find: "String(isInteger(column) ? Math.trunc(Number(value)) : Number(value))",
    put: "String(Number(value))",
  },
  {
    name: "LIMIT counts before windows are filled in",
    file: `${influx}merge/fill.ts`,
    find: "of cut(points, select)) {",
    put: "of points) {",
  },
  {
    name: "in descending order windows are filled in from the earlier one",
    file: `${influx}merge/fill.ts`,
    find: "  if (select.descending) points.reverse();\n  fillPoints(points, column, select);\n",
    put: "  fillPoints(points, column, select);\n  if (select.descending) points.reverse();\n",
  },
  {
    name: "an answer cut short is an answer",
    file: `${influx}plan/step.ts`,
    find: "if (result.partial) {",
    put: "if (result.series.length < 0) {",
  },
  {
    name: "clusters are asked with the client's fill",
    file: `${influx}plan/aggregate.ts`,
    find: 'fill: windows === null ? null : { kind: "none", value: "" },',
    put: "fill: select.fill,",
  },
  {
    name: "clusters are asked for LIMIT rows, whatever OFFSET",
    file: `${influx}plan/select.ts`,
    find: "-1 : select.limit + Math.max(0, select.offset);",
    put: "-1 : select.limit;",
  },
  {
    name: "any function is merged as a sum",
    file: `${influx}plan/aggregate.ts`,
    find: "if (!merged.has(call.name)) throw",
    put: 'if (call.name === "") throw',
  },
  {
    name: "top() by any tag is merged",
    file: `${influx}plan/aggregate.ts`,
    find: "(named.length === tags.length && disjoint(named))",
    put: "named.length === tags.length",
  },
  {
    name: "what is not equal chooses the cluster",
    file: `${influx}plan/condition.ts`,
    find: 'whole.type !== "binary" || whole.op !== "="',
    put: 'whole.type !== "binary" || whole.op === "AND"',
  },
  {
    name: "one side of OR chooses the cluster",
    file: `${influx}plan/condition.ts`,
    find: "if (values.every((value) => value !== null)) return values;",
    put: "if (values.some((value) => value !== null)) return values.filter((value) => value !== null);",
  },
  {
    name: "lines of a measurement go with its first one",
    file: `${influx}line/split-batch.ts`,
    find: "if (split !== null || !same) {",
    put: "if (!same) {",
  },
  {
    name: "two series have one key",
    file: `${influx}shard-key.ts`,
    find: "      if (byte === BACKSLASH || byte === COMMA || byte === EQUALS) this.#put(BACKSLASH);\n",
    put: "",
  },
  {
    name: "lines without a time get it in nanoseconds",
    file: `${influx}line/split-batch.ts`,
    find: "1_000_000n) / unit}",
    put: "1_000_000n) / 1n}",
  },
];
