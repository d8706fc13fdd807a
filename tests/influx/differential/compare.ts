/** Compares two answers to one query: integers exactly, floats to 12 digits, rows of equal time in any order. */
import type { RandomQuery } from "./queries.ts";

interface Series {
  readonly name?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values?: readonly (readonly unknown[])[];
}

interface Result {
  readonly series?: readonly Series[];
  readonly error?: string;
}

/** What came of a comparison. */
export type Verdict = "equal" | "refused" | "different";

/** The oracle's body and the router's. */
export function compare(query: RandomQuery, wanted: string, got: string): Verdict {
  const [a, b] = [resultsOf(wanted), resultsOf(got)];
  if (a === null || b === null) {
    // Both refuse to parse, or it is we who refuse.
    if (b === null && a !== null) return "refused";
    return a === null && b === null ? "equal" : "different";
  }
  if (a.error !== undefined) return b.error !== undefined ? "equal" : "different";
  if (b.error !== undefined) return "refused";
  return sameSeries(query, ordered(query, a.series), ordered(query, b.series))
    ? "equal"
    : "different";
}

function resultsOf(body: string): Result | null {
  // Integers beyond 2^53 must not lose digits.
  const exact = body.replace(/(?<=[[,:])-?\d{16,}(?=[,\]}])/g, '"$&"');
  let whole: Result | null = null;
  // A chunked answer is an object a line.
  for (const line of exact.trim().split("\n")) {
    const value = JSON.parse(line) as { readonly results?: readonly Result[] };
    const piece = value.results?.[0];
    if (piece === undefined) return null;
    whole = whole === null ? piece : behind(whole, piece);
  }
  return whole;
}

/** Series of two objects; rows of one that goes on stand behind each other. */
function behind(before: Result, after: Result): Result {
  return { ...before, ...after, series: joined(before, after) };
}

function joined(before: Result, after: Result): readonly Series[] {
  const [first, ...more] = after.series ?? [];
  const all = [...(before.series ?? [])];
  const last = all.at(-1);
  if (first === undefined) return all;
  const head = ({ name, tags }: Series): string => JSON.stringify([name, tags]);
  if (last !== undefined && head(last) === head(first)) {
    all[all.length - 1] = { ...last, values: [...(last.values ?? []), ...(first.values ?? [])] };
  } else all.push(first);
  return [...all, ...more];
}

function ordered(query: RandomQuery, series: readonly Series[] = []): readonly Series[] {
  if (!query.anySeriesOrder) return series;
  const key = ({ name, tags }: Series): string => JSON.stringify([name, tags]);
  return [...series].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function sameSeries(query: RandomQuery, a: readonly Series[], b: readonly Series[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((one, i) => {
    const other = b[i] as Series;
    const head = ({ name, tags, columns }: Series): string =>
      JSON.stringify([name, Object.entries(tags ?? {}), columns]);
    if (head(one) !== head(other)) return false;
    return sameRows(query, one.values ?? [], other.values ?? []);
  });
}

function sameRows(
  query: RandomQuery,
  a: readonly (readonly unknown[])[],
  b: readonly (readonly unknown[])[],
): boolean {
  if (a.length !== b.length) return false;
  if (query.rows === "exact") return a.every((row, i) => sameRow(row, b[i] as unknown[]));
  if (!a.every((row, i) => row[0] === b[i]?.[0])) return false;
  if (query.rows === "times") return true;
  const edges = new Set(query.cut ? [a[0]?.[0], a.at(-1)?.[0]] : []);
  const sorted = (rows: typeof a): typeof a =>
    rows
      .filter(([time]) => !edges.has(time))
      .map((row) => ({ row, key: JSON.stringify(row) }))
      .sort((x, y) => (x.key < y.key ? -1 : x.key > y.key ? 1 : 0))
      .map(({ row }) => row);
  const [left, right] = [sorted(a), sorted(b)];
  return left.every((row, i) => sameRow(row, right[i] as unknown[]));
}

function sameRow(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((cell, i) => sameCell(cell, b[i]));
}

function sameCell(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "number" || typeof b !== "number") return false;
  return Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b), 1);
}
