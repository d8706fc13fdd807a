// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// ListGroupsRequest, key 16, versions 0 to 5.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class ListGroupsRequest {
  statesFilter: readonly string[] = [];
  typesFilter: readonly string[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readListGroupsRequest(r: Reader, v: number): ListGroupsRequest {
  const m = new ListGroupsRequest();
  if (v >= 4) m.statesFilter = r.array(v >= 3, (x) => x.string(v >= 3), v);
  if (v >= 5) m.typesFilter = r.array(v >= 3, (x) => x.string(v >= 3), v);
  if (v >= 3) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeListGroupsRequest(w: Writer, m: ListGroupsRequest, v: number): void {
  if (v >= 4) w.array(m.statesFilter, v >= 3, (x, item) => x.string(item, v >= 3), v);
  if (v >= 5) w.array(m.typesFilter, v >= 3, (x, item) => x.string(item, v >= 3), v);
  if (v >= 3) w.tags(noKnown, m.unknown);
}
