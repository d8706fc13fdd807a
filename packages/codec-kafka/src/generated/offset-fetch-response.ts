// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// OffsetFetchResponse, key 9, versions 0 to 9.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class OffsetFetchResponsePartition {
  partitionIndex: number = 0;
  committedOffset: bigint = 0n;
  committedLeaderEpoch: number = -1;
  metadata: string | null = "";
  errorCode: number = 0;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readOffsetFetchResponsePartition(r: Reader, v: number): OffsetFetchResponsePartition {
  const m = new OffsetFetchResponsePartition();
  if (v <= 7) m.partitionIndex = r.int32();
  if (v <= 7) m.committedOffset = r.int64();
  if (v >= 5 && v <= 7) m.committedLeaderEpoch = r.int32();
  if (v <= 7) m.metadata = r.nullableString(v >= 6);
  if (v <= 7) m.errorCode = r.int16();
  if (v >= 6) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeOffsetFetchResponsePartition(w: Writer, m: OffsetFetchResponsePartition, v: number): void {
  if (v <= 7) w.int32(m.partitionIndex);
  if (v <= 7) w.int64(m.committedOffset);
  if (v >= 5 && v <= 7) w.int32(m.committedLeaderEpoch);
  if (v <= 7) w.string(m.metadata, v >= 6);
  if (v <= 7) w.int16(m.errorCode);
  if (v >= 6) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class OffsetFetchResponseTopic {
  name: string = "";
  partitions: readonly OffsetFetchResponsePartition[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readOffsetFetchResponseTopic(r: Reader, v: number): OffsetFetchResponseTopic {
  const m = new OffsetFetchResponseTopic();
  if (v <= 7) m.name = r.string(v >= 6);
  if (v <= 7) m.partitions = r.array(v >= 6, readOffsetFetchResponsePartition, v);
  if (v >= 6) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeOffsetFetchResponseTopic(w: Writer, m: OffsetFetchResponseTopic, v: number): void {
  if (v <= 7) w.string(m.name, v >= 6);
  if (v <= 7) w.array(m.partitions, v >= 6, writeOffsetFetchResponsePartition, v);
  if (v >= 6) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class OffsetFetchResponsePartitions {
  partitionIndex: number = 0;
  committedOffset: bigint = 0n;
  committedLeaderEpoch: number = -1;
  metadata: string | null = "";
  errorCode: number = 0;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readOffsetFetchResponsePartitions(r: Reader, v: number): OffsetFetchResponsePartitions {
  const m = new OffsetFetchResponsePartitions();
  if (v >= 8) m.partitionIndex = r.int32();
  if (v >= 8) m.committedOffset = r.int64();
  if (v >= 8) m.committedLeaderEpoch = r.int32();
  if (v >= 8) m.metadata = r.nullableString(v >= 6);
  if (v >= 8) m.errorCode = r.int16();
  if (v >= 6) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeOffsetFetchResponsePartitions(w: Writer, m: OffsetFetchResponsePartitions, v: number): void {
  if (v >= 8) w.int32(m.partitionIndex);
  if (v >= 8) w.int64(m.committedOffset);
  if (v >= 8) w.int32(m.committedLeaderEpoch);
  if (v >= 8) w.string(m.metadata, v >= 6);
  if (v >= 8) w.int16(m.errorCode);
  if (v >= 6) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class OffsetFetchResponseTopics {
  name: string = "";
  partitions: readonly OffsetFetchResponsePartitions[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readOffsetFetchResponseTopics(r: Reader, v: number): OffsetFetchResponseTopics {
  const m = new OffsetFetchResponseTopics();
  if (v >= 8) m.name = r.string(v >= 6);
  if (v >= 8) m.partitions = r.array(v >= 6, readOffsetFetchResponsePartitions, v);
  if (v >= 6) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeOffsetFetchResponseTopics(w: Writer, m: OffsetFetchResponseTopics, v: number): void {
  if (v >= 8) w.string(m.name, v >= 6);
  if (v >= 8) w.array(m.partitions, v >= 6, writeOffsetFetchResponsePartitions, v);
  if (v >= 6) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class OffsetFetchResponseGroup {
  groupId: string = "";
  topics: readonly OffsetFetchResponseTopics[] = [];
  errorCode: number = 0;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readOffsetFetchResponseGroup(r: Reader, v: number): OffsetFetchResponseGroup {
  const m = new OffsetFetchResponseGroup();
  if (v >= 8) m.groupId = r.string(v >= 6);
  if (v >= 8) m.topics = r.array(v >= 6, readOffsetFetchResponseTopics, v);
  if (v >= 8) m.errorCode = r.int16();
  if (v >= 6) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeOffsetFetchResponseGroup(w: Writer, m: OffsetFetchResponseGroup, v: number): void {
  if (v >= 8) w.string(m.groupId, v >= 6);
  if (v >= 8) w.array(m.topics, v >= 6, writeOffsetFetchResponseTopics, v);
  if (v >= 8) w.int16(m.errorCode);
  if (v >= 6) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class OffsetFetchResponse {
  throttleTimeMs: number = 0;
  topics: readonly OffsetFetchResponseTopic[] = [];
  errorCode: number = 0;
  groups: readonly OffsetFetchResponseGroup[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readOffsetFetchResponse(r: Reader, v: number): OffsetFetchResponse {
  const m = new OffsetFetchResponse();
  if (v >= 3) m.throttleTimeMs = r.int32();
  if (v <= 7) m.topics = r.array(v >= 6, readOffsetFetchResponseTopic, v);
  if (v >= 2 && v <= 7) m.errorCode = r.int16();
  if (v >= 8) m.groups = r.array(v >= 6, readOffsetFetchResponseGroup, v);
  if (v >= 6) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeOffsetFetchResponse(w: Writer, m: OffsetFetchResponse, v: number): void {
  if (v >= 3) w.int32(m.throttleTimeMs);
  if (v <= 7) w.array(m.topics, v >= 6, writeOffsetFetchResponseTopic, v);
  if (v >= 2 && v <= 7) w.int16(m.errorCode);
  if (v >= 8) w.array(m.groups, v >= 6, writeOffsetFetchResponseGroup, v);
  if (v >= 6) w.tags(noKnown, m.unknown);
}
