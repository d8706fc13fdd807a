// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// OffsetForLeaderEpochResponse, key 23, versions 0 to 4.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class EpochEndOffset {
  errorCode: number = 0;
  partition: number = 0;
  leaderEpoch: number = -1;
  endOffset: bigint = -1n;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readEpochEndOffset(r: Reader, v: number): EpochEndOffset {
  const m = new EpochEndOffset();
  m.errorCode = r.int16();
  m.partition = r.int32();
  if (v >= 1) m.leaderEpoch = r.int32();
  m.endOffset = r.int64();
  if (v >= 4) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeEpochEndOffset(w: Writer, m: EpochEndOffset, v: number): void {
  w.int16(m.errorCode);
  w.int32(m.partition);
  if (v >= 1) w.int32(m.leaderEpoch);
  w.int64(m.endOffset);
  if (v >= 4) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class OffsetForLeaderTopicResult {
  topic: string = "";
  partitions: readonly EpochEndOffset[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readOffsetForLeaderTopicResult(r: Reader, v: number): OffsetForLeaderTopicResult {
  const m = new OffsetForLeaderTopicResult();
  m.topic = r.string(v >= 4);
  m.partitions = r.array(v >= 4, readEpochEndOffset, v);
  if (v >= 4) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeOffsetForLeaderTopicResult(w: Writer, m: OffsetForLeaderTopicResult, v: number): void {
  w.string(m.topic, v >= 4);
  w.array(m.partitions, v >= 4, writeEpochEndOffset, v);
  if (v >= 4) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class OffsetForLeaderEpochResponse {
  throttleTimeMs: number = 0;
  topics: readonly OffsetForLeaderTopicResult[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readOffsetForLeaderEpochResponse(r: Reader, v: number): OffsetForLeaderEpochResponse {
  const m = new OffsetForLeaderEpochResponse();
  if (v >= 2) m.throttleTimeMs = r.int32();
  m.topics = r.array(v >= 4, readOffsetForLeaderTopicResult, v);
  if (v >= 4) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeOffsetForLeaderEpochResponse(w: Writer, m: OffsetForLeaderEpochResponse, v: number): void {
  if (v >= 2) w.int32(m.throttleTimeMs);
  w.array(m.topics, v >= 4, writeOffsetForLeaderTopicResult, v);
  if (v >= 4) w.tags(noKnown, m.unknown);
}
