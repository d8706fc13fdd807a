// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// DeleteRecordsRequest, key 21, versions 0 to 2.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class DeleteRecordsPartition {
  partitionIndex: number = 0;
  offset: bigint = 0n;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readDeleteRecordsPartition(r: Reader, v: number): DeleteRecordsPartition {
  const m = new DeleteRecordsPartition();
  m.partitionIndex = r.int32();
  m.offset = r.int64();
  if (v >= 2) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeDeleteRecordsPartition(w: Writer, m: DeleteRecordsPartition, v: number): void {
  w.int32(m.partitionIndex);
  w.int64(m.offset);
  if (v >= 2) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class DeleteRecordsTopic {
  name: string = "";
  partitions: readonly DeleteRecordsPartition[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readDeleteRecordsTopic(r: Reader, v: number): DeleteRecordsTopic {
  const m = new DeleteRecordsTopic();
  m.name = r.string(v >= 2);
  m.partitions = r.array(v >= 2, readDeleteRecordsPartition, v);
  if (v >= 2) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeDeleteRecordsTopic(w: Writer, m: DeleteRecordsTopic, v: number): void {
  w.string(m.name, v >= 2);
  w.array(m.partitions, v >= 2, writeDeleteRecordsPartition, v);
  if (v >= 2) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class DeleteRecordsRequest {
  topics: readonly DeleteRecordsTopic[] = [];
  timeoutMs: number = 0;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readDeleteRecordsRequest(r: Reader, v: number): DeleteRecordsRequest {
  const m = new DeleteRecordsRequest();
  m.topics = r.array(v >= 2, readDeleteRecordsTopic, v);
  m.timeoutMs = r.int32();
  if (v >= 2) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeDeleteRecordsRequest(w: Writer, m: DeleteRecordsRequest, v: number): void {
  w.array(m.topics, v >= 2, writeDeleteRecordsTopic, v);
  w.int32(m.timeoutMs);
  if (v >= 2) w.tags(noKnown, m.unknown);
}
