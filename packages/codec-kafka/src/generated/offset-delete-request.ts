// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// OffsetDeleteRequest, key 47, versions 0 to 0.
import { type Reader } from "../wire/reader.ts";
import { type Writer } from "../wire/writer.ts";

/** See the specification. */
export class OffsetDeleteRequestPartition {
  partitionIndex: number = 0;
}

/** Reads one at the reader. */
export function readOffsetDeleteRequestPartition(r: Reader, _v: number): OffsetDeleteRequestPartition {
  const m = new OffsetDeleteRequestPartition();
  m.partitionIndex = r.int32();
  return m;
}

/** Writes one. */
export function writeOffsetDeleteRequestPartition(w: Writer, m: OffsetDeleteRequestPartition, _v: number): void {
  w.int32(m.partitionIndex);
}

/** See the specification. */
export class OffsetDeleteRequestTopic {
  name: string = "";
  partitions: readonly OffsetDeleteRequestPartition[] = [];
}

/** Reads one at the reader. */
export function readOffsetDeleteRequestTopic(r: Reader, v: number): OffsetDeleteRequestTopic {
  const m = new OffsetDeleteRequestTopic();
  m.name = r.string(false);
  m.partitions = r.array(false, readOffsetDeleteRequestPartition, v);
  return m;
}

/** Writes one. */
export function writeOffsetDeleteRequestTopic(w: Writer, m: OffsetDeleteRequestTopic, v: number): void {
  w.string(m.name, false);
  w.array(m.partitions, false, writeOffsetDeleteRequestPartition, v);
}

/** See the specification. */
export class OffsetDeleteRequest {
  groupId: string = "";
  topics: readonly OffsetDeleteRequestTopic[] = [];
}

/** Reads one at the reader. */
export function readOffsetDeleteRequest(r: Reader, v: number): OffsetDeleteRequest {
  const m = new OffsetDeleteRequest();
  m.groupId = r.string(false);
  m.topics = r.array(false, readOffsetDeleteRequestTopic, v);
  return m;
}

/** Writes one. */
export function writeOffsetDeleteRequest(w: Writer, m: OffsetDeleteRequest, v: number): void {
  w.string(m.groupId, false);
  w.array(m.topics, false, writeOffsetDeleteRequestTopic, v);
}
