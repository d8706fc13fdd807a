import { connect, type Socket } from "node:net";
import { reset } from "./reset.ts";
import { RespSplitter } from "./resp.ts";

/** How long a reply may take when the caller does not say, in milliseconds. */
const REPLY_TIMEOUT_MS = 10_000;

/** A connection that sends bytes as they are and cuts what comes back into RESP replies. */
export interface RawClient {
  /** The socket below, for what this does not offer. */
  readonly socket: Socket;
  /** Replies that have come and have not been taken yet. */
  readonly waiting: number;
  /** Bytes of a reply that is not whole. */
  readonly rest: Buffer;
  /** Whether nothing more will come. */
  readonly ended: boolean;
  /** Settles once nothing more will come: the other side closed, or the connection was lost. */
  readonly closed: Promise<void>;
  /** Sends bytes in one write. */
  send(bytes: Uint8Array | string): void;
  /**
   * Takes the next `count` replies, pushes among them, in the order in which they came.
   *
   * @param timeoutMs - default: 10 s
   * @throws Error when the time is over, the connection ends first, or what came is not RESP; the
   * replies that did come are still there
   */
  replies(count: number, timeoutMs?: number): Promise<Buffer[]>;
  /** Takes the next reply; as `replies(1)`. */
  reply(timeoutMs?: number): Promise<Buffer>;
  /** Sends a FIN; replies still come. */
  end(): void;
  /** Ends the connection with a RST, and forgets what came. */
  reset(): void;
  /** Stops and starts reading: a client that does not read. */
  pause(): void;
  /** Goes on after `pause`. */
  resume(): void;
  /** Closes the connection. */
  close(): Promise<void>;
}

/**
 * Opens a raw connection.
 *
 * @param host - default: 127.0.0.1
 * @throws Error when it is refused
 */
export async function connectRaw(port: number, host: string = "127.0.0.1"): Promise<RawClient> {
  const socket = connect({ port, host, noDelay: true, allowHalfOpen: true });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve();
    });
  });
  return new Raw(socket);
}

class Raw implements RawClient {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  ended = false;
  #splitter = new RespSplitter();
  #replies: Buffer[] = [];
  #failure: Error | null = null;
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", (error) => {
      this.#failure ??= error;
    });
    this.closed = new Promise((resolve) => {
      const finish = (): void => {
        this.ended = true;
        resolve();
        this.#wake();
      };
      socket.once("end", finish);
      socket.once("close", finish);
    });
  }

  get waiting(): number {
    return this.#replies.length;
  }

  get rest(): Buffer {
    return this.#splitter.rest;
  }

  send(bytes: Uint8Array | string): void {
    this.socket.write(bytes);
  }

  async replies(count: number, timeoutMs: number = REPLY_TIMEOUT_MS): Promise<Buffer[]> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#wake();
    }, timeoutMs);
    try {
      while (this.#replies.length < count) {
        const came = `${this.#replies.length} of ${count} replies came`;
        if (this.#failure !== null) throw new Error(came, { cause: this.#failure });
        if (this.ended) throw new Error(`${came} before the connection ended`);
        if (late) throw new Error(`${came} in ${timeoutMs} ms`);
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      clearTimeout(timer);
    }
    return this.#replies.splice(0, count);
  }

  async reply(timeoutMs: number = REPLY_TIMEOUT_MS): Promise<Buffer> {
    const [reply] = await this.replies(1, timeoutMs);
    return reply as Buffer;
  }

  end(): void {
    this.socket.end();
  }

  reset(): void {
    reset(this.socket);
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  async close(): Promise<void> {
    if (this.socket.closed) return;
    const gone = new Promise<void>((resolve) => this.socket.once("close", () => resolve()));
    this.socket.destroy();
    await gone;
  }

  #take(chunk: Buffer): void {
    if (this.#failure !== null) return;
    try {
      for (const reply of this.#splitter.push(chunk)) this.#replies.push(reply);
    } catch (error) {
      this.#failure = error as Error;
    }
    this.#wake();
  }
}
