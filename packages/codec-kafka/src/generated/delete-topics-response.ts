// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// DeleteTopicsResponse, key 20, versions 0 to 5.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class DeletableTopicResult {
  name: string | null = "";
  errorCode: number = 0;
  errorMessage: string | null = null;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readDeletableTopicResult(r: Reader, v: number): DeletableTopicResult {
  const m = new DeletableTopicResult();
  m.name = r.nullableString(v >= 4);
  m.errorCode = r.int16();
  if (v >= 5) m.errorMessage = r.nullableString(v >= 4);
  if (v >= 4) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeDeletableTopicResult(w: Writer, m: DeletableTopicResult, v: number): void {
  w.string(m.name, v >= 4);
  w.int16(m.errorCode);
  if (v >= 5) w.string(m.errorMessage, v >= 4);
  if (v >= 4) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class DeleteTopicsResponse {
  throttleTimeMs: number = 0;
  responses: readonly DeletableTopicResult[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readDeleteTopicsResponse(r: Reader, v: number): DeleteTopicsResponse {
  const m = new DeleteTopicsResponse();
  if (v >= 1) m.throttleTimeMs = r.int32();
  m.responses = r.array(v >= 4, readDeletableTopicResult, v);
  if (v >= 4) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeDeleteTopicsResponse(w: Writer, m: DeleteTopicsResponse, v: number): void {
  if (v >= 1) w.int32(m.throttleTimeMs);
  w.array(m.responses, v >= 4, writeDeletableTopicResult, v);
  if (v >= 4) w.tags(noKnown, m.unknown);
}
