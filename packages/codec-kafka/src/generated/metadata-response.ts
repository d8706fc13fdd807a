// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// MetadataResponse, key 3, versions 0 to 11.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class MetadataResponseBroker {
  nodeId: number = 0;
  host: string = "";
  port: number = 0;
  rack: string | null = null;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readMetadataResponseBroker(r: Reader, v: number): MetadataResponseBroker {
  const m = new MetadataResponseBroker();
  m.nodeId = r.int32();
  m.host = r.string(v >= 9);
  m.port = r.int32();
  if (v >= 1) m.rack = r.nullableString(v >= 9);
  if (v >= 9) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeMetadataResponseBroker(w: Writer, m: MetadataResponseBroker, v: number): void {
  w.int32(m.nodeId);
  w.string(m.host, v >= 9);
  w.int32(m.port);
  if (v >= 1) w.string(m.rack, v >= 9);
  if (v >= 9) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class MetadataResponsePartition {
  errorCode: number = 0;
  partitionIndex: number = 0;
  leaderId: number = 0;
  leaderEpoch: number = -1;
  replicaNodes: readonly number[] = [];
  isrNodes: readonly number[] = [];
  offlineReplicas: readonly number[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readMetadataResponsePartition(r: Reader, v: number): MetadataResponsePartition {
  const m = new MetadataResponsePartition();
  m.errorCode = r.int16();
  m.partitionIndex = r.int32();
  m.leaderId = r.int32();
  if (v >= 7) m.leaderEpoch = r.int32();
  m.replicaNodes = r.array(v >= 9, (x) => x.int32(), v);
  m.isrNodes = r.array(v >= 9, (x) => x.int32(), v);
  if (v >= 5) m.offlineReplicas = r.array(v >= 9, (x) => x.int32(), v);
  if (v >= 9) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeMetadataResponsePartition(w: Writer, m: MetadataResponsePartition, v: number): void {
  w.int16(m.errorCode);
  w.int32(m.partitionIndex);
  w.int32(m.leaderId);
  if (v >= 7) w.int32(m.leaderEpoch);
  w.array(m.replicaNodes, v >= 9, (x, item) => x.int32(item), v);
  w.array(m.isrNodes, v >= 9, (x, item) => x.int32(item), v);
  if (v >= 5) w.array(m.offlineReplicas, v >= 9, (x, item) => x.int32(item), v);
  if (v >= 9) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class MetadataResponseTopic {
  errorCode: number = 0;
  name: string | null = "";
  topicId: Uint8Array = new Uint8Array(16);
  isInternal: boolean = false;
  partitions: readonly MetadataResponsePartition[] = [];
  topicAuthorizedOperations: number = -2147483648;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readMetadataResponseTopic(r: Reader, v: number): MetadataResponseTopic {
  const m = new MetadataResponseTopic();
  m.errorCode = r.int16();
  m.name = r.nullableString(v >= 9);
  if (v >= 10) m.topicId = r.uuid();
  if (v >= 1) m.isInternal = r.bool();
  m.partitions = r.array(v >= 9, readMetadataResponsePartition, v);
  if (v >= 8) m.topicAuthorizedOperations = r.int32();
  if (v >= 9) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeMetadataResponseTopic(w: Writer, m: MetadataResponseTopic, v: number): void {
  w.int16(m.errorCode);
  w.string(m.name, v >= 9);
  if (v >= 10) w.uuid(m.topicId);
  if (v >= 1) w.bool(m.isInternal);
  w.array(m.partitions, v >= 9, writeMetadataResponsePartition, v);
  if (v >= 8) w.int32(m.topicAuthorizedOperations);
  if (v >= 9) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class MetadataResponse {
  throttleTimeMs: number = 0;
  brokers: readonly MetadataResponseBroker[] = [];
  clusterId: string | null = null;
  controllerId: number = -1;
  topics: readonly MetadataResponseTopic[] = [];
  clusterAuthorizedOperations: number = -2147483648;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readMetadataResponse(r: Reader, v: number): MetadataResponse {
  const m = new MetadataResponse();
  if (v >= 3) m.throttleTimeMs = r.int32();
  m.brokers = r.array(v >= 9, readMetadataResponseBroker, v);
  if (v >= 2) m.clusterId = r.nullableString(v >= 9);
  if (v >= 1) m.controllerId = r.int32();
  m.topics = r.array(v >= 9, readMetadataResponseTopic, v);
  if (v >= 8 && v <= 10) m.clusterAuthorizedOperations = r.int32();
  if (v >= 9) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeMetadataResponse(w: Writer, m: MetadataResponse, v: number): void {
  if (v >= 3) w.int32(m.throttleTimeMs);
  w.array(m.brokers, v >= 9, writeMetadataResponseBroker, v);
  if (v >= 2) w.string(m.clusterId, v >= 9);
  if (v >= 1) w.int32(m.controllerId);
  w.array(m.topics, v >= 9, writeMetadataResponseTopic, v);
  if (v >= 8 && v <= 10) w.int32(m.clusterAuthorizedOperations);
  if (v >= 9) w.tags(noKnown, m.unknown);
}
