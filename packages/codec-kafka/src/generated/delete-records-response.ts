// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// DeleteRecordsResponse, key 21, versions 0 to 2.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class DeleteRecordsPartitionResult {
  partitionIndex: number = 0;
  lowWatermark: bigint = 0n;
  errorCode: number = 0;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readDeleteRecordsPartitionResult(r: Reader, v: number): DeleteRecordsPartitionResult {
  const m = new DeleteRecordsPartitionResult();
  m.partitionIndex = r.int32();
  m.lowWatermark = r.int64();
  m.errorCode = r.int16();
  if (v >= 2) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeDeleteRecordsPartitionResult(w: Writer, m: DeleteRecordsPartitionResult, v: number): void {
  w.int32(m.partitionIndex);
  w.int64(m.lowWatermark);
  w.int16(m.errorCode);
  if (v >= 2) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class DeleteRecordsTopicResult {
  name: string = "";
  partitions: readonly DeleteRecordsPartitionResult[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readDeleteRecordsTopicResult(r: Reader, v: number): DeleteRecordsTopicResult {
  const m = new DeleteRecordsTopicResult();
  m.name = r.string(v >= 2);
  m.partitions = r.array(v >= 2, readDeleteRecordsPartitionResult, v);
  if (v >= 2) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeDeleteRecordsTopicResult(w: Writer, m: DeleteRecordsTopicResult, v: number): void {
  w.string(m.name, v >= 2);
  w.array(m.partitions, v >= 2, writeDeleteRecordsPartitionResult, v);
  if (v >= 2) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class DeleteRecordsResponse {
  throttleTimeMs: number = 0;
  topics: readonly DeleteRecordsTopicResult[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readDeleteRecordsResponse(r: Reader, v: number): DeleteRecordsResponse {
  const m = new DeleteRecordsResponse();
  m.throttleTimeMs = r.int32();
  m.topics = r.array(v >= 2, readDeleteRecordsTopicResult, v);
  if (v >= 2) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeDeleteRecordsResponse(w: Writer, m: DeleteRecordsResponse, v: number): void {
  w.int32(m.throttleTimeMs);
  w.array(m.topics, v >= 2, writeDeleteRecordsTopicResult, v);
  if (v >= 2) w.tags(noKnown, m.unknown);
}
