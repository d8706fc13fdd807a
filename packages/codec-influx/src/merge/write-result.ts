/** Writes answers in the forms that the server has: JSON, pretty or not, chunked or not, and CSV. */
import { encodeUtf8 } from "@echarde/core";
import { jsonString } from "../http/answer.ts";
import type { Series, StatementResult } from "./result.ts";

/** How a client wants its answer. */
export interface Format {
  /** `Accept: application/csv` or `text/csv`. */
  readonly csv: boolean;
  /** 4 spaces of indentation. */
  readonly pretty: boolean;
  /** Rows of one object of a chunked answer, 0 = one object for all. */
  readonly chunkSize: number;
}

/** The body of the answer to a whole query. */
export function writeResults(results: readonly StatementResult[], format: Format): Uint8Array {
  if (format.csv) return encodeUtf8(csv(results));
  if (format.chunkSize > 0) return encodeUtf8(chunked(results, format));
  return encodeUtf8(document(results.map(resultMembers), format.pretty));
}

/** Members of a JSON object; values are JSON already, or members of their own. */
type Members = [string, string | Members | readonly Members[] | readonly string[]][];

function document(results: readonly Members[], pretty: boolean): string {
  const all: Members = [["results", results]];
  return `${pretty ? indented(all, "") : compact(all)}\n`;
}

function resultMembers(result: StatementResult, id: number): Members {
  const members: Members = [["statement_id", String(id)]];
  if (result.series.length > 0) members.push(["series", result.series.map(seriesMembers)]);
  if (result.messages.length > 0) members.push(["messages", result.messages]);
  if (result.partial) members.push(["partial", "true"]);
  if (result.error !== "") members.push(["error", jsonString(result.error)]);
  return members;
}

function seriesMembers(series: Series): Members {
  const members: Members = [];
  if (series.name !== null && series.name !== "") members.push(["name", jsonString(series.name)]);
  if (series.tags !== null && series.tags.length > 0) {
    const tags = series.tags.map(([key, value]): [string, string] => [key, jsonString(value)]);
    members.push(["tags", tags]);
  }
  members.push(["columns", series.columns.map(jsonString)]);
  if (series.rows.length > 0)
    members.push(["values", series.rows.map((row) => `[${row.join(",")}]`)]);
  return members;
}

function compact(members: Members): string {
  const each = members.map(([key, value]) => `${jsonString(key)}:${compactValue(value)}`);
  return `{${each.join(",")}}`;
}

function compactValue(value: Members[number][1]): string {
  if (typeof value === "string") return value;
  if (isMembers(value)) return compact(value);
  const each = value.map((one: string | Members) => (typeof one === "string" ? one : compact(one)));
  return `[${each.join(",")}]`;
}

/** Objects have pairs of a key (text) and a value; lists have JSON texts or objects. */
function isMembers(value: Exclude<Members[number][1], string>): value is Members {
  const [first] = value;
  return Array.isArray(first) && typeof first[0] === "string" && first.length === 2;
}

function indented(members: Members, indent: string): string {
  const inner = `${indent}    `;
  const each = members.map(
    ([key, value]) => `${inner}${jsonString(key)}: ${indentedValue(value, inner)}`,
  );
  return `{\n${each.join(",\n")}\n${indent}}`;
}

function indentedValue(value: Members[number][1], indent: string): string {
  if (typeof value === "string") return value;
  if (isMembers(value)) return indented(value, indent);
  const inner = `${indent}    `;
  const each = value.map((one: string | Members) =>
    typeof one === "string" ? inner + indentedText(one, inner) : inner + indented(one, inner),
  );
  return `[\n${each.join(",\n")}\n${indent}]`;
}

/** A row is a list of scalars in one text. */
function indentedText(text: string, indent: string): string {
  if (!text.startsWith("[")) return text;
  const cells = text.slice(1, -1).match(/"(?:[^"\\]|\\.)*"|[^,]+/g) ?? [];
  return `[\n${cells.map((cell) => `${indent}    ${cell}`).join(",\n")}\n${indent}]`;
}

/** One object for each `chunkSize` rows of one series, a line each. */
function chunked(results: readonly StatementResult[], format: Format): string {
  return results.map((result, id) => chunkedResult(result, id, format)).join("");
}

/** The objects of one statement. */
export function chunkedResult(
  result: StatementResult,
  id: number,
  { chunkSize, pretty }: Format,
): string {
  const pieces: Members[] = [];
  // Only what a SELECT finds is cut into pieces.
  const found = result.series[0]?.columns[0] === "time" ? result.series : [];
  found.forEach((series, n) => {
    for (let from = 0; from === 0 || from < series.rows.length; from += chunkSize) {
      const rows = series.rows.slice(from, from + chunkSize);
      const lastOfSeries = from + chunkSize >= series.rows.length;
      pieces.push(piece({ ...series, rows }, id, lastOfSeries, n + 1 === found.length));
    }
  });
  if (pieces.length === 0) pieces.push(resultMembers(result, id));
  else if (result.error !== "") pieces.push(resultMembers({ ...result, series: [] }, id));
  return pieces.map((one) => document([one], pretty)).join("");
}

/** An object with rows of a series behind which more of the statement follows: of the same series, or of another one. */
export function writeObject(series: Series, id: number, more: boolean, format: Format): string {
  return document([piece(series, id, !more, false)], format.pretty);
}

/** A statement's result as JSON, in one line. */
export function statementText(result: StatementResult, id: number): string {
  return compact(resultMembers(result, id));
}

/** The begin of a series, without its values and without a brace behind it. */
export function openSeries(series: Series): string {
  return compact(seriesMembers({ ...series, rows: [] })).slice(0, -1);
}

/** What stands behind the series of a statement, with a comma before each. */
export function statementTail(result: StatementResult): string {
  const [, ...members] = resultMembers({ ...result, series: [] }, 0);
  return members.map(([key, value]) => `,${jsonString(key)}:${compactValue(value)}`).join("");
}

function piece(series: Series, id: number, lastOfSeries: boolean, lastSeries: boolean): Members {
  const own = seriesMembers(series);
  if (!lastOfSeries) own.push(["partial", "true"]);
  const members: Members = [
    ["statement_id", String(id)],
    ["series", [own]],
  ];
  if (!lastOfSeries || !lastSeries) members.push(["partial", "true"]);
  return members;
}

/** All statements as CSV; those without series are passed over. */
function csv(results: readonly StatementResult[]): string {
  const writer = new CsvText();
  return results
    .map(({ series }, id) => series.map((one) => writer.rows(one, id)).join(""))
    .join("");
}

/** CSV of one answer: a header for each statement and whenever the columns change. */
export class CsvText {
  #columns = "";
  #statement = -1;

  /** Rows of a series of a statement. */
  rows(series: Series, id: number): string {
    let text = "";
    const header = `name,tags,${series.columns.map(csvField).join(",")}\n`;
    if (header !== this.#columns || this.#statement !== id) {
      text = this.#statement < 0 ? header : `\n${header}`;
      this.#columns = header;
      this.#statement = id;
    }
    const tags = (series.tags ?? []).map(([key, value]) => `${tagText(key)}=${tagText(value)}`);
    const before = `${csvField(series.name ?? "")},${csvField(tags.join(","))}`;
    for (const row of series.rows) text += `${before},${row.map(csvCell).join(",")}\n`;
    return text;
  }
}

/** Tags with an empty value are written, as elsewhere with escapes of line protocol. */
function tagText(text: string): string {
  return text.replace(/[,= ]/g, "\\$&");
}

function csvCell(token: string): string {
  if (token === "null") return "";
  if (token.startsWith('"')) return csvField(JSON.parse(token) as string);
  return token.includes("e") && token !== "true" && token !== "false" ? plainNumber(token) : token;
}

/** Quoted where Go's encoding/csv quotes. */
function csvField(text: string): string {
  if (text === "") return "";
  if (text === "\\." || /[",\r\n]/.test(text) || /^[\s\u0085\u00a0]/.test(text)) {
    return `"${text.replaceAll('"', '""')}"`;
  }
  return text;
}

/** A number without exponent. */
function plainNumber(token: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?e([+-]?\d+)$/.exec(token);
  if (match === null) return token;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits + "0".repeat(point - digits.length);
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
