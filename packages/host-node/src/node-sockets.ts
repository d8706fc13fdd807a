/**
 * The sockets of `node:net`. All sockets read into one buffer (`onread`):
 * reading costs no allocation, which without a pipeline is a fifth of a
 * proxy's time. An accepted socket has no such option, so its handle moves to
 * a new socket; where a runtime has no such handle, `data` events are used.
 */
import {
  type AddressInfo,
  connect,
  createServer,
  Socket as NetSocket,
  type Server,
} from "node:net";
import { removeAbandoned } from "./abandoned-socket.ts";
import { type Address, formatAddress } from "./address.ts";
import {
  fullAt,
  type Listener,
  lingerTimeout,
  type Socket,
  type SocketEvents,
  type Sockets,
} from "./sockets.ts";
import { connectTls, createTlsListener, renewTls } from "./tls-sockets.ts";
import { webSockets } from "./web-sockets.ts";

/** Settings of {@link nodeSockets}. */
export interface NodeSocketOptions {
  /** Milliseconds of silence after which the system asks whether the other side still lives; 0 = never. */
  readonly keepAlive: number;
}

/** Sockets of `node:net`. */
export function nodeSockets({ keepAlive }: NodeSocketOptions): Sockets {
  const shared = {
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: keepAlive > 0,
    keepAliveInitialDelay: keepAlive,
  };
  return {
    reusesInput: true,
    listen(address, accept, tls = null) {
      if (address.type === "ws") {
        const take = webSockets(address.path, accept);
        const server =
          tls === null ? createServer(shared, take) : createTlsListener(tls, shared, take);
        return listening(server, address);
      }
      if (tls !== null) {
        const server = createTlsListener(tls, shared, (raw) => {
          const socket = new NodeSocket();
          const events = accept(socket);
          if (events === null) raw.destroy();
          else socket.start(withData(raw, socket), events);
        });
        return listening(server, address);
      }
      const server = createServer({ ...shared, pauseOnConnect: true }, (raw) => {
        const socket = new NodeSocket();
        const events = accept(socket);
        if (events === null) raw.resetAndDestroy();
        else socket.start(withOnread(raw, socket), events);
      });
      return listening(server, address);
    },
    dial(address, events, tls = null) {
      const socket = new NodeSocket();
      if (tls !== null) {
        const net = connectTls(address, tls, shared);
        socket.start(withData(net, socket), events, "secureConnect");
        return socket;
      }
      const where =
        address.type === "unix"
          ? { path: address.path }
          : { host: address.host, port: address.port };
      const onread = { buffer: readBuffer, callback: socket.onread };
      socket.start(connect({ ...where, ...shared, onread }), events);
      return socket;
    },
  };
}

/**
 * Holds what one read gives, for all sockets: handlers are done with it when they return. Not a
 * Buffer: the `slice` of one is a view, where everybody else's is a copy.
 */
const readBuffer = new Uint8Array(64 << 10);
/** Milliseconds that a peer has to close its side after we closed ours. */
const closeTimeout = 1_000;
/** Handed to the system at a time, so that a slow reader's progress shows. */
const pieceSize = 256 << 10;

class NodeSocket implements Socket {
  /** The callback of `onread`. */
  readonly onread = (count: number, buffer: Uint8Array): boolean => {
    this.#events?.bytes(buffer.subarray(0, count));
    return true;
  };
  #net: NetSocket | null = null;
  #events: SocketEvents | null = null;
  #error: Error | null = null;
  #queue: Uint8Array[] = [];
  #queued = 0;
  #blocked = false;
  #ending = false;

  get remote(): string | null {
    return this.#net?.remoteAddress ?? null;
  }

  /** `opened` = the event that says that a dialled connection stands. */
  start(net: NetSocket, events: SocketEvents, opened = "connect"): void {
    this.#net = net;
    this.#events = events;
    net.on(opened, () => this.#events?.opened());
    net.on("drain", () => this.#drained());
    net.on("end", () => this.#events?.halfClosed());
    net.on("error", (error) => {
      this.#error = error;
    });
    net.on("close", () => this.#detach()?.lost(this.#error));
  }

  write(chunks: readonly Uint8Array[]): number {
    const net = this.#net;
    if (net === null) return 0;
    const [first] = chunks;
    if (this.#blocked || chunks.length > 1 || (first?.length ?? 0) > pieceSize) {
      for (const chunk of chunks) this.#enqueue(chunk);
      this.#pump(net);
    } else if (first !== undefined) this.#blocked = !net.write(first) && net.writableLength > 0;
    return net.writableLength + this.#queued;
  }

  pause(): void {
    this.#net?.pause();
  }

  resume(): void {
    this.#net?.resume();
  }

  end(): void {
    const net = this.#net;
    this.#events = null;
    if (net === null) return;
    this.#ending = true;
    net.setTimeout(lingerTimeout, () => net.destroy());
    net.resume();
    if (this.#queue.length === 0) this.#finish(net);
  }

  destroy(): void {
    this.#detach();
    this.#net?.destroy();
    this.#net = null;
    this.#queue = [];
    this.#queued = 0;
  }

  #enqueue(chunk: Uint8Array): void {
    this.#queued += chunk.length;
    for (let from = 0; from < chunk.length; from += pieceSize) {
      this.#queue.push(chunk.subarray(from, from + pieceSize));
    }
  }

  #pump(net: NetSocket): void {
    while (!this.#blocked && this.#queue.length > 0) {
      net.cork();
      let bytes = 0;
      let count = 0;
      for (const chunk of this.#queue) {
        if (count > 0 && bytes + chunk.length > pieceSize) break;
        bytes += chunk.length;
        count += 1;
        net.write(chunk);
      }
      this.#queue.splice(0, count);
      this.#queued -= bytes;
      net.uncork();
      this.#blocked = net.writableNeedDrain && net.writableLength > 0;
    }
    if (this.#ending && this.#queue.length === 0) this.#finish(net);
  }

  /** All is sent but the end. A peer that does not close its side then is not waited for at length, nor by a process that wants to exit. */
  #finish(net: NetSocket): void {
    net.end(() => {
      setTimeout(() => net.destroy(), closeTimeout).unref();
      net.unref();
    });
  }

  #drained(): void {
    if (!this.#blocked || this.#net === null) return;
    this.#blocked = false;
    this.#pump(this.#net);
    const waiting = this.#net.writableLength + this.#queued;
    this.#events?.drained(waiting < fullAt && !this.#blocked ? 0 : waiting);
  }

  #detach(): SocketEvents | null {
    const events = this.#events;
    this.#events = null;
    return events;
  }
}

/** What is used of the handle inside a socket, which Node's types do not name. */
interface Inside {
  _handle: { useUserBuffer?: unknown } | null;
}

/** The connection as a socket that reads into the shared buffer. */
function withOnread(raw: NetSocket, socket: NodeSocket): NetSocket {
  const inside = raw as unknown as Inside;
  const handle = inside._handle;
  if (typeof handle?.useUserBuffer !== "function") return withData(raw, socket);
  inside._handle = null;
  const options = {
    handle,
    allowHalfOpen: true,
    onread: { buffer: readBuffer, callback: socket.onread },
  };
  return new NetSocket(options);
}

/** The connection with chunks of its own: where there is no handle to read by, and with TLS. */
function withData(raw: NetSocket, socket: NodeSocket): NetSocket {
  raw.on("data", (chunk: Buffer) => socket.onread(chunk.length, chunk));
  raw.resume();
  return raw;
}

async function listening(server: Server, address: Address): Promise<Listener> {
  try {
    await listen(server, address);
  } catch (error) {
    const taken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
    if (address.type !== "unix" || !taken || !(await removeAbandoned(address.path))) throw error;
    await listen(server, address);
  }
  // Too many open files, say: the connection is lost, the listener lives.
  server.on("error", (error) => {
    process.emitWarning(`${formatAddress(address)}: ${error.message}`);
  });
  const port = address.type === "unix" ? 0 : (server.address() as AddressInfo).port;
  return {
    address: address.type === "unix" ? address : { ...address, port },
    renew: (tls) => renewTls(server, tls),
    close: () => {
      server.close();
    },
  };
}

function listen(server: Server, address: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const where =
      address.type === "unix" ? { path: address.path } : { host: address.host, port: address.port };
    server.listen(where, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
