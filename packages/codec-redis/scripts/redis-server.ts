/// <reference path="./redis-parser.d.ts" />
/** A throw-away redis-server for the generator and the differential tests. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import RedisParser from "redis-parser";

/** A reply as `redis-parser` decodes it: strings as buffers, errors as `Error`. */
export type Decoded = Buffer | number | null | Error | Decoded[];

/** A running server. */
export interface RedisServer {
  /** Path of its socket. */
  readonly path: string;
  /** Opens a connection. */
  connect(): Promise<RedisClient>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** Version of the `redis-server` on the path, null when there is none. */
export function redisVersion(): string | null {
  const { stdout } = spawnSync("redis-server", ["--version"], { encoding: "utf8" });
  return /v=(\S+)/.exec(stdout ?? "")?.[1] ?? null;
}

/** Starts a server on a socket of its own, without persistence. */
export async function startRedis(options: readonly string[] = []): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), "echarde-redis-"));
  const path = join(folder, "redis.sock");
  const base = ["--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no"];
  const child = spawn("redis-server", [...base, "--dir", folder, ...options], { stdio: "ignore" });
  const exited = once(child, "exit");
  for (let tries = 0; ; tries++) {
    try {
      (await openClient(path)).close();
      break;
    } catch (cause) {
      if (tries > 100) throw new Error("redis-server does not answer", { cause });
      await sleep(50);
    }
  }
  return {
    path,
    connect: () => openClient(path),
    async stop() {
      child.kill("SIGKILL");
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A plain client. */
export class RedisClient {
  readonly socket: Socket;
  /** Raw bytes received so far. */
  received: Buffer = Buffer.alloc(0);
  /** The server closed. */
  closed = false;
  readonly #waiting: ((value: Decoded) => void)[] = [];
  readonly #parser: RedisParser;

  constructor(socket: Socket) {
    this.socket = socket;
    const take = (value: unknown): void => this.#waiting.shift()?.(value as Decoded);
    this.#parser = new RedisParser({
      returnReply: take,
      returnError: take,
      returnFatalError: take,
      returnBuffers: true,
    });
    socket.on("data", (chunk) => {
      this.received = Buffer.concat([this.received, chunk]);
      if (this.#waiting.length > 0) this.#parser.execute(chunk);
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.closed = true;
      for (const done of this.#waiting.splice(0)) done(new Error("closed"));
    });
  }

  /** Sends a command; latin1 characters are bytes. */
  call(...args: readonly (string | Buffer)[]): Promise<Decoded> {
    const parts = [`*${args.length}\r\n`];
    for (const arg of args) parts.push(`$${arg.length}\r\n${arg.toString("latin1")}\r\n`);
    return this.raw(Buffer.from(parts.join(""), "latin1"));
  }

  /** Sends bytes and waits for one reply. */
  raw(bytes: Uint8Array): Promise<Decoded> {
    return new Promise((done) => {
      this.#waiting.push(done);
      this.socket.write(bytes);
    });
  }

  /**
   * Sends bytes, waits (3 s at most) until as many bytes have come and the
   * server has closed if it should, then a little longer for what should not
   * come. Returns all raw bytes.
   */
  async exchange(
    bytes: Uint8Array,
    expect: { readonly length: number; readonly closed: boolean },
  ): Promise<{ reply: string; closed: boolean }> {
    this.received = Buffer.alloc(0);
    this.socket.write(bytes);
    const there = (): boolean =>
      this.received.length >= expect.length && this.closed === expect.closed;
    for (let tries = 0; tries < 300 && !there(); tries++) await sleep(10);
    await sleep(this.closed ? 0 : 50);
    return { reply: this.received.toString("latin1"), closed: this.closed };
  }

  close(): void {
    this.socket.destroy();
  }
}

async function openClient(path: string): Promise<RedisClient> {
  const socket = connect(path);
  await once(socket, "connect");
  return new RedisClient(socket);
}
