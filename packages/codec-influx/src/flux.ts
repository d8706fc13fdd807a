/**
 * Flux, where a script provably reads one measurement that one cluster owns
 * (or one set of values of the tags that it is split by):
 *
 * ```
 * script = from(bucket: "db/policy") 1*( |> range(…) / |> filter(fn: (r) => all) ) rest
 * all    = term *(and term)       with r._measurement == "…" among them, and what the split needs
 * ```
 * `rest` is anything that has no source and no sink of its own. All other
 * scripts are refused: what they touch is not known here.
 */
import type { Plan, RouterContext } from "@echarde/core";
import { decodeUtf8 } from "@echarde/core";
import { refusal } from "./http/answer.ts";
import { headerValue, type InfluxRequest } from "./http/request.ts";
import type { InfluxOptions } from "./options.ts";
import type { Sender } from "./sender.ts";
import { ownerOf, ownerOfValues, scopeOf, splitOf } from "./shard-key.ts";

/** Plans a Flux query. */
export function planFlux(
  request: InfluxRequest,
  { table }: RouterContext,
  options: InfluxOptions,
  sender: Sender,
): Plan {
  const script = scriptOf(request);
  const read = script === null ? null : readScript(script);
  const cluster = read === null ? -1 : clusterOf(read);
  if (cluster >= 0) return sender.forward(cluster, "private");
  const text = "Flux over several clusters: a script must begin with from(bucket: …), range() and";
  const more = "filter() by _measurement, and by the tags that choose the cluster";
  return refusal(501, `${text} ${more}`, request.close);

  function clusterOf({ bucket, equal }: Read): number {
    const slash = bucket.indexOf("/");
    const database = slash < 0 ? bucket : bucket.slice(0, slash);
    const scope = scopeOf(options, database, slash < 0 ? "" : bucket.slice(slash + 1));
    const measurement = equal.get("_measurement");
    if (measurement === undefined) return -1;
    const split = splitOf(options, database, measurement);
    if (split === null) return ownerOf(table, scope, measurement);
    if (split === "series") return -1;
    const values = split.flatMap((tag) => equal.get(tag) ?? []);
    return values.length < split.length ? -1 : ownerOfValues(table, scope, measurement, values);
  }
}

/** What a script reads: its bucket, and columns that equal a text in every row. */
interface Read {
  readonly bucket: string;
  readonly equal: ReadonlyMap<string, string>;
}

/** The script of a request, null when it has none that can be read here. */
function scriptOf(request: InfluxRequest): string | null {
  if (headerValue(request, "content-encoding") !== "") return null;
  const type = headerValue(request, "content-type").split(";")[0]?.trim().toLowerCase();
  const body = decodeUtf8(request.body);
  if (type === "application/vnd.flux") return body;
  if (type !== "application/json") return null;
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== "object" || value === null) return null;
    const {
      query,
      type: language = "flux",
      dialect: _,
      ...more
    } = value as Record<string, unknown>;
    // A program beside the script could be anything, and the server knows names in any case.
    if (typeof query !== "string" || language !== "flux" || Object.keys(more).length > 0)
      return null;
    return query;
  } catch {
    return null;
  }
}

/** Tokens: names, texts (with their quotes), numbers and signs. Null where one cannot be told, as with regular expressions. */
function tokensOf(script: string): readonly string[] | null {
  const token =
    /\s+|\/\/[^\n]*|("(?:[^"\\$]|\\["\\nrt])*"|[A-Za-z_]\w*|\d[\w.:+-]*|\|>|=>|==|!=|<=|>=|[()[\]{},.:=<>+*%-])/y;
  const tokens: string[] = [];
  for (let at = 0; at < script.length; at = token.lastIndex) {
    const match = token.exec(script);
    if (match === null) return null;
    if (match[1] !== undefined) tokens.push(match[1]);
  }
  return tokens;
}

/** Reads the begin of a script; null = it is not of the form that says what it reads. */
function readScript(script: string): Read | null {
  const tokens = tokensOf(script);
  if (tokens === null) return null;
  const [from, open, name, colon, bucket = "", close] = tokens;
  if ([from, open, name, colon, close].join(" ") !== "from ( bucket : )") return null;
  if (!bucket.startsWith('"') || tokens.slice(1).some((word) => forbidden.test(word))) return null;
  const equal = new Map<string, string>();
  let at = 6;
  while (tokens[at] === "|>" && (tokens[at + 1] === "range" || tokens[at + 1] === "filter")) {
    const end = closing(tokens, at + 2);
    if (end < 0) return null;
    if (tokens[at + 1] === "filter") equals(tokens.slice(at + 3, end), equal);
    at = end + 1;
  }
  return { bucket: textOf(bucket), equal };
}

/** Where the parenthesis at `at` is closed, -1 = there is none, or never. */
function closing(tokens: readonly string[], at: number): number {
  if (tokens[at] !== "(") return -1;
  let depth = 0;
  for (let i = at; i < tokens.length; i++) {
    const token = tokens[i] as string;
    if ("([{".includes(token)) depth += 1;
    else if (")]}".includes(token)) depth -= 1;
    if (depth === 0) return i;
  }
  return -1;
}

/** Adds what `fn: (r) => a and b …` says to be equal. Any other form says nothing. */
function equals(args: readonly string[], equal: Map<string, string>): void {
  const [fn, colon, open, row = "", close, arrow, ...body] = args;
  if ([fn, colon, open, close, arrow].join(" ") !== "fn : ( ) =>" || !/^\w+$/.test(row)) return;
  const terms: string[][] = [[]];
  let depth = 0;
  for (const token of body) {
    if ("([{".includes(token)) depth += 1;
    else if (")]}".includes(token)) depth -= 1;
    if (depth === 0 && (token === "or" || token === "if" || token === ",")) return;
    if (depth === 0 && token === "and") terms.push([]);
    else terms.at(-1)?.push(token);
  }
  for (const term of terms) {
    const [own, sign, ...rest] = term;
    const dotted = sign === "." && rest.length === 3;
    const [name = "", op, value = ""] = dotted ? rest : [rest[0], rest[2], rest[3]];
    if (own !== row || op !== "==" || !value.startsWith('"')) continue;
    if (
      !dotted &&
      !(sign === "[" && name.startsWith('"') && rest[1] === "]" && rest.length === 4)
    ) {
      continue;
    }
    equal.set(dotted ? name : textOf(name), textOf(value));
  }
}

/** A quoted text's own. */
function textOf(quoted: string): string {
  return JSON.parse(quoted) as string;
}

/** Words of sources and sinks, and of what could bring others along. */
const forbidden =
  /^(?:from\w*|to|to(?:Kafka|HTTP|MQTT|SQL)|import|option|package|builtin|buckets|databases)$/;
