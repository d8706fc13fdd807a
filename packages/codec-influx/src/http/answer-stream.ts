/** An answer to a query that leaves while it is made: a chunked body, of a chunked=true answer. */
import { encodeUtf8, join } from "@echarde/core";
import {
  chunkEnd,
  chunkStart,
  type HeaderLine,
  lastChunk,
  writeResponseHead,
} from "@echarde/http1";
import type { StatementResult } from "../merge/result.ts";
import { ChunkedWriter, type Format } from "../merge/write-result.ts";

/** See the module. */
export class AnswerStream {
  readonly #writer: ChunkedWriter;
  #chunks: Uint8Array[];

  /** `close` = the client is told that its connection ends behind the answer. */
  constructor(format: Format, headers: readonly HeaderLine[], close: boolean) {
    this.#writer = new ChunkedWriter(format);
    const lines: HeaderLine[] = [...headers, ["Transfer-Encoding", "chunked"]];
    if (close) lines.push(["Connection", "close"]);
    this.#chunks = [writeResponseHead(200, lines)];
  }

  /** Rows of the current statement, which goes on. */
  page(result: StatementResult): void {
    this.#add(this.#writer.page(result));
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
    return [...this.take(), lastChunk];
  }

  #add(text: string): void {
    if (text === "") return;
    const data = encodeUtf8(text);
    this.#chunks.push(join([chunkStart(data.length), data, chunkEnd]));
  }
}
