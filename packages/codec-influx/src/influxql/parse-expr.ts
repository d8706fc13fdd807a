/**
 * Expressions of InfluxQL.
 *
 * ```
 * OR  <  AND  <  = != < <= > >= =~ !~  <  + - | ^  <  * / % &
 * ```
 */
import type { Expr } from "./ast.ts";
import { QueryError, type Tokens } from "./tokens.ts";

/** Reads an expression. Throws {@link QueryError}, also when it is nested deeper than anybody writes. */
export function parseExpr(tokens: Tokens, depth: number, least = 1): Expr {
  if (depth > MAX_DEPTH) throw new QueryError("an expression is nested too deep");
  let left = operand(tokens, depth);
  let count = 0;
  for (;;) {
    const op = operator(tokens);
    const rank = ranks.get(op) ?? 0;
    if (rank < least || rank === 0) return left;
    if (++count > MAX_OPERANDS) throw new QueryError("an expression has too many operands");
    tokens.take();
    if (op === "=~" || op === "!~") tokens.asRegex();
    const right = parseExpr(tokens, depth + 1, rank + 1);
    left = { type: "binary", op: op === "<>" ? "!=" : op, left, right };
  }
}

function operator(tokens: Tokens): string {
  const { kind, text } = tokens.current;
  if (kind === "op") return text;
  return kind === "word" ? text.toUpperCase() : "";
}

function operand(tokens: Tokens, depth: number): Expr {
  const { kind, text } = tokens.current;
  switch (kind) {
    case "integer":
    case "number":
    case "duration":
    case "string":
    case "param":
    case "regex":
      tokens.take();
      return { type: kind, text };
    case "quoted":
      return reference(tokens, false, depth);
    case "word":
      return reference(tokens, true, depth);
    default:
  }
  if (tokens.op("(")) {
    const inner = parseExpr(tokens, depth + 1);
    tokens.expectOp(")");
    return { type: "paren", inner };
  }
  if (tokens.op("*")) return { type: "wildcard", cast: tokens.op("::") ? cast(tokens) : "" };
  if (tokens.isOp("-", "+")) return signed(tokens, depth);
  return tokens.fail("identifier, string, number, bool");
}

/** A sign belongs to a literal; before anything else the server makes it a product with 1 or -1. */
function signed(tokens: Tokens, depth: number): Expr {
  const minus = tokens.take().text === "-";
  const { kind } = tokens.current;
  if (kind === "integer" || kind === "number" || kind === "duration") {
    return { type: kind, text: (minus ? "-" : "") + tokens.take().text };
  }
  if (kind !== "word" && kind !== "quoted" && !tokens.isOp("(")) {
    tokens.fail("identifier, number, duration, (");
  }
  const right = operand(tokens, depth + 1);
  const left: Expr = { type: "integer", text: minus ? "-1" : "1" };
  return { type: "paren", inner: { type: "binary", op: "*", left, right } };
}

function reference(tokens: Tokens, bare: boolean, depth: number): Expr {
  const first = tokens.take();
  const lower = first.text.toLowerCase();
  if (bare && (lower === "true" || lower === "false")) return { type: "boolean", text: lower };
  if (bare && tokens.op("(")) {
    const args: Expr[] = [];
    if (!tokens.op(")")) {
      do {
        tokens.asRegex();
        args.push(parseExpr(tokens, depth + 1));
      } while (tokens.op(","));
      tokens.expectOp(")");
    }
    return { type: "call", name: lower, args };
  }
  if (bare && lower === "distinct" && ["word", "quoted"].includes(tokens.current.kind)) {
    const arg = reference(tokens, tokens.current.kind === "word", depth + 1);
    return { type: "call", name: "distinct", args: [arg] };
  }
  if (bare && reserved.has(lower)) {
    throw new QueryError(`found ${first.text}, expected identifier, string, number, bool`);
  }
  if (tokens.isOp(".")) throw new QueryError("names with dots must be quoted");
  return { type: "ref", name: first.text, cast: tokens.op("::") ? cast(tokens) : "" };
}

function cast(tokens: Tokens): string {
  const text = tokens.current.text.toLowerCase();
  if (tokens.current.kind !== "word" || !casts.has(text)) tokens.fail("type");
  tokens.take();
  return text;
}

const ranks: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...{ OR: 1, AND: 2, "=": 3, "!=": 3, "<>": 3, "<": 3, "<=": 3, ">": 3, ">=": 3 },
    ...{ "=~": 3, "!~": 3, "+": 4, "-": 4, "|": 4, "^": 4, "*": 5, "/": 5, "%": 5, "&": 5 },
  }),
);
const casts: ReadonlySet<string> = new Set(
  "float integer unsigned string boolean field tag".split(" "),
);
const reserved: ReadonlySet<string> = new Set(
  "select from where group by order limit offset slimit soffset into as and or".split(" "),
);
const MAX_DEPTH = 100;
const MAX_OPERANDS = 1_000;
