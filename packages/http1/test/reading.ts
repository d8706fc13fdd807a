/** Runs a reader over a stream that is cut in some way, and says what it read. */
import assert from "node:assert/strict";
import {
  type AnsweredMethod,
  defaultRequestLimits,
  defaultResponseLimits,
  type HeaderFields,
  type HttpLimits,
  MARK_CONTROL,
  RequestReader,
  ResponseReader,
} from "../src/index.ts";

export const bytesOf = (text: string): Uint8Array => Buffer.from(text, "latin1");
export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

/** One message as a parser read it. */
export interface ReadMessage {
  /** Start line in parts: method and target, or status. */
  readonly start: string;
  readonly minor: number;
  readonly headers: readonly (readonly [string, string])[];
  body: string;
  whole: boolean;
  readonly keepAlive: boolean;
}

/** What came out of a stream. */
export interface Reading {
  readonly messages: ReadMessage[];
  /** Code of the fault, "" if none. */
  fault: string;
}

/** Cuts at every byte. */
export const everyByte = (length: number): number[] =>
  Array.from({ length: Math.max(0, length - 1) }, (_, i) => i + 1);

function headersOf(bytes: Uint8Array, fields: HeaderFields): [string, string][] {
  const headers: [string, string][] = [];
  for (let i = 0; i < fields.count; i++) {
    if ((fields.marks(i) & MARK_CONTROL) !== 0) continue;
    headers.push([fields.name(bytes, i), textOf(fields.value(bytes, i))]);
  }
  return headers;
}

/** Gives the chunks one by one, with what the reader did not consume in front, at another place of another array each time. */
function feed(
  bytes: Uint8Array,
  cuts: readonly number[],
  take: (bytes: Uint8Array, from: number) => number,
): void {
  let kept = new Uint8Array(0);
  let done = 0;
  for (const cut of [...cuts, bytes.length]) {
    const shift = cut % 7;
    const chunk = new Uint8Array(shift + kept.length + cut - done);
    chunk.set(kept, shift);
    chunk.set(bytes.subarray(done, cut), shift + kept.length);
    done = cut;
    let at = shift;
    for (;;) {
      const next = take(chunk, at);
      assert.ok(next >= at && next <= chunk.length, "an offset inside the chunk");
      if (next === -1) return;
      if (next === at) break;
      at = next;
    }
    kept = chunk.slice(at);
  }
}

/** Reads a stream of requests. */
export function readRequests(
  bytes: Uint8Array,
  cuts: readonly number[] = [],
  limits: HttpLimits = defaultRequestLimits,
): Reading {
  const reader = new RequestReader(limits);
  const reading: Reading = { messages: [], fault: "" };
  let current: ReadMessage | undefined;
  feed(bytes, cuts, (chunk, from) => {
    const at = reader.read(chunk, from);
    const { head, body } = reader;
    if (reader.event === "head") {
      assert.equal(head.end, at);
      current = {
        start: `${head.method} ${textOf(chunk.subarray(head.targetFrom, head.targetTo))}`,
        minor: head.minor,
        headers: headersOf(chunk, head.fields),
        body: "",
        whole: false,
        keepAlive: head.keepAlive,
      };
      reading.messages.push(current);
    } else if (reader.event === "body" && current !== undefined) {
      current.body += textOf(chunk.subarray(body.dataFrom, body.dataTo));
    } else if (reader.event === "fault") reading.fault = reader.fault?.code ?? "";
    if (reader.complete && current !== undefined) current.whole = true;
    return reader.event === "fault" ? from : at;
  });
  return reading;
}

/** Reads a stream of responses; `answered` in turn, the last one for all that follow. `closed` tells that the peer ended. */
export function readResponses(
  bytes: Uint8Array,
  cuts: readonly number[] = [],
  answered: readonly AnsweredMethod[] = ["other"],
  closed = false,
  limits: HttpLimits = defaultResponseLimits,
): Reading {
  const reader = new ResponseReader(limits);
  const reading: Reading = { messages: [], fault: "" };
  let current: ReadMessage | undefined;
  let turn = 0;
  feed(bytes, cuts, (chunk, from) => {
    const at = reader.read(chunk, from, answered[Math.min(turn, answered.length - 1)] ?? "other");
    const { head, body } = reader;
    if (reader.event === "head") {
      current = {
        start: `${head.status} ${head.reason(chunk)}`,
        minor: head.minor,
        headers: headersOf(chunk, head.fields),
        body: "",
        whole: false,
        keepAlive: reader.keepAlive,
      };
      reading.messages.push(current);
      if (!head.interim) turn += 1;
    } else if (reader.event === "body" && current !== undefined) {
      current.body += textOf(chunk.subarray(body.dataFrom, body.dataTo));
    } else if (reader.event === "fault") reading.fault = reader.fault?.code ?? "";
    if (reader.complete && current !== undefined) current.whole = true;
    return reader.event === "fault" ? from : at;
  });
  if (closed && reader.ended() && current !== undefined) current.whole = true;
  return reading;
}
