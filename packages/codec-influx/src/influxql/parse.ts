/**
 * Statements of InfluxQL. SELECT is read whole; of the others only what they
 * do is read, since they go to every cluster in their own words.
 */
import type { Expr, Field, Fill, Measurement, Select, Statement, Subquery } from "./ast.ts";
import { parseExpr } from "./parse-expr.ts";
import { QueryError, Tokens } from "./tokens.ts";

export { QueryError } from "./tokens.ts";

/** Reads a query of several statements. Throws {@link QueryError} for what it does not know. */
export function parseQueryText(text: string): readonly Statement[] {
  const tokens = new Tokens(text);
  const statements: Statement[] = [];
  for (;;) {
    while (tokens.op(";"));
    if (tokens.ended) return statements;
    if (statements.length >= MAX_STATEMENTS) throw new QueryError("too many statements");
    statements.push(statement(tokens));
    if (!tokens.isOp(";") && !tokens.ended) tokens.fail(";, EOF");
  }
}

function statement(tokens: Tokens): Statement {
  const { from } = tokens.current;
  let kind = "SELECT";
  let select: Select | null = null;
  if (tokens.word("EXPLAIN")) {
    kind = tokens.word("ANALYZE") ? "EXPLAIN ANALYZE" : "EXPLAIN";
    select = parseSelect(tokens, 0);
  } else if (tokens.isWord("SELECT")) select = parseSelect(tokens, 0);
  if (select !== null) {
    const text = tokens.text.slice(from, tokens.behind);
    return { kind, text, select, tail: -1, limit: -1, offset: -1 };
  }
  return other(tokens, from);
}

/** A statement in its own words, up to its end. */
function other(tokens: Tokens, from: number): Statement {
  const words: string[] = [];
  let naming = true;
  let tail = -1;
  let limit = -1;
  let offset = -1;
  let depth = 0;
  let matches = false;
  if (tokens.current.kind !== "word") tokens.fail(statementWords);
  while (!tokens.ended && !tokens.isOp(";")) {
    if (matches) tokens.asRegex();
    if (naming && tokens.current.kind === "word") words.push(tokens.current.text.toUpperCase());
    else naming = false;
    if (depth === 0 && tokens.isWord("LIMIT", "OFFSET") && tokens.behind > from) {
      if (tail < 0) tail = tokens.current.from - from;
      const isLimit = tokens.isWord("LIMIT");
      tokens.take();
      const count = integer(tokens);
      if (isLimit) limit = count;
      else offset = count;
      continue;
    }
    // Behind these a "/" begins a regular expression.
    matches = tokens.isOp("=~", "!~", ",") || tokens.isWord("FROM");
    if (tokens.isOp("(")) depth++;
    else if (tokens.isOp(")")) depth--;
    tokens.take();
  }
  const kind = kinds.find((known) => words.slice(0, known.length).join() === known.join());
  if (kind === undefined) throw new QueryError(`found ${words[0]}, expected ${statementWords}`);
  const text = tokens.text.slice(from, tokens.behind);
  return { kind: kind.join(" "), text, select: null, tail, limit, offset };
}

/** Reads a SELECT. */
function parseSelect(tokens: Tokens, depth: number): Select {
  if (depth > MAX_DEPTH) throw new QueryError("sub-queries are nested too deep");
  tokens.expectWord("SELECT");
  const fields: Field[] = [];
  do {
    tokens.asRegex();
    const expr = parseExpr(tokens, 0);
    fields.push({ expr, alias: tokens.word("AS") ? name(tokens) : "" });
  } while (tokens.op(","));
  const into = tokens.word("INTO") ? measurement(tokens, true) : null;
  tokens.expectWord("FROM");
  const sources: (Measurement | Subquery)[] = [];
  do sources.push(source(tokens, depth));
  while (tokens.op(","));
  const where = tokens.word("WHERE") ? parseExpr(tokens, 0) : null;
  const groupBy: Expr[] = [];
  let fill: Fill | null = null;
  if (tokens.word("GROUP")) {
    tokens.expectWord("BY");
    do {
      tokens.asRegex();
      groupBy.push(parseExpr(tokens, 0));
    } while (tokens.op(","));
  }
  if (tokens.word("FILL")) fill = parseFill(tokens);
  let descending = false;
  if (tokens.word("ORDER")) {
    tokens.expectWord("BY");
    // The only thing to order by is time.
    if (!tokens.isWord("ASC", "DESC") && name(tokens) !== "time") {
      throw new QueryError("only ORDER BY time supported at this time");
    }
    descending = tokens.word("DESC");
    if (!descending) tokens.word("ASC");
  }
  const count = (word: string): number => (tokens.word(word) ? integer(tokens) : -1);
  const limit = count("LIMIT");
  const offset = count("OFFSET");
  const slimit = count("SLIMIT");
  const soffset = count("SOFFSET");
  let tz = "";
  if (tokens.word("TZ")) {
    tokens.expectOp("(");
    if (tokens.current.kind !== "string") tokens.fail("time zone");
    tz = tokens.take().text;
    tokens.expectOp(")");
  }
  return {
    ...{ fields, into, sources, where, groupBy, fill, descending },
    ...{ limit, offset, slimit, soffset, tz },
  };
}

function source(tokens: Tokens, depth: number): Measurement | Subquery {
  if (!tokens.op("(")) return measurement(tokens, false);
  const select = parseSelect(tokens, depth + 1);
  tokens.expectOp(")");
  return { type: "subquery", select };
}

/** `[[database.][policy].]name`; a target may end in `:MEASUREMENT`. */
function measurement(tokens: Tokens, target: boolean): Measurement {
  const names: string[] = [];
  let regex = false;
  for (;;) {
    tokens.asRegex();
    if (target && tokens.op(":")) {
      tokens.expectWord("MEASUREMENT");
      names.push(":MEASUREMENT");
    } else if (tokens.current.kind === "regex" && !target) {
      names.push(tokens.take().text);
      regex = true;
    } else if (tokens.isOp(".") && names.length > 0) names.push("");
    else names.push(name(tokens));
    if (regex || names.length >= 3 || !tokens.op(".")) break;
  }
  const [own = "", policy = "", database = ""] = names.reverse();
  return { type: "measurement", database, policy, name: own, regex };
}

function parseFill(tokens: Tokens): Fill {
  tokens.expectOp("(");
  const sign = tokens.op("-") ? "-" : "";
  const { kind, text } = tokens.current;
  let fill: Fill;
  if (kind === "integer" || kind === "number") fill = { kind: "number", value: sign + text };
  else if (sign === "" && kind === "word" && fillWords.has(text.toLowerCase())) {
    fill = { kind: text.toLowerCase() as Fill["kind"], value: "" };
  } else tokens.fail("fill option");
  tokens.take();
  tokens.expectOp(")");
  return fill;
}

function name(tokens: Tokens): string {
  const { kind } = tokens.current;
  if (kind !== "quoted" && kind !== "word") tokens.fail("identifier");
  return tokens.take().text;
}

function integer(tokens: Tokens): number {
  if (tokens.current.kind !== "integer") tokens.fail("integer");
  return Number(tokens.take().text);
}

const fillWords: ReadonlySet<string> = new Set(["null", "none", "previous", "linear"]);
const MAX_STATEMENTS = 1000;
const MAX_DEPTH = 20;
const statementWords =
  "SELECT, DELETE, SHOW, CREATE, DROP, EXPLAIN, GRANT, REVOKE, ALTER, SET, KILL";

/** What statements there are, longer ones first. */
const kinds: readonly (readonly string[])[] = [
  "SHOW MEASUREMENT EXACT CARDINALITY",
  "SHOW MEASUREMENT CARDINALITY",
  "SHOW SERIES EXACT CARDINALITY",
  "SHOW SERIES CARDINALITY",
  "SHOW TAG KEY EXACT CARDINALITY",
  "SHOW TAG KEY CARDINALITY",
  "SHOW TAG VALUES EXACT CARDINALITY",
  "SHOW TAG VALUES CARDINALITY",
  "SHOW FIELD KEY EXACT CARDINALITY",
  "SHOW FIELD KEY CARDINALITY",
  "CREATE RETENTION POLICY",
  "SHOW RETENTION POLICIES",
  "ALTER RETENTION POLICY",
  "DROP RETENTION POLICY",
  "CREATE CONTINUOUS QUERY",
  "SHOW CONTINUOUS QUERIES",
  "DROP CONTINUOUS QUERY",
  "SHOW SHARD GROUPS",
  "SHOW MEASUREMENTS",
  "SHOW FIELD KEYS",
  "SHOW TAG VALUES",
  "SHOW TAG KEYS",
  "SHOW SERIES",
  "SHOW DATABASES",
  "SHOW DIAGNOSTICS",
  "SHOW SUBSCRIPTIONS",
  "SHOW QUERIES",
  "SHOW GRANTS",
  "SHOW SHARDS",
  "SHOW STATS",
  "SHOW USERS",
  "CREATE DATABASE",
  "CREATE SUBSCRIPTION",
  "CREATE USER",
  "DROP DATABASE",
  "DROP MEASUREMENT",
  "DROP SERIES",
  "DROP SHARD",
  "DROP SUBSCRIPTION",
  "DROP USER",
  "SET PASSWORD",
  "KILL QUERY",
  "DELETE",
  "GRANT",
  "REVOKE",
].map((words) => words.split(" "));
