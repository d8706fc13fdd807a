// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// CreatePartitionsResponse, key 37, versions 0 to 3.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class CreatePartitionsTopicResult {
  name: string = "";
  errorCode: number = 0;
  errorMessage: string | null = null;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readCreatePartitionsTopicResult(r: Reader, v: number): CreatePartitionsTopicResult {
  const m = new CreatePartitionsTopicResult();
  m.name = r.string(v >= 2);
  m.errorCode = r.int16();
  m.errorMessage = r.nullableString(v >= 2);
  if (v >= 2) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeCreatePartitionsTopicResult(w: Writer, m: CreatePartitionsTopicResult, v: number): void {
  w.string(m.name, v >= 2);
  w.int16(m.errorCode);
  w.string(m.errorMessage, v >= 2);
  if (v >= 2) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class CreatePartitionsResponse {
  throttleTimeMs: number = 0;
  results: readonly CreatePartitionsTopicResult[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readCreatePartitionsResponse(r: Reader, v: number): CreatePartitionsResponse {
  const m = new CreatePartitionsResponse();
  m.throttleTimeMs = r.int32();
  m.results = r.array(v >= 2, readCreatePartitionsTopicResult, v);
  if (v >= 2) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeCreatePartitionsResponse(w: Writer, m: CreatePartitionsResponse, v: number): void {
  w.int32(m.throttleTimeMs);
  w.array(m.results, v >= 2, writeCreatePartitionsTopicResult, v);
  if (v >= 2) w.tags(noKnown, m.unknown);
}
