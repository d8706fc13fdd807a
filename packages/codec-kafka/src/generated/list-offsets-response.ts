// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// ListOffsetsResponse, key 2, versions 0 to 8.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class ListOffsetsPartitionResponse {
  partitionIndex: number = 0;
  errorCode: number = 0;
  oldStyleOffsets: readonly bigint[] = [];
  timestamp: bigint = -1n;
  offset: bigint = -1n;
  leaderEpoch: number = -1;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readListOffsetsPartitionResponse(r: Reader, v: number): ListOffsetsPartitionResponse {
  const m = new ListOffsetsPartitionResponse();
  m.partitionIndex = r.int32();
  m.errorCode = r.int16();
  if (v <= 0) m.oldStyleOffsets = r.array(v >= 6, (x) => x.int64(), v);
  if (v >= 1) m.timestamp = r.int64();
  if (v >= 1) m.offset = r.int64();
  if (v >= 4) m.leaderEpoch = r.int32();
  if (v >= 6) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeListOffsetsPartitionResponse(w: Writer, m: ListOffsetsPartitionResponse, v: number): void {
  w.int32(m.partitionIndex);
  w.int16(m.errorCode);
  if (v <= 0) w.array(m.oldStyleOffsets, v >= 6, (x, item) => x.int64(item), v);
  if (v >= 1) w.int64(m.timestamp);
  if (v >= 1) w.int64(m.offset);
  if (v >= 4) w.int32(m.leaderEpoch);
  if (v >= 6) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class ListOffsetsTopicResponse {
  name: string = "";
  partitions: readonly ListOffsetsPartitionResponse[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readListOffsetsTopicResponse(r: Reader, v: number): ListOffsetsTopicResponse {
  const m = new ListOffsetsTopicResponse();
  m.name = r.string(v >= 6);
  m.partitions = r.array(v >= 6, readListOffsetsPartitionResponse, v);
  if (v >= 6) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeListOffsetsTopicResponse(w: Writer, m: ListOffsetsTopicResponse, v: number): void {
  w.string(m.name, v >= 6);
  w.array(m.partitions, v >= 6, writeListOffsetsPartitionResponse, v);
  if (v >= 6) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class ListOffsetsResponse {
  throttleTimeMs: number = 0;
  topics: readonly ListOffsetsTopicResponse[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readListOffsetsResponse(r: Reader, v: number): ListOffsetsResponse {
  const m = new ListOffsetsResponse();
  if (v >= 2) m.throttleTimeMs = r.int32();
  m.topics = r.array(v >= 6, readListOffsetsTopicResponse, v);
  if (v >= 6) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeListOffsetsResponse(w: Writer, m: ListOffsetsResponse, v: number): void {
  if (v >= 2) w.int32(m.throttleTimeMs);
  w.array(m.topics, v >= 6, writeListOffsetsTopicResponse, v);
  if (v >= 6) w.tags(noKnown, m.unknown);
}
