import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/** Daemons often live where a plain user's PATH does not look. */
const DAEMON_FOLDERS: readonly string[] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/**
 * Finds a program the way a shell does, and in the folders for daemons as well.
 *
 * @param name - a program's name without a folder, such as `redis-server`
 * @returns its path, or null when this machine does not have it
 */
export function available(name: string): string | null {
  const path = (process.env["PATH"] ?? "").split(delimiter);
  for (const folder of [...path, ...DAEMON_FOLDERS]) {
    if (!isAbsolute(folder)) continue;
    const file = join(folder, name);
    if (isProgram(file)) return file;
  }
  return null;
}

/**
 * Decides whether a test that needs a program may be left out.
 *
 * `ECHARDE_REQUIRE` lists, between commas or spaces, the programs whose absence is a failure.
 *
 * @param name - the program's name
 * @returns its path, or false when it is missing and may be
 * @throws Error when it is missing and `ECHARDE_REQUIRE` names it
 */
export function required(name: string): string | false {
  const path = available(name);
  if (path !== null) return path;
  const names = (process.env["ECHARDE_REQUIRE"] ?? "").split(/[\s,]+/);
  if (names.includes(name)) {
    throw new Error(`${name} is not installed, and ECHARDE_REQUIRE names it`);
  }
  return false;
}

/**
 * The value for the `skip` option of `node:test`: false when every program is there, else the
 * reason.
 *
 * @param names - the programs that the test needs
 * @throws Error when one is missing and `ECHARDE_REQUIRE` names it
 */
export function skipWithout(...names: readonly string[]): string | false {
  const missing = names.filter((name) => required(name) === false);
  return missing.length === 0 ? false : `not installed: ${missing.join(", ")}`;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
