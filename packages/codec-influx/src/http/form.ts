/** What a query is asked with: pairs of the URL and of an urlencoded body, and bound parameters. */
import { decodeUtf8 } from "@echarde/core";
import { parseQuery } from "@echarde/http1";
import { headerValue, type InfluxRequest } from "./request.ts";

/** Values of the URL and of a form body; the form wins, and of repeated names the first. */
export class Form {
  /** Why it cannot be read, "" when it can. */
  readonly unreadable: string = "";
  /** What every query of ours repeats: database, policy, credentials. */
  readonly passed: ReadonlyMap<string, string>;
  readonly #values = new Map<string, string>();

  constructor(request: InfluxRequest) {
    const type = headerValue(request, "content-type").split(";")[0]?.trim().toLowerCase() ?? "";
    if (type === "multipart/form-data") {
      this.unreadable = "a query over several clusters must not be sent as multipart/form-data";
    }
    if (type === "application/x-www-form-urlencoded" && request.head.method === "POST") {
      this.#add(parseQuery(request.body, 0, request.body.length).pairs);
    }
    this.#add(request.query.pairs);
    const passed = ["db", "rp", "u", "p", "params"].flatMap((name): [string, string][] => {
      const value = this.value(name);
      return value === "" ? [] : [[name, value]];
    });
    this.passed = new Map(passed);
  }

  /** The value of a name, "" for none. */
  value(name: string): string {
    return this.#values.get(name) ?? "";
  }

  #add(pairs: InfluxRequest["query"]["pairs"]): void {
    for (const { name, value } of pairs) {
      const key = decodeUtf8(name);
      if (!this.#values.has(key)) this.#values.set(key, decodeUtf8(value));
    }
  }
}

/** Bound parameters as JSON tokens, null when they are no JSON object of scalars. */
export function paramsOf(json: string): ReadonlyMap<string, string> | null {
  const params = new Map<string, string>();
  if (json.trim() === "") return params;
  const body = json.trim();
  if (!body.startsWith("{") || !body.endsWith("}")) return null;
  try {
    JSON.parse(body);
  } catch {
    return null;
  }
  const member = /("(?:[^"\\]|\\.)*")\s*:\s*("(?:[^"\\]|\\.)*"|[^,{}[\]\s]+)\s*(?:,|\}$)/gy;
  member.lastIndex = 1 + (/^\s*/.exec(body.slice(1))?.[0].length ?? 0);
  for (let match = member.exec(body); match !== null; match = member.exec(body)) {
    params.set(JSON.parse(match[1] as string) as string, match[2] as string);
    member.lastIndex += /^\s*/.exec(body.slice(member.lastIndex))?.[0].length ?? 0;
  }
  return params;
}
