// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// HeartbeatRequest, key 12, versions 0 to 4.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class HeartbeatRequest {
  groupId: string = "";
  generationId: number = 0;
  memberId: string = "";
  groupInstanceId: string | null = null;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readHeartbeatRequest(r: Reader, v: number): HeartbeatRequest {
  const m = new HeartbeatRequest();
  m.groupId = r.string(v >= 4);
  m.generationId = r.int32();
  m.memberId = r.string(v >= 4);
  if (v >= 3) m.groupInstanceId = r.nullableString(v >= 4);
  if (v >= 4) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeHeartbeatRequest(w: Writer, m: HeartbeatRequest, v: number): void {
  w.string(m.groupId, v >= 4);
  w.int32(m.generationId);
  w.string(m.memberId, v >= 4);
  if (v >= 3) w.string(m.groupInstanceId, v >= 4);
  if (v >= 4) w.tags(noKnown, m.unknown);
}
