import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type RunningProgram, startProgram } from "./program.ts";
import { available } from "./programs.ts";

/** How to start a Mosquitto broker. */
export interface MosquittoOptions {
  /** More lines of its configuration, such as `["max_qos 1"]`. */
  readonly lines?: readonly string[];
  /** Keep sessions and messages on disk, written at SIGTERM, so that `restart` after `stop` finds them. Default: false. */
  readonly persistence?: boolean;
  /** Folder for its data, left in place. Default: a temporary one. */
  readonly dir?: string;
  /** Port on 127.0.0.1. Default: a free one. */
  readonly port?: number;
}

/** A Mosquitto broker of our own. */
export type MosquittoServer = RunningProgram;

/**
 * Starts a Mosquitto broker that everybody may use, without limits on what it queues, and waits
 * until it accepts a connection.
 *
 * @throws Error when it is not installed or does not start
 */
export async function startMosquitto(options: MosquittoOptions = {}): Promise<MosquittoServer> {
  const program = available("mosquitto");
  if (program === null) throw new Error("mosquitto is not installed");
  return startProgram({
    name: "mosquitto",
    program,
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.dir === undefined ? {} : { dir: options.dir }),
    prepare: (port, dir) => {
      const file = join(dir, "mosquitto.conf");
      const lines = [
        `listener ${port} 127.0.0.1`,
        "allow_anonymous true",
        "max_queued_messages 0",
        "max_inflight_messages 0",
        "set_tcp_nodelay true",
        "user root", // root would become somebody who cannot write here; others are not asked
        ...(options.persistence === true
          ? ["persistence true", `persistence_location ${dir}/`]
          : ["persistence false"]),
        ...(options.lines ?? []),
      ];
      writeFileSync(file, `${lines.join("\n")}\n`);
      return ["-c", file];
    },
  });
}
