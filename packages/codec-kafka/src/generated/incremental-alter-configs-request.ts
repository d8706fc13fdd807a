// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// IncrementalAlterConfigsRequest, key 44, versions 0 to 1.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class AlterableConfig {
  name: string = "";
  configOperation: number = 0;
  value: string | null = "";
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readAlterableConfig(r: Reader, v: number): AlterableConfig {
  const m = new AlterableConfig();
  m.name = r.string(v >= 1);
  m.configOperation = r.int8();
  m.value = r.nullableString(v >= 1);
  if (v >= 1) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeAlterableConfig(w: Writer, m: AlterableConfig, v: number): void {
  w.string(m.name, v >= 1);
  w.int8(m.configOperation);
  w.string(m.value, v >= 1);
  if (v >= 1) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class AlterConfigsResource {
  resourceType: number = 0;
  resourceName: string = "";
  configs: readonly AlterableConfig[] = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readAlterConfigsResource(r: Reader, v: number): AlterConfigsResource {
  const m = new AlterConfigsResource();
  m.resourceType = r.int8();
  m.resourceName = r.string(v >= 1);
  m.configs = r.array(v >= 1, readAlterableConfig, v);
  if (v >= 1) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeAlterConfigsResource(w: Writer, m: AlterConfigsResource, v: number): void {
  w.int8(m.resourceType);
  w.string(m.resourceName, v >= 1);
  w.array(m.configs, v >= 1, writeAlterableConfig, v);
  if (v >= 1) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class IncrementalAlterConfigsRequest {
  resources: readonly AlterConfigsResource[] = [];
  validateOnly: boolean = false;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readIncrementalAlterConfigsRequest(r: Reader, v: number): IncrementalAlterConfigsRequest {
  const m = new IncrementalAlterConfigsRequest();
  m.resources = r.array(v >= 1, readAlterConfigsResource, v);
  m.validateOnly = r.bool();
  if (v >= 1) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeIncrementalAlterConfigsRequest(w: Writer, m: IncrementalAlterConfigsRequest, v: number): void {
  w.array(m.resources, v >= 1, writeAlterConfigsResource, v);
  w.bool(m.validateOnly);
  if (v >= 1) w.tags(noKnown, m.unknown);
}
