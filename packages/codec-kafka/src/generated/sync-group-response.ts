// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// SyncGroupResponse, key 14, versions 0 to 5.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class SyncGroupResponse {
  throttleTimeMs: number = 0;
  errorCode: number = 0;
  protocolType: string | null = null;
  protocolName: string | null = null;
  assignment: Uint8Array = new Uint8Array(0);
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readSyncGroupResponse(r: Reader, v: number): SyncGroupResponse {
  const m = new SyncGroupResponse();
  if (v >= 1) m.throttleTimeMs = r.int32();
  m.errorCode = r.int16();
  if (v >= 5) m.protocolType = r.nullableString(v >= 4);
  if (v >= 5) m.protocolName = r.nullableString(v >= 4);
  m.assignment = r.bytes(v >= 4);
  if (v >= 4) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeSyncGroupResponse(w: Writer, m: SyncGroupResponse, v: number): void {
  if (v >= 1) w.int32(m.throttleTimeMs);
  w.int16(m.errorCode);
  if (v >= 5) w.string(m.protocolType, v >= 4);
  if (v >= 5) w.string(m.protocolName, v >= 4);
  w.bytes(m.assignment, v >= 4);
  if (v >= 4) w.tags(noKnown, m.unknown);
}
