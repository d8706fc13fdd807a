import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "./ports.ts";
import { type RunningProgram, startProgram } from "./program.ts";
import { available } from "./programs.ts";
import { answersPing } from "./redis-server.ts";

/** One server behind twemproxy. */
export interface NutcrackerServer {
  /** Its TCP port. */
  readonly port: number;
  /** Its address. Default: 127.0.0.1. */
  readonly host?: string;
  /** The name that ketama hashes. Default: the address and port. */
  readonly name?: string;
  /** Its share of the keys. Default: 1. */
  readonly weight?: number;
}

/** How to start a twemproxy. */
export interface NutcrackerOptions {
  /** The servers behind it, at least one. */
  readonly servers: readonly NutcrackerServer[];
  /** How keys are spread. Default: ketama. */
  readonly distribution?: "ketama" | "modula" | "random";
  /** The hash function, in twemproxy's words. Default: fnv1a_64. */
  readonly hash?: string;
  /** Two characters around the part of a key that is hashed, such as `{}`. */
  readonly hashTag?: string;
  /** More settings of the pool, in the words of nutcracker.yml. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  /** Bytes of one of its buffers. Default: twemproxy's, 16384. */
  readonly mbufSize?: number;
  /** Port on 127.0.0.1. Default: a free one. */
  readonly port?: number;
}

/**
 * Starts twemproxy (nutcracker) as a Redis proxy and waits for its answer to PING, which it gives
 * itself. Servers are never ejected.
 *
 * @throws Error when it is not installed or does not start
 */
export async function startNutcracker(options: NutcrackerOptions): Promise<RunningProgram> {
  const program = available("nutcracker");
  if (program === null) throw new Error("nutcracker is not installed");
  return startProgram({
    name: "nutcracker",
    program,
    logFile: "nutcracker.log",
    ...(options.port === undefined ? {} : { port: options.port }),
    prepare: async (port, dir) => {
      const config = join(dir, "nutcracker.yml");
      writeFileSync(config, configuration(options, port));
      return [
        ...["--conf-file", config, "--output", join(dir, "nutcracker.log")],
        ...["--pid-file", join(dir, "nutcracker.pid"), "--verbose", "4"],
        ...["--stats-addr", "127.0.0.1", "--stats-port", String(await freePort())],
        ...(options.mbufSize === undefined ? [] : ["--mbuf-size", String(options.mbufSize)]),
      ];
    },
    ready: answersPing,
  });
}

function configuration(options: NutcrackerOptions, port: number): string {
  const settings: Record<string, string | number | boolean> = {
    listen: `127.0.0.1:${port}`,
    redis: true,
    distribution: options.distribution ?? "ketama",
    hash: options.hash ?? "fnv1a_64",
    auto_eject_hosts: false,
    ...(options.hashTag === undefined ? {} : { hash_tag: `"${options.hashTag}"` }),
    ...options.settings,
  };
  const servers = options.servers.map((server) => {
    const address = `${server.host ?? "127.0.0.1"}:${server.port}:${server.weight ?? 1}`;
    return `    - ${address}${server.name === undefined ? "" : ` ${server.name}`}`;
  });
  return [
    "pool:",
    ...Object.entries(settings).map(([name, value]) => `  ${name}: ${value}`),
    "  servers:",
    ...servers,
    "",
  ].join("\n");
}
