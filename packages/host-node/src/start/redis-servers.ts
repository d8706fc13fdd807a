import { mkdtempSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findProgram } from "./find-program.ts";
import { freePort } from "./free-port.ts";
import { type Supervised, supervise } from "./supervisor.ts";

/** A redis-server of our own, empty and without persistence. */
export interface RedisServer {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Ends it; its data go. */
  end(): Promise<void>;
}

/** Path of redis-server, null when there is none. */
export function findRedis(path?: string): string | null {
  return findProgram("redis-server", path);
}

/** What to tell somebody who has no redis-server. */
export const howToGetRedis: string = [
  "No redis-server was found; three of them are to stand behind the router.",
  "Get it with one of: apt-get install redis-server | brew install redis | apk add redis | dnf install redis",
  "No service needs to run: this program starts its own servers, on free ports.",
].join("\n");

/** Starts a server on a free port and waits until it answers. Rejects with the end of its log when it does not. */
export async function startRedis(program: string): Promise<RedisServer> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const dir = mkdtempSync(join(tmpdir(), "echarde-redis-"));
    const server = supervise(dir, program, [
      ...["--port", String(port), "--bind", "127.0.0.1", "--dir", dir],
      ...["--save", "", "--appendonly", "no", "--daemonize", "no"],
    ]);
    if (await answers(port, server)) return { port, end: () => server.end() };
    const log = logOf(dir);
    await server.end();
    // Another process may have taken the port since it was found free.
    if (attempt === attempts) throw new Error(`redis-server did not start:\n${log}`);
  }
}

const attempts = 3;
const startTimeout = 10_000;

async function answers(port: number, server: Supervised): Promise<boolean> {
  const by = performance.now() + startTimeout;
  while (!server.ended && performance.now() < by) {
    if (await answersPing(port)) return !server.ended;
    await sleep(20);
  }
  return false;
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1_000, () => done(false));
    socket.once("connect", () => socket.write("PING\r\n"));
    socket.once("data", (chunk: Buffer) => done(chunk.toString("latin1").startsWith("+PONG")));
    socket.once("error", () => done(false));
    socket.once("close", () => done(false));
  });
}

function logOf(dir: string): string {
  try {
    return readFileSync(join(dir, "log"), "utf8").slice(-2_000);
  } catch {
    return "(no log)";
  }
}
