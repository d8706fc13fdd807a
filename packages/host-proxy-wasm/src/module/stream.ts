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
  /** The client sent bytes; `last` = of this event, `end` = the client sends no more, `plain` = they are whole requests that the shim knows, with one key each. */
  downstream(bytes: Uint8Array, last: boolean, end: boolean, now: number, plain: boolean): Verdict;
  /** What the shim does with a plain request of this key: sticky: 1 = it may go on as it is; frame: the link that it goes to, or with a map of slots its cluster + 1. 0 = the stream looks at it. */
  carried(bytes: Uint8Array, from: number, to: number): number;
  /** Takes over requests that the shim has sent, and frames that have come for them. `alone` = no other event follows. */
  adopt(requests: Uint8Array, frames: Uint8Array, alone: boolean, now: number): void;
  /** Plain requests that the shim has held back; they lie in no buffer. */
  late(bytes: Uint8Array, now: number): void;
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
