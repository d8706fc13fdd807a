// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// AddOffsetsToTxnRequest, key 25, versions 0 to 4.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class AddOffsetsToTxnRequest {
  transactionalId: string = "";
  producerId: bigint = 0n;
  producerEpoch: number = 0;
  groupId: string = "";
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readAddOffsetsToTxnRequest(r: Reader, v: number): AddOffsetsToTxnRequest {
  const m = new AddOffsetsToTxnRequest();
  m.transactionalId = r.string(v >= 3);
  m.producerId = r.int64();
  m.producerEpoch = r.int16();
  m.groupId = r.string(v >= 3);
  if (v >= 3) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeAddOffsetsToTxnRequest(w: Writer, m: AddOffsetsToTxnRequest, v: number): void {
  w.string(m.transactionalId, v >= 3);
  w.int64(m.producerId);
  w.int16(m.producerEpoch);
  w.string(m.groupId, v >= 3);
  if (v >= 3) w.tags(noKnown, m.unknown);
}
