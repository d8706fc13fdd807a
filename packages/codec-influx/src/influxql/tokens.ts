/**
 * InfluxQL's words.
 *
 * ```
 * ident    = letter *(letter / digit / "_") / DQUOTE *(char / escape) DQUOTE
 * string   = "'" *(char / escape) "'"          escape = "\" ("\" / quote / "n")
 * number   = digits ["." digits]               duration = 1*(digits unit)
 * comment  = "--" to the end of the line / "/*" to its end
 * ```
 */

/** Kinds of tokens. `op` covers operators and punctuation; a bare word may be a keyword. */
export type TokenKind =
  | "word"
  | "quoted"
  | "string"
  | "integer"
  | "number"
  | "duration"
  | "regex"
  | "param"
  | "op"
  | "end";

/** One token. */
export interface Token {
  /** Its kind. */
  readonly kind: TokenKind;
  /** Unescaped text; of a duration and a number the text as written. */
  readonly text: string;
  /** Offset in the query. */
  readonly from: number;
  /** Offset behind it. */
  readonly to: number;
}

/** A query that is not InfluxQL as far as this parser knows it. */
export class QueryError extends Error {}

/** Reads tokens on demand, since only the parser knows where a `/` begins a regular expression. */
export class Tokens {
  /** The query. */
  readonly text: string;
  /** The next token. */
  current: Token;
  /** Offset behind the last token taken. */
  behind = 0;

  constructor(text: string) {
    this.text = text;
    this.current = this.#read(0, false);
  }

  /** Whether all tokens are taken. */
  get ended(): boolean {
    return this.current.kind === "end";
  }

  /** Takes the next token. */
  take(): Token {
    const token = this.current;
    this.behind = token.to;
    if (token.kind !== "end") this.current = this.#read(token.to, false);
    return token;
  }

  /** Reads the next token again: a `/` there begins a regular expression. */
  asRegex(): void {
    if (this.current.kind === "op" && this.current.text.startsWith("/")) {
      this.current = this.#read(this.current.from, true);
    }
  }

  /** Whether the next token is this bare word (in upper case here, in any case there). */
  isWord(...words: readonly string[]): boolean {
    return this.current.kind === "word" && words.includes(this.current.text.toUpperCase());
  }

  /** Whether the next token is this operator. */
  isOp(...ops: readonly string[]): boolean {
    return this.current.kind === "op" && ops.includes(this.current.text);
  }

  /** Takes the bare word if it is next. */
  word(word: string): boolean {
    const is = this.isWord(word);
    if (is) this.take();
    return is;
  }

  /** Takes the operator if it is next. */
  op(op: string): boolean {
    const is = this.isOp(op);
    if (is) this.take();
    return is;
  }

  /** Takes the operator, which must be next. */
  expectOp(op: string): void {
    if (!this.op(op)) this.fail(op);
  }

  /** Takes the word, which must be next. */
  expectWord(word: string): void {
    if (!this.word(word)) this.fail(word);
  }

  /** Throws in the server's form. */
  fail(expected: string): never {
    const { kind, text, from } = this.current;
    const before = this.text.slice(0, from);
    const line = before.split("\n").length;
    const char = from - (before.lastIndexOf("\n") + 1) + 1;
    const found = kind === "end" ? "EOF" : text;
    throw new QueryError(`found ${found}, expected ${expected} at line ${line}, char ${char}`);
  }

  #read(start: number, regex: boolean): Token {
    const { text } = this;
    let from = start;
    for (;;) {
      blank.lastIndex = from;
      from += blank.exec(text)?.[0].length ?? 0;
      if (text.startsWith("--", from)) {
        const end = text.indexOf("\n", from);
        from = end < 0 ? text.length : end;
      } else if (text.startsWith("/*", from) && !regex) {
        const end = text.indexOf("*/", from + 2);
        if (end < 0) throw new QueryError("a comment has no end");
        from = end + 2;
      } else break;
    }
    const make = (kind: TokenKind, to: number, value = text.slice(from, to)): Token => ({
      kind,
      text: value,
      from,
      to,
    });
    const first = text[from];
    if (first === undefined) return make("end", from, "");
    if (regex && first === "/") return this.#regex(from);
    if (first === '"' || first === "'") return this.#quoted(from, first);
    word.lastIndex = from;
    const bare = word.exec(text)?.[0];
    if (bare !== undefined) return make("word", from + bare.length);
    if (first === "$") {
      const next = text[from + 1] === '"' ? this.#quoted(from + 1, '"') : null;
      word.lastIndex = from + 1;
      const name = next?.text ?? word.exec(text)?.[0];
      if (name === undefined) throw new QueryError("missing name of a bound parameter");
      return make("param", next?.to ?? from + 1 + name.length, name);
    }
    duration.lastIndex = from;
    const span = duration.exec(text)?.[0];
    if (span !== undefined) return make("duration", from + span.length);
    number.lastIndex = from;
    const digits = number.exec(text)?.[0];
    if (digits !== undefined) {
      return make(digits.includes(".") ? "number" : "integer", from + digits.length);
    }
    for (const op of ops) if (text.startsWith(op, from)) return make("op", from + op.length);
    throw new QueryError(`found ${first}, which begins nothing in InfluxQL`);
  }

  #quoted(from: number, quote: string): Token {
    let value = "";
    for (let i = from + 1; i < this.text.length; i++) {
      const char = this.text[i] as string;
      if (char === quote) {
        return { kind: quote === '"' ? "quoted" : "string", text: value, from, to: i + 1 };
      }
      if (char === "\n") break;
      if (char !== "\\") {
        value += char;
        continue;
      }
      const next = this.text[++i];
      if (next === "n") value += "\n";
      else if (next === "\\" || next === '"' || next === "'") value += next;
      else throw new QueryError("a string has an escape that InfluxQL does not know");
    }
    throw new QueryError("a string has no end");
  }

  #regex(from: number): Token {
    let value = "";
    for (let i = from + 1; i < this.text.length; i++) {
      const char = this.text[i] as string;
      if (char === "/") return { kind: "regex", text: value, from, to: i + 1 };
      if (char === "\n") break;
      if (char === "\\" && this.text[i + 1] === "/") {
        value += "/";
        i++;
      } else if (char === "\\") value += char + (this.text[++i] ?? "");
      else value += char;
    }
    throw new QueryError("a regular expression has no end");
  }
}

const blank = /[ \t\n]*/y;
const word = /[A-Za-z_][A-Za-z0-9_]*/y;
const duration = /(?:\d+(?:ns|ms|[uµsmhdw]))+(?![A-Za-z0-9_])/y;
const number = /\d+(?:\.\d*)?|\.\d+/y;
const ops = ["::", "!=", "<>", "=~", "!~", "<=", ">=", ..."=<>+-*/%&|^(),;:."];
