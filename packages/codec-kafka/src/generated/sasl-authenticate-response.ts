// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// SaslAuthenticateResponse, key 36, versions 0 to 2.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class SaslAuthenticateResponse {
  errorCode: number = 0;
  errorMessage: string | null = "";
  authBytes: Uint8Array = new Uint8Array(0);
  sessionLifetimeMs: bigint = 0n;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readSaslAuthenticateResponse(r: Reader, v: number): SaslAuthenticateResponse {
  const m = new SaslAuthenticateResponse();
  m.errorCode = r.int16();
  m.errorMessage = r.nullableString(v >= 2);
  m.authBytes = r.bytes(v >= 2);
  if (v >= 1) m.sessionLifetimeMs = r.int64();
  if (v >= 2) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeSaslAuthenticateResponse(w: Writer, m: SaslAuthenticateResponse, v: number): void {
  w.int16(m.errorCode);
  w.string(m.errorMessage, v >= 2);
  w.bytes(m.authBytes, v >= 2);
  if (v >= 1) w.int64(m.sessionLifetimeMs);
  if (v >= 2) w.tags(noKnown, m.unknown);
}
