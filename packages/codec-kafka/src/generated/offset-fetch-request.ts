// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// OffsetFetchRequest, key 9, versions 0 to 9.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class OffsetFetchRequestTopic {
  name: string = "";
  partitionIndexes: readonly number[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readOffsetFetchRequestTopic(r: Reader, v: number): OffsetFetchRequestTopic {
  const m = new OffsetFetchRequestTopic();
  if (v <= 7) m.name = r.string(v >= 6);
  if (v <= 7) m.partitionIndexes = r.array(v >= 6, (x) => x.int32(), v);
  if (v >= 6) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeOffsetFetchRequestTopic(w: Writer, m: OffsetFetchRequestTopic, v: number): void {
  if (v <= 7) w.string(m.name, v >= 6);
  if (v <= 7) w.array(m.partitionIndexes, v >= 6, (x, item) => x.int32(item), v);
  if (v >= 6) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class OffsetFetchRequestTopics {
  name: string = "";
  partitionIndexes: readonly number[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readOffsetFetchRequestTopics(r: Reader, v: number): OffsetFetchRequestTopics {
  const m = new OffsetFetchRequestTopics();
  if (v >= 8) m.name = r.string(v >= 6);
  if (v >= 8) m.partitionIndexes = r.array(v >= 6, (x) => x.int32(), v);
  if (v >= 6) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeOffsetFetchRequestTopics(w: Writer, m: OffsetFetchRequestTopics, v: number): void {
  if (v >= 8) w.string(m.name, v >= 6);
  if (v >= 8) w.array(m.partitionIndexes, v >= 6, (x, item) => x.int32(item), v);
  if (v >= 6) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class OffsetFetchRequestGroup {
  groupId: string = "";
  memberId: string | null = null;
  memberEpoch: number = -1;
  topics: readonly OffsetFetchRequestTopics[] | null = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readOffsetFetchRequestGroup(r: Reader, v: number): OffsetFetchRequestGroup {
  const m = new OffsetFetchRequestGroup();
  if (v >= 8) m.groupId = r.string(v >= 6);
  if (v >= 9) m.memberId = r.nullableString(v >= 6);
  if (v >= 9) m.memberEpoch = r.int32();
  if (v >= 8) m.topics = r.nullableArray(v >= 6, readOffsetFetchRequestTopics, v);
  if (v >= 6) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeOffsetFetchRequestGroup(w: Writer, m: OffsetFetchRequestGroup, v: number): void {
  if (v >= 8) w.string(m.groupId, v >= 6);
  if (v >= 9) w.string(m.memberId, v >= 6);
  if (v >= 9) w.int32(m.memberEpoch);
  if (v >= 8) w.array(m.topics, v >= 6, writeOffsetFetchRequestTopics, v);
  if (v >= 6) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class OffsetFetchRequest {
  groupId: string = "";
  topics: readonly OffsetFetchRequestTopic[] | null = [];
  groups: readonly OffsetFetchRequestGroup[] = [];
  requireStable: boolean = false;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readOffsetFetchRequest(r: Reader, v: number): OffsetFetchRequest {
  const m = new OffsetFetchRequest();
  if (v <= 7) m.groupId = r.string(v >= 6);
  if (v <= 7) m.topics = r.nullableArray(v >= 6, readOffsetFetchRequestTopic, v);
  if (v >= 8) m.groups = r.array(v >= 6, readOffsetFetchRequestGroup, v);
  if (v >= 7) m.requireStable = r.bool();
  if (v >= 6) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeOffsetFetchRequest(w: Writer, m: OffsetFetchRequest, v: number): void {
  if (v <= 7) w.string(m.groupId, v >= 6);
  if (v <= 7) w.array(m.topics, v >= 6, writeOffsetFetchRequestTopic, v);
  if (v >= 8) w.array(m.groups, v >= 6, writeOffsetFetchRequestGroup, v);
  if (v >= 7) w.bool(m.requireStable);
  if (v >= 6) w.tags(noKnown, m.unknown);
}
