// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// DeleteTopicsRequest, key 20, versions 0 to 5.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class DeleteTopicsRequest {
  topicNames: readonly string[] = [];
  timeoutMs: number = 0;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readDeleteTopicsRequest(r: Reader, v: number): DeleteTopicsRequest {
  const m = new DeleteTopicsRequest();
  m.topicNames = r.array(v >= 4, (x) => x.string(v >= 4), v);
  m.timeoutMs = r.int32();
  if (v >= 4) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeDeleteTopicsRequest(w: Writer, m: DeleteTopicsRequest, v: number): void {
  w.array(m.topicNames, v >= 4, (x, item) => x.string(item, v >= 4), v);
  w.int32(m.timeoutMs);
  if (v >= 4) w.tags(noKnown, m.unknown);
}
