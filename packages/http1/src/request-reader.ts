import { BodyReader } from "./body.ts";
import type { Fault } from "./faults.ts";
import { defaultRequestLimits, type HttpLimits } from "./limits.ts";
import { RequestHead } from "./request-head.ts";

/** What a reader met. */
export type HttpEvent =
  /** Too few bytes: keep those from the returned offset on, and call again with more. */
  | "need"
  /** A head is whole. */
  | "head"
  /** Bytes of the body: data (maybe none) and framing. */
  | "body"
  /** Not HTTP as it should be: see `fault`. Nothing more is read. */
  | "fault";

/**
 * Reads the requests of one connection, one behind the other.
 *
 * ```
 *          ┌───────────── complete ─────────────┐
 *          ▼                                    │
 *        head ──(hasBody)──▶ body ─▶ body … ────┤
 *          └──────────(no body, complete)───────┘      anywhere ─▶ fault (stays)
 * ```
 */
export class RequestReader {
  /** What the last {@link read} met. */
  event: HttpEvent = "need";
  /** Whether a request ended with the last event. */
  complete = false;
  /** Why the event is `fault`, else null. */
  fault: Fault | null = null;
  /** The head of the current request; its offsets count in the bytes given to the call that met it. */
  readonly head: RequestHead;
  /** The body of the current request: where its data is, after a `body` event. */
  readonly body: BodyReader;
  #inBody = false;

  constructor(limits: HttpLimits = defaultRequestLimits) {
    this.head = new RequestHead(limits);
    this.body = new BodyReader(limits);
  }

  /**
   * Reads on at `bytes[from]` up to the end of one event, which it sets.
   * Returns the offset after what was read. The bytes of an unfinished head
   * are not consumed; those of a body always are, all of them.
   */
  read(bytes: Uint8Array, from: number): number {
    this.complete = false;
    if (this.fault !== null) return this.#failed(this.fault, from);
    if (this.#inBody) {
      const at = this.body.read(bytes, from);
      if (this.body.dataTo > this.body.dataFrom || this.body.fault === null) {
        this.event = at === from && !this.body.done ? "need" : "body";
        this.complete = this.body.done;
        this.#inBody = !this.body.done;
        return at;
      }
      return this.#failed(this.body.fault, at);
    }
    const head = this.head;
    const end = head.read(bytes, from);
    if (end === -1) {
      this.event = "need";
      return from;
    }
    if (head.fault !== null) return this.#failed(head.fault, from);
    this.event = "head";
    this.body.begin(head.chunked ? "chunked" : "length", Math.max(0, head.length));
    this.#inBody = !this.body.done;
    this.complete = this.body.done;
    return end;
  }

  #failed(fault: Fault, at: number): number {
    this.event = "fault";
    this.fault = fault;
    return at;
  }
}
