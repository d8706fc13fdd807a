// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// EndTxnRequest, key 26, versions 0 to 4.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class EndTxnRequest {
  transactionalId: string = "";
  producerId: bigint = 0n;
  producerEpoch: number = 0;
  committed: boolean = false;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readEndTxnRequest(r: Reader, v: number): EndTxnRequest {
  const m = new EndTxnRequest();
  m.transactionalId = r.string(v >= 3);
  m.producerId = r.int64();
  m.producerEpoch = r.int16();
  m.committed = r.bool();
  if (v >= 3) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeEndTxnRequest(w: Writer, m: EndTxnRequest, v: number): void {
  w.string(m.transactionalId, v >= 3);
  w.int64(m.producerId);
  w.int16(m.producerEpoch);
  w.bool(m.committed);
  if (v >= 3) w.tags(noKnown, m.unknown);
}
