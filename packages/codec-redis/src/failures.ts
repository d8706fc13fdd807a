/** Failures in Redis's form. A server's own error is passed on verbatim; our words are for clusters that gave none. */

import type { Failure, Local, NextPlan, Refuse, Reply } from "@echarde/core";
import * as core from "@echarde/core";
import { isError } from "./wire/reply-reader.ts";
import { error } from "./wire/reply-writer.ts";

export { frameOf } from "@echarde/core";

/** An answer of the router's own. */
export function local(...bytes: readonly Uint8Array[]): Local {
  return core.local(bytes);
}

/** An error of the router's own; `text` begins with its code word. */
export function refuse(text: string): Refuse {
  return core.refuse(error(text));
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

/** The error that a frame is, null when it is none. */
export function errorOf(frame: Uint8Array): Uint8Array | null {
  return isError(frame) ? frame : null;
}

/**
 * One error for a split request, or null when every part succeeded: the
 * first server's error in key order verbatim, else our own words with the
 * count. `writes` = what succeeded elsewhere has changed data.
 */
export function splitFailure(replies: readonly Reply[], writes: boolean): Refuse | null {
  const first = core.firstError(replies, errorOf);
  if (first === null) return null;
  if (first.own !== null) return core.refuse(first.own);
  const { failure, failed, succeeded } = first;
  if (replies.length === 1) return core.refuse(failureReply(failure));
  const partial = writes && succeeded > 0 ? " (partial)" : "";
  return refuse(
    `ERR upstream failure on ${failed} of ${replies.length} clusters${partial}: ${failureText(failure)}`,
  );
}

/** What a server that broke the shape of its own reply is answered with. */
export function malformed(): NextPlan {
  return refuse("ERR upstream protocol error");
}
