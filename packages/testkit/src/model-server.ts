/** A server as a pure state machine: bytes in, bytes out, for many connections. */
import { join } from "@echarde/core";

/** What a server sends to one of its connections. */
export interface ServerOutput {
  /** Number of the connection. */
  readonly connection: number;
  /** May be empty. */
  readonly bytes: Uint8Array;
  /** Close the connection once the bytes are sent. */
  readonly end: boolean;
}

/** See the module. */
export interface ModelServer {
  /** A connection was made; its number is new. */
  opened(connection: number): readonly ServerOutput[];
  /** Bytes came on a connection, in any cut. */
  handle(connection: number, bytes: Uint8Array): readonly ServerOutput[];
  /** A connection is gone. */
  closed(connection: number): readonly ServerOutput[];
}

/** Makes the server that stands behind an address. */
export type ServerAt = (address: string) => ModelServer;

/** What a single server says to each client; clients take turns, chunk by chunk. Deterministic. */
export function askDirectly(
  server: ModelServer,
  clients: readonly Uint8Array[],
): readonly Uint8Array[] {
  const received = clients.map((): Uint8Array[] => []);
  const take = (outputs: readonly ServerOutput[]): void => {
    for (const { connection, bytes } of outputs) received[connection]?.push(bytes);
  };
  clients.forEach((_, client) => {
    take(server.opened(client));
  });
  clients.forEach((bytes, client) => {
    take(server.handle(client, bytes));
  });
  return received.map((chunks) => join(chunks));
}
