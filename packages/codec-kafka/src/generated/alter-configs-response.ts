// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// AlterConfigsResponse, key 33, versions 0 to 2.
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
  m.errorMessage = r.nullableString(v >= 2);
  m.resourceType = r.int8();
  m.resourceName = r.string(v >= 2);
  if (v >= 2) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeAlterConfigsResourceResponse(w: Writer, m: AlterConfigsResourceResponse, v: number): void {
  w.int16(m.errorCode);
  w.string(m.errorMessage, v >= 2);
  w.int8(m.resourceType);
  w.string(m.resourceName, v >= 2);
  if (v >= 2) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class AlterConfigsResponse {
  throttleTimeMs: number = 0;
  responses: readonly AlterConfigsResourceResponse[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readAlterConfigsResponse(r: Reader, v: number): AlterConfigsResponse {
  const m = new AlterConfigsResponse();
  m.throttleTimeMs = r.int32();
  m.responses = r.array(v >= 2, readAlterConfigsResourceResponse, v);
  if (v >= 2) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeAlterConfigsResponse(w: Writer, m: AlterConfigsResponse, v: number): void {
  w.int32(m.throttleTimeMs);
  w.array(m.responses, v >= 2, writeAlterConfigsResourceResponse, v);
  if (v >= 2) w.tags(noKnown, m.unknown);
}
