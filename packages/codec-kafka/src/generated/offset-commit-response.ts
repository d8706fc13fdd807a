// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// OffsetCommitResponse, key 8, versions 0 to 9.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class OffsetCommitResponsePartition {
  partitionIndex: number = 0;
  errorCode: number = 0;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readOffsetCommitResponsePartition(r: Reader, v: number): OffsetCommitResponsePartition {
  const m = new OffsetCommitResponsePartition();
  m.partitionIndex = r.int32();
  m.errorCode = r.int16();
  if (v >= 8) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeOffsetCommitResponsePartition(w: Writer, m: OffsetCommitResponsePartition, v: number): void {
  w.int32(m.partitionIndex);
  w.int16(m.errorCode);
  if (v >= 8) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class OffsetCommitResponseTopic {
  name: string = "";
  partitions: readonly OffsetCommitResponsePartition[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readOffsetCommitResponseTopic(r: Reader, v: number): OffsetCommitResponseTopic {
  const m = new OffsetCommitResponseTopic();
  m.name = r.string(v >= 8);
  m.partitions = r.array(v >= 8, readOffsetCommitResponsePartition, v);
  if (v >= 8) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeOffsetCommitResponseTopic(w: Writer, m: OffsetCommitResponseTopic, v: number): void {
  w.string(m.name, v >= 8);
  w.array(m.partitions, v >= 8, writeOffsetCommitResponsePartition, v);
  if (v >= 8) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class OffsetCommitResponse {
  throttleTimeMs: number = 0;
  topics: readonly OffsetCommitResponseTopic[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readOffsetCommitResponse(r: Reader, v: number): OffsetCommitResponse {
  const m = new OffsetCommitResponse();
  if (v >= 3) m.throttleTimeMs = r.int32();
  m.topics = r.array(v >= 8, readOffsetCommitResponseTopic, v);
  if (v >= 8) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeOffsetCommitResponse(w: Writer, m: OffsetCommitResponse, v: number): void {
  if (v >= 3) w.int32(m.throttleTimeMs);
  w.array(m.topics, v >= 8, writeOffsetCommitResponseTopic, v);
  if (v >= 8) w.tags(noKnown, m.unknown);
}
