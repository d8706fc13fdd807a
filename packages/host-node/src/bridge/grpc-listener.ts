/**
 * Streams of frames as gRPC: HTTP/2 over plain TCP or TLS, one method,
 * `/echarde.Bridge/Pipe`. The frames carry gRPC's prefix already.
 */
import {
  createSecureServer,
  createServer,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";
import type { Address } from "../address.ts";
import { fullAt, type ListenTls, type Socket, type SocketEvents } from "../sockets.ts";

/** Windows: what one stream, and all streams of a connection, may have on their way. Small ones starve deep pipelines. */
const streamWindow = 4 << 20;
const connectionWindow = 64 << 20;

const path = "/echarde.Bridge/Pipe";
const unimplemented = "12";
const unavailable = "14";

/** A listener for gRPC. */
export interface GrpcListener {
  /** Where it listens. */
  readonly address: Address;
  /** Accepts no more streams. */
  close(): void;
}

/** Listens; `accept` gives each stream its events, null refuses it. */
export async function listenGrpc(
  address: Address,
  accept: (socket: Socket) => SocketEvents | null,
  tls: ListenTls | null,
): Promise<GrpcListener> {
  const settings = { initialWindowSize: streamWindow, maxConcurrentStreams: 0xffffffff };
  const server: Http2Server =
    tls === null
      ? createServer({ settings })
      : createSecureServer({
          ...{ settings, cert: tls.cert, key: tls.key, minVersion: tls.minVersion },
          ...(tls.ca === null ? {} : { ca: tls.ca }),
          ...{ requestCert: tls.clientCert !== "none", rejectUnauthorized: true },
        });
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.setLocalWindowSize(connectionWindow);
    session.on("close", () => sessions.delete(session));
    session.on("error", () => session.destroy());
  });
  server.on("stream", (stream, headers) => {
    if (headers[":path"] !== path) refuse(stream, unimplemented);
    else if (!attach(stream, accept)) refuse(stream, unavailable);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    const where =
      address.type === "unix" ? { path: address.path } : { host: address.host, port: address.port };
    server.listen(where, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return {
    address:
      address.type === "tcp"
        ? { ...address, port: (server.address() as AddressInfo).port }
        : address,
    close: () => {
      server.close();
      for (const session of sessions) session.close();
    },
  };
}

function refuse(stream: ServerHttp2Stream, status: string): void {
  stream.on("error", () => stream.destroy());
  stream.respond(
    { ":status": 200, "content-type": "application/grpc", "grpc-status": status },
    { endStream: true },
  );
}

function attach(
  stream: ServerHttp2Stream,
  accept: (socket: Socket) => SocketEvents | null,
): boolean {
  const socket = new GrpcSocket(stream);
  const events = accept(socket);
  if (events === null) return false;
  socket.start(events);
  return true;
}

class GrpcSocket implements Socket {
  readonly #stream: ServerHttp2Stream;
  #events: SocketEvents | null = null;

  constructor(stream: ServerHttp2Stream) {
    this.#stream = stream;
  }

  start(events: SocketEvents): void {
    const stream = this.#stream;
    this.#events = events;
    // At once: Envoy sends nothing before it has them.
    stream.respond(
      { ":status": 200, "content-type": "application/grpc" },
      { waitForTrailers: true },
    );
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.on("data", (chunk: Buffer) => this.#events?.bytes(chunk));
    stream.on("end", () => this.#events?.halfClosed());
    stream.on("drain", () => this.#events?.drained(waitingOf(stream)));
    stream.on("error", () => stream.destroy());
    stream.on("close", () => {
      const lost = this.#events;
      this.#events = null;
      lost?.lost(null);
    });
  }

  write(chunks: readonly Uint8Array[]): number {
    if (this.#stream.destroyed || this.#stream.writableEnded) return 0;
    this.#stream.write(Buffer.concat(chunks));
    return this.#stream.writableLength;
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  end(): void {
    this.#events = null;
    if (!this.#stream.destroyed) this.#stream.end();
    this.#stream.resume();
  }

  destroy(): void {
    this.#events = null;
    this.#stream.destroy();
  }
}

function waitingOf(stream: ServerHttp2Stream): number {
  return stream.writableLength < fullAt ? 0 : stream.writableLength;
}
