/** Clients of a router, with and without TLS, that speak in lines and read whole replies. */
import { once } from "node:events";
import { connect as connectPlain, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from "node:tls";
import { encodeCommand, RespSplitter } from "@echarde/testkit/servers";

/** A connection. */
export class Talk {
  readonly socket: Socket;
  readonly #splitter = new RespSplitter();
  readonly #replies: string[] = [];
  #ended = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#replies.push(...this.#splitter.push(chunk).map((reply) => reply.toString("latin1")));
      socket.emit("reply");
    });
    socket.on("error", () => {});
    socket.once("close", () => {
      this.#ended = true;
      socket.emit("reply");
    });
  }

  /** Whether the other side has closed. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Settles when the connection is over. */
  async closed(): Promise<void> {
    while (!this.#ended) await once(this.socket, "reply");
  }

  /** Sends commands of words in one write, and gives one reply for each. */
  async ask(...commands: readonly string[]): Promise<string[]> {
    this.socket.write(Buffer.concat(commands.map((line) => encodeCommand(...line.split(" ")))));
    return this.take(commands.length);
  }

  /** The next replies. */
  async take(count: number): Promise<string[]> {
    while (this.#replies.length < count) {
      if (this.#ended) throw new Error(`closed after ${JSON.stringify(this.#replies)}`);
      await once(this.socket, "reply", { signal: AbortSignal.timeout(30_000) });
    }
    return this.#replies.splice(0, count);
  }

  /** Closes at once. */
  close(): void {
    this.socket.destroy();
  }
}

/** Connects without TLS. */
export async function talk(port: number): Promise<Talk> {
  const socket = connectPlain({ port, host: "127.0.0.1" });
  await once(socket, "connect");
  return new Talk(socket);
}

/** Connects over TLS. Rejects when the handshake fails. */
export async function talkTls(port: number, options: ConnectionOptions): Promise<Talk> {
  const socket: TLSSocket = connectTls({ port, host: "127.0.0.1", ...options });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.once("secureConnect", resolve);
  });
  return new Talk(socket);
}

/** A port of a server. */
export function portOf(server: { readonly address: { readonly type: string } }): number {
  return (server.address as unknown as { readonly port: number }).port;
}
