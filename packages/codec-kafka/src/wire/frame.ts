/**
 * Frames: a length, a header, a body.
 *
 * ```
 *   request    int32 length, int16 key, int16 version, int32 correlation id, string client id, [tags], body
 *   response   int32 length, int32 correlation id, [tags], body
 * ```
 * Tags are there from the first flexible version on; never in the response to ApiVersions, so that a client
 * that knows no version of ours can read it. Correlation ids of upstream links are core's: written as 0 here.
 */
import type { RequestOf, ResponseOf } from "./api.ts";
import { copyOf } from "./copy.ts";
import { Reader } from "./reader.ts";
import { noKnown, Writer } from "./writer.ts";

/** The head of a request. */
export interface Head {
  /** Which API. */
  readonly key: number;
  /** Its version. */
  readonly version: number;
  /** The client's number for it. */
  readonly correlationId: number;
}

/** Bytes that a request has at least: length, key, version, correlation id, client id. */
export const headLength = 14;

/** Key of ApiVersions, whose response headers are never flexible. */
const apiVersionsKey = 18;

/** Reads what all versions have at `bytes[from]`, behind the length. */
export function readHead(bytes: Uint8Array, from: number): Head {
  const reader = new Reader(bytes, from + 4);
  return { key: reader.int16(), version: reader.int16(), correlationId: reader.int32() };
}

/** A whole request taken apart; throws `Malformed`. */
export function readRequest<Req>(
  api: RequestOf<Req>,
  version: number,
  frame: Uint8Array,
): { readonly clientId: string | null; readonly body: Req } {
  const reader = new Reader(frame, 12);
  const clientId = reader.nullableString(false);
  if (version >= api.flexible) reader.tags(null);
  const body = api.readRequest(reader, version);
  reader.finish();
  return { clientId, body };
}

/** The body of a whole response; throws `Malformed`. */
export function readResponse<Res>(api: ResponseOf<Res>, version: number, frame: Uint8Array): Res {
  const reader = new Reader(frame, 8);
  if (version >= api.flexible && api.key !== apiVersionsKey) reader.tags(null);
  const body = api.readResponse(reader, version);
  reader.finish();
  return body;
}

/** A request in chunks, without a correlation id. */
export function writeRequest<Req>(
  api: RequestOf<Req>,
  version: number,
  clientId: string | null,
  body: Req,
): Uint8Array[] {
  const writer = new Writer();
  writer.int32(0);
  writer.int16(api.key);
  writer.int16(version);
  writer.int32(0);
  writer.string(clientId, false);
  if (version >= api.flexible) writer.tags(noKnown, []);
  api.writeRequest(writer, body, version);
  return framed(writer);
}

/** A response in chunks. */
export function writeResponse<Res>(
  api: ResponseOf<Res>,
  version: number,
  correlationId: number,
  body: Res,
): Uint8Array[] {
  const writer = new Writer();
  writer.int32(0);
  writer.int32(correlationId);
  if (version >= api.flexible && api.key !== apiVersionsKey) writer.tags(noKnown, []);
  api.writeResponse(writer, body, version);
  return framed(writer);
}

/** `chunk`, whose correlation id is at `at`, with another one: a copy of its head and a view of the rest. */
export function renumbered(chunk: Uint8Array, at: number, id: number): readonly Uint8Array[] {
  const head = copyOf(chunk, 0, at + 4);
  new DataView(head.buffer).setInt32(at, id);
  return chunk.length > head.length ? [head, chunk.subarray(head.length)] : [head];
}

function framed(writer: Writer): Uint8Array[] {
  const chunks = writer.finish();
  const [first] = chunks;
  if (first !== undefined)
    new DataView(first.buffer, first.byteOffset).setInt32(0, writer.size - 4);
  return chunks;
}
