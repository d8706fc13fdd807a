import { readFileSync } from "node:fs";
import { readConfig } from "../config/load.ts";
import { ImportError, importNutcracker } from "../import/nutcracker.ts";
import { exitCodes } from "./exit-codes.ts";
import { type Output, report } from "./output.ts";

/** `echarde import nutcracker FILE`: prints our configuration. Resolves with the exit code. */
export async function importFile(
  file: string,
  pool: string | null,
  output: Output,
): Promise<number> {
  try {
    const text = importNutcracker(readFileSync(file, "utf8"), pool);
    if (!report(`(of ${file})`, await readConfig(text), output)) return exitCodes.config;
    output.out(text.trimEnd());
    return exitCodes.ok;
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    output.err(`echarde: ${file}: ${error.message}`);
    return exitCodes.config;
  }
}
