// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// SaslHandshakeRequest, key 17, versions 0 to 1.
import { type Reader } from "../wire/reader.ts";
import { type Writer } from "../wire/writer.ts";

/** See the specification. */
export class SaslHandshakeRequest {
  mechanism: string = "";
}

/** Reads one at the reader. */
export function readSaslHandshakeRequest(r: Reader, _v: number): SaslHandshakeRequest {
  const m = new SaslHandshakeRequest();
  m.mechanism = r.string(false);
  return m;
}

/** Writes one. */
export function writeSaslHandshakeRequest(w: Writer, m: SaslHandshakeRequest, _v: number): void {
  w.string(m.mechanism, false);
}
