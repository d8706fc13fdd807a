// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// SaslAuthenticateRequest, key 36, versions 0 to 2.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class SaslAuthenticateRequest {
  authBytes: Uint8Array = new Uint8Array(0);
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readSaslAuthenticateRequest(r: Reader, v: number): SaslAuthenticateRequest {
  const m = new SaslAuthenticateRequest();
  m.authBytes = r.bytes(v >= 2);
  if (v >= 2) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeSaslAuthenticateRequest(w: Writer, m: SaslAuthenticateRequest, v: number): void {
  w.bytes(m.authBytes, v >= 2);
  if (v >= 2) w.tags(noKnown, m.unknown);
}
