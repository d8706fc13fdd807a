import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type RunningProgram, startProgram } from "@echarde/testkit/servers";

/** The built CLI: a loader for sources would be measured as well. */
const CLI: string = fileURLToPath(new URL("../../packages/host-node/dist/cli.js", import.meta.url));

/** Why the router cannot be started here, or null. */
export function echardeObstacle(): string | null {
  return existsSync(CLI) ? null : "packages/host-node is not built: tsc -b";
}

/**
 * Starts a bridge in a process of its own.
 *
 * @param configuration - text of its file
 * @param grpc - whether its port is for gRPC
 */
export function echardeBridge(configuration: string, grpc: boolean): Promise<RunningProgram> {
  return startProgram({
    name: "bridge",
    program: process.execPath,
    prepare: (port, dir) => {
      const file = join(dir, "echarde.yaml");
      writeFileSync(file, configuration);
      return [CLI, "bridge", file, grpc ? "--grpc" : "--listen", `127.0.0.1:${port}`];
    },
  });
}

/** How to start a router. */
export interface EchardeOptions {
  /** Says whether it answers; that it accepts connections unless given. */
  readonly ready?: (port: number, host: string) => Promise<boolean>;
  /** The runtime; the one that runs the benchmark unless given. */
  readonly program?: string;
}

/**
 * Starts the router in a process of its own, as a user would.
 *
 * @param configuration - lines of its file, for a port on 127.0.0.1
 */
export function echarde(
  configuration: (port: number) => readonly string[],
  { ready, program = process.execPath }: EchardeOptions = {},
): Promise<RunningProgram> {
  return startProgram({
    name: "echarde",
    program,
    prepare: (port, dir) => {
      const file = join(dir, "echarde.yaml");
      writeFileSync(file, `${configuration(port).join("\n")}\n`);
      return [CLI, "run", file];
    },
    ...(ready === undefined ? {} : { ready }),
  });
}
