// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// JoinGroupResponse, key 11, versions 0 to 9.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class JoinGroupResponseMember {
  memberId: string = "";
  groupInstanceId: string | null = null;
  metadata: Uint8Array = new Uint8Array(0);
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readJoinGroupResponseMember(r: Reader, v: number): JoinGroupResponseMember {
  const m = new JoinGroupResponseMember();
  m.memberId = r.string(v >= 6);
  if (v >= 5) m.groupInstanceId = r.nullableString(v >= 6);
  m.metadata = r.bytes(v >= 6);
  if (v >= 6) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeJoinGroupResponseMember(w: Writer, m: JoinGroupResponseMember, v: number): void {
  w.string(m.memberId, v >= 6);
  if (v >= 5) w.string(m.groupInstanceId, v >= 6);
  w.bytes(m.metadata, v >= 6);
  if (v >= 6) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class JoinGroupResponse {
  throttleTimeMs: number = 0;
  errorCode: number = 0;
  generationId: number = -1;
  protocolType: string | null = null;
  protocolName: string | null = "";
  leader: string = "";
  skipAssignment: boolean = false;
  memberId: string = "";
  members: readonly JoinGroupResponseMember[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readJoinGroupResponse(r: Reader, v: number): JoinGroupResponse {
  const m = new JoinGroupResponse();
  if (v >= 2) m.throttleTimeMs = r.int32();
  m.errorCode = r.int16();
  m.generationId = r.int32();
  if (v >= 7) m.protocolType = r.nullableString(v >= 6);
  m.protocolName = r.nullableString(v >= 6);
  m.leader = r.string(v >= 6);
  if (v >= 9) m.skipAssignment = r.bool();
  m.memberId = r.string(v >= 6);
  m.members = r.array(v >= 6, readJoinGroupResponseMember, v);
  if (v >= 6) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeJoinGroupResponse(w: Writer, m: JoinGroupResponse, v: number): void {
  if (v >= 2) w.int32(m.throttleTimeMs);
  w.int16(m.errorCode);
  w.int32(m.generationId);
  if (v >= 7) w.string(m.protocolType, v >= 6);
  w.string(m.protocolName, v >= 6);
  w.string(m.leader, v >= 6);
  if (v >= 9) w.bool(m.skipAssignment);
  w.string(m.memberId, v >= 6);
  w.array(m.members, v >= 6, writeJoinGroupResponseMember, v);
  if (v >= 6) w.tags(noKnown, m.unknown);
}
