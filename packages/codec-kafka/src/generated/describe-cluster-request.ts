// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// DescribeClusterRequest, key 60, versions 0 to 1.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class DescribeClusterRequest {
  includeClusterAuthorizedOperations: boolean = false;
  endpointType: number = 1;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readDescribeClusterRequest(r: Reader, v: number): DescribeClusterRequest {
  const m = new DescribeClusterRequest();
  m.includeClusterAuthorizedOperations = r.bool();
  if (v >= 1) m.endpointType = r.int8();
  m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeDescribeClusterRequest(w: Writer, m: DescribeClusterRequest, v: number): void {
  w.bool(m.includeClusterAuthorizedOperations);
  if (v >= 1) w.int8(m.endpointType);
  w.tags(noKnown, m.unknown);
}
