/** Failures in Redis's form. A server's own error is passed on verbatim; our words are for clusters that gave none. */
import type { Failure, Local, NextPlan, Refuse, Reply } from "@echarde/core";
import { isError } from "./wire/reply-reader.ts";
import { error } from "./wire/reply-writer.ts";

/** An answer of the router's own. */
export function local(...bytes: readonly Uint8Array[]): Local {
  return { type: "local", bytes, end: false, release: false };
}

/** An error of the router's own; `text` begins with its code word. */
export function refuse(text: string): Refuse {
  return { type: "refuse", bytes: [error(text)], end: false };
}

/** A failure that has no reply of a server, in words. */
export function failureText(failure: Failure): string {
  switch (failure.reason) {
    case "unreachable":
      return `upstream connection refused (cluster ${failure.cluster})`;
    case "lost":
    case "closed":
    case "handshake":
      return `upstream connection lost (cluster ${failure.cluster})`;
    case "timeout":
      return `upstream timeout (cluster ${failure.cluster})`;
    case "garbage":
      return `upstream protocol error (cluster ${failure.cluster})`;
    case "overloaded":
      return "the proxy is out of memory";
    case "too-large":
      return "request is larger than the proxy can hold";
  }
}

/** A failure as an error reply. */
export function failureReply(failure: Failure): Uint8Array {
  return failure.reply ?? error(`ERR ${failureText(failure)}`);
}

/** The last frame of a reply, null when it failed. */
export function frameOf(reply: Reply | undefined): Uint8Array | null {
  if (reply === undefined || reply.failure !== null) return null;
  return reply.frames[reply.frames.length - 1] ?? null;
}

/**
 * One error for a split request, or null when every part succeeded: the
 * first server's error in key order verbatim, else our own words with the
 * count. `writes` = what succeeded elsewhere has changed data.
 */
export function splitFailure(replies: readonly Reply[], writes: boolean): Refuse | null {
  let lost: Failure | null = null;
  let failed = 0;
  let succeeded = 0;
  for (const reply of replies) {
    const frame = frameOf(reply);
    if (frame !== null && isError(frame)) return { type: "refuse", bytes: [frame], end: false };
    if (reply.failure?.reply != null)
      return { type: "refuse", bytes: [reply.failure.reply], end: false };
    if (reply.failure !== null) {
      failed += 1;
      lost ??= reply.failure;
    } else succeeded += 1;
  }
  if (lost === null) return null;
  if (replies.length === 1) return { type: "refuse", bytes: [failureReply(lost)], end: false };
  const partial = writes && succeeded > 0 ? " (partial)" : "";
  return refuse(
    `ERR upstream failure on ${failed} of ${replies.length} clusters${partial}: ${failureText(lost)}`,
  );
}

/** What a server that broke the shape of its own reply is answered with. */
export function malformed(): NextPlan {
  return refuse("ERR upstream protocol error");
}
