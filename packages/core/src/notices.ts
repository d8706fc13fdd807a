/** What an operator wants to know of an input, as data beside its effects. Holds no key, value or secret. */
import type { FailureReason } from "./plan.ts";

/** A connection stands where none did: at first, or after `upstream-down` or the loss of the last one. */
export interface UpstreamUp {
  /** Discriminates. */
  readonly type: "upstream-up";
  /** `cluster`, or `cluster/node`. */
  readonly upstream: string;
  /** What was dialled. */
  readonly endpoint: string;
}

/** No endpoint of an upstream could be connected to. */
export interface UpstreamDown {
  /** Discriminates. */
  readonly type: "upstream-down";
  /** `cluster`, or `cluster/node`. */
  readonly upstream: string;
  /** The endpoint that was tried last. */
  readonly endpoint: string;
  /** Milliseconds in which requests fail at once. */
  readonly backoff: number;
  /** Such failures in a row, this one included. */
  readonly attempts: number;
}

/** A connection that stood is gone, and not because nobody needed it; "handshake" = the upstream took no credentials. */
export interface LinkLost {
  /** Discriminates. */
  readonly type: "link-lost";
  /** `cluster`, or `cluster/node`. */
  readonly upstream: string;
  /** Key of the link. */
  readonly link: string;
  /** What happened. */
  readonly reason: FailureReason;
  /** Requests that failed with it. */
  readonly inFlight: number;
}

/** A request took longer than `slowRequest`. Requests that wait for an event are never slow. */
export interface SlowRequest {
  /** Discriminates. */
  readonly type: "slow-request";
  /** `cluster`, or `cluster/node`. */
  readonly upstream: string;
  /** Name of the request ("GET"). */
  readonly request: string;
  /** From sending it to the last byte of its reply, or until it was given up. */
  readonly milliseconds: number;
  /** How it ended. */
  readonly outcome: "reply" | FailureReason;
}

/** A client was closed over a request that has no other answer. */
export interface ClientClosed {
  /** Discriminates. */
  readonly type: "client-closed";
  /** Name of the request ("GET"). */
  readonly request: string;
  /** Why; see `Refuse.reason`. */
  readonly reason: string;
}

/** See the module. */
export type Notice = UpstreamUp | UpstreamDown | LinkLost | SlowRequest | ClientClosed;

/** Notices of one input at most: a server that hangs for a moment makes all that is in flight slow. */
export const manyNotices = 256;
