/** A plain client for tests: sends text as it is, and cuts what comes back into replies without the codec's help. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** See the module. One character is one byte. */
export class Client {
  readonly socket: Socket;
  /** The other side closed the connection. */
  closed = false;
  #text = "";
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay().setEncoding("latin1");
    socket.on("data", (text: string) => {
      this.#text += text;
      this.#wake();
    });
    socket.on("error", () => {});
    for (const event of ["end", "close"]) {
      socket.on(event, () => {
        this.closed = true;
        this.#wake();
      });
    }
  }

  send(text: string): void {
    this.socket.write(text, "latin1");
  }

  /** The next `count` replies; fewer when the connection ends. Rejects after 2 s. */
  async replies(count: number): Promise<string[]> {
    const replies: string[] = [];
    const late = setTimeout(() => this.socket.destroy(new Error("late")), 2_000);
    while (replies.length < count) {
      const end = endOfReply(this.#text);
      if (end > 0) {
        replies.push(this.#text.slice(0, end));
        this.#text = this.#text.slice(end);
      } else if (this.closed) break;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
    clearTimeout(late);
    return replies;
  }

  /** Sends one request and takes its reply. */
  async ask(text: string): Promise<string> {
    this.send(text);
    const [reply = ""] = await this.replies(1);
    return reply;
  }

  async close(): Promise<void> {
    this.socket.destroy();
    if (!this.socket.closed) await once(this.socket, "close");
  }
}

/** Opens a connection. */
export async function open(port: number): Promise<Client> {
  const socket = connect({ port, host: "127.0.0.1" });
  await once(socket, "connect");
  return new Client(socket);
}

/** Where the first reply ends, 0 when it is not whole. */
function endOfReply(text: string): number {
  for (let at = 0; ; ) {
    const end = text.indexOf("\r\n", at) + 2;
    if (end === 1) return 0;
    const [kind, , , length] = text.slice(at, end).trimEnd().split(" ");
    if (kind !== "VALUE" && kind !== "STAT") return end;
    at = end + (kind === "VALUE" ? Number(length) + 2 : 0);
    if (at > text.length) return 0;
  }
}
