// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// FindCoordinatorRequest, key 10, versions 0 to 3.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class FindCoordinatorRequest {
  key: string = "";
  keyType: number = 0;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readFindCoordinatorRequest(r: Reader, v: number): FindCoordinatorRequest {
  const m = new FindCoordinatorRequest();
  m.key = r.string(v >= 3);
  if (v >= 1) m.keyType = r.int8();
  if (v >= 3) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeFindCoordinatorRequest(w: Writer, m: FindCoordinatorRequest, v: number): void {
  w.string(m.key, v >= 3);
  if (v >= 1) w.int8(m.keyType);
  if (v >= 3) w.tags(noKnown, m.unknown);
}
