import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Path of a server's program, null when there is none. Debian's sbin is looked at too, which is not in an ordinary user's PATH. */
export function findProgram(name: string, path: string = process.env["PATH"] ?? ""): string | null {
  for (const folder of [...path.split(delimiter), ...moreFolders]) {
    const program = join(folder, name);
    try {
      if (folder !== "") accessSync(program, constants.X_OK);
      if (folder !== "") return program;
    } catch {
      // not here
    }
  }
  return null;
}

const moreFolders = [
  "/usr/local/bin",
  "/usr/local/sbin",
  "/usr/bin",
  "/usr/sbin",
  "/opt/homebrew/bin",
];
