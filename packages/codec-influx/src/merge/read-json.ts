/**
 * Reads a server's answer to a query. Numbers stay the text that they are, and
 * no name becomes a property of an object: `__proto__` is a name as any other.
 */
import { decodeUtf8 } from "@echarde/core";
import { type Series, type StatementResult, tagsKey } from "./result.ts";

/**
 * The answer to a query of several statements, chunked or not, in their order;
 * null when it is not one. Only a chunked one tells whether it is whole: in
 * the other form influxd 1.6 says `partial` of all that has more than 10,000
 * rows, cut short or not.
 */
export function readResults(body: Uint8Array): readonly StatementResult[] | null {
  const results: Open[] = [];
  const pieces = readPieces(body);
  if (pieces === null || !pieces.every((piece) => add(results, piece))) return null;
  return results.map(({ open, ...result }) => result);
}

/** The pieces of statements' results in whole objects of a chunked answer; null when they are none. */
export function readPieces(objects: Uint8Array): readonly Piece[] | null {
  try {
    const reader = new JsonReader(decodeUtf8(objects));
    const pieces: Piece[] = [];
    let error: string | null = null;
    do {
      reader.object((key) => {
        if (key === "results") reader.array(() => pieces.push(readResult(reader)));
        else if (key === "error") error = reader.string();
        else reader.skip();
      });
    } while (!reader.done);
    return error === null ? pieces : null;
  } catch (thrown) {
    if (thrown instanceof BadJson) return null;
    throw thrown;
  }
}

/** A result of which more may follow. */
interface Open extends StatementResult {
  readonly series: {
    name: Series["name"];
    tags: Series["tags"];
    columns: string[];
    rows: string[][];
  }[];
  readonly messages: string[];
  /** More rows of its last series follow. */
  readonly open: boolean;
}

/** A piece of a statement's result. */
export interface Piece extends Open {
  /** Which statement, from 0. */
  readonly id: number;
}

/** Puts a piece of an answer behind those before it; false when it does not belong there. */
function add(results: Open[], { id, ...piece }: Piece): boolean {
  const before = results[id];
  if (before === undefined) {
    // Statements come in their order.
    if (id !== results.length) return false;
    results.push(piece);
    return true;
  }
  const [first, ...more] = piece.series;
  const last = before.series.at(-1);
  if (first !== undefined && before.open && last !== undefined) {
    if (last.name !== first.name || tagsKey(last.tags) !== tagsKey(first.tags)) return false;
    for (const row of first.rows) last.rows.push(row);
    for (const one of more) before.series.push(one);
  } else for (const one of piece.series) before.series.push(one);
  for (const one of piece.messages) before.messages.push(one);
  const { error, partial, open } = piece;
  results[id] = { ...before, error: before.error || error, partial, open };
  return true;
}

function readResult(reader: JsonReader): Piece {
  const series: Open["series"] = [];
  const messages: string[] = [];
  let error = "";
  let id = 0;
  let open = false;
  let partial = false;
  reader.object((key) => {
    if (key === "series") {
      reader.array(() => {
        const one = readSeries(reader);
        open = one.partial;
        series.push(one.series);
      });
    } else if (key === "error") error = reader.string();
    else if (key === "statement_id") id = Number(reader.token());
    else if (key === "partial") partial = reader.token() === "true";
    else if (key === "messages") reader.array(() => messages.push(reader.raw()));
    else reader.skip();
  });
  return { id, series, error, messages, open, partial: partial || open };
}

function readSeries(reader: JsonReader): { series: Open["series"][number]; partial: boolean } {
  let name: string | null = null;
  let tags: [string, string][] | null = null;
  const columns: string[] = [];
  const rows: string[][] = [];
  let partial = false;
  reader.object((key) => {
    if (key === "name") name = reader.string();
    else if (key === "tags") {
      const own: [string, string][] = [];
      reader.object((tag) => own.push([tag, reader.string()]));
      tags = own;
    } else if (key === "columns") reader.array(() => columns.push(reader.string()));
    else if (key === "values") {
      reader.array(() => {
        const row: string[] = [];
        reader.array(() => row.push(reader.token()));
        rows.push(row);
      });
    } else if (key === "partial") partial = reader.token() === "true";
    else reader.skip();
  });
  return { series: { name, tags, columns, rows }, partial };
}

class BadJson extends Error {}

/** Walks JSON without making objects of it. */
class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  object(member: (key: string) => void): void {
    this.#expect(OPEN_BRACE);
    if (this.#take(CLOSE_BRACE)) return;
    do {
      const key = this.string();
      this.#expect(COLON);
      member(key);
    } while (this.#take(COMMA));
    this.#expect(CLOSE_BRACE);
  }

  array(element: () => void): void {
    this.#expect(OPEN_BRACKET);
    if (this.#take(CLOSE_BRACKET)) return;
    do element();
    while (this.#take(COMMA));
    this.#expect(CLOSE_BRACKET);
  }

  /** Nothing but blanks is left. */
  get done(): boolean {
    this.#blanks();
    return this.#at >= this.#text.length;
  }

  /** A string, unescaped. */
  string(): string {
    const raw = this.token();
    if (!raw.startsWith('"')) throw new BadJson();
    return raw.includes("\\") ? (JSON.parse(raw) as string) : raw.slice(1, -1);
  }

  /** A scalar as it stands. */
  token(): string {
    this.#blanks();
    const text = this.#text;
    const from = this.#at;
    let i = from;
    if (text.charCodeAt(i) === QUOTE) {
      for (i++; ; i++) {
        const code = text.charCodeAt(i);
        if (code === QUOTE) break;
        if (code === BACKSLASH) i++;
        if (!(i < text.length)) throw new BadJson();
      }
      i++;
    } else {
      while (i < text.length && isPlain(text.charCodeAt(i))) i++;
      if (i === from) throw new BadJson();
    }
    this.#at = i;
    return text.slice(from, i);
  }

  /** Any value as it stands. */
  raw(): string {
    this.#blanks();
    const from = this.#at;
    this.skip();
    return this.#text.slice(from, this.#at);
  }

  skip(depth = 0): void {
    if (depth > 50) throw new BadJson();
    this.#blanks();
    const code = this.#text.charCodeAt(this.#at);
    if (code === OPEN_BRACE) this.object(() => this.skip(depth + 1));
    else if (code === OPEN_BRACKET) this.array(() => this.skip(depth + 1));
    else this.token();
  }

  #blanks(): void {
    while (this.#text.charCodeAt(this.#at) <= 0x20) this.#at++;
  }

  #take(code: number): boolean {
    this.#blanks();
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at++;
    return true;
  }

  #expect(code: number): void {
    if (!this.#take(code)) throw new BadJson();
  }
}

/** Letters, digits, signs and the dot: numbers, true, false, null. */
function isPlain(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    code === 0x2d ||
    code === 0x2e ||
    code === 0x2b
  );
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
