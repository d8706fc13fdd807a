// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// TxnOffsetCommitRequest, key 28, versions 0 to 4.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class TxnOffsetCommitRequestPartition {
  partitionIndex: number = 0;
  committedOffset: bigint = 0n;
  committedLeaderEpoch: number = -1;
  committedMetadata: string | null = "";
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readTxnOffsetCommitRequestPartition(r: Reader, v: number): TxnOffsetCommitRequestPartition {
  const m = new TxnOffsetCommitRequestPartition();
  m.partitionIndex = r.int32();
  m.committedOffset = r.int64();
  if (v >= 2) m.committedLeaderEpoch = r.int32();
  m.committedMetadata = r.nullableString(v >= 3);
  if (v >= 3) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeTxnOffsetCommitRequestPartition(w: Writer, m: TxnOffsetCommitRequestPartition, v: number): void {
  w.int32(m.partitionIndex);
  w.int64(m.committedOffset);
  if (v >= 2) w.int32(m.committedLeaderEpoch);
  w.string(m.committedMetadata, v >= 3);
  if (v >= 3) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class TxnOffsetCommitRequestTopic {
  name: string = "";
  partitions: readonly TxnOffsetCommitRequestPartition[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readTxnOffsetCommitRequestTopic(r: Reader, v: number): TxnOffsetCommitRequestTopic {
  const m = new TxnOffsetCommitRequestTopic();
  m.name = r.string(v >= 3);
  m.partitions = r.array(v >= 3, readTxnOffsetCommitRequestPartition, v);
  if (v >= 3) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeTxnOffsetCommitRequestTopic(w: Writer, m: TxnOffsetCommitRequestTopic, v: number): void {
  w.string(m.name, v >= 3);
  w.array(m.partitions, v >= 3, writeTxnOffsetCommitRequestPartition, v);
  if (v >= 3) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class TxnOffsetCommitRequest {
  transactionalId: string = "";
  groupId: string = "";
  producerId: bigint = 0n;
  producerEpoch: number = 0;
  generationId: number = -1;
  memberId: string = "";
  groupInstanceId: string | null = null;
  topics: readonly TxnOffsetCommitRequestTopic[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readTxnOffsetCommitRequest(r: Reader, v: number): TxnOffsetCommitRequest {
  const m = new TxnOffsetCommitRequest();
  m.transactionalId = r.string(v >= 3);
  m.groupId = r.string(v >= 3);
  m.producerId = r.int64();
  m.producerEpoch = r.int16();
  if (v >= 3) m.generationId = r.int32();
  if (v >= 3) m.memberId = r.string(v >= 3);
  if (v >= 3) m.groupInstanceId = r.nullableString(v >= 3);
  m.topics = r.array(v >= 3, readTxnOffsetCommitRequestTopic, v);
  if (v >= 3) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeTxnOffsetCommitRequest(w: Writer, m: TxnOffsetCommitRequest, v: number): void {
  w.string(m.transactionalId, v >= 3);
  w.string(m.groupId, v >= 3);
  w.int64(m.producerId);
  w.int16(m.producerEpoch);
  if (v >= 3) w.int32(m.generationId);
  if (v >= 3) w.string(m.memberId, v >= 3);
  if (v >= 3) w.string(m.groupInstanceId, v >= 3);
  w.array(m.topics, v >= 3, writeTxnOffsetCommitRequestTopic, v);
  if (v >= 3) w.tags(noKnown, m.unknown);
}
