// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// AddPartitionsToTxnRequest, key 24, versions 0 to 3.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class AddPartitionsToTxnTopic {
  name: string = "";
  partitions: readonly number[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readAddPartitionsToTxnTopic(r: Reader, v: number): AddPartitionsToTxnTopic {
  const m = new AddPartitionsToTxnTopic();
  m.name = r.string(v >= 3);
  m.partitions = r.array(v >= 3, (x) => x.int32(), v);
  if (v >= 3) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeAddPartitionsToTxnTopic(w: Writer, m: AddPartitionsToTxnTopic, v: number): void {
  w.string(m.name, v >= 3);
  w.array(m.partitions, v >= 3, (x, item) => x.int32(item), v);
  if (v >= 3) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class AddPartitionsToTxnRequest {
  v3AndBelowTransactionalId: string = "";
  v3AndBelowProducerId: bigint = 0n;
  v3AndBelowProducerEpoch: number = 0;
  v3AndBelowTopics: readonly AddPartitionsToTxnTopic[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readAddPartitionsToTxnRequest(r: Reader, v: number): AddPartitionsToTxnRequest {
  const m = new AddPartitionsToTxnRequest();
  m.v3AndBelowTransactionalId = r.string(v >= 3);
  m.v3AndBelowProducerId = r.int64();
  m.v3AndBelowProducerEpoch = r.int16();
  m.v3AndBelowTopics = r.array(v >= 3, readAddPartitionsToTxnTopic, v);
  if (v >= 3) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeAddPartitionsToTxnRequest(w: Writer, m: AddPartitionsToTxnRequest, v: number): void {
  w.string(m.v3AndBelowTransactionalId, v >= 3);
  w.int64(m.v3AndBelowProducerId);
  w.int16(m.v3AndBelowProducerEpoch);
  w.array(m.v3AndBelowTopics, v >= 3, writeAddPartitionsToTxnTopic, v);
  if (v >= 3) w.tags(noKnown, m.unknown);
}
