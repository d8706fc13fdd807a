/**
 * `/query`. When one cluster can answer all statements, the request goes there
 * as it came. Otherwise the statements are carried out one after the other,
 * as the server does it, and their results are put into one answer.
 */
import type { Plan, RouterContext } from "@echarde/core";
import { refusal } from "./http/answer.ts";
import { Form, paramsOf } from "./http/form.ts";
import { headerValue, type InfluxRequest, urlValue } from "./http/request.ts";
import type { Statement } from "./influxql/ast.ts";
import { parseQueryText, QueryError } from "./influxql/parse.ts";
import type { InfluxOptions } from "./options.ts";
import { singleCluster } from "./plan/select.ts";
import { type QueryContext, Refusal } from "./plan/step.ts";
import { QueryRun } from "./query-run.ts";
import type { Sender } from "./sender.ts";

/** Plans a query. */
export function planQuery(
  request: InfluxRequest,
  router: RouterContext,
  options: InfluxOptions,
  now: number,
  sender: Sender,
): Plan {
  const { table } = router;
  const { close } = request;
  const form = new Form(request);
  if (form.unreadable !== "") return refusal(400, form.unreadable, close);
  const q = form.value("q");
  // The server has words for a missing query.
  if (q === "") return sender.forward(table.localCluster, "private");
  if (table.clusters.length === 1) return sender.forward(0, "private");
  const params = paramsOf(form.value("params"));
  if (params === null) return refusal(400, "error parsing query parameters", close);
  let statements: readonly Statement[];
  try {
    if (q.includes("\uFFFD")) throw new QueryError("the query is not UTF-8");
    statements = parseQueryText(q);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return refusal(400, `error parsing query: ${error.message}`, close);
  }
  const accept = headerValue(request, "accept");
  const csv = accept === "application/csv" || accept === "text/csv";
  const size = form.value("chunk_size");
  const chunked = form.value("chunked") === "true";
  const pretty = urlValue(request, "pretty") === "true";
  const context: QueryContext = {
    table,
    options,
    database: form.value("db"),
    policy: form.value("rp"),
    epoch: form.value("epoch"),
    now: BigInt(now) * 1_000_000n,
    params,
    // HTTP/1.0 has no body of unknown length, and what is indented is for people.
    streams: request.head.minor === 1 && (chunked || csv || !pretty),
  };
  const only = soleCluster(statements, context);
  if (only >= 0) return sender.forward(only, "private");
  if (accept === "application/x-msgpack") {
    return refusal(406, "msgpack cannot be merged over clusters: ask for JSON or CSV", close);
  }
  if (form.value("async") === "true") {
    return refusal(400, "async queries cannot be merged over clusters", close);
  }
  const run = new QueryRun(statements, context, sender, {
    // The rest is for what is made of the answers, and for other clients.
    most: Math.min(options.maxHeld, Math.floor(router.limits.maxMemory / 8)),
    authorization:
      request.head.fields.find(request.source, authorizationName) >= 0
        ? headerBytes(request)
        : null,
    form,
    close,
    format: {
      csv,
      pretty,
      chunkSize: chunked ? (/^[1-9]\d{0,8}$/.test(size) ? Number(size) : 10_000) : 0,
    },
  });
  return run.next();
}

/** The one cluster that can answer all statements in their own words, else -1. */
function soleCluster(statements: readonly Statement[], context: QueryContext): number {
  let sole = -1;
  for (const { select, kind } of statements) {
    if (select === null) return -1;
    let cluster = -1;
    try {
      if (select.into === null) cluster = singleCluster(select, context);
      else if (kind === "SELECT") cluster = targetCluster(select, context);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
    if (cluster < 0 || (sole >= 0 && sole !== cluster)) return -1;
    sole = cluster;
  }
  return sole;
}

/** The cluster of the sources of a SELECT INTO, when its target is there too. */
function targetCluster(select: Exclude<Statement["select"], null>, context: QueryContext): number {
  const { into } = select;
  if (into === null || into.name === ":MEASUREMENT") return -1;
  const from = singleCluster(select, context);
  const target = { ...select, into: null, sources: [into], where: null };
  return from >= 0 && singleCluster(target, context) === from ? from : -1;
}

function headerBytes({ head, source }: InfluxRequest): Uint8Array {
  const i = head.fields.find(source, authorizationName);
  return head.fields.value(source, i).slice();
}

const authorizationName = Uint8Array.from("authorization", (char) => char.charCodeAt(0));
