import { type RunningProgram, startProgram } from "./program.ts";
import { available } from "./programs.ts";
import { connectRaw } from "./raw.ts";
import { encodeCommand } from "./resp.ts";

/** How to start a redis-server. */
export interface RedisOptions {
  /** More command-line arguments, such as `["--requirepass", "secret"]`. */
  readonly args?: readonly string[];
  /** Folder for its data, left in place. Default: a temporary one. */
  readonly dir?: string;
  /** Port on 127.0.0.1. Default: a free one. */
  readonly port?: number;
}

/** A redis-server of our own. */
export type RedisServer = RunningProgram;

/**
 * Starts a redis-server that writes nothing to disk unless `args` say so, and waits for its answer
 * to PING.
 *
 * @throws Error when it is not installed or does not start
 */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const program = available("redis-server");
  if (program === null) throw new Error("redis-server is not installed");
  return startProgram({
    name: "redis",
    program,
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.dir === undefined ? {} : { dir: options.dir }),
    prepare: (port, dir) => [
      ...["--port", String(port), "--bind", "127.0.0.1", "--dir", dir],
      ...["--save", "", "--appendonly", "no", "--daemonize", "no"],
      ...(options.args ?? []),
    ],
    ready: answersPing,
  });
}

/**
 * Tells whether a Redis server answers PING. One that asks for a password first is ready too; one
 * that still loads its data is not.
 *
 * @throws Error when it cannot be reached or is silent for a second
 */
export async function answersPing(port: number, host: string): Promise<boolean> {
  const client = await connectRaw(port, host);
  try {
    client.send(encodeCommand("PING"));
    const reply = await client.reply(1_000);
    return !reply.toString("latin1").startsWith("-LOADING");
  } finally {
    await client.close();
  }
}
