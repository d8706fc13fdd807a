// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// ListGroupsResponse, key 16, versions 0 to 5.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class ListedGroup {
  groupId: string = "";
  protocolType: string = "";
  groupState: string = "";
  groupType: string = "";
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readListedGroup(r: Reader, v: number): ListedGroup {
  const m = new ListedGroup();
  m.groupId = r.string(v >= 3);
  m.protocolType = r.string(v >= 3);
  if (v >= 4) m.groupState = r.string(v >= 3);
  if (v >= 5) m.groupType = r.string(v >= 3);
  if (v >= 3) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeListedGroup(w: Writer, m: ListedGroup, v: number): void {
  w.string(m.groupId, v >= 3);
  w.string(m.protocolType, v >= 3);
  if (v >= 4) w.string(m.groupState, v >= 3);
  if (v >= 5) w.string(m.groupType, v >= 3);
  if (v >= 3) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class ListGroupsResponse {
  throttleTimeMs: number = 0;
  errorCode: number = 0;
  groups: readonly ListedGroup[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readListGroupsResponse(r: Reader, v: number): ListGroupsResponse {
  const m = new ListGroupsResponse();
  if (v >= 1) m.throttleTimeMs = r.int32();
  m.errorCode = r.int16();
  m.groups = r.array(v >= 3, readListedGroup, v);
  if (v >= 3) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeListGroupsResponse(w: Writer, m: ListGroupsResponse, v: number): void {
  if (v >= 1) w.int32(m.throttleTimeMs);
  w.int16(m.errorCode);
  w.array(m.groups, v >= 3, writeListedGroup, v);
  if (v >= 3) w.tags(noKnown, m.unknown);
}
