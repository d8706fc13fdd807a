// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// DeleteGroupsResponse, key 42, versions 0 to 2.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class DeletableGroupResult {
  groupId: string = "";
  errorCode: number = 0;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readDeletableGroupResult(r: Reader, v: number): DeletableGroupResult {
  const m = new DeletableGroupResult();
  m.groupId = r.string(v >= 2);
  m.errorCode = r.int16();
  if (v >= 2) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeDeletableGroupResult(w: Writer, m: DeletableGroupResult, v: number): void {
  w.string(m.groupId, v >= 2);
  w.int16(m.errorCode);
  if (v >= 2) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class DeleteGroupsResponse {
  throttleTimeMs: number = 0;
  results: readonly DeletableGroupResult[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readDeleteGroupsResponse(r: Reader, v: number): DeleteGroupsResponse {
  const m = new DeleteGroupsResponse();
  m.throttleTimeMs = r.int32();
  m.results = r.array(v >= 2, readDeletableGroupResult, v);
  if (v >= 2) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeDeleteGroupsResponse(w: Writer, m: DeleteGroupsResponse, v: number): void {
  w.int32(m.throttleTimeMs);
  w.array(m.results, v >= 2, writeDeletableGroupResult, v);
  if (v >= 2) w.tags(noKnown, m.unknown);
}
