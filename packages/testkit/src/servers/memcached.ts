import { type RunningProgram, startProgram } from "./program.ts";
import { available } from "./programs.ts";

/** How to start a memcached. */
export interface MemcachedOptions {
  /** More command-line arguments, such as `["-I", "2m"]`. */
  readonly args?: readonly string[];
  /** Port on 127.0.0.1. Default: a free one. */
  readonly port?: number;
}

/** A memcached of our own. */
export type MemcachedServer = RunningProgram;

/**
 * Starts a memcached of 64 MB on TCP alone and waits until it accepts a connection.
 *
 * @throws Error when it is not installed or does not start
 */
export async function startMemcached(options: MemcachedOptions = {}): Promise<MemcachedServer> {
  const program = available("memcached");
  if (program === null) throw new Error("memcached is not installed");
  return startProgram({
    name: "memcached",
    program,
    ...(options.port === undefined ? {} : { port: options.port }),
    prepare: (port) => [
      ...["-l", "127.0.0.1", "-p", String(port), "-U", "0", "-m", "64"],
      ...["-u", "root"], // root has to name somebody, others are not asked
      ...(options.args ?? []),
    ],
  });
}
