/** Statements under way: one after the other, and what has come of them. */
import { join, type NextPlan } from "@echarde/core";
import type { HeaderLine } from "@echarde/http1";
import { errorOf, errorResponse, local, response } from "./http/answer.ts";
import { AnswerStream } from "./http/answer-stream.ts";
import type { Form } from "./http/form.ts";
import { part, queryPacket } from "./http/request.ts";
import type { Statement } from "./influxql/ast.ts";
import { readResults } from "./merge/read-json.ts";
import { failed, found, type Series, type StatementResult, tagsKey } from "./merge/result.ts";
import type { StreamRule } from "./merge/series-merge.ts";
import { timeToken } from "./merge/time.ts";
import { type Format, writeResults } from "./merge/write-result.ts";
import { planSelect, singleCluster } from "./plan/select.ts";
import { planOther } from "./plan/show.ts";
import { isStep, type Outcome, type QueryContext, Refusal, type Step } from "./plan/step.ts";
import { HeldRound, type MergedEnd, MergedRound, type RoundReply, tooLarge } from "./rounds.ts";
import { failureText, type Sender } from "./sender.ts";

/** What the client asked with, kept over the rounds: nothing here is a view of its request. */
export interface Asked {
  /** Bytes of answers that may be held. */
  readonly most: number;
  /** Value of its Authorization header. */
  readonly authorization: Uint8Array | null;
  /** Its form. */
  readonly form: Form;
  /** It is to be closed behind the answer. */
  readonly close: boolean;
  /** The form of its answer. */
  readonly format: Format;
}

/** See the module. */
export class QueryRun {
  readonly #statements: readonly Statement[];
  readonly #context: QueryContext;
  readonly #sender: Sender;
  readonly #asked: Asked;
  readonly #results: StatementResult[] = [];
  /** Series of the current statement that have come and are held. */
  #series: { series: Series; rows: (readonly string[])[] }[] = [];
  /** Characters of all that is held. */
  #size = 0;
  #version = "";
  /** Once the answer is too large to be held. */
  #stream: AnswerStream | null = null;

  constructor(
    statements: readonly Statement[],
    context: QueryContext,
    sender: Sender,
    asked: Asked,
  ) {
    this.#statements = statements;
    this.#context = context;
    this.#sender = sender;
    this.#asked = asked;
  }

  /** Begins the next statement, or answers. */
  next(): NextPlan {
    for (;;) {
      // Nothing behind a broken answer can be understood.
      if (this.#stream?.broken) return local(this.#stream.take(), true);
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

  #guarded<T>(make: () => T): T | StatementResult {
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
    this.#keep(epoch === "ns" ? { ...outcome, series: outcome.series.map(this.#timed) } : outcome);
    return null;
  }

  #keep(result: StatementResult): void {
    const { most } = this.#asked;
    for (const { rows } of result.series) this.#size += sizeOf(rows);
    if (this.#stream === null && this.#size > Math.min(HOLD, most)) {
      if (this.#context.streams) this.#stream = this.#begin();
      else if (this.#size > most) {
        this.#results.push(failed(tooLarge(most)));
        return;
      }
    }
    if (this.#stream === null) {
      this.#results.push(result);
      return;
    }
    this.#stream.end(result);
    this.#size = 0;
    this.#results.push({ ...result, series: [] });
  }

  #begin(): AnswerStream {
    const { format, close } = this.#asked;
    const stream = new AnswerStream(format, this.#headers(), close);
    for (const [i, result] of this.#results.entries()) {
      stream.end(result);
      this.#results[i] = { ...result, series: [] };
    }
    this.#size = 0;
    return stream;
  }

  /** Rows of the current statement while it is merged. */
  #rows(series: Series): void {
    if (this.#stream !== null) {
      this.#stream.rows(series);
      return;
    }
    const last = this.#series.at(-1);
    if (last?.series.name === series.name && tagsKey(last.series.tags) === tagsKey(series.tags)) {
      for (const row of series.rows) last.rows.push(row);
    } else this.#series.push({ series, rows: [...series.rows] });
    this.#size += sizeOf(series.rows);
    if (this.#size <= Math.min(HOLD, this.#asked.most)) return;
    this.#stream = this.#begin();
    for (const one of this.#taken()) this.#stream.rows(one);
  }

  #taken(): readonly Series[] {
    const all = this.#series.map(({ series, rows }) => ({ ...series, rows }));
    this.#series = [];
    return all;
  }

  /** With times as the client wants them. */
  readonly #timed = (series: Series): Series => {
    const { epoch } = this.#context;
    // Nothing but a SELECT has times; CSV has nanoseconds unless asked otherwise.
    const unit = epoch === "" && this.#asked.format.csv ? "ns" : epoch;
    if (series.columns[0] !== "time" || unit === "ns") return series;
    const rows = series.rows.map(([time = "0", ...row]) => [timeToken(time, unit), ...row]);
    return { ...series, rows };
  };

  #ask(step: Step): NextPlan {
    const { form, authorization, most } = this.#asked;
    const csv = this.#asked.format.csv && this.#context.epoch === "";
    const epoch = step.epoch ?? (csv ? "ns" : this.#context.epoch);
    const parts = step.asks.map(({ cluster, query }) => {
      const pairs = new Map(form.passed);
      pairs.set("q", query);
      if (epoch !== "") pairs.set("epoch", epoch);
      pairs.set("chunked", "true");
      if (step.stream !== undefined) pairs.set("chunk_size", CHUNK_ROWS);
      return part(cluster, [queryPacket(pairs, authorization)], "private");
    });
    const { stream } = step;
    if (stream === undefined) {
      const held = new HeldRound(parts.length, most, this.#stream?.take() ?? [], ({ replies }) =>
        replies === null ? this.#went(failed(tooLarge(most))) : this.#answered(step, replies),
      );
      return this.#sender.stream(parts, held);
    }
    const { group } = stream;
    const rule: StreamRule =
      group === null
        ? stream
        : { ...stream, group: (answers) => this.#guarded(() => group(answers)) };
    const merged = new MergedRound(parts.length, rule, most, {
      rows: (series) => this.#rows(step.epoch === "ns" ? this.#timed(series) : series),
      version: (version) => {
        this.#version ||= version;
      },
      take: () => this.#stream?.take() ?? [],
      held: () => this.#size + (this.#stream?.held ?? 0),
      ended: (end) => this.#merged(end),
    });
    return this.#sender.stream(parts, merged);
  }

  /** A statement is done. */
  #went(result: StatementResult): NextPlan {
    this.#keep(result);
    return this.next();
  }

  #merged({ error, status, failure }: MergedEnd): NextPlan {
    const series = this.#taken();
    for (const { rows } of series) this.#size -= sizeOf(rows); // they are counted as they are kept
    const text = failure === null ? error : failureText(failure);
    if (text === "") return this.#went(found(series));
    return status === 0 || this.#stream !== null
      ? this.#went(failed(text))
      : this.#fail(status, text);
  }

  /** The answer is an error as a whole. */
  #fail(status: number, text: string): NextPlan {
    const { close } = this.#asked;
    return local([errorResponse(status, text, close)], close);
  }

  #answered(step: Step, replies: readonly RoundReply[]): NextPlan {
    const answers: (readonly StatementResult[])[] = [];
    for (const { failure, status, body, version } of replies) {
      if (failure !== null || status === 0) {
        return this.#went(failed(failure === null ? "no answer" : failureText(failure)));
      }
      this.#version ||= version;
      const results = status === 200 ? readResults(body) : null;
      if (results === null) {
        const text = errorOf(body) || "an upstream's answer cannot be read";
        if (this.#stream !== null) return this.#went(failed(text));
        return this.#fail(status === 200 ? 502 : status, text);
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
    if (this.#stream !== null) return local([join(this.#stream.last())], close);
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

/** About the characters that rows take. */
function sizeOf(rows: Series["rows"]): number {
  let size = 0;
  for (const row of rows) for (const cell of row) size += cell.length + 1;
  return size;
}

/** Characters of an answer that are held before it begins to leave: until then it can still be an error as a whole. */
const HOLD = 256 << 10;
/** Rows of an object of a cluster's answer. */
const CHUNK_ROWS = "500";
/** What the server says of statements behind one that failed. */
const unsaid = "not executed";
