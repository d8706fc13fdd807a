// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// CreatePartitionsRequest, key 37, versions 0 to 3.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class CreatePartitionsAssignment {
  brokerIds: readonly number[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readCreatePartitionsAssignment(r: Reader, v: number): CreatePartitionsAssignment {
  const m = new CreatePartitionsAssignment();
  m.brokerIds = r.array(v >= 2, (x) => x.int32(), v);
  if (v >= 2) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeCreatePartitionsAssignment(w: Writer, m: CreatePartitionsAssignment, v: number): void {
  w.array(m.brokerIds, v >= 2, (x, item) => x.int32(item), v);
  if (v >= 2) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class CreatePartitionsTopic {
  name: string = "";
  count: number = 0;
  assignments: readonly CreatePartitionsAssignment[] | null = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readCreatePartitionsTopic(r: Reader, v: number): CreatePartitionsTopic {
  const m = new CreatePartitionsTopic();
  m.name = r.string(v >= 2);
  m.count = r.int32();
  m.assignments = r.nullableArray(v >= 2, readCreatePartitionsAssignment, v);
  if (v >= 2) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeCreatePartitionsTopic(w: Writer, m: CreatePartitionsTopic, v: number): void {
  w.string(m.name, v >= 2);
  w.int32(m.count);
  w.array(m.assignments, v >= 2, writeCreatePartitionsAssignment, v);
  if (v >= 2) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class CreatePartitionsRequest {
  topics: readonly CreatePartitionsTopic[] = [];
  timeoutMs: number = 0;
  validateOnly: boolean = false;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readCreatePartitionsRequest(r: Reader, v: number): CreatePartitionsRequest {
  const m = new CreatePartitionsRequest();
  m.topics = r.array(v >= 2, readCreatePartitionsTopic, v);
  m.timeoutMs = r.int32();
  m.validateOnly = r.bool();
  if (v >= 2) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeCreatePartitionsRequest(w: Writer, m: CreatePartitionsRequest, v: number): void {
  w.array(m.topics, v >= 2, writeCreatePartitionsTopic, v);
  w.int32(m.timeoutMs);
  w.bool(m.validateOnly);
  if (v >= 2) w.tags(noKnown, m.unknown);
}
