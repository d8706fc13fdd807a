// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// InitProducerIdRequest, key 22, versions 0 to 5.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class InitProducerIdRequest {
  transactionalId: string | null = "";
  transactionTimeoutMs: number = 0;
  producerId: bigint = -1n;
  producerEpoch: number = -1;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readInitProducerIdRequest(r: Reader, v: number): InitProducerIdRequest {
  const m = new InitProducerIdRequest();
  m.transactionalId = r.nullableString(v >= 2);
  m.transactionTimeoutMs = r.int32();
  if (v >= 3) m.producerId = r.int64();
  if (v >= 3) m.producerEpoch = r.int16();
  if (v >= 2) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeInitProducerIdRequest(w: Writer, m: InitProducerIdRequest, v: number): void {
  w.string(m.transactionalId, v >= 2);
  w.int32(m.transactionTimeoutMs);
  if (v >= 3) w.int64(m.producerId);
  if (v >= 3) w.int16(m.producerEpoch);
  if (v >= 2) w.tags(noKnown, m.unknown);
}
