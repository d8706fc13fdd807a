/**
 * How much may wait for one client, and whether it is read.
 *
 * ```
 *   read ──output over its limit · a link full · too many in flight · inbox full behind a hold──▶ paused
 *   paused ──the last of these reasons gone──▶ read
 *   over the limit, no progress in the host for a time · over the router's memory ──▶ destroyed
 * ```
 */
import type { Answers } from "./answers.ts";
import type { Core } from "./core.ts";
import type { Session } from "./session.ts";

/** Why a client is not read at the moment; bits of a mask. */
export const pausedBy = { output: 1, link: 2, inFlight: 4, inbox: 8 } as const;

/** See the module. */
export class ClientFlow {
  /** Why it is paused: bits of `pausedBy`, 0 = it is read. */
  pauses = 0;
  readonly #core: Core;
  readonly #session: Session;
  readonly #answers: Answers;
  #unsent = -1;
  /** Bytes of parts' replies that wait for the others. */
  #collected = 0;
  /** Since when a reader above its limit has made no progress. */
  #stalledSince: number = Number.POSITIVE_INFINITY;

  constructor(core: Core, session: Session, answers: Answers) {
    this.#core = core;
    this.#session = session;
    this.#answers = answers;
  }

  /** Bytes waiting in the host since it said "full", -1 while it takes all; they count as held by the router. */
  get unsent(): number {
    return this.#unsent;
  }

  set unsent(bytes: number) {
    this.#core.held += Math.max(0, bytes) - Math.max(0, this.#unsent);
    this.#unsent = bytes;
  }

  /** Bytes of answers that the router holds. */
  get held(): number {
    return this.#answers.held + this.#collected;
  }

  /** Bytes that wait for the client, in the router and in the host. */
  get waiting(): number {
    return this.#answers.held + this.#collected + Math.max(0, this.#unsent);
  }

  /** A reason to pause comes or goes. */
  pause(bit: number, on: boolean): void {
    const before = this.pauses;
    this.pauses = on ? before | bit : before & ~bit;
    if (before === 0 && this.pauses !== 0) this.#session.askRead(false);
    else if (before !== 0 && this.pauses === 0) this.#session.askRead(true);
  }

  /** Bytes of parts' replies wait (negative: no longer). */
  collect(bytes: number): void {
    this.#collected += bytes;
    this.#core.held += bytes;
    if (bytes > 0) this.limit();
  }

  /** The host buffers `waiting` bytes. */
  full(waiting: number): void {
    const { now, limits } = this.#core;
    if (waiting < this.unsent || this.#stalledSince === Number.POSITIVE_INFINITY) {
      this.#stalledSince = now;
      this.#core.arm(now + limits.stallTimeout);
    }
    this.unsent = waiting;
    this.limit();
  }

  /** The host takes bytes again. */
  drained(): void {
    this.unsent = -1;
    this.#stalledSince = Number.POSITIVE_INFINITY;
    this.limit();
  }

  /** Time has passed. */
  tick(now: number): void {
    const { limits } = this.#core;
    if (now - this.#stalledSince < limits.stallTimeout) {
      if (this.#stalledSince < Number.POSITIVE_INFINITY)
        this.#core.arm(this.#stalledSince + limits.stallTimeout);
    } else if (this.waiting > limits.maxOutput) this.#session.destroy("abort");
    else {
      this.#stalledSince = now;
      this.#core.arm(now + limits.stallTimeout);
    }
  }

  /** Holds what waits against the limits of the client and of the router. */
  limit(): void {
    if (this.#session.gone) return;
    const { waiting } = this;
    const { held, limits } = this.#core;
    const over = waiting > limits.maxOutput;
    if (over !== ((this.pauses & pausedBy.output) !== 0)) this.pause(pausedBy.output, over);
    // Whoever makes the router overflow goes; what others hold is theirs.
    if (waiting > 0 && (held > limits.maxMemory || waiting > limits.maxMemory)) {
      this.#session.destroy("abort");
    }
  }
}
