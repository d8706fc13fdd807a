// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// ApiVersionsRequest, key 18, versions 0 to 4.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class ApiVersionsRequest {
  clientSoftwareName: string = "";
  clientSoftwareVersion: string = "";
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readApiVersionsRequest(r: Reader, v: number): ApiVersionsRequest {
  const m = new ApiVersionsRequest();
  if (v >= 3) m.clientSoftwareName = r.string(v >= 3);
  if (v >= 3) m.clientSoftwareVersion = r.string(v >= 3);
  if (v >= 3) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeApiVersionsRequest(w: Writer, m: ApiVersionsRequest, v: number): void {
  if (v >= 3) w.string(m.clientSoftwareName, v >= 3);
  if (v >= 3) w.string(m.clientSoftwareVersion, v >= 3);
  if (v >= 3) w.tags(noKnown, m.unknown);
}
