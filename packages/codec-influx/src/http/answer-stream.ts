/** An answer to a query that leaves while it is made, in a chunked body. */
import { encodeUtf8, join } from "@echarde/core";
import {
  chunkEnd,
  chunkStart,
  type HeaderLine,
  lastChunk,
  writeResponseHead,
} from "@echarde/http1";
import { type AnswerWriter, answerWriter } from "../merge/answer-writer.ts";
import type { Series, StatementResult } from "../merge/result.ts";
import type { Format } from "../merge/write-result.ts";

/** See the module. */
export class AnswerStream {
  readonly #writer: AnswerWriter;
  #chunks: Uint8Array[];

  /** `close` = the client is told that its connection ends behind the answer. */
  constructor(format: Format, headers: readonly HeaderLine[], close: boolean) {
    this.#writer = answerWriter(format);
    const lines: HeaderLine[] = [...headers, ["Transfer-Encoding", "chunked"]];
    if (close) lines.push(["Connection", "close"]);
    this.#chunks = [writeResponseHead(200, lines)];
  }

  /** Bytes, or about, that wait for what follows them. */
  get held(): number {
    return this.#writer.held;
  }

  /** What has left cannot become a right answer any more: only the end of the connection tells of it. */
  get broken(): boolean {
    return this.#writer.broken;
  }

  /** Rows of the current statement, which goes on. */
  rows(series: Series): void {
    this.#add(this.#writer.rows(series));
  }

  /** The rest of the current statement. */
  end(result: StatementResult): void {
    this.#add(this.#writer.end(result));
  }

  /** What has not left yet. */
  take(): readonly Uint8Array[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks;
  }

  /** As `take`, behind the last statement. */
  last(): readonly Uint8Array[] {
    this.#add(this.#writer.last());
    return [...this.take(), lastChunk];
  }

  #add(text: string): void {
    if (text === "") return;
    const data = encodeUtf8(text);
    this.#chunks.push(join([chunkStart(data.length), data, chunkEnd]));
  }
}
