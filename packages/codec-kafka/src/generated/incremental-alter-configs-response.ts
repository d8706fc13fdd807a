// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// IncrementalAlterConfigsResponse, key 44, versions 0 to 1.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class AlterConfigsResourceResponse {
  errorCode: number = 0;
  errorMessage: string | null = "";
  resourceType: number = 0;
  resourceName: string = "";
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readAlterConfigsResourceResponse(r: Reader, v: number): AlterConfigsResourceResponse {
  const m = new AlterConfigsResourceResponse();
  m.errorCode = r.int16();
  m.errorMessage = r.nullableString(v >= 1);
  m.resourceType = r.int8();
  m.resourceName = r.string(v >= 1);
  if (v >= 1) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeAlterConfigsResourceResponse(w: Writer, m: AlterConfigsResourceResponse, v: number): void {
  w.int16(m.errorCode);
  w.string(m.errorMessage, v >= 1);
  w.int8(m.resourceType);
  w.string(m.resourceName, v >= 1);
  if (v >= 1) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class IncrementalAlterConfigsResponse {
  throttleTimeMs: number = 0;
  responses: readonly AlterConfigsResourceResponse[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readIncrementalAlterConfigsResponse(r: Reader, v: number): IncrementalAlterConfigsResponse {
  const m = new IncrementalAlterConfigsResponse();
  m.throttleTimeMs = r.int32();
  m.responses = r.array(v >= 1, readAlterConfigsResourceResponse, v);
  if (v >= 1) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeIncrementalAlterConfigsResponse(w: Writer, m: IncrementalAlterConfigsResponse, v: number): void {
  w.int32(m.throttleTimeMs);
  w.array(m.responses, v >= 1, writeAlterConfigsResourceResponse, v);
  if (v >= 1) w.tags(noKnown, m.unknown);
}
