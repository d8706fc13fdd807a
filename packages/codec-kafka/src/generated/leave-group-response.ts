// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// LeaveGroupResponse, key 13, versions 0 to 5.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class MemberResponse {
  memberId: string = "";
  groupInstanceId: string | null = "";
  errorCode: number = 0;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readMemberResponse(r: Reader, v: number): MemberResponse {
  const m = new MemberResponse();
  if (v >= 3) m.memberId = r.string(v >= 4);
  if (v >= 3) m.groupInstanceId = r.nullableString(v >= 4);
  if (v >= 3) m.errorCode = r.int16();
  if (v >= 4) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeMemberResponse(w: Writer, m: MemberResponse, v: number): void {
  if (v >= 3) w.string(m.memberId, v >= 4);
  if (v >= 3) w.string(m.groupInstanceId, v >= 4);
  if (v >= 3) w.int16(m.errorCode);
  if (v >= 4) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class LeaveGroupResponse {
  throttleTimeMs: number = 0;
  errorCode: number = 0;
  members: readonly MemberResponse[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readLeaveGroupResponse(r: Reader, v: number): LeaveGroupResponse {
  const m = new LeaveGroupResponse();
  if (v >= 1) m.throttleTimeMs = r.int32();
  m.errorCode = r.int16();
  if (v >= 3) m.members = r.array(v >= 4, readMemberResponse, v);
  if (v >= 4) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeLeaveGroupResponse(w: Writer, m: LeaveGroupResponse, v: number): void {
  if (v >= 1) w.int32(m.throttleTimeMs);
  w.int16(m.errorCode);
  if (v >= 3) w.array(m.members, v >= 4, writeMemberResponse, v);
  if (v >= 4) w.tags(noKnown, m.unknown);
}
