import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "./ports.ts";
import { type RunningProgram, startProgram } from "./program.ts";
import { available } from "./programs.ts";

/** How to start an Envoy. */
export interface EnvoyOptions {
  /** Its bootstrap, as data: it has to listen on `port`, with its admin on `adminPort`. Files may be put into `dir`. */
  readonly bootstrap: (ports: {
    readonly port: number;
    readonly adminPort: number;
    readonly dir: string;
  }) => unknown;
  /** Worker threads. Default: 1. */
  readonly concurrency?: number;
  /** Arguments behind ours. */
  readonly args?: readonly string[];
}

/** An Envoy of our own. */
export interface EnvoyServer extends RunningProgram {
  /** Port of its admin on 127.0.0.1. */
  readonly adminPort: number;
}

/**
 * Starts Envoy and waits until it listens.
 *
 * @throws Error when it is not installed or does not start
 */
export async function startEnvoy(options: EnvoyOptions): Promise<EnvoyServer> {
  const program = available("envoy");
  if (program === null) throw new Error("envoy is not installed");
  const adminPort = await freePort();
  const { bootstrap, concurrency = 1, args = [] } = options;
  const running = await startProgram({
    name: "envoy",
    program,
    prepare: (port, dir) => {
      const file = join(dir, "envoy.json");
      writeFileSync(file, JSON.stringify(bootstrap({ port, adminPort, dir })));
      return [
        ...["-c", file, "--concurrency", String(concurrency), "--disable-hot-restart"],
        ...["--log-level", "warning", "--component-log-level", "wasm:info", ...args],
      ];
    },
  });
  return Object.assign(running, { adminPort });
}
