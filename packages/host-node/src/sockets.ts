/**
 * The seam to a runtime's sockets. Everything above it is free of them, so
 * that those of another runtime can be put in.
 *
 * **No method calls back.** Events come from the runtime's loop only, never
 * from within `write`, `dial`, `end` or `destroy`.
 */
import type { Address } from "./address.ts";

/** What a socket tells; one object for each connection. */
export interface SocketEvents {
  /** A dialled connection stands. */
  opened(): void;
  /** Bytes came. With `Sockets.reusesInput` they are valid until this returns, else for ever. */
  bytes(chunk: Uint8Array): void;
  /** Of what waited `waiting` bytes are left; 0 = all is with the system. Comes only after a `write` that returned at least `fullAt`. */
  drained(waiting: number): void;
  /** The other side sends no more. */
  halfClosed(): void;
  /** The connection is gone, or could not be made. Comes last, once, and not after `destroy`. */
  lost(error: Error | null): void;
}

/** One connection. */
export interface Socket {
  /** Sends the chunks in order. Returns the bytes that wait now; at 0 the memory of the chunks is the caller's again, else the socket's. */
  write(chunks: readonly Uint8Array[]): number;
  /** Stops reading. */
  pause(): void;
  /** Reads on. */
  resume(): void;
  /** Closes when all is sent. No event follows; what still comes in is thrown away, and a peer that neither takes nor closes is dropped after `lingerTimeout`. */
  end(): void;
  /** Closes at once. No event follows. */
  destroy(): void;
}

/** A listener. */
export interface Listener {
  /** Where it listens, with the port that the system gave. */
  readonly address: Address;
  /** Accepts no more. Connections stay. */
  close(): void;
}

/** A runtime's sockets. */
export interface Sockets {
  /** Whether the memory of `bytes` is overwritten by the next event. */
  readonly reusesInput: boolean;
  /** Listens; `accept` gives each new connection its events, or null to refuse it. Rejects with the system's error. */
  listen(address: Address, accept: (socket: Socket) => SocketEvents | null): Promise<Listener>;
  /** Connects. Failure is `lost`. */
  dial(address: Address, events: SocketEvents): Socket;
}

/** Bytes above which a socket says when it has drained. */
export const fullAt: number = 64 << 10;

/** Milliseconds without progress after which a socket that was told to end is dropped. */
export const lingerTimeout: number = 10_000;
