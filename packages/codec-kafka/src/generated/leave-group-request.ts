// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// LeaveGroupRequest, key 13, versions 0 to 5.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class MemberIdentity {
  memberId: string = "";
  groupInstanceId: string | null = null;
  reason: string | null = null;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readMemberIdentity(r: Reader, v: number): MemberIdentity {
  const m = new MemberIdentity();
  if (v >= 3) m.memberId = r.string(v >= 4);
  if (v >= 3) m.groupInstanceId = r.nullableString(v >= 4);
  if (v >= 5) m.reason = r.nullableString(v >= 4);
  if (v >= 4) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeMemberIdentity(w: Writer, m: MemberIdentity, v: number): void {
  if (v >= 3) w.string(m.memberId, v >= 4);
  if (v >= 3) w.string(m.groupInstanceId, v >= 4);
  if (v >= 5) w.string(m.reason, v >= 4);
  if (v >= 4) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class LeaveGroupRequest {
  groupId: string = "";
  memberId: string = "";
  members: readonly MemberIdentity[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readLeaveGroupRequest(r: Reader, v: number): LeaveGroupRequest {
  const m = new LeaveGroupRequest();
  m.groupId = r.string(v >= 4);
  if (v <= 2) m.memberId = r.string(v >= 4);
  if (v >= 3) m.members = r.array(v >= 4, readMemberIdentity, v);
  if (v >= 4) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeLeaveGroupRequest(w: Writer, m: LeaveGroupRequest, v: number): void {
  w.string(m.groupId, v >= 4);
  if (v <= 2) w.string(m.memberId, v >= 4);
  if (v >= 3) w.array(m.members, v >= 4, writeMemberIdentity, v);
  if (v >= 4) w.tags(noKnown, m.unknown);
}
