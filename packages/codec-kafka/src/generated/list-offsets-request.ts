// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// ListOffsetsRequest, key 2, versions 0 to 8.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class ListOffsetsPartition {
  partitionIndex: number = 0;
  currentLeaderEpoch: number = -1;
  timestamp: bigint = 0n;
  maxNumOffsets: number = 1;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readListOffsetsPartition(r: Reader, v: number): ListOffsetsPartition {
  const m = new ListOffsetsPartition();
  m.partitionIndex = r.int32();
  if (v >= 4) m.currentLeaderEpoch = r.int32();
  m.timestamp = r.int64();
  if (v <= 0) m.maxNumOffsets = r.int32();
  if (v >= 6) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeListOffsetsPartition(w: Writer, m: ListOffsetsPartition, v: number): void {
  w.int32(m.partitionIndex);
  if (v >= 4) w.int32(m.currentLeaderEpoch);
  w.int64(m.timestamp);
  if (v <= 0) w.int32(m.maxNumOffsets);
  if (v >= 6) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class ListOffsetsTopic {
  name: string = "";
  partitions: readonly ListOffsetsPartition[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readListOffsetsTopic(r: Reader, v: number): ListOffsetsTopic {
  const m = new ListOffsetsTopic();
  m.name = r.string(v >= 6);
  m.partitions = r.array(v >= 6, readListOffsetsPartition, v);
  if (v >= 6) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeListOffsetsTopic(w: Writer, m: ListOffsetsTopic, v: number): void {
  w.string(m.name, v >= 6);
  w.array(m.partitions, v >= 6, writeListOffsetsPartition, v);
  if (v >= 6) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class ListOffsetsRequest {
  replicaId: number = 0;
  isolationLevel: number = 0;
  topics: readonly ListOffsetsTopic[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readListOffsetsRequest(r: Reader, v: number): ListOffsetsRequest {
  const m = new ListOffsetsRequest();
  m.replicaId = r.int32();
  if (v >= 2) m.isolationLevel = r.int8();
  m.topics = r.array(v >= 6, readListOffsetsTopic, v);
  if (v >= 6) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeListOffsetsRequest(w: Writer, m: ListOffsetsRequest, v: number): void {
  w.int32(m.replicaId);
  if (v >= 2) w.int8(m.isolationLevel);
  w.array(m.topics, v >= 6, writeListOffsetsTopic, v);
  if (v >= 6) w.tags(noKnown, m.unknown);
}
