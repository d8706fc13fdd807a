// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// OffsetForLeaderEpochRequest, key 23, versions 0 to 4.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class OffsetForLeaderPartition {
  partition: number = 0;
  currentLeaderEpoch: number = -1;
  leaderEpoch: number = 0;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readOffsetForLeaderPartition(r: Reader, v: number): OffsetForLeaderPartition {
  const m = new OffsetForLeaderPartition();
  m.partition = r.int32();
  if (v >= 2) m.currentLeaderEpoch = r.int32();
  m.leaderEpoch = r.int32();
  if (v >= 4) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeOffsetForLeaderPartition(w: Writer, m: OffsetForLeaderPartition, v: number): void {
  w.int32(m.partition);
  if (v >= 2) w.int32(m.currentLeaderEpoch);
  w.int32(m.leaderEpoch);
  if (v >= 4) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class OffsetForLeaderTopic {
  topic: string = "";
  partitions: readonly OffsetForLeaderPartition[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readOffsetForLeaderTopic(r: Reader, v: number): OffsetForLeaderTopic {
  const m = new OffsetForLeaderTopic();
  m.topic = r.string(v >= 4);
  m.partitions = r.array(v >= 4, readOffsetForLeaderPartition, v);
  if (v >= 4) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeOffsetForLeaderTopic(w: Writer, m: OffsetForLeaderTopic, v: number): void {
  w.string(m.topic, v >= 4);
  w.array(m.partitions, v >= 4, writeOffsetForLeaderPartition, v);
  if (v >= 4) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class OffsetForLeaderEpochRequest {
  replicaId: number = -2;
  topics: readonly OffsetForLeaderTopic[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readOffsetForLeaderEpochRequest(r: Reader, v: number): OffsetForLeaderEpochRequest {
  const m = new OffsetForLeaderEpochRequest();
  if (v >= 3) m.replicaId = r.int32();
  m.topics = r.array(v >= 4, readOffsetForLeaderTopic, v);
  if (v >= 4) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeOffsetForLeaderEpochRequest(w: Writer, m: OffsetForLeaderEpochRequest, v: number): void {
  if (v >= 3) w.int32(m.replicaId);
  w.array(m.topics, v >= 4, writeOffsetForLeaderTopic, v);
  if (v >= 4) w.tags(noKnown, m.unknown);
}
