// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// FindCoordinatorResponse, key 10, versions 0 to 3.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class FindCoordinatorResponse {
  throttleTimeMs: number = 0;
  errorCode: number = 0;
  errorMessage: string | null = "";
  nodeId: number = 0;
  host: string = "";
  port: number = 0;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readFindCoordinatorResponse(r: Reader, v: number): FindCoordinatorResponse {
  const m = new FindCoordinatorResponse();
  if (v >= 1) m.throttleTimeMs = r.int32();
  m.errorCode = r.int16();
  if (v >= 1) m.errorMessage = r.nullableString(v >= 3);
  m.nodeId = r.int32();
  m.host = r.string(v >= 3);
  m.port = r.int32();
  if (v >= 3) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeFindCoordinatorResponse(w: Writer, m: FindCoordinatorResponse, v: number): void {
  if (v >= 1) w.int32(m.throttleTimeMs);
  w.int16(m.errorCode);
  if (v >= 1) w.string(m.errorMessage, v >= 3);
  w.int32(m.nodeId);
  w.string(m.host, v >= 3);
  w.int32(m.port);
  if (v >= 3) w.tags(noKnown, m.unknown);
}
