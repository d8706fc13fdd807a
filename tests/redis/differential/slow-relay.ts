/**
 * A relay whose connections are of different speed: what comes first on one
 * may come last on another. Each keeps its own order. Without it, requests on
 * two connections to one server run in the order of their writes by mere luck.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** Milliseconds until bytes reach the server; connections take turns. Shared ones are mostly the first. */
const delays: readonly number[] = [4, 0, 2];

/** A running relay. */
export interface SlowRelay {
  /** Its port on 127.0.0.1. */
  readonly port: number;
  /** Ends it and its connections. */
  close(): Promise<void>;
}

/** Starts one in front of a port of 127.0.0.1. */
export async function startSlowRelay(target: number): Promise<SlowRelay> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server: Server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const delay = delays[accepted % delays.length] as number;
    accepted += 1;
    const upstream = connect({ port: target, host: "127.0.0.1", noDelay: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {}); // its close follows
      socket.on("close", () => sockets.delete(socket));
    }
    const later = (act: () => void): void => {
      if (delay === 0) act();
      else setTimeout(act, delay); // timers of one length run in the order in which they were set
    };
    client.on("data", (chunk) => later(() => upstream.write(chunk)));
    client.on("end", () => later(() => upstream.end()));
    client.on("close", () => later(() => upstream.destroy()));
    upstream.pipe(client);
    upstream.on("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
