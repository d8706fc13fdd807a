import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A runtime other than the one that runs the benchmark. Its npm package carries the program. */
export interface Runtime {
  /** The npm package, with its version: figures of "the newest" could not be repeated. */
  readonly npm: string;
  /** The program in `node_modules/.bin`. */
  readonly program: string;
}

/** Node, newest when this was written. */
export const newestNode: Runtime = { npm: "node@26.10.0", program: "node" };
/** Bun, newest when this was written. */
export const bun: Runtime = { npm: "bun@1.4.5", program: "bun" };

/** Ignored by git, safe to delete; no part of the workspace's dependencies. */
const folder = fileURLToPath(new URL("../../.cache/runtimes/", import.meta.url));

/**
 * Path of a runtime; gets it first when it is not there.
 *
 * @throws Error when npm cannot get it
 */
export function runtimePath({ npm, program }: Runtime): string {
  const home = join(folder, npm.replace("@", "-"));
  const path = join(home, "node_modules/.bin", program);
  if (existsSync(path)) return path;
  mkdirSync(home, { recursive: true });
  const quiet = ["--no-save", "--no-audit", "--no-fund", "--loglevel", "error"];
  execFileSync("npm", ["install", "--prefix", home, ...quiet, npm], { stdio: "inherit" });
  if (!existsSync(path)) throw new Error(`npm install ${npm} has brought no ${program}`);
  return path;
}
