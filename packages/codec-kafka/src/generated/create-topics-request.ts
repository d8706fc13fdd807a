// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// CreateTopicsRequest, key 19, versions 0 to 7.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class CreatableReplicaAssignment {
  partitionIndex: number = 0;
  brokerIds: readonly number[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readCreatableReplicaAssignment(r: Reader, v: number): CreatableReplicaAssignment {
  const m = new CreatableReplicaAssignment();
  m.partitionIndex = r.int32();
  m.brokerIds = r.array(v >= 5, (x) => x.int32(), v);
  if (v >= 5) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeCreatableReplicaAssignment(w: Writer, m: CreatableReplicaAssignment, v: number): void {
  w.int32(m.partitionIndex);
  w.array(m.brokerIds, v >= 5, (x, item) => x.int32(item), v);
  if (v >= 5) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class CreatableTopicConfig {
  name: string = "";
  value: string | null = "";
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readCreatableTopicConfig(r: Reader, v: number): CreatableTopicConfig {
  const m = new CreatableTopicConfig();
  m.name = r.string(v >= 5);
  m.value = r.nullableString(v >= 5);
  if (v >= 5) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeCreatableTopicConfig(w: Writer, m: CreatableTopicConfig, v: number): void {
  w.string(m.name, v >= 5);
  w.string(m.value, v >= 5);
  if (v >= 5) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class CreatableTopic {
  name: string = "";
  numPartitions: number = 0;
  replicationFactor: number = 0;
  assignments: readonly CreatableReplicaAssignment[] = [];
  configs: readonly CreatableTopicConfig[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readCreatableTopic(r: Reader, v: number): CreatableTopic {
  const m = new CreatableTopic();
  m.name = r.string(v >= 5);
  m.numPartitions = r.int32();
  m.replicationFactor = r.int16();
  m.assignments = r.array(v >= 5, readCreatableReplicaAssignment, v);
  m.configs = r.array(v >= 5, readCreatableTopicConfig, v);
  if (v >= 5) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeCreatableTopic(w: Writer, m: CreatableTopic, v: number): void {
  w.string(m.name, v >= 5);
  w.int32(m.numPartitions);
  w.int16(m.replicationFactor);
  w.array(m.assignments, v >= 5, writeCreatableReplicaAssignment, v);
  w.array(m.configs, v >= 5, writeCreatableTopicConfig, v);
  if (v >= 5) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class CreateTopicsRequest {
  topics: readonly CreatableTopic[] = [];
  timeoutMs: number = 60000;
  validateOnly: boolean = false;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readCreateTopicsRequest(r: Reader, v: number): CreateTopicsRequest {
  const m = new CreateTopicsRequest();
  m.topics = r.array(v >= 5, readCreatableTopic, v);
  m.timeoutMs = r.int32();
  if (v >= 1) m.validateOnly = r.bool();
  if (v >= 5) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeCreateTopicsRequest(w: Writer, m: CreateTopicsRequest, v: number): void {
  w.array(m.topics, v >= 5, writeCreatableTopic, v);
  w.int32(m.timeoutMs);
  if (v >= 1) w.bool(m.validateOnly);
  if (v >= 5) w.tags(noKnown, m.unknown);
}
