// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// DescribeConfigsRequest, key 32, versions 0 to 4.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class DescribeConfigsResource {
  resourceType: number = 0;
  resourceName: string = "";
  configurationKeys: readonly string[] | null = [];
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readDescribeConfigsResource(r: Reader, v: number): DescribeConfigsResource {
  const m = new DescribeConfigsResource();
  m.resourceType = r.int8();
  m.resourceName = r.string(v >= 4);
  m.configurationKeys = r.nullableArray(v >= 4, (x) => x.string(v >= 4), v);
  if (v >= 4) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeDescribeConfigsResource(w: Writer, m: DescribeConfigsResource, v: number): void {
  w.int8(m.resourceType);
  w.string(m.resourceName, v >= 4);
  w.array(m.configurationKeys, v >= 4, (x, item) => x.string(item, v >= 4), v);
  if (v >= 4) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class DescribeConfigsRequest {
  resources: readonly DescribeConfigsResource[] = [];
  includeSynonyms: boolean = false;
  includeDocumentation: boolean = false;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readDescribeConfigsRequest(r: Reader, v: number): DescribeConfigsRequest {
  const m = new DescribeConfigsRequest();
  m.resources = r.array(v >= 4, readDescribeConfigsResource, v);
  if (v >= 1) m.includeSynonyms = r.bool();
  if (v >= 3) m.includeDocumentation = r.bool();
  if (v >= 4) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeDescribeConfigsRequest(w: Writer, m: DescribeConfigsRequest, v: number): void {
  w.array(m.resources, v >= 4, writeDescribeConfigsResource, v);
  if (v >= 1) w.bool(m.includeSynonyms);
  if (v >= 3) w.bool(m.includeDocumentation);
  if (v >= 4) w.tags(noKnown, m.unknown);
}
