// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// ProduceRequest, key 0, versions 0 to 9.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class PartitionProduceData {
  index: number = 0;
  records: Uint8Array | readonly Uint8Array[] | null = new Uint8Array(0);
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readPartitionProduceData(r: Reader, v: number): PartitionProduceData {
  const m = new PartitionProduceData();
  m.index = r.int32();
  m.records = r.nullableBytes(v >= 9);
  if (v >= 9) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writePartitionProduceData(w: Writer, m: PartitionProduceData, v: number): void {
  w.int32(m.index);
  w.records(m.records, v >= 9);
  if (v >= 9) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class TopicProduceData {
  name: string = "";
  partitionData: readonly PartitionProduceData[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readTopicProduceData(r: Reader, v: number): TopicProduceData {
  const m = new TopicProduceData();
  m.name = r.string(v >= 9);
  m.partitionData = r.array(v >= 9, readPartitionProduceData, v);
  if (v >= 9) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeTopicProduceData(w: Writer, m: TopicProduceData, v: number): void {
  w.string(m.name, v >= 9);
  w.array(m.partitionData, v >= 9, writePartitionProduceData, v);
  if (v >= 9) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class ProduceRequest {
  transactionalId: string | null = null;
  acks: number = 0;
  timeoutMs: number = 0;
  topicData: readonly TopicProduceData[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readProduceRequest(r: Reader, v: number): ProduceRequest {
  const m = new ProduceRequest();
  if (v >= 3) m.transactionalId = r.nullableString(v >= 9);
  m.acks = r.int16();
  m.timeoutMs = r.int32();
  m.topicData = r.array(v >= 9, readTopicProduceData, v);
  if (v >= 9) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeProduceRequest(w: Writer, m: ProduceRequest, v: number): void {
  if (v >= 3) w.string(m.transactionalId, v >= 9);
  w.int16(m.acks);
  w.int32(m.timeoutMs);
  w.array(m.topicData, v >= 9, writeTopicProduceData, v);
  if (v >= 9) w.tags(noKnown, m.unknown);
}
