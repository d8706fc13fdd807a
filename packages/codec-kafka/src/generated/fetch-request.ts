// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// FetchRequest, key 1, versions 0 to 12.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { type KnownTag, noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class FetchPartition {
  partition: number = 0;
  currentLeaderEpoch: number = -1;
  fetchOffset: bigint = 0n;
  lastFetchedEpoch: number = -1;
  logStartOffset: bigint = -1n;
  partitionMaxBytes: number = 0;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readFetchPartition(r: Reader, v: number): FetchPartition {
  const m = new FetchPartition();
  m.partition = r.int32();
  if (v >= 9) m.currentLeaderEpoch = r.int32();
  m.fetchOffset = r.int64();
  if (v >= 12) m.lastFetchedEpoch = r.int32();
  if (v >= 5) m.logStartOffset = r.int64();
  m.partitionMaxBytes = r.int32();
  if (v >= 12) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeFetchPartition(w: Writer, m: FetchPartition, v: number): void {
  w.int32(m.partition);
  if (v >= 9) w.int32(m.currentLeaderEpoch);
  w.int64(m.fetchOffset);
  if (v >= 12) w.int32(m.lastFetchedEpoch);
  if (v >= 5) w.int64(m.logStartOffset);
  w.int32(m.partitionMaxBytes);
  if (v >= 12) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class FetchTopic {
  topic: string = "";
  partitions: readonly FetchPartition[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readFetchTopic(r: Reader, v: number): FetchTopic {
  const m = new FetchTopic();
  m.topic = r.string(v >= 12);
  m.partitions = r.array(v >= 12, readFetchPartition, v);
  if (v >= 12) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeFetchTopic(w: Writer, m: FetchTopic, v: number): void {
  w.string(m.topic, v >= 12);
  w.array(m.partitions, v >= 12, writeFetchPartition, v);
  if (v >= 12) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class ForgottenTopic {
  topic: string = "";
  partitions: readonly number[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readForgottenTopic(r: Reader, v: number): ForgottenTopic {
  const m = new ForgottenTopic();
  if (v >= 7) m.topic = r.string(v >= 12);
  if (v >= 7) m.partitions = r.array(v >= 12, (x) => x.int32(), v);
  if (v >= 12) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeForgottenTopic(w: Writer, m: ForgottenTopic, v: number): void {
  if (v >= 7) w.string(m.topic, v >= 12);
  if (v >= 7) w.array(m.partitions, v >= 12, (x, item) => x.int32(item), v);
  if (v >= 12) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class FetchRequest {
  clusterId: string | null = null;
  replicaId: number = -1;
  maxWaitMs: number = 0;
  minBytes: number = 0;
  maxBytes: number = 0x7fffffff;
  isolationLevel: number = 0;
  sessionId: number = 0;
  sessionEpoch: number = -1;
  topics: readonly FetchTopic[] = [];
  forgottenTopicsData: readonly ForgottenTopic[] = [];
  rackId: string = "";
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readFetchRequest(r: Reader, v: number): FetchRequest {
  const m = new FetchRequest();
  m.replicaId = r.int32();
  m.maxWaitMs = r.int32();
  m.minBytes = r.int32();
  if (v >= 3) m.maxBytes = r.int32();
  if (v >= 4) m.isolationLevel = r.int8();
  if (v >= 7) m.sessionId = r.int32();
  if (v >= 7) m.sessionEpoch = r.int32();
  m.topics = r.array(v >= 12, readFetchTopic, v);
  if (v >= 7) m.forgottenTopicsData = r.array(v >= 12, readForgottenTopic, v);
  if (v >= 11) m.rackId = r.string(v >= 12);
  if (v >= 12) {
    m.unknown = r.tags((tag) => {
      if (tag === 0) m.clusterId = r.nullableString(true);
      return tag === 0;
    });
  }
  return m;
}

/** Writes one. */
export function writeFetchRequest(w: Writer, m: FetchRequest, v: number): void {
  w.int32(m.replicaId);
  w.int32(m.maxWaitMs);
  w.int32(m.minBytes);
  if (v >= 3) w.int32(m.maxBytes);
  if (v >= 4) w.int8(m.isolationLevel);
  if (v >= 7) w.int32(m.sessionId);
  if (v >= 7) w.int32(m.sessionEpoch);
  w.array(m.topics, v >= 12, writeFetchTopic, v);
  if (v >= 7) w.array(m.forgottenTopicsData, v >= 12, writeForgottenTopic, v);
  if (v >= 11) w.string(m.rackId, v >= 12);
  if (v >= 12) {
    const known: KnownTag[] = [];
    if (m.clusterId !== null) known.push({ tag: 0, write: (w) => w.string(m.clusterId, true) });
    w.tags(known, m.unknown);
  }
}
