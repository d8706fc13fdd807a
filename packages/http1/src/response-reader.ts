import { BodyReader } from "./body.ts";
import type { Fault } from "./faults.ts";
import { defaultResponseLimits, type HttpLimits } from "./limits.ts";
import type { HttpEvent } from "./request-reader.ts";
import { type AnsweredMethod, ResponseHead } from "./response-head.ts";

/**
 * Reads the responses of one connection, one behind the other. Works as
 * {@link RequestReader}; in addition it must be told what each answers, and
 * when the peer closed its side.
 *
 * A 1xx (but 101) is a `head` that is `complete` with `head.interim` set: the
 * response proper follows.
 */
export class ResponseReader {
  /** What the last {@link read} met. */
  event: HttpEvent = "need";
  /** Whether a response (or an interim one) ended with the last event. */
  complete = false;
  /** Why the event is `fault`, else null. */
  fault: Fault | null = null;
  /** The head of the current response; its offsets count in the bytes given to the call that met it. */
  readonly head: ResponseHead;
  /** The body of the current response: where its data is, after a `body` event. */
  readonly body: BodyReader;
  /** Whether the connection can carry a request after the current response; known from its head on. */
  keepAlive = true;
  #inBody = false;

  constructor(limits: HttpLimits = defaultResponseLimits) {
    this.head = new ResponseHead(limits);
    this.body = new BodyReader(limits);
  }

  /** Reads on at `bytes[from]`; as {@link RequestReader.read}. `answered` is the method of the request that the response in turn answers; it counts when its head becomes whole. */
  read(bytes: Uint8Array, from: number, answered: AnsweredMethod): number {
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
    this.keepAlive = head.interim || head.keepAlive(answered);
    this.body.begin(head.body(answered), head.length);
    if (this.body.fault !== null) return this.#failed(this.body.fault, end);
    this.#inBody = !this.body.done;
    this.complete = this.body.done;
    return end;
  }

  /** The peer closed its side: whether that ends the current response as the protocol says. It then is complete. */
  ended(): boolean {
    if (this.fault !== null || !this.#inBody || !this.body.ended()) return false;
    this.#inBody = false;
    this.complete = true;
    return true;
  }

  #failed(fault: Fault, at: number): number {
    this.event = "fault";
    this.fault = fault;
    return at;
  }
}
