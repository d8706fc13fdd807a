import { latin1Text } from "./bytes.ts";
import type { Fault } from "./faults.ts";
import { HeadLines } from "./head-lines.ts";
import type { HeaderFields } from "./header-fields.ts";
import { defaultResponseLimits, type HttpLimits } from "./limits.ts";
import { StatusLine } from "./status-line.ts";

/** What the client asked for, as far as it decides where the response ends. */
export type AnsweredMethod = "HEAD" | "CONNECT" | "other";

/** How a body is delimited (RFC 9112 §6.3). `close`: by the end of the connection. */
export type BodyKind = "none" | "length" | "chunked" | "close";

/**
 * Reads response heads and holds what the last one said; offsets as in
 * {@link RequestHead}. Control bytes in header values are no fault, since
 * servers quote client bytes there: such a line is marked, not found by name,
 * and left out by `patchHead`.
 */
export class ResponseHead {
  /** Why the last `read` failed, else null. Stays. */
  fault: Fault | null = null;
  /** Offset of the status line. */
  start = 0;
  /** Offset after the blank line. */
  end = 0;
  readonly #line = new StatusLine();
  readonly #lines: HeadLines;
  #base = 0;
  #whole = true;

  constructor(limits: HttpLimits = defaultResponseLimits) {
    this.#lines = new HeadLines(this.#line, limits, true);
  }

  /** Status, 100 to 999. */
  get status(): number {
    return this.#line.status;
  }

  /** 1 for HTTP/1.1, 0 for HTTP/1.0. */
  get minor(): number {
    return this.#line.minor;
  }

  /** The header lines. */
  get fields(): HeaderFields {
    return this.#lines.fields;
  }

  /** Declared Content-Length, -1 if there is none. A bodiless response may have one. */
  get length(): number {
    return this.#lines.framing.length;
  }

  /** Whether Transfer-Encoding says chunked. */
  get chunked(): boolean {
    return this.#lines.framing.chunked;
  }

  /** Whether this is a 1xx that another response follows: all but 101. */
  get interim(): boolean {
    return this.status < 200 && this.status !== 101;
  }

  /** Reason as text, one character a byte. */
  reason(bytes: Uint8Array): string {
    return latin1Text(bytes, this.#base + this.#line.reasonFrom, this.#base + this.#line.reasonTo);
  }

  /**
   * How the body is delimited. A 101, and a 2xx to CONNECT, are followed by
   * bytes of another protocol up to the end of the connection: `close`.
   */
  body(answered: AnsweredMethod): BodyKind {
    const status = this.status;
    if (status === 101) return "close";
    if (status < 200 || status === 204 || status === 304 || answered === "HEAD") return "none";
    if (answered === "CONNECT" && status < 300) return "close";
    if (this.chunked) return "chunked";
    return this.length < 0 ? "close" : this.length === 0 ? "none" : "length";
  }

  /** Whether the connection can carry another request after this response. */
  keepAlive(answered: AnsweredMethod): boolean {
    const framing = this.#lines.framing;
    if (framing.close || (this.minor === 0 && !framing.keepAlive)) return false;
    return this.body(answered) !== "close";
  }

  /** As {@link RequestHead.read}. */
  read(bytes: Uint8Array, from: number): number {
    if (this.fault !== null) return -2;
    if (this.#whole) {
      this.#lines.clear();
      this.#whole = false;
    }
    const end = this.#lines.read(bytes, from);
    if (end === -1) return -1;
    this.#base = from;
    const bad = typeof end === "number" ? this.#lines.framing.finish(this.minor, false) : end;
    if (bad !== null || typeof end !== "number") {
      this.fault = bad;
      return -2;
    }
    this.#whole = true;
    this.start = from;
    this.end = end;
    return end;
  }
}
