// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// TxnOffsetCommitResponse, key 28, versions 0 to 4.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class TxnOffsetCommitResponsePartition {
  partitionIndex: number = 0;
  errorCode: number = 0;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readTxnOffsetCommitResponsePartition(r: Reader, v: number): TxnOffsetCommitResponsePartition {
  const m = new TxnOffsetCommitResponsePartition();
  m.partitionIndex = r.int32();
  m.errorCode = r.int16();
  if (v >= 3) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeTxnOffsetCommitResponsePartition(w: Writer, m: TxnOffsetCommitResponsePartition, v: number): void {
  w.int32(m.partitionIndex);
  w.int16(m.errorCode);
  if (v >= 3) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class TxnOffsetCommitResponseTopic {
  name: string = "";
  partitions: readonly TxnOffsetCommitResponsePartition[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readTxnOffsetCommitResponseTopic(r: Reader, v: number): TxnOffsetCommitResponseTopic {
  const m = new TxnOffsetCommitResponseTopic();
  m.name = r.string(v >= 3);
  m.partitions = r.array(v >= 3, readTxnOffsetCommitResponsePartition, v);
  if (v >= 3) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeTxnOffsetCommitResponseTopic(w: Writer, m: TxnOffsetCommitResponseTopic, v: number): void {
  w.string(m.name, v >= 3);
  w.array(m.partitions, v >= 3, writeTxnOffsetCommitResponsePartition, v);
  if (v >= 3) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class TxnOffsetCommitResponse {
  throttleTimeMs: number = 0;
  topics: readonly TxnOffsetCommitResponseTopic[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readTxnOffsetCommitResponse(r: Reader, v: number): TxnOffsetCommitResponse {
  const m = new TxnOffsetCommitResponse();
  m.throttleTimeMs = r.int32();
  m.topics = r.array(v >= 3, readTxnOffsetCommitResponseTopic, v);
  if (v >= 3) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeTxnOffsetCommitResponse(w: Writer, m: TxnOffsetCommitResponse, v: number): void {
  w.int32(m.throttleTimeMs);
  w.array(m.topics, v >= 3, writeTxnOffsetCommitResponseTopic, v);
  if (v >= 3) w.tags(noKnown, m.unknown);
}
