/**
 * What went wrong in a split request, said once. A server's own error stands
 * for the whole, the first in the order of the parts; the router's words are
 * for parts that gave none.
 */
import type { Failure, Reply } from "../plan.ts";

/** The error in a frame in the server's own words (a view), null when it is none. */
export type ErrorOf = (frame: Uint8Array) => Uint8Array | null;

/** A server's own error, in a reply or of a failed handshake. */
export interface OwnError {
  /** Its words (a view). */
  readonly own: Uint8Array;
}

/** No server gave an error, but parts have no reply. */
export interface NoReply {
  /** Discriminates. */
  readonly own: null;
  /** The first of them. */
  readonly failure: Failure;
  /** Parts without a reply. */
  readonly failed: number;
  /** Parts that succeeded. */
  readonly succeeded: number;
}

/** See the module. */
export type FirstError = OwnError | NoReply;

/** The last frame of a reply, which says how it went; null when the part failed or no frame was asked for. */
export function frameOf(reply: Reply | undefined): Uint8Array | null {
  if (reply === undefined || reply.failure !== null) return null;
  return reply.frames[reply.frames.length - 1] ?? null;
}

/** The error that stands for all, or null when every part succeeded. */
export function firstError(replies: readonly Reply[], errorOf: ErrorOf): FirstError | null {
  let failure: Failure | null = null;
  let failed = 0;
  let succeeded = 0;
  for (const reply of replies) {
    const frame = frameOf(reply);
    const own = frame === null ? (reply.failure?.reply ?? null) : errorOf(frame);
    if (own !== null) return { own };
    if (reply.failure !== null) {
      failed += 1;
      failure ??= reply.failure;
    } else succeeded += 1;
  }
  return failure === null ? null : { own: null, failure, failed, succeeded };
}

/** The first part that failed, in the order of the parts; null when none did. */
export function firstFailure(replies: readonly Reply[]): Failure | null {
  for (const { failure } of replies) if (failure !== null) return failure;
  return null;
}

/** The first reply that is no error, for requests where one success is enough; null when there is none. */
export function anySuccess(replies: readonly Reply[], errorOf: ErrorOf): Uint8Array | null {
  for (const reply of replies) {
    const frame = frameOf(reply);
    if (frame !== null && errorOf(frame) === null) return frame;
  }
  return null;
}
