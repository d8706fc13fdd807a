// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// SaslHandshakeResponse, key 17, versions 0 to 1.
import { type Reader } from "../wire/reader.ts";
import { type Writer } from "../wire/writer.ts";

/** See the specification. */
export class SaslHandshakeResponse {
  errorCode: number = 0;
  mechanisms: readonly string[] = [];
}

/** Reads one at the reader. */
export function readSaslHandshakeResponse(r: Reader, v: number): SaslHandshakeResponse {
  const m = new SaslHandshakeResponse();
  m.errorCode = r.int16();
  m.mechanisms = r.array(false, (x) => x.string(false), v);
  return m;
}

/** Writes one. */
export function writeSaslHandshakeResponse(w: Writer, m: SaslHandshakeResponse, v: number): void {
  w.int16(m.errorCode);
  w.array(m.mechanisms, false, (x, item) => x.string(item, false), v);
}
