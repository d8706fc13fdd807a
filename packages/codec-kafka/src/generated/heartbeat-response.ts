// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// HeartbeatResponse, key 12, versions 0 to 4.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class HeartbeatResponse {
  throttleTimeMs: number = 0;
  errorCode: number = 0;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readHeartbeatResponse(r: Reader, v: number): HeartbeatResponse {
  const m = new HeartbeatResponse();
  if (v >= 1) m.throttleTimeMs = r.int32();
  m.errorCode = r.int16();
  if (v >= 4) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeHeartbeatResponse(w: Writer, m: HeartbeatResponse, v: number): void {
  if (v >= 1) w.int32(m.throttleTimeMs);
  w.int16(m.errorCode);
  if (v >= 4) w.tags(noKnown, m.unknown);
}
