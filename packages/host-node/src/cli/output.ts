import type { LoadedConfig } from "../config/load.ts";
import type { Problem } from "../config/source.ts";

/** Where a command writes; lines without their end. */
export interface Output {
  /** What was asked for. */
  out(line: string): void;
  /** What is wrong. */
  err(line: string): void;
}

/** Standard output and standard error. */
export const standardOutput: Output = {
  out: (line) => {
    process.stdout.write(`${line}\n`);
  },
  err: (line) => {
    process.stderr.write(`${line}\n`);
  },
};

/** `file:line:column: message`, as editors and terminals understand it. */
function problemLine(file: string, { line, column, severity, message }: Problem): string {
  return `${file}:${line}:${column}: ${severity === "warning" ? "warning: " : ""}${message}`;
}

/** Writes all problems; says whether the configuration can be used. */
export function report(
  file: string,
  loaded: LoadedConfig,
  output: Output,
): loaded is LoadedConfig & { readonly config: NonNullable<LoadedConfig["config"]> } {
  for (const problem of loaded.problems) output.err(problemLine(file, problem));
  return loaded.config !== null;
}
