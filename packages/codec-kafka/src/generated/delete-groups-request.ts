// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// DeleteGroupsRequest, key 42, versions 0 to 2.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class DeleteGroupsRequest {
  groupsNames: readonly string[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readDeleteGroupsRequest(r: Reader, v: number): DeleteGroupsRequest {
  const m = new DeleteGroupsRequest();
  m.groupsNames = r.array(v >= 2, (x) => x.string(v >= 2), v);
  if (v >= 2) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeDeleteGroupsRequest(w: Writer, m: DeleteGroupsRequest, v: number): void {
  w.array(m.groupsNames, v >= 2, (x, item) => x.string(item, v >= 2), v);
  if (v >= 2) w.tags(noKnown, m.unknown);
}
