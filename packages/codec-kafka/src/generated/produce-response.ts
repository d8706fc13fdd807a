// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// ProduceResponse, key 0, versions 0 to 9.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class BatchIndexAndErrorMessage {
  batchIndex: number = 0;
  batchIndexErrorMessage: string | null = null;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readBatchIndexAndErrorMessage(r: Reader, v: number): BatchIndexAndErrorMessage {
  const m = new BatchIndexAndErrorMessage();
  if (v >= 8) m.batchIndex = r.int32();
  if (v >= 8) m.batchIndexErrorMessage = r.nullableString(v >= 9);
  if (v >= 9) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeBatchIndexAndErrorMessage(w: Writer, m: BatchIndexAndErrorMessage, v: number): void {
  if (v >= 8) w.int32(m.batchIndex);
  if (v >= 8) w.string(m.batchIndexErrorMessage, v >= 9);
  if (v >= 9) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class PartitionProduceResponse {
  index: number = 0;
  errorCode: number = 0;
  baseOffset: bigint = 0n;
  logAppendTimeMs: bigint = -1n;
  logStartOffset: bigint = -1n;
  recordErrors: readonly BatchIndexAndErrorMessage[] = [];
  errorMessage: string | null = null;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readPartitionProduceResponse(r: Reader, v: number): PartitionProduceResponse {
  const m = new PartitionProduceResponse();
  m.index = r.int32();
  m.errorCode = r.int16();
  m.baseOffset = r.int64();
  if (v >= 2) m.logAppendTimeMs = r.int64();
  if (v >= 5) m.logStartOffset = r.int64();
  if (v >= 8) m.recordErrors = r.array(v >= 9, readBatchIndexAndErrorMessage, v);
  if (v >= 8) m.errorMessage = r.nullableString(v >= 9);
  if (v >= 9) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writePartitionProduceResponse(w: Writer, m: PartitionProduceResponse, v: number): void {
  w.int32(m.index);
  w.int16(m.errorCode);
  w.int64(m.baseOffset);
  if (v >= 2) w.int64(m.logAppendTimeMs);
  if (v >= 5) w.int64(m.logStartOffset);
  if (v >= 8) w.array(m.recordErrors, v >= 9, writeBatchIndexAndErrorMessage, v);
  if (v >= 8) w.string(m.errorMessage, v >= 9);
  if (v >= 9) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class TopicProduceResponse {
  name: string = "";
  partitionResponses: readonly PartitionProduceResponse[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readTopicProduceResponse(r: Reader, v: number): TopicProduceResponse {
  const m = new TopicProduceResponse();
  m.name = r.string(v >= 9);
  m.partitionResponses = r.array(v >= 9, readPartitionProduceResponse, v);
  if (v >= 9) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeTopicProduceResponse(w: Writer, m: TopicProduceResponse, v: number): void {
  w.string(m.name, v >= 9);
  w.array(m.partitionResponses, v >= 9, writePartitionProduceResponse, v);
  if (v >= 9) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class ProduceResponse {
  responses: readonly TopicProduceResponse[] = [];
  throttleTimeMs: number = 0;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readProduceResponse(r: Reader, v: number): ProduceResponse {
  const m = new ProduceResponse();
  m.responses = r.array(v >= 9, readTopicProduceResponse, v);
  if (v >= 1) m.throttleTimeMs = r.int32();
  if (v >= 9) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeProduceResponse(w: Writer, m: ProduceResponse, v: number): void {
  w.array(m.responses, v >= 9, writeTopicProduceResponse, v);
  if (v >= 1) w.int32(m.throttleTimeMs);
  if (v >= 9) w.tags(noKnown, m.unknown);
}
