// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// DescribeGroupsRequest, key 15, versions 0 to 5.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class DescribeGroupsRequest {
  groups: readonly string[] = [];
  includeAuthorizedOperations: boolean = false;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readDescribeGroupsRequest(r: Reader, v: number): DescribeGroupsRequest {
  const m = new DescribeGroupsRequest();
  m.groups = r.array(v >= 5, (x) => x.string(v >= 5), v);
  if (v >= 3) m.includeAuthorizedOperations = r.bool();
  if (v >= 5) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeDescribeGroupsRequest(w: Writer, m: DescribeGroupsRequest, v: number): void {
  w.array(m.groups, v >= 5, (x, item) => x.string(item, v >= 5), v);
  if (v >= 3) w.bool(m.includeAuthorizedOperations);
  if (v >= 5) w.tags(noKnown, m.unknown);
}
