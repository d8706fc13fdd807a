// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// FetchResponse, key 1, versions 0 to 12.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { type KnownTag, noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class EpochEndOffset {
  epoch: number = -1;
  endOffset: bigint = -1n;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readEpochEndOffset(r: Reader, v: number): EpochEndOffset {
  const m = new EpochEndOffset();
  if (v >= 12) m.epoch = r.int32();
  if (v >= 12) m.endOffset = r.int64();
  if (v >= 12) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeEpochEndOffset(w: Writer, m: EpochEndOffset, v: number): void {
  if (v >= 12) w.int32(m.epoch);
  if (v >= 12) w.int64(m.endOffset);
  if (v >= 12) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class LeaderIdAndEpoch {
  leaderId: number = -1;
  leaderEpoch: number = -1;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readLeaderIdAndEpoch(r: Reader, v: number): LeaderIdAndEpoch {
  const m = new LeaderIdAndEpoch();
  if (v >= 12) m.leaderId = r.int32();
  if (v >= 12) m.leaderEpoch = r.int32();
  if (v >= 12) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeLeaderIdAndEpoch(w: Writer, m: LeaderIdAndEpoch, v: number): void {
  if (v >= 12) w.int32(m.leaderId);
  if (v >= 12) w.int32(m.leaderEpoch);
  if (v >= 12) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class SnapshotId {
  endOffset: bigint = -1n;
  epoch: number = -1;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readSnapshotId(r: Reader, v: number): SnapshotId {
  const m = new SnapshotId();
  m.endOffset = r.int64();
  m.epoch = r.int32();
  if (v >= 12) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeSnapshotId(w: Writer, m: SnapshotId, v: number): void {
  w.int64(m.endOffset);
  w.int32(m.epoch);
  if (v >= 12) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class AbortedTransaction {
  producerId: bigint = 0n;
  firstOffset: bigint = 0n;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readAbortedTransaction(r: Reader, v: number): AbortedTransaction {
  const m = new AbortedTransaction();
  if (v >= 4) m.producerId = r.int64();
  if (v >= 4) m.firstOffset = r.int64();
  if (v >= 12) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeAbortedTransaction(w: Writer, m: AbortedTransaction, v: number): void {
  if (v >= 4) w.int64(m.producerId);
  if (v >= 4) w.int64(m.firstOffset);
  if (v >= 12) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class PartitionData {
  partitionIndex: number = 0;
  errorCode: number = 0;
  highWatermark: bigint = 0n;
  lastStableOffset: bigint = -1n;
  logStartOffset: bigint = -1n;
  divergingEpoch: EpochEndOffset | null = null;
  currentLeader: LeaderIdAndEpoch | null = null;
  snapshotId: SnapshotId | null = null;
  abortedTransactions: readonly AbortedTransaction[] | null = [];
  preferredReadReplica: number = -1;
  records: Uint8Array | readonly Uint8Array[] | null = new Uint8Array(0);
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readPartitionData(r: Reader, v: number): PartitionData {
  const m = new PartitionData();
  m.partitionIndex = r.int32();
  m.errorCode = r.int16();
  m.highWatermark = r.int64();
  if (v >= 4) m.lastStableOffset = r.int64();
  if (v >= 5) m.logStartOffset = r.int64();
  if (v >= 4) m.abortedTransactions = r.nullableArray(v >= 12, readAbortedTransaction, v);
  if (v >= 11) m.preferredReadReplica = r.int32();
  m.records = r.nullableBytes(v >= 12);
  if (v >= 12) {
    m.unknown = r.tags((tag) => {
      if (tag === 0) m.divergingEpoch = readEpochEndOffset(r, v);
      if (tag === 1) m.currentLeader = readLeaderIdAndEpoch(r, v);
      if (tag === 2) m.snapshotId = readSnapshotId(r, v);
      return tag === 0 || tag === 1 || tag === 2;
    });
  }
  return m;
}

/** Writes one. */
export function writePartitionData(w: Writer, m: PartitionData, v: number): void {
  w.int32(m.partitionIndex);
  w.int16(m.errorCode);
  w.int64(m.highWatermark);
  if (v >= 4) w.int64(m.lastStableOffset);
  if (v >= 5) w.int64(m.logStartOffset);
  if (v >= 4) w.array(m.abortedTransactions, v >= 12, writeAbortedTransaction, v);
  if (v >= 11) w.int32(m.preferredReadReplica);
  w.records(m.records, v >= 12);
  if (v >= 12) {
    const known: KnownTag[] = [];
    if (m.divergingEpoch !== null) known.push({ tag: 0, write: (w) => writeEpochEndOffset(w, m.divergingEpoch as EpochEndOffset, v) });
    if (m.currentLeader !== null) known.push({ tag: 1, write: (w) => writeLeaderIdAndEpoch(w, m.currentLeader as LeaderIdAndEpoch, v) });
    if (m.snapshotId !== null) known.push({ tag: 2, write: (w) => writeSnapshotId(w, m.snapshotId as SnapshotId, v) });
    w.tags(known, m.unknown);
  }
}

/** See the specification. */
export class FetchableTopicResponse {
  topic: string = "";
  partitions: readonly PartitionData[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readFetchableTopicResponse(r: Reader, v: number): FetchableTopicResponse {
  const m = new FetchableTopicResponse();
  m.topic = r.string(v >= 12);
  m.partitions = r.array(v >= 12, readPartitionData, v);
  if (v >= 12) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeFetchableTopicResponse(w: Writer, m: FetchableTopicResponse, v: number): void {
  w.string(m.topic, v >= 12);
  w.array(m.partitions, v >= 12, writePartitionData, v);
  if (v >= 12) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class FetchResponse {
  throttleTimeMs: number = 0;
  errorCode: number = 0;
  sessionId: number = 0;
  responses: readonly FetchableTopicResponse[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readFetchResponse(r: Reader, v: number): FetchResponse {
  const m = new FetchResponse();
  if (v >= 1) m.throttleTimeMs = r.int32();
  if (v >= 7) m.errorCode = r.int16();
  if (v >= 7) m.sessionId = r.int32();
  m.responses = r.array(v >= 12, readFetchableTopicResponse, v);
  if (v >= 12) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeFetchResponse(w: Writer, m: FetchResponse, v: number): void {
  if (v >= 1) w.int32(m.throttleTimeMs);
  if (v >= 7) w.int16(m.errorCode);
  if (v >= 7) w.int32(m.sessionId);
  w.array(m.responses, v >= 12, writeFetchableTopicResponse, v);
  if (v >= 12) w.tags(noKnown, m.unknown);
}
