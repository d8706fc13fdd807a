/**
 * `/query`. When one cluster can answer all statements, the request goes there
 * as it came. Otherwise the statements are carried out one after the other,
 * as the server does it, and their results are put into one answer.
 */
import type { NextPlan, Plan, Reply, RouterContext } from "@echarde/core";
import type { HeaderLine } from "@echarde/http1";
import { errorOf, errorResponse, local, readReply, refusal, response } from "./http/answer.ts";
import { AnswerStream } from "./http/answer-stream.ts";
import { Form, paramsOf } from "./http/form.ts";
import { headerValue, type InfluxRequest, part, queryPacket, urlValue } from "./http/request.ts";
import type { Statement } from "./influxql/ast.ts";
import { parseQueryText, QueryError } from "./influxql/parse.ts";
import { readResults } from "./merge/read-json.ts";
import { failed, type StatementResult } from "./merge/result.ts";
import { timeToken } from "./merge/time.ts";
import { type Format, writeResults } from "./merge/write-result.ts";
import type { InfluxOptions } from "./options.ts";
import { planSelect, singleCluster } from "./plan/select.ts";
import { planOther } from "./plan/show.ts";
import {
  isPage,
  isStep,
  type Outcome,
  type QueryContext,
  Refusal,
  type Step,
} from "./plan/step.ts";
import { failureText, type Sender } from "./sender.ts";

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
  const context: QueryContext = {
    table,
    options,
    database: form.value("db"),
    epoch: form.value("epoch"),
    now: BigInt(now) * 1_000_000n,
    params,
    // An answer in parts needs a form for parts.
    pageRows: chunked && !csv && request.head.minor === 1 ? PAGE_ROWS : 0,
  };
  const only = soleCluster(statements, context);
  if (only >= 0) return sender.forward(only, "private");
  if (accept === "application/x-msgpack") {
    return refusal(406, "msgpack cannot be merged over clusters: ask for JSON or CSV", close);
  }
  if (form.value("async") === "true") {
    return refusal(400, "async queries cannot be merged over clusters", close);
  }
  const run = new QueryRun(statements, context, sender, options.queryTimeout, {
    authorization:
      request.head.fields.find(request.source, authorizationName) >= 0
        ? headerBytes(request)
        : null,
    form,
    close,
    format: {
      csv,
      pretty: urlValue(request, "pretty") === "true",
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

/** What the client asked with, kept over the rounds: nothing here is a view of its request. */
interface Asked {
  readonly authorization: Uint8Array | null;
  readonly form: Form;
  readonly close: boolean;
  readonly format: Format;
}

/** Statements under way. */
class QueryRun {
  readonly #statements: readonly Statement[];
  readonly #context: QueryContext;
  readonly #sender: Sender;
  readonly #timeout: number;
  readonly #asked: Asked;
  readonly #results: StatementResult[] = [];
  #version = "";
  /** Since the first page of an answer. */
  #stream: AnswerStream | null = null;

  constructor(
    statements: readonly Statement[],
    context: QueryContext,
    sender: Sender,
    timeout: number,
    asked: Asked,
  ) {
    this.#statements = statements;
    this.#context = context;
    this.#sender = sender;
    this.#timeout = timeout;
    this.#asked = asked;
  }

  /** Begins the next statement, or answers. */
  next(): NextPlan {
    for (;;) {
      const statement = this.#statements[this.#results.length];
      if (statement === undefined) return this.#answer();
      if (this.#results.at(-1)?.error) {
        this.#keep(failed(unsaid));
        continue;
      }
      const step = this.#settle(
        this.#guarded(() => this.#plan(statement)),
        null,
      );
      if (step !== null) return this.#ask(step);
    }
  }

  #plan(statement: Statement): Outcome {
    const { kind, select } = statement;
    if (select === null) return planOther(statement, this.#context);
    if (kind !== "SELECT") {
      const cluster = singleCluster(select, this.#context);
      if (cluster < 0) throw new Refusal(`${kind} is about one server: ask it directly`);
      return {
        asks: [{ cluster, query: statement.text }],
        epoch: null,
        merge: ([answer]) => answer?.[0] ?? failed("no answer"),
      };
    }
    return planSelect(statement, select, this.#context);
  }

  #guarded(make: () => Outcome): Outcome {
    try {
      return make();
    } catch (error) {
      if (error instanceof Refusal) return failed(error.message);
      throw error;
    }
  }

  /** Keeps a result; null = the statement is done. `epoch` is what its times are in. */
  #settle(outcome: Outcome, epoch: Step["epoch"]): Step | null {
    if (isStep(outcome)) return outcome;
    if (isPage(outcome)) {
      this.#stream ??= this.#begin();
      this.#stream.page(epoch === "ns" ? this.#timed(outcome.page) : outcome.page);
      return outcome.next;
    }
    this.#keep(epoch === "ns" ? this.#timed(outcome) : outcome);
    return null;
  }

  #keep(result: StatementResult): void {
    if (this.#stream === null) {
      this.#results.push(result);
      return;
    }
    this.#stream.end(result);
    this.#results.push({ ...result, series: [] });
  }

  #begin(): AnswerStream {
    const { format, close } = this.#asked;
    const chunkSize = Math.min(format.chunkSize, MAX_CHUNK);
    const stream = new AnswerStream({ ...format, chunkSize }, this.#headers(), close);
    for (const [i, result] of this.#results.entries()) {
      stream.end(result);
      this.#results[i] = { ...result, series: [] };
    }
    return stream;
  }

  #timed(result: StatementResult): StatementResult {
    const { epoch } = this.#context;
    // Nothing but a SELECT has times; CSV has nanoseconds unless asked otherwise.
    const unit = epoch === "" && this.#asked.format.csv ? "ns" : epoch;
    const series = result.series.map((one) =>
      one.columns[0] !== "time"
        ? one
        : {
            ...one,
            rows: one.rows.map(([time = "0", ...row]) => [timeToken(time, unit), ...row]),
          },
    );
    return { ...result, series };
  }

  #ask(step: Step): NextPlan {
    const { form, authorization } = this.#asked;
    const csv = this.#asked.format.csv && this.#context.epoch === "";
    const epoch = step.epoch ?? (csv ? "ns" : this.#context.epoch);
    const parts = step.asks.map(({ cluster, query }) => {
      const pairs = new Map(form.passed);
      pairs.set("q", query);
      if (epoch !== "") pairs.set("epoch", epoch);
      pairs.set("chunked", "true");
      return part(cluster, [queryPacket(pairs, authorization)], "private");
    });
    const plan = this.#sender.fragment(parts, this.#timeout, (replies) =>
      this.#answered(step, replies),
    );
    return this.#stream === null ? plan : { ...plan, lead: this.#stream.take() };
  }

  #answered(step: Step, replies: readonly Reply[]): NextPlan {
    const answers: (readonly StatementResult[])[] = [];
    for (const { frames, failure } of replies) {
      const [frame] = frames;
      if (failure !== null || frame === undefined) {
        const text = failure === null ? "no answer" : failureText(failure);
        this.#keep(failed(text));
        return this.next();
      }
      const { status, body, version } = readReply(frame);
      this.#version ||= version;
      const results = status === 200 ? readResults(body) : null;
      if (results === null) {
        const text = errorOf(body) || "an upstream's answer cannot be read";
        const { close } = this.#asked;
        if (this.#stream !== null) {
          this.#keep(failed(text));
          return this.next();
        }
        return local([errorResponse(status === 200 ? 502 : status, text, close)], close);
      }
      answers.push(results);
    }
    const lost = step.asks.find(
      ({ first }, i) => first !== undefined && answers[i]?.some(({ error }) => error === unsaid),
    );
    if (lost !== undefined) {
      const { cluster, first: query = "" } = lost;
      const merge: Step["merge"] = ([results]) => failed(results?.[0]?.error || unsaid);
      return this.#ask({ asks: [{ cluster, query }], epoch: "ns", merge });
    }
    const next = this.#settle(
      this.#guarded(() => step.merge(answers)),
      step.epoch,
    );
    return next === null ? this.next() : this.#ask(next);
  }

  #answer(): NextPlan {
    const { format, close } = this.#asked;
    if (this.#stream !== null) return local(this.#stream.last(), close);
    const body = writeResults(this.#results, format);
    return local([response(200, body, this.#headers(), close)], close);
  }

  #headers(): readonly HeaderLine[] {
    const type = this.#asked.format.csv ? "text/csv" : "application/json";
    const headers: HeaderLine[] = [["Content-Type", type]];
    if (this.#version !== "") headers.push(["X-Influxdb-Version", this.#version]);
    return headers;
  }
}

function headerBytes({ head, source }: InfluxRequest): Uint8Array {
  const i = head.fields.find(source, authorizationName);
  return head.fields.value(source, i).slice();
}

/** Rows of a page: the server's own chunk. */
const PAGE_ROWS = 10_000;
/** Rows of an object of an answer in pages, whatever the client asks for: these are held. */
const MAX_CHUNK = 100_000;
/** What the server says of statements behind one that failed. */
const unsaid = "not executed";
const authorizationName = Uint8Array.from("authorization", (char) => char.charCodeAt(0));
