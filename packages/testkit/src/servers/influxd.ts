import { writeFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { freePort } from "./ports.ts";
import { type RunningProgram, startProgram } from "./program.ts";
import { available } from "./programs.ts";

/** How to start an influxd. */
export interface InfluxdOptions {
  /** Name of the executable: `influxd` unless given, `influxd-1.8` where both are there. */
  readonly program?: string;
  /** Port on 127.0.0.1. Default: a free one. */
  readonly port?: number;
  /** Lines for its configuration file, such as `[http]`, `auth-enabled = true`. */
  readonly config?: readonly string[];
}

/** An influxd of our own. */
export type InfluxdServer = RunningProgram;

/**
 * Starts an influxd 1.x that keeps its data in its own folder, reports nothing
 * to anybody, and waits until it answers a ping.
 *
 * @throws Error when it is not installed or does not start
 */
export async function startInfluxd(options: InfluxdOptions = {}): Promise<InfluxdServer> {
  const name = options.program ?? "influxd";
  const program = available(name);
  if (program === null) throw new Error(`${name} is not installed`);
  return startProgram({
    name: "influxd",
    program,
    ...(options.port === undefined ? {} : { port: options.port }),
    // With Flux it needs seconds of CPU before it listens.
    readyTimeout: 60_000,
    prepare: async (port, dir) => {
      const file = join(dir, "influxdb.conf");
      writeFileSync(file, await configOf(port, dir, options.config ?? []));
      return ["run", "-config", file];
    },
    ready: answersPing,
  });
}

async function configOf(port: number, dir: string, more: readonly string[]): Promise<string> {
  return [
    "reporting-disabled = true",
    `bind-address = "127.0.0.1:${await freePort()}"`,
    "[meta]",
    `dir = "${join(dir, "meta")}"`,
    "logging-enabled = false",
    "[data]",
    `dir = "${join(dir, "data")}"`,
    `wal-dir = "${join(dir, "wal")}"`,
    "query-log-enabled = false",
    "[monitor]",
    "store-enabled = false",
    "[continuous_queries]",
    "enabled = false",
    "[http]",
    `bind-address = "127.0.0.1:${port}"`,
    "log-enabled = false",
    ...more,
    "",
  ].join("\n");
}

function answersPing(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host, port, path: "/ping", timeout: 1_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 204);
    });
    request.once("timeout", () => request.destroy());
    request.once("error", () => resolve(false));
  });
}
