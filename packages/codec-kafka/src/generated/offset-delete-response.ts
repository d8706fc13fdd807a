// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// OffsetDeleteResponse, key 47, versions 0 to 0.
import { type Reader } from "../wire/reader.ts";
import { type Writer } from "../wire/writer.ts";

/** See the specification. */
export class OffsetDeleteResponsePartition {
  partitionIndex: number = 0;
  errorCode: number = 0;
}

/** Reads one at the reader. */
export function readOffsetDeleteResponsePartition(r: Reader, _v: number): OffsetDeleteResponsePartition {
  const m = new OffsetDeleteResponsePartition();
  m.partitionIndex = r.int32();
  m.errorCode = r.int16();
  return m;
}

/** Writes one. */
export function writeOffsetDeleteResponsePartition(w: Writer, m: OffsetDeleteResponsePartition, _v: number): void {
  w.int32(m.partitionIndex);
  w.int16(m.errorCode);
}

/** See the specification. */
export class OffsetDeleteResponseTopic {
  name: string = "";
  partitions: readonly OffsetDeleteResponsePartition[] = [];
}

/** Reads one at the reader. */
export function readOffsetDeleteResponseTopic(r: Reader, v: number): OffsetDeleteResponseTopic {
  const m = new OffsetDeleteResponseTopic();
  m.name = r.string(false);
  m.partitions = r.array(false, readOffsetDeleteResponsePartition, v);
  return m;
}

/** Writes one. */
export function writeOffsetDeleteResponseTopic(w: Writer, m: OffsetDeleteResponseTopic, v: number): void {
  w.string(m.name, false);
  w.array(m.partitions, false, writeOffsetDeleteResponsePartition, v);
}

/** See the specification. */
export class OffsetDeleteResponse {
  errorCode: number = 0;
  throttleTimeMs: number = 0;
  topics: readonly OffsetDeleteResponseTopic[] = [];
}

/** Reads one at the reader. */
export function readOffsetDeleteResponse(r: Reader, v: number): OffsetDeleteResponse {
  const m = new OffsetDeleteResponse();
  m.errorCode = r.int16();
  m.throttleTimeMs = r.int32();
  m.topics = r.array(false, readOffsetDeleteResponseTopic, v);
  return m;
}

/** Writes one. */
export function writeOffsetDeleteResponse(w: Writer, m: OffsetDeleteResponse, v: number): void {
  w.int16(m.errorCode);
  w.int32(m.throttleTimeMs);
  w.array(m.topics, false, writeOffsetDeleteResponseTopic, v);
}
