// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// OffsetCommitRequest, key 8, versions 0 to 9.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class OffsetCommitRequestPartition {
  partitionIndex: number = 0;
  committedOffset: bigint = 0n;
  committedLeaderEpoch: number = -1;
  commitTimestamp: bigint = -1n;
  committedMetadata: string | null = "";
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readOffsetCommitRequestPartition(r: Reader, v: number): OffsetCommitRequestPartition {
  const m = new OffsetCommitRequestPartition();
  m.partitionIndex = r.int32();
  m.committedOffset = r.int64();
  if (v >= 6) m.committedLeaderEpoch = r.int32();
  if (v >= 1 && v <= 1) m.commitTimestamp = r.int64();
  m.committedMetadata = r.nullableString(v >= 8);
  if (v >= 8) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeOffsetCommitRequestPartition(w: Writer, m: OffsetCommitRequestPartition, v: number): void {
  w.int32(m.partitionIndex);
  w.int64(m.committedOffset);
  if (v >= 6) w.int32(m.committedLeaderEpoch);
  if (v >= 1 && v <= 1) w.int64(m.commitTimestamp);
  w.string(m.committedMetadata, v >= 8);
  if (v >= 8) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class OffsetCommitRequestTopic {
  name: string = "";
  partitions: readonly OffsetCommitRequestPartition[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readOffsetCommitRequestTopic(r: Reader, v: number): OffsetCommitRequestTopic {
  const m = new OffsetCommitRequestTopic();
  m.name = r.string(v >= 8);
  m.partitions = r.array(v >= 8, readOffsetCommitRequestPartition, v);
  if (v >= 8) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeOffsetCommitRequestTopic(w: Writer, m: OffsetCommitRequestTopic, v: number): void {
  w.string(m.name, v >= 8);
  w.array(m.partitions, v >= 8, writeOffsetCommitRequestPartition, v);
  if (v >= 8) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class OffsetCommitRequest {
  groupId: string = "";
  generationIdOrMemberEpoch: number = -1;
  memberId: string = "";
  groupInstanceId: string | null = null;
  retentionTimeMs: bigint = -1n;
  topics: readonly OffsetCommitRequestTopic[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readOffsetCommitRequest(r: Reader, v: number): OffsetCommitRequest {
  const m = new OffsetCommitRequest();
  m.groupId = r.string(v >= 8);
  if (v >= 1) m.generationIdOrMemberEpoch = r.int32();
  if (v >= 1) m.memberId = r.string(v >= 8);
  if (v >= 7) m.groupInstanceId = r.nullableString(v >= 8);
  if (v >= 2 && v <= 4) m.retentionTimeMs = r.int64();
  m.topics = r.array(v >= 8, readOffsetCommitRequestTopic, v);
  if (v >= 8) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeOffsetCommitRequest(w: Writer, m: OffsetCommitRequest, v: number): void {
  w.string(m.groupId, v >= 8);
  if (v >= 1) w.int32(m.generationIdOrMemberEpoch);
  if (v >= 1) w.string(m.memberId, v >= 8);
  if (v >= 7) w.string(m.groupInstanceId, v >= 8);
  if (v >= 2 && v <= 4) w.int64(m.retentionTimeMs);
  w.array(m.topics, v >= 8, writeOffsetCommitRequestTopic, v);
  if (v >= 8) w.tags(noKnown, m.unknown);
}
