/** What can be wrong with a peer's bytes, as data: a reader reports one of these, it never throws them. */

/** Stable name of a fault. */
export type FaultCode =
  | "bad-request-line"
  | "bad-status-line"
  | "bad-target"
  | "bad-version"
  | "version-unsupported"
  | "request-line-too-long"
  | "bad-line-end"
  | "obsolete-fold"
  | "bad-header-name"
  | "bad-header-value"
  | "header-too-long"
  | "headers-too-long"
  | "too-many-headers"
  | "missing-host"
  | "bad-host"
  | "bad-length"
  | "repeated-length"
  | "length-and-coding"
  | "bad-coding"
  | "coding-unsupported"
  | "body-too-large"
  | "bad-chunk"
  | "chunk-line-too-long"
  | "chunk-overhead"
  | "bad-trailer"
  | "trailers-too-long";

/** Why a peer's bytes are refused. The reader that met it stays failed: close the connection after the answer. */
export interface Fault {
  /** Stable name. */
  readonly code: FaultCode;
  /** Status of the answer to a bad request. For a bad response the answer to the client is a 502. */
  readonly status: 400 | 413 | 414 | 431 | 501 | 505;
  /** What is wrong, in words of our own: holds none of the peer's bytes. */
  readonly text: string;
}

const fault = (code: FaultCode, status: Fault["status"], text: string): Fault => ({
  code,
  status,
  text,
});

/** Each fault by its code. */
export const faults: Readonly<Record<FaultCode, Fault>> = {
  "bad-request-line": fault("bad-request-line", 400, "malformed request line"),
  "bad-status-line": fault("bad-status-line", 400, "malformed status line"),
  "bad-target": fault("bad-target", 400, "malformed request target"),
  "bad-version": fault("bad-version", 400, "malformed HTTP version"),
  "version-unsupported": fault("version-unsupported", 505, "unsupported HTTP version"),
  "request-line-too-long": fault("request-line-too-long", 414, "request line too long"),
  "bad-line-end": fault("bad-line-end", 400, "CR or LF outside a line end"),
  "obsolete-fold": fault("obsolete-fold", 400, "header folded over lines"),
  "bad-header-name": fault("bad-header-name", 400, "malformed header name"),
  "bad-header-value": fault("bad-header-value", 400, "control byte in a header value"),
  "header-too-long": fault("header-too-long", 431, "header too long"),
  "headers-too-long": fault("headers-too-long", 431, "headers too long"),
  "too-many-headers": fault("too-many-headers", 431, "too many headers"),
  "missing-host": fault("missing-host", 400, "missing Host header"),
  "bad-host": fault("bad-host", 400, "malformed or repeated Host header"),
  "bad-length": fault("bad-length", 400, "malformed Content-Length"),
  "repeated-length": fault("repeated-length", 400, "repeated Content-Length"),
  "length-and-coding": fault(
    "length-and-coding",
    400,
    "Content-Length together with Transfer-Encoding",
  ),
  "bad-coding": fault("bad-coding", 400, "malformed Transfer-Encoding"),
  "coding-unsupported": fault("coding-unsupported", 501, "unsupported transfer coding"),
  "body-too-large": fault("body-too-large", 413, "body too large"),
  "bad-chunk": fault("bad-chunk", 400, "malformed chunk"),
  "chunk-line-too-long": fault("chunk-line-too-long", 400, "chunk size line too long"),
  "chunk-overhead": fault("chunk-overhead", 400, "too much chunk framing for the data"),
  "bad-trailer": fault("bad-trailer", 400, "malformed or forbidden trailer"),
  "trailers-too-long": fault("trailers-too-long", 431, "trailers too long"),
};

/** The caller asked a writer for a head that HTTP does not allow. A bug of the caller, never caused by a peer alone. */
export class HttpMisuseError extends Error {
  override readonly name: string = "HttpMisuseError";
}
