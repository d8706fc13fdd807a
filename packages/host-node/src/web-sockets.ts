/**
 * MQTT over WebSocket, for clients in browsers: the bytes of a connection in
 * binary messages, cut anywhere [MQTT-6.0.0-2]. The handshake and the frames
 * are the work of `ws`; bounds and back-pressure are ours.
 *
 * ```
 *   TCP or TLS ──▶ HTTP, one request: GET path, Upgrade, subprotocol mqtt ──▶ frames ⇄ SocketEvents
 *                    └──▶ 404 · 426 · 400 · 503
 * ```
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Socket as NetSocket } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { fullAt, lingerTimeout, type Socket, type SocketEvents } from "./sockets.ts";

/** Takes a connection over which HTTP is about to be spoken. */
export type TakeRaw = (raw: NetSocket) => void;

/** Makes clients of connections that ask for `path`; `accept` as in `Sockets.listen`. */
export function webSockets(path: string, accept: (socket: Socket) => SocketEvents | null): TakeRaw {
  const held = new Held();
  const upgrader = new WebSocketServer({
    noServer: true,
    maxPayload: longestMessage,
    perMessageDeflate: false,
    // A pong for each ping of a client that reads none would pile up.
    autoPong: false,
    handleProtocols: () => subprotocol,
  });
  const waiting = new Map<Duplex, NodeJS.Timeout>();
  const forget = (raw: Duplex): void => {
    clearTimeout(waiting.get(raw));
    waiting.delete(raw);
  };
  const http: Server = createServer((request, response) => {
    const status = pathOf(request) === path ? 426 : 404;
    response.writeHead(status, { Connection: "close", Upgrade: "websocket" }).end();
  });
  http.on("upgrade", (request, raw, head) => {
    const status = refusal(request, path);
    if (status !== null) return refuse(raw, status);
    const socket = new WebSocketConnection(held);
    const events = accept(socket);
    if (events === null) return refuse(raw, "503 Service Unavailable");
    forget(raw);
    let stands = false;
    const failed = (): void => {
      if (!stands) events.lost(null);
    };
    raw.once("close", failed);
    upgrader.handleUpgrade(request, raw, head, (connection) => {
      stands = true;
      raw.off("close", failed);
      socket.start(connection, raw as NetSocket, events);
    });
  });
  http.on("clientError", (_error, raw) => raw.destroy());
  return (raw) => {
    if (waiting.size >= mostHandshakes) {
      raw.destroy();
      return;
    }
    waiting.set(
      raw,
      setTimeout(() => raw.destroy(), handshakeTimeout),
    );
    raw.once("close", () => forget(raw));
    http.emit("connection", raw);
  };
}

/** Bytes of messages that are not whole yet, over all connections of a listener. */
class Held {
  bytes = 0;
}

class WebSocketConnection implements Socket {
  readonly #held: Held;
  #web: WebSocket | null = null;
  #raw: NetSocket | null = null;
  #events: SocketEvents | null = null;
  #error: Error | null = null;
  /** Of `Held.bytes`. */
  #mine = 0;
  #queue: Uint8Array[] = [];
  #queued = 0;
  #paused = false;
  #ending = false;
  #over = false;

  constructor(held: Held) {
    this.#held = held;
  }

  get remote(): string | null {
    return this.#raw?.remoteAddress ?? null;
  }

  /** The handshake is done. */
  start(web: WebSocket, raw: NetSocket, events: SocketEvents): void {
    if (this.#over) {
      web.terminate();
      return;
    }
    this.#web = web;
    this.#raw = raw;
    this.#events = events;
    // Before `ws` looks at it: what is left of it when a message is whole is less than one read.
    raw.prependListener("data", (chunk: Uint8Array) => this.#hold(chunk.length));
    raw.on("drain", () => this.#drained());
    web.on("message", (data, isBinary) => this.#message(data as Buffer, isBinary));
    web.on("ping", (data) => {
      if (raw.writableLength < fullAt) web.pong(data);
    });
    web.on("error", (error) => {
      this.#error = error;
    });
    web.on("close", () => {
      this.#release();
      this.#detach()?.lost(this.#error);
    });
    if (this.#paused) web.pause();
    this.#pump(web, raw);
  }

  write(chunks: readonly Uint8Array[]): number {
    for (const chunk of chunks) {
      this.#queued += chunk.length;
      for (let from = 0; from < chunk.length; from += pieceSize) {
        this.#queue.push(chunk.subarray(from, from + pieceSize));
      }
    }
    const [web, raw] = [this.#web, this.#raw];
    if (web === null || raw === null) return this.#queued;
    this.#pump(web, raw);
    return raw.writableLength + this.#queued;
  }

  pause(): void {
    this.#paused = true;
    this.#web?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#web?.resume();
  }

  end(): void {
    this.#events = null;
    this.#ending = true;
    const [web, raw] = [this.#web, this.#raw];
    if (web === null || raw === null) return;
    raw.setTimeout(lingerTimeout, () => web.terminate());
    web.resume();
    this.#pump(web, raw);
  }

  destroy(): void {
    this.#over = true;
    this.#detach();
    this.#queue = [];
    this.#queued = 0;
    this.#web?.terminate();
  }

  /** One message for each piece, until the system takes no more. */
  #pump(web: WebSocket, raw: NetSocket): void {
    if (web.readyState !== web.OPEN) {
      this.#queue = [];
      this.#queued = 0;
      return;
    }
    let sent = 0;
    while (sent < this.#queue.length && raw.writableLength < pieceSize) {
      const piece = this.#queue[sent] as Uint8Array;
      web.send(piece, { binary: true });
      this.#queued -= piece.length;
      sent += 1;
    }
    this.#queue.splice(0, sent);
    if (this.#ending && this.#queue.length === 0) web.close(1000);
  }

  #drained(): void {
    const [web, raw] = [this.#web, this.#raw];
    if (web === null || raw === null) return;
    this.#pump(web, raw);
    const waiting = raw.writableLength + this.#queued;
    this.#events?.drained(waiting < fullAt ? 0 : waiting);
  }

  #message(data: Buffer, isBinary: boolean): void {
    this.#release();
    if (isBinary) this.#events?.bytes(data);
    else if (this.#events !== null) {
      // Text is not MQTT [MQTT-6.0.0-1].
      this.#web?.close(1003);
      this.#detach()?.lost(null);
    }
  }

  #hold(bytes: number): void {
    this.#mine += bytes;
    this.#held.bytes += bytes;
    if (this.#held.bytes > mostHeld) this.#web?.terminate();
  }

  #release(): void {
    this.#held.bytes -= this.#mine;
    this.#mine = 0;
  }

  #detach(): SocketEvents | null {
    const events = this.#events;
    this.#events = null;
    return events;
  }
}

function pathOf({ url = "" }: IncomingMessage): string {
  return url.split("?", 1)[0] ?? "";
}

/** The status line's end for a request that is refused, null = it is not. */
function refusal(request: IncomingMessage, path: string): string | null {
  if (pathOf(request) !== path) return "404 Not Found";
  const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",");
  // The client must offer it, the server must choose it [MQTT-6.0.0-3, -4].
  return offered.some((each) => each.trim() === subprotocol) ? null : "400 Bad Request";
}

function refuse(raw: Duplex, status: string): void {
  raw.on("error", () => undefined);
  raw.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () =>
    raw.destroy(),
  );
}

const subprotocol = "mqtt";
/** Clients put a packet into one message, which `ws` holds until it is whole: well above the packets of devices. */
const longestMessage = 16 << 20;
/** So that many such messages at a time cannot fill the memory; whoever makes it overflow is closed. */
const mostHeld = 256 << 20;
/** Milliseconds from a connection to its handshake. */
const handshakeTimeout = 10_000;
/** As with TLS: what a thousand clients that reconnect at once need. */
const mostHandshakes = 1_024;
/** Sent at a time, so that a slow reader's progress shows. */
const pieceSize = 256 << 10;
