/** One client connection as the plug-in sees it; one class for each route. */
import type { RoutingTable } from "@echarde/core";

/** What becomes of the bytes of an event. */
export interface Verdict {
  /** Whether the next filter gets the buffer now, as it is. */
  readonly pass: boolean;
  /** Whether the bytes were taken: they are drained. */
  readonly taken: boolean;
}

/** To the next filter as they are. */
export const passOn: Verdict = { pass: true, taken: false };
/** Taken; nothing moves until the filter says so. */
export const taken: Verdict = { pass: false, taken: true };
/** They stay where they are. */
export const leave: Verdict = { pass: false, taken: false };
/** Taken, and what was put in their place moves on. */
export const replaced: Verdict = { pass: true, taken: true };

/** See the module. */
export interface Stream {
  /** When `tick` is to be called, Unix milliseconds. */
  readonly deadline: number;
  /** Whether the next `tick` closes the client. */
  readonly closing: boolean;
  /** Bytes that it holds. */
  readonly held: number;
  /** The client sent bytes; `last` = of this event, `end` = the client sends no more. */
  downstream(bytes: Uint8Array, last: boolean, end: boolean, now: number): Verdict;
  /** Whether a whole request that came alone, with this one key, may go on as it is. */
  passes(bytes: Uint8Array, from: number, to: number): boolean;
  /** The other side sent bytes. */
  upstream(bytes: Uint8Array, last: boolean, end: boolean, now: number): Verdict;
  /** What was left in the buffer before, asked for by the stream itself. */
  fetched(bytes: Uint8Array, last: boolean, now: number): void;
  /** The connection to the other side is gone. */
  upstreamClosed(now: number): void;
  /** Time has passed. */
  tick(now: number): void;
  /** Another table is in force. */
  swap(table: RoutingTable, now: number): void;
  /** The client is gone. */
  closed(now: number): void;
}
