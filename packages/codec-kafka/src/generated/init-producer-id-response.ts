// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// InitProducerIdResponse, key 22, versions 0 to 5.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class InitProducerIdResponse {
  throttleTimeMs: number = 0;
  errorCode: number = 0;
  producerId: bigint = -1n;
  producerEpoch: number = 0;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readInitProducerIdResponse(r: Reader, v: number): InitProducerIdResponse {
  const m = new InitProducerIdResponse();
  m.throttleTimeMs = r.int32();
  m.errorCode = r.int16();
  m.producerId = r.int64();
  m.producerEpoch = r.int16();
  if (v >= 2) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeInitProducerIdResponse(w: Writer, m: InitProducerIdResponse, v: number): void {
  w.int32(m.throttleTimeMs);
  w.int16(m.errorCode);
  w.int64(m.producerId);
  w.int16(m.producerEpoch);
  if (v >= 2) w.tags(noKnown, m.unknown);
}
