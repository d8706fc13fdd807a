/**
 * Writes an answer whose rows are still coming, in each form that the server
 * has. The same bytes as when the whole answer is written at a time.
 */
import { type Series, type StatementResult, tagsKey } from "./result.ts";
import {
  CsvText,
  chunkedResult,
  type Format,
  openSeries,
  statementTail,
  statementText,
  writeObject,
} from "./write-result.ts";

/** See the module. Statements are written in their order. */
export interface AnswerWriter {
  /** Characters of rows that wait for what follows them. */
  readonly held: number;
  /** What was written cannot become a right answer any more. */
  readonly broken: boolean;
  /** Rows of the current statement; behind those of the same series, or of the next one. */
  rows(series: Series): string;
  /** The end of the current statement: what of it has not been written. */
  end(result: StatementResult): string;
  /** The end of the answer. */
  last(): string;
}

/** The writer for a form; a chunked answer has objects of at most 100,000 rows and about 4 MB. */
export function answerWriter(format: Format): AnswerWriter {
  if (format.csv) return new CsvWriter();
  return format.chunkSize > 0 ? new ChunkedWriter(format) : new JsonWriter();
}

/** Objects of a chunked answer: each is written when what follows is known, since the last one says that it is. */
class ChunkedWriter implements AnswerWriter {
  readonly broken = false;
  held = 0;
  readonly #format: Format;
  #id = 0;
  #series: Series | null = null;
  #rows: (readonly string[])[] = [];

  constructor(format: Format) {
    this.#format = { ...format, chunkSize: Math.min(format.chunkSize, MAX_ROWS) };
  }

  rows(series: Series): string {
    let text = "";
    if (this.#series !== null && !sameSeries(this.#series, series)) text = this.#flush(false);
    this.#series = series;
    const { chunkSize } = this.#format;
    for (const row of series.rows) {
      if (this.#rows.length >= chunkSize || this.held > MAX_OBJECT) text += this.#flush(true);
      this.#rows.push(row);
      for (const cell of row) this.held += cell.length + 1;
    }
    return text;
  }

  end(result: StatementResult): string {
    const rest = this.#series === null ? [] : [{ ...this.#series, rows: this.#rows }];
    this.#series = null;
    this.#rows = [];
    this.held = 0;
    const series = [...rest, ...result.series];
    return chunkedResult({ ...result, series }, this.#id++, this.#format);
  }

  last(): string {
    return "";
  }

  /** Writes what there is of the current series; `more` of it follows, or another one does. */
  #flush(more: boolean): string {
    const series = { ...(this.#series as Series), rows: this.#rows };
    this.#rows = [];
    this.held = 0;
    return writeObject(series, this.#id, more, this.#format);
  }
}

/** One object for all statements. */
class JsonWriter implements AnswerWriter {
  readonly held = 0;
  readonly broken = false;
  #id = 0;
  #series: Series | null = null;

  rows(series: Series): string {
    const rows = series.rows.map((row) => `[${row.join(",")}]`).join(",");
    const before = this.#series;
    this.#series = series;
    if (before !== null && sameSeries(before, series)) return `,${rows}`;
    const start = before === null ? `${this.#start()},"series":[` : "]},";
    return `${start}${openSeries(series)},"values":[${rows}`;
  }

  end(result: StatementResult): string {
    const before = this.#id === 0 ? '{"results":[' : ",";
    if (this.#series === null) return before + statementText(result, this.#id++);
    const rows = result.series.map((series) => this.rows(series)).join("");
    this.#series = null;
    this.#id += 1;
    return `${rows}]}]${statementTail(result)}}`;
  }

  last(): string {
    return "]}\n";
  }

  #start(): string {
    return `${this.#id === 0 ? '{"results":[' : ","}{"statement_id":${this.#id}`;
  }
}

/** The server has no form for an error in CSV: behind rows of its statement only the end of the connection tells of it. */
class CsvWriter implements AnswerWriter {
  readonly held = 0;
  broken = false;
  readonly #text = new CsvText();
  #id = 0;
  #begun = false;

  rows(series: Series): string {
    this.#begun = true;
    return this.#text.rows(series, this.#id);
  }

  end({ series, error }: StatementResult): string {
    this.broken ||= this.#begun && error !== "";
    this.#begun = false;
    const text = series.map((one) => this.#text.rows(one, this.#id)).join("");
    this.#id += 1;
    return text;
  }

  last(): string {
    return "";
  }
}

function sameSeries(a: Series, b: Series): boolean {
  return a.name === b.name && tagsKey(a.tags) === tagsKey(b.tags);
}

/** Rows of an object, whatever the client asks for: these are held. */
const MAX_ROWS = 100_000;
/** Characters of cells of an object. */
const MAX_OBJECT = 4 << 20;
