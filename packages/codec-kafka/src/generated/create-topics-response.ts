// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// CreateTopicsResponse, key 19, versions 0 to 7.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { type KnownTag, noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class CreatableTopicConfigs {
  name: string = "";
  value: string | null = "";
  readOnly: boolean = false;
  configSource: number = -1;
  isSensitive: boolean = false;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readCreatableTopicConfigs(r: Reader, v: number): CreatableTopicConfigs {
  const m = new CreatableTopicConfigs();
  if (v >= 5) m.name = r.string(v >= 5);
  if (v >= 5) m.value = r.nullableString(v >= 5);
  if (v >= 5) m.readOnly = r.bool();
  if (v >= 5) m.configSource = r.int8();
  if (v >= 5) m.isSensitive = r.bool();
  if (v >= 5) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeCreatableTopicConfigs(w: Writer, m: CreatableTopicConfigs, v: number): void {
  if (v >= 5) w.string(m.name, v >= 5);
  if (v >= 5) w.string(m.value, v >= 5);
  if (v >= 5) w.bool(m.readOnly);
  if (v >= 5) w.int8(m.configSource);
  if (v >= 5) w.bool(m.isSensitive);
  if (v >= 5) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class CreatableTopicResult {
  name: string = "";
  topicId: Uint8Array = new Uint8Array(16);
  errorCode: number = 0;
  errorMessage: string | null = "";
  topicConfigErrorCode: number = 0;
  numPartitions: number = -1;
  replicationFactor: number = -1;
  configs: readonly CreatableTopicConfigs[] | null = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readCreatableTopicResult(r: Reader, v: number): CreatableTopicResult {
  const m = new CreatableTopicResult();
  m.name = r.string(v >= 5);
  if (v >= 7) m.topicId = r.uuid();
  m.errorCode = r.int16();
  if (v >= 1) m.errorMessage = r.nullableString(v >= 5);
  if (v >= 5) m.numPartitions = r.int32();
  if (v >= 5) m.replicationFactor = r.int16();
  if (v >= 5) m.configs = r.nullableArray(v >= 5, readCreatableTopicConfigs, v);
  if (v >= 5) {
    m.unknown = r.tags((tag) => {
      if (tag === 0) m.topicConfigErrorCode = r.int16();
      return tag === 0;
    });
  }
  return m;
}

/** Writes one. */
export function writeCreatableTopicResult(w: Writer, m: CreatableTopicResult, v: number): void {
  w.string(m.name, v >= 5);
  if (v >= 7) w.uuid(m.topicId);
  w.int16(m.errorCode);
  if (v >= 1) w.string(m.errorMessage, v >= 5);
  if (v >= 5) w.int32(m.numPartitions);
  if (v >= 5) w.int16(m.replicationFactor);
  if (v >= 5) w.array(m.configs, v >= 5, writeCreatableTopicConfigs, v);
  if (v >= 5) {
    const known: KnownTag[] = [];
    if (m.topicConfigErrorCode !== 0) known.push({ tag: 0, write: (w) => w.int16(m.topicConfigErrorCode) });
    w.tags(known, m.unknown);
  }
}

/** See the specification. */
export class CreateTopicsResponse {
  throttleTimeMs: number = 0;
  topics: readonly CreatableTopicResult[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readCreateTopicsResponse(r: Reader, v: number): CreateTopicsResponse {
  const m = new CreateTopicsResponse();
  if (v >= 2) m.throttleTimeMs = r.int32();
  m.topics = r.array(v >= 5, readCreatableTopicResult, v);
  if (v >= 5) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeCreateTopicsResponse(w: Writer, m: CreateTopicsResponse, v: number): void {
  if (v >= 2) w.int32(m.throttleTimeMs);
  w.array(m.topics, v >= 5, writeCreatableTopicResult, v);
  if (v >= 5) w.tags(noKnown, m.unknown);
}
