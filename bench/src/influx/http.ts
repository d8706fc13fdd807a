import { connect, type Socket } from "node:net";

/** A complete answer. */
export interface HttpAnswer {
  /** Status. */
  readonly status: number;
  /** The body as it came, chunk sizes included. */
  readonly body: Buffer;
}

/** One connection that is kept, with one request in flight. */
export interface HttpClient {
  /** Sends a whole request and waits for its answer. */
  send(request: Buffer): Promise<HttpAnswer>;
  /** Closes the connection. */
  close(): void;
}

/** A request with a body, or a GET without. */
export function requestOf(path: string, body: Buffer | null): Buffer {
  const method = body === null ? "GET" : "POST";
  const length = body === null ? "" : `Content-Length: ${body.length}\r\n`;
  const head = Buffer.from(`${method} ${path} HTTP/1.1\r\nHost: bench\r\n${length}\r\n`);
  return body === null ? head : Buffer.concat([head, body]);
}

/** Connects. As little of HTTP/1.1 as influxd's answers need: what the generator does costs the machine. */
export async function connectHttp(port: number): Promise<HttpClient> {
  let pending: Buffer[] = [];
  let settle: { resolve(answer: HttpAnswer): void; reject(error: Error): void } | null = null;
  const socket = await new Promise<Socket>((resolve, reject) => {
    const opened = connect({ host: "127.0.0.1", port, noDelay: true }, () => resolve(opened));
    opened.on("error", reject);
  });
  const fail = (error: Error): void => {
    settle?.reject(error);
    settle = null;
  };
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("the connection was closed")));
  socket.on("data", (chunk: Buffer) => {
    pending.push(chunk);
    const bytes = pending.length === 1 ? chunk : Buffer.concat(pending);
    pending = [bytes];
    const answer = parseAnswer(bytes);
    if (answer === null) return;
    pending = [];
    settle?.resolve(answer);
    settle = null;
  });
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject };
        socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}

/** The answer that `bytes` are, or null while they do not end it. */
export function parseAnswer(bytes: Buffer): HttpAnswer | null {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const head = bytes.toString("latin1", 0, end);
  const status = Number(head.slice(9, 12));
  const body = bytes.subarray(end + 4);
  if (status === 204) return { status, body };
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  if (length !== undefined) return body.length < Number(length) ? null : { status, body };
  if (!/^transfer-encoding: *chunked/im.test(head)) throw new Error(`no length:\n${head}`);
  for (let at = 0; ; ) {
    const line = body.indexOf("\r\n", at);
    if (line < 0) return null;
    const size = Number.parseInt(body.toString("latin1", at, line), 16);
    at = line + 2 + size + 2;
    if (at > body.length) return null;
    if (size === 0) return { status, body };
  }
}
