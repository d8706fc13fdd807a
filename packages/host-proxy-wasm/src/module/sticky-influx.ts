/**
 * InfluxDB: in the place of a request goes a query that no server can parse. The server says so with a status of
 * 400, or 401 where it asks for credentials first, and with the words that stand where a statement should begin.
 */
import { decodeUtf8, encodeUtf8 } from "@echarde/core";
import { ruled } from "./source-rules.ts";
import type { StickyProfile } from "./sticky-profile.ts";

/** See the module. */
export const influxProfile: StickyProfile = {
  oneKey: [],
  passes: new Set(["ping", "health"]),
  judges: "forwards",
  uncheckable: () => "",
  refusal: (words, request) => {
    const { method, version, headers, pairs } = headOf(request);
    if (method === "HEAD") return null; // its answer has no body, that of a query has one
    const text = words.replace(/[^ -~]/g, "?").replace(/["\\]/g, "'");
    const user = ["u", "p"].map((name) =>
      pairs[name] === undefined ? "" : `&${name}=${pairs[name]}`,
    );
    const kept = headers.filter((line) => /^(?:authorization|connection|host):/i.test(line));
    const query = `q=${encodeURIComponent(`"${text.slice(0, 300)}"`)}${user.join("")}`;
    return encodeUtf8([`GET /query?${query} ${version}`, ...kept, "", ""].join("\r\n"));
  },
  source: (request, rules) => {
    const { pairs, headers } = headOf(request);
    const authorization = headers.find((line) => /^authorization:/i.test(line)) ?? "";
    const [, token] = /^[^:]*:\s*Token\s+([^:]*):/i.exec(authorization) ?? [];
    const [, basic] = /^[^:]*:\s*Basic\s+([A-Za-z0-9+/=]+)/i.exec(authorization) ?? [];
    const user = basic === undefined ? (decoded(pairs["u"]) ?? token) : nameIn(basic);
    const database = decoded(pairs["db"]) ?? decoded(pairs["bucket"])?.split("/")[0];
    return ruled(rules.users, user) || ruled(rules.databases, database);
  },
};

interface Head {
  readonly method: string;
  readonly version: string;
  readonly headers: readonly string[];
  /** Pairs of the URL, as they stand there. */
  readonly pairs: Readonly<Record<string, string>>;
}

/** A head that the codec has read whole: each of its lines ends with CR LF. */
function headOf(request: Uint8Array): Head {
  const lines: string[] = [];
  for (let at = 0, feed = 0; feed >= 0; at = feed + 1) {
    feed = request.indexOf(LF, at);
    const line = decodeUtf8(request.subarray(at, Math.max(at, feed - 1)));
    if (line !== "") lines.push(line);
    else if (lines.length > 0) break; // before the head an empty line may stand
  }
  const [start = "", ...headers] = lines;
  const [method = "", target = "", version = "HTTP/1.1"] = start.split(" ");
  const query = target.includes("?") ? target.slice(target.indexOf("?") + 1) : "";
  const pairs: Record<string, string> = {};
  for (const pair of query.split("&")) {
    const at = pair.indexOf("=");
    if (at > 0) pairs[pair.slice(0, at)] ??= pair.slice(at + 1);
  }
  return { method, version, headers, pairs };
}

function decoded(value: string | undefined): string | undefined {
  try {
    return value === undefined ? undefined : decodeURIComponent(value.replaceAll("+", " "));
  } catch {
    return undefined; // the server will say what it thinks of it
  }
}

function nameIn(basic: string): string {
  try {
    return atob(basic).split(":")[0] ?? "";
  } catch {
    return "";
  }
}

const LF = 10;
