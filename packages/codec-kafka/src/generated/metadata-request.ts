// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// MetadataRequest, key 3, versions 0 to 11.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class MetadataRequestTopic {
  topicId: Uint8Array = new Uint8Array(16);
  name: string | null = "";
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readMetadataRequestTopic(r: Reader, v: number): MetadataRequestTopic {
  const m = new MetadataRequestTopic();
  if (v >= 10) m.topicId = r.uuid();
  m.name = r.nullableString(v >= 9);
  if (v >= 9) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeMetadataRequestTopic(w: Writer, m: MetadataRequestTopic, v: number): void {
  if (v >= 10) w.uuid(m.topicId);
  w.string(m.name, v >= 9);
  if (v >= 9) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class MetadataRequest {
  topics: readonly MetadataRequestTopic[] | null = [];
  allowAutoTopicCreation: boolean = true;
  includeClusterAuthorizedOperations: boolean = false;
  includeTopicAuthorizedOperations: boolean = false;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readMetadataRequest(r: Reader, v: number): MetadataRequest {
  const m = new MetadataRequest();
  m.topics = r.nullableArray(v >= 9, readMetadataRequestTopic, v);
  if (v >= 4) m.allowAutoTopicCreation = r.bool();
  if (v >= 8 && v <= 10) m.includeClusterAuthorizedOperations = r.bool();
  if (v >= 8) m.includeTopicAuthorizedOperations = r.bool();
  if (v >= 9) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeMetadataRequest(w: Writer, m: MetadataRequest, v: number): void {
  w.array(m.topics, v >= 9, writeMetadataRequestTopic, v);
  if (v >= 4) w.bool(m.allowAutoTopicCreation);
  if (v >= 8 && v <= 10) w.bool(m.includeClusterAuthorizedOperations);
  if (v >= 8) w.bool(m.includeTopicAuthorizedOperations);
  if (v >= 9) w.tags(noKnown, m.unknown);
}
