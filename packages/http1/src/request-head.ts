import { latin1Text } from "./bytes.ts";
import { type Fault, faults } from "./faults.ts";
import { HeadLines } from "./head-lines.ts";
import type { HeaderFields } from "./header-fields.ts";
import { defaultRequestLimits, type HttpLimits } from "./limits.ts";
import { RequestLine, type TargetForm } from "./request-line.ts";

/**
 * Reads request heads and holds what the last one said. All offsets count in
 * the array given to the call of {@link read} that returned an end, and hold
 * until the next head is begun.
 */
export class RequestHead {
  /** Why the last `read` failed, else null. Stays: a connection with a bad head is over. */
  fault: Fault | null = null;
  /** Offset of the method's first byte. */
  start = 0;
  /** Offset after the blank line. */
  end = 0;
  readonly #line = new RequestLine();
  readonly #lines: HeadLines;
  readonly #limits: HttpLimits;
  #base = 0;
  #whole = true;

  constructor(limits: HttpLimits = defaultRequestLimits) {
    this.#limits = limits;
    this.#lines = new HeadLines(this.#line, limits, false);
  }

  /** Method as sent; methods are case-sensitive. */
  get method(): string {
    return this.#line.method;
  }

  /** 1 for HTTP/1.1, 0 for HTTP/1.0. */
  get minor(): number {
    return this.#line.minor;
  }

  /** Form of the target. */
  get form(): TargetForm {
    return this.#line.form;
  }

  /** Start of the target. */
  get targetFrom(): number {
    return this.#base + this.#line.targetFrom;
  }

  /** Offset after the target. */
  get targetTo(): number {
    return this.#base + this.#line.targetTo;
  }

  /** Start of the authority in the target; equal to `authorityTo` when it has none. */
  get authorityFrom(): number {
    return this.#base + this.#line.authorityFrom;
  }

  /** Offset after the authority in the target. */
  get authorityTo(): number {
    return this.#base + this.#line.authorityTo;
  }

  /** Start of the path; empty for `*`, CONNECT, and an absolute form without one. Never unescaped. */
  get pathFrom(): number {
    return this.#base + this.#line.pathFrom;
  }

  /** Offset after the path. */
  get pathTo(): number {
    return this.#base + this.#line.pathTo;
  }

  /** Start of the query, after its "?"; equal to `queryTo` when there is none. */
  get queryFrom(): number {
    return this.#line.queryFrom < 0 ? this.targetTo : this.#base + this.#line.queryFrom;
  }

  /** Offset after the query. */
  get queryTo(): number {
    return this.targetTo;
  }

  /** Whether the target has a "?". */
  get hasQuery(): boolean {
    return this.#line.queryFrom >= 0;
  }

  /** The header lines. */
  get fields(): HeaderFields {
    return this.#lines.fields;
  }

  /** Declared Content-Length in bytes, -1 if there is none. */
  get length(): number {
    return this.#lines.framing.length;
  }

  /** Whether the body is chunked. Without it and without a length there is no body. */
  get chunked(): boolean {
    return this.#lines.framing.chunked;
  }

  /** Whether body bytes, or a chunked body's end at least, follow the head. */
  get hasBody(): boolean {
    return this.chunked || this.length > 0;
  }

  /** Whether the client expects the connection to stay open after the reply (RFC 9112 §9.3). */
  get keepAlive(): boolean {
    const framing = this.#lines.framing;
    return !framing.close && (this.minor === 1 || framing.keepAlive);
  }

  /** `continue`: the client waits for a 100 before it sends its body. `other`: an expectation that deserves a 417. */
  get expectation(): "none" | "continue" | "other" {
    return this.#lines.framing.expectation;
  }

  /** Whether the client asks for another protocol (Connection: upgrade with Upgrade). It may be ignored. */
  get upgrade(): boolean {
    return this.#lines.framing.upgrade;
  }

  /** The path as text, one character a byte. */
  path(bytes: Uint8Array): string {
    return latin1Text(bytes, this.pathFrom, this.pathTo);
  }

  /**
   * Reads the head that starts at `bytes[from]`. Returns the offset after it;
   * -1 when its end is not there yet: call again with the same bytes and more,
   * at any place of any array; or -2 with {@link fault}. A declared length
   * above the limit is a fault of the head.
   */
  read(bytes: Uint8Array, from: number): number {
    if (this.fault !== null) return -2;
    if (this.#whole) {
      this.#lines.clear();
      this.#whole = false;
    }
    const end = this.#lines.read(bytes, from);
    if (end === -1) return -1;
    this.#base = from;
    const bad = typeof end === "number" ? this.#judge() : end;
    if (bad !== null || typeof end !== "number") {
      this.fault = bad;
      return -2;
    }
    this.#whole = true;
    this.start = from + this.#lines.startLine;
    this.end = end;
    return end;
  }

  #judge(): Fault | null {
    const framing = this.#lines.framing;
    const bad = framing.finish(this.minor, true);
    if (bad !== null) return bad;
    return framing.length > this.#limits.body ? faults["body-too-large"] : null;
  }
}
