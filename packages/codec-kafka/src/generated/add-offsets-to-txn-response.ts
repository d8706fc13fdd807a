// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// AddOffsetsToTxnResponse, key 25, versions 0 to 4.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class AddOffsetsToTxnResponse {
  throttleTimeMs: number = 0;
  errorCode: number = 0;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readAddOffsetsToTxnResponse(r: Reader, v: number): AddOffsetsToTxnResponse {
  const m = new AddOffsetsToTxnResponse();
  m.throttleTimeMs = r.int32();
  m.errorCode = r.int16();
  if (v >= 3) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeAddOffsetsToTxnResponse(w: Writer, m: AddOffsetsToTxnResponse, v: number): void {
  w.int32(m.throttleTimeMs);
  w.int16(m.errorCode);
  if (v >= 3) w.tags(noKnown, m.unknown);
}
