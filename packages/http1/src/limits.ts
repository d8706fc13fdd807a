/** Bounds of what a reader takes. All sizes are bytes. */
export interface HttpLimits {
  /** Request line or status line with its CRLF. 64 KiB: clients put whole queries into the target. */
  readonly startLine: number;
  /** One header line with its CRLF. 16 KiB: long cookies and tokens stay below 8 KiB. */
  readonly header: number;
  /** All header lines with the blank one. 64 KiB. */
  readonly headers: number;
  /** Number of header lines. 100, as other servers take. */
  readonly headerCount: number;
  /** Chunk size with its extensions, without CRLF. 256: nobody sends extensions. */
  readonly chunkLine: number;
  /** All trailer lines with the blank one. 8 KiB. */
  readonly trailers: number;
  /** Body as declared or as streamed, framing not counted. `Infinity` lets all through. */
  readonly body: number;
}

/** Bounds of requests: see {@link HttpLimits} for the reasons; bodies of 25 MB, which many servers have as their own bound. */
export const defaultRequestLimits: HttpLimits = {
  startLine: 65536,
  header: 16384,
  headers: 65536,
  headerCount: 100,
  chunkLine: 256,
  trailers: 8192,
  body: 25_000_000,
};

/** Bounds of responses: as of requests, without a bound on the body, which is streamed. */
export const defaultResponseLimits: HttpLimits = {
  ...defaultRequestLimits,
  body: Number.POSITIVE_INFINITY,
};
