/**
 * HTTP/1.1 framing: bytes in, events out, for both directions. Pure.
 *
 * @packageDocumentation
 */
export { BodyReader } from "./body.ts";
export { type Fault, type FaultCode, faults, HttpMisuseError } from "./faults.ts";
export { defaultGunzipLimits, Gunzip, type GunzipFailure, type GunzipLimits } from "./gunzip.ts";
export { HeaderFields, MARK_CONTROL, MARK_HIGH, TokenList } from "./header-fields.ts";
export { defaultRequestLimits, defaultResponseLimits, type HttpLimits } from "./limits.ts";
export { type HeadPatch, patchHead, type ReadHead } from "./patch.ts";
export { escapeQuery, firstValue, parseQuery, type Query, type QueryPair } from "./query.ts";
export { RequestHead } from "./request-head.ts";
export type { TargetForm } from "./request-line.ts";
export { type HttpEvent, RequestReader } from "./request-reader.ts";
export { type AnsweredMethod, type BodyKind, ResponseHead } from "./response-head.ts";
export { ResponseReader } from "./response-reader.ts";
export {
  chunkEnd,
  chunkStart,
  cleanValue,
  continueResponse,
  type HeaderLine,
  lastChunk,
  writeHeader,
  writeRequestHead,
  writeResponseHead,
} from "./writer.ts";
