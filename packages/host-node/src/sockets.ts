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
  /** Address of the other side, without its port; null for a Unix socket, or when it is not known. */
  readonly remote?: string | null;
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

/** A certificate and its key, in PEM form. */
export interface KeyPair {
  /** The certificate, with those between it and its authority behind it. */
  readonly cert: string;
  /** Its private key. */
  readonly key: string;
}

/** How clients connect over TLS. */
export interface ListenTls extends KeyPair {
  /** Authorities of clients' certificates in PEM form, null = none. */
  readonly ca: string | null;
  /** Whether clients show a certificate. */
  readonly clientCert: "none" | "optional" | "required";
  /** Oldest version. */
  readonly minVersion: "TLSv1.2" | "TLSv1.3";
  /** Other certificates by the name asked for, in lower case; `*.` stands for one label. */
  readonly names: ReadonlyMap<string, KeyPair>;
}

/** How a link connects over TLS. */
export interface DialTls {
  /** The router's own certificate, null = none. */
  readonly pair: KeyPair | null;
  /** Authorities of the server's certificate in PEM form, null = the system's. */
  readonly ca: string | null;
  /** Name to ask for and to expect, null = the host that is dialled. */
  readonly serverName: string | null;
  /** Whether a certificate that cannot be checked ends the connection. */
  readonly rejectUnauthorized: boolean;
  /** Oldest version. */
  readonly minVersion: "TLSv1.2" | "TLSv1.3";
}

/** A listener. */
export interface Listener {
  /** Where it listens, with the port that the system gave. */
  readonly address: Address;
  /** New connections are made with these certificates; those that stand are not touched. */
  renew(tls: ListenTls): void;
  /** Accepts no more. Connections stay. */
  close(): void;
}

/** A runtime's sockets. */
export interface Sockets {
  /** Whether the memory of `bytes` is overwritten by the next event. */
  readonly reusesInput: boolean;
  /** Listens; `accept` gives each new connection (with TLS: when it is agreed on) its events, or null to refuse it. Rejects with the system's error. */
  listen(
    address: Address,
    accept: (socket: Socket) => SocketEvents | null,
    tls?: ListenTls | null,
  ): Promise<Listener>;
  /** Connects. Failure is `lost`. */
  dial(address: Address, events: SocketEvents, tls?: DialTls | null): Socket;
}

/** Bytes above which a socket says when it has drained. */
export const fullAt: number = 64 << 10;

/** Milliseconds without progress after which a socket that was told to end is dropped. */
export const lingerTimeout: number = 10_000;
