// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// AlterConfigsRequest, key 33, versions 0 to 2.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class AlterableConfig {
  name: string = "";
  value: string | null = "";
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readAlterableConfig(r: Reader, v: number): AlterableConfig {
  const m = new AlterableConfig();
  m.name = r.string(v >= 2);
  m.value = r.nullableString(v >= 2);
  if (v >= 2) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeAlterableConfig(w: Writer, m: AlterableConfig, v: number): void {
  w.string(m.name, v >= 2);
  w.string(m.value, v >= 2);
  if (v >= 2) w.tags(noKnown, m.unknown);
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
  m.resourceName = r.string(v >= 2);
  m.configs = r.array(v >= 2, readAlterableConfig, v);
  if (v >= 2) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeAlterConfigsResource(w: Writer, m: AlterConfigsResource, v: number): void {
  w.int8(m.resourceType);
  w.string(m.resourceName, v >= 2);
  w.array(m.configs, v >= 2, writeAlterableConfig, v);
  if (v >= 2) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class AlterConfigsRequest {
  resources: readonly AlterConfigsResource[] = [];
  validateOnly: boolean = false;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readAlterConfigsRequest(r: Reader, v: number): AlterConfigsRequest {
  const m = new AlterConfigsRequest();
  m.resources = r.array(v >= 2, readAlterConfigsResource, v);
  m.validateOnly = r.bool();
  if (v >= 2) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeAlterConfigsRequest(w: Writer, m: AlterConfigsRequest, v: number): void {
  w.array(m.resources, v >= 2, writeAlterConfigsResource, v);
  w.bool(m.validateOnly);
  if (v >= 2) w.tags(noKnown, m.unknown);
}
