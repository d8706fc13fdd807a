// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// AddPartitionsToTxnResponse, key 24, versions 0 to 3.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class AddPartitionsToTxnTopicResult {
  name: string = "";
  resultsByPartition: readonly AddPartitionsToTxnPartitionResult[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readAddPartitionsToTxnTopicResult(r: Reader, v: number): AddPartitionsToTxnTopicResult {
  const m = new AddPartitionsToTxnTopicResult();
  m.name = r.string(v >= 3);
  m.resultsByPartition = r.array(v >= 3, readAddPartitionsToTxnPartitionResult, v);
  if (v >= 3) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeAddPartitionsToTxnTopicResult(w: Writer, m: AddPartitionsToTxnTopicResult, v: number): void {
  w.string(m.name, v >= 3);
  w.array(m.resultsByPartition, v >= 3, writeAddPartitionsToTxnPartitionResult, v);
  if (v >= 3) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class AddPartitionsToTxnPartitionResult {
  partitionIndex: number = 0;
  partitionErrorCode: number = 0;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readAddPartitionsToTxnPartitionResult(r: Reader, v: number): AddPartitionsToTxnPartitionResult {
  const m = new AddPartitionsToTxnPartitionResult();
  m.partitionIndex = r.int32();
  m.partitionErrorCode = r.int16();
  if (v >= 3) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeAddPartitionsToTxnPartitionResult(w: Writer, m: AddPartitionsToTxnPartitionResult, v: number): void {
  w.int32(m.partitionIndex);
  w.int16(m.partitionErrorCode);
  if (v >= 3) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class AddPartitionsToTxnResponse {
  throttleTimeMs: number = 0;
  resultsByTopicV3AndBelow: readonly AddPartitionsToTxnTopicResult[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readAddPartitionsToTxnResponse(r: Reader, v: number): AddPartitionsToTxnResponse {
  const m = new AddPartitionsToTxnResponse();
  m.throttleTimeMs = r.int32();
  m.resultsByTopicV3AndBelow = r.array(v >= 3, readAddPartitionsToTxnTopicResult, v);
  if (v >= 3) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeAddPartitionsToTxnResponse(w: Writer, m: AddPartitionsToTxnResponse, v: number): void {
  w.int32(m.throttleTimeMs);
  w.array(m.resultsByTopicV3AndBelow, v >= 3, writeAddPartitionsToTxnTopicResult, v);
  if (v >= 3) w.tags(noKnown, m.unknown);
}
