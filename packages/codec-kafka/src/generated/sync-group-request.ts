// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// SyncGroupRequest, key 14, versions 0 to 5.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class SyncGroupRequestAssignment {
  memberId: string = "";
  assignment: Uint8Array = new Uint8Array(0);
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readSyncGroupRequestAssignment(r: Reader, v: number): SyncGroupRequestAssignment {
  const m = new SyncGroupRequestAssignment();
  m.memberId = r.string(v >= 4);
  m.assignment = r.bytes(v >= 4);
  if (v >= 4) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeSyncGroupRequestAssignment(w: Writer, m: SyncGroupRequestAssignment, v: number): void {
  w.string(m.memberId, v >= 4);
  w.bytes(m.assignment, v >= 4);
  if (v >= 4) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class SyncGroupRequest {
  groupId: string = "";
  generationId: number = 0;
  memberId: string = "";
  groupInstanceId: string | null = null;
  protocolType: string | null = null;
  protocolName: string | null = null;
  assignments: readonly SyncGroupRequestAssignment[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readSyncGroupRequest(r: Reader, v: number): SyncGroupRequest {
  const m = new SyncGroupRequest();
  m.groupId = r.string(v >= 4);
  m.generationId = r.int32();
  m.memberId = r.string(v >= 4);
  if (v >= 3) m.groupInstanceId = r.nullableString(v >= 4);
  if (v >= 5) m.protocolType = r.nullableString(v >= 4);
  if (v >= 5) m.protocolName = r.nullableString(v >= 4);
  m.assignments = r.array(v >= 4, readSyncGroupRequestAssignment, v);
  if (v >= 4) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeSyncGroupRequest(w: Writer, m: SyncGroupRequest, v: number): void {
  w.string(m.groupId, v >= 4);
  w.int32(m.generationId);
  w.string(m.memberId, v >= 4);
  if (v >= 3) w.string(m.groupInstanceId, v >= 4);
  if (v >= 5) w.string(m.protocolType, v >= 4);
  if (v >= 5) w.string(m.protocolName, v >= 4);
  w.array(m.assignments, v >= 4, writeSyncGroupRequestAssignment, v);
  if (v >= 4) w.tags(noKnown, m.unknown);
}
