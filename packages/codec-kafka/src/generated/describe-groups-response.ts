// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// DescribeGroupsResponse, key 15, versions 0 to 5.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class DescribedGroupMember {
  memberId: string = "";
  groupInstanceId: string | null = null;
  clientId: string = "";
  clientHost: string = "";
  memberMetadata: Uint8Array = new Uint8Array(0);
  memberAssignment: Uint8Array = new Uint8Array(0);
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readDescribedGroupMember(r: Reader, v: number): DescribedGroupMember {
  const m = new DescribedGroupMember();
  m.memberId = r.string(v >= 5);
  if (v >= 4) m.groupInstanceId = r.nullableString(v >= 5);
  m.clientId = r.string(v >= 5);
  m.clientHost = r.string(v >= 5);
  m.memberMetadata = r.bytes(v >= 5);
  m.memberAssignment = r.bytes(v >= 5);
  if (v >= 5) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeDescribedGroupMember(w: Writer, m: DescribedGroupMember, v: number): void {
  w.string(m.memberId, v >= 5);
  if (v >= 4) w.string(m.groupInstanceId, v >= 5);
  w.string(m.clientId, v >= 5);
  w.string(m.clientHost, v >= 5);
  w.bytes(m.memberMetadata, v >= 5);
  w.bytes(m.memberAssignment, v >= 5);
  if (v >= 5) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class DescribedGroup {
  errorCode: number = 0;
  groupId: string = "";
  groupState: string = "";
  protocolType: string = "";
  protocolData: string = "";
  members: readonly DescribedGroupMember[] = [];
  authorizedOperations: number = -2147483648;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readDescribedGroup(r: Reader, v: number): DescribedGroup {
  const m = new DescribedGroup();
  m.errorCode = r.int16();
  m.groupId = r.string(v >= 5);
  m.groupState = r.string(v >= 5);
  m.protocolType = r.string(v >= 5);
  m.protocolData = r.string(v >= 5);
  m.members = r.array(v >= 5, readDescribedGroupMember, v);
  if (v >= 3) m.authorizedOperations = r.int32();
  if (v >= 5) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeDescribedGroup(w: Writer, m: DescribedGroup, v: number): void {
  w.int16(m.errorCode);
  w.string(m.groupId, v >= 5);
  w.string(m.groupState, v >= 5);
  w.string(m.protocolType, v >= 5);
  w.string(m.protocolData, v >= 5);
  w.array(m.members, v >= 5, writeDescribedGroupMember, v);
  if (v >= 3) w.int32(m.authorizedOperations);
  if (v >= 5) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class DescribeGroupsResponse {
  throttleTimeMs: number = 0;
  groups: readonly DescribedGroup[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readDescribeGroupsResponse(r: Reader, v: number): DescribeGroupsResponse {
  const m = new DescribeGroupsResponse();
  if (v >= 1) m.throttleTimeMs = r.int32();
  m.groups = r.array(v >= 5, readDescribedGroup, v);
  if (v >= 5) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeDescribeGroupsResponse(w: Writer, m: DescribeGroupsResponse, v: number): void {
  if (v >= 1) w.int32(m.throttleTimeMs);
  w.array(m.groups, v >= 5, writeDescribedGroup, v);
  if (v >= 5) w.tags(noKnown, m.unknown);
}
