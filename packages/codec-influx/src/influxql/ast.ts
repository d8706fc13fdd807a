/** What a query says, as data. */

/** A name of a field or a tag. `cast` = its type as written behind `::`, "" for none. */
export interface Ref {
  /** Discriminates. */
  readonly type: "ref";
  /** Name; parts of a dotted one are joined by dots. */
  readonly name: string;
  /** See above. */
  readonly cast: string;
}

/** `*`, `*::field`, `*::tag`. */
export interface Wildcard {
  /** Discriminates. */
  readonly type: "wildcard";
  /** "field", "tag" or "". */
  readonly cast: string;
}

/** A literal; `text` is its value for strings and regular expressions, else what was written. */
export interface Literal {
  /** Discriminates. */
  readonly type: "string" | "integer" | "number" | "duration" | "boolean" | "regex" | "param";
  /** See above. */
  readonly text: string;
}

/** A call. */
export interface Call {
  /** Discriminates. */
  readonly type: "call";
  /** In lower case. */
  readonly name: string;
  /** Arguments. */
  readonly args: readonly Expr[];
}

/** Two operands. */
export interface Binary {
  /** Discriminates. */
  readonly type: "binary";
  /** Operator; words in upper case. */
  readonly op: string;
  /** Left operand. */
  readonly left: Expr;
  /** Right operand. */
  readonly right: Expr;
}

/** Parentheses. */
export interface Paren {
  /** Discriminates. */
  readonly type: "paren";
  /** What stands in them. */
  readonly inner: Expr;
}

/** Any expression. */
export type Expr = Ref | Wildcard | Literal | Call | Binary | Paren;

/** One column of a SELECT. */
export interface Field {
  /** What it is. */
  readonly expr: Expr;
  /** Its name, "" for none. */
  readonly alias: string;
}

/** A measurement, or all that a regular expression matches. */
export interface Measurement {
  /** Discriminates. */
  readonly type: "measurement";
  /** Database, "" for the request's. */
  readonly database: string;
  /** Retention policy, "" for the default. */
  readonly policy: string;
  /** Name, or the source of the regular expression. */
  readonly name: string;
  /** Whether `name` is a regular expression. */
  readonly regex: boolean;
}

/** A query in FROM. */
export interface Subquery {
  /** Discriminates. */
  readonly type: "subquery";
  /** The query. */
  readonly select: Select;
}

/** What fills empty windows. */
export interface Fill {
  /** Its kind. */
  readonly kind: "null" | "none" | "previous" | "linear" | "number";
  /** The number as written, "" for the other kinds. */
  readonly value: string;
}

/** SELECT. */
export interface Select {
  /** Columns. */
  readonly fields: readonly Field[];
  /** Target of INTO; its name may be `:MEASUREMENT`. */
  readonly into: Measurement | null;
  /** Sources. */
  readonly sources: readonly (Measurement | Subquery)[];
  /** Condition. */
  readonly where: Expr | null;
  /** Dimensions of GROUP BY. */
  readonly groupBy: readonly Expr[];
  /** FILL, null when it is not given. */
  readonly fill: Fill | null;
  /** ORDER BY time DESC. */
  readonly descending: boolean;
  /** -1 = not given, for these four. */
  readonly limit: number;
  /** See `limit`. */
  readonly offset: number;
  /** See `limit`. */
  readonly slimit: number;
  /** See `limit`. */
  readonly soffset: number;
  /** Time zone, "" for none. */
  readonly tz: string;
}

/** A statement. */
export interface Statement {
  /** Its words in upper case as far as they say what it does, as in "SHOW TAG KEYS". */
  readonly kind: string;
  /** Its text as written, without the semicolon. */
  readonly text: string;
  /** Of SELECT and of what explains one. */
  readonly select: Select | null;
  /** Of other statements: where LIMIT or OFFSET begins in `text`, -1 for none. */
  readonly tail: number;
  /** Of other statements: as in {@link Select}. */
  readonly limit: number;
  /** See `limit`. */
  readonly offset: number;
}
