// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// DescribeConfigsResponse, key 32, versions 0 to 4.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class DescribeConfigsSynonym {
  name: string = "";
  value: string | null = "";
  source: number = 0;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readDescribeConfigsSynonym(r: Reader, v: number): DescribeConfigsSynonym {
  const m = new DescribeConfigsSynonym();
  if (v >= 1) m.name = r.string(v >= 4);
  if (v >= 1) m.value = r.nullableString(v >= 4);
  if (v >= 1) m.source = r.int8();
  if (v >= 4) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeDescribeConfigsSynonym(w: Writer, m: DescribeConfigsSynonym, v: number): void {
  if (v >= 1) w.string(m.name, v >= 4);
  if (v >= 1) w.string(m.value, v >= 4);
  if (v >= 1) w.int8(m.source);
  if (v >= 4) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class DescribeConfigsResourceResult {
  name: string = "";
  value: string | null = "";
  readOnly: boolean = false;
  isDefault: boolean = false;
  configSource: number = -1;
  isSensitive: boolean = false;
  synonyms: readonly DescribeConfigsSynonym[] = [];
  configType: number = 0;
  documentation: string | null = "";
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readDescribeConfigsResourceResult(r: Reader, v: number): DescribeConfigsResourceResult {
  const m = new DescribeConfigsResourceResult();
  m.name = r.string(v >= 4);
  m.value = r.nullableString(v >= 4);
  m.readOnly = r.bool();
  if (v <= 0) m.isDefault = r.bool();
  if (v >= 1) m.configSource = r.int8();
  m.isSensitive = r.bool();
  if (v >= 1) m.synonyms = r.array(v >= 4, readDescribeConfigsSynonym, v);
  if (v >= 3) m.configType = r.int8();
  if (v >= 3) m.documentation = r.nullableString(v >= 4);
  if (v >= 4) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeDescribeConfigsResourceResult(w: Writer, m: DescribeConfigsResourceResult, v: number): void {
  w.string(m.name, v >= 4);
  w.string(m.value, v >= 4);
  w.bool(m.readOnly);
  if (v <= 0) w.bool(m.isDefault);
  if (v >= 1) w.int8(m.configSource);
  w.bool(m.isSensitive);
  if (v >= 1) w.array(m.synonyms, v >= 4, writeDescribeConfigsSynonym, v);
  if (v >= 3) w.int8(m.configType);
  if (v >= 3) w.string(m.documentation, v >= 4);
  if (v >= 4) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class DescribeConfigsResult {
  errorCode: number = 0;
  errorMessage: string | null = "";
  resourceType: number = 0;
  resourceName: string = "";
  configs: readonly DescribeConfigsResourceResult[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readDescribeConfigsResult(r: Reader, v: number): DescribeConfigsResult {
  const m = new DescribeConfigsResult();
  m.errorCode = r.int16();
  m.errorMessage = r.nullableString(v >= 4);
  m.resourceType = r.int8();
  m.resourceName = r.string(v >= 4);
  m.configs = r.array(v >= 4, readDescribeConfigsResourceResult, v);
  if (v >= 4) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeDescribeConfigsResult(w: Writer, m: DescribeConfigsResult, v: number): void {
  w.int16(m.errorCode);
  w.string(m.errorMessage, v >= 4);
  w.int8(m.resourceType);
  w.string(m.resourceName, v >= 4);
  w.array(m.configs, v >= 4, writeDescribeConfigsResourceResult, v);
  if (v >= 4) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class DescribeConfigsResponse {
  throttleTimeMs: number = 0;
  results: readonly DescribeConfigsResult[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readDescribeConfigsResponse(r: Reader, v: number): DescribeConfigsResponse {
  const m = new DescribeConfigsResponse();
  m.throttleTimeMs = r.int32();
  m.results = r.array(v >= 4, readDescribeConfigsResult, v);
  if (v >= 4) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeDescribeConfigsResponse(w: Writer, m: DescribeConfigsResponse, v: number): void {
  w.int32(m.throttleTimeMs);
  w.array(m.results, v >= 4, writeDescribeConfigsResult, v);
  if (v >= 4) w.tags(noKnown, m.unknown);
}
