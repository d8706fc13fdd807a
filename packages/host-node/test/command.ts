/** Runs a program of this package from its sources. */
import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** A program under test. */
export interface RunningCommand {
  readonly process: ChildProcess;
  /** What it wrote so far, both outputs. */
  readonly output: () => string;
  /** Its exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Waits until its output matches. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Starts `src/FILE` with arguments. */
export function startCommand(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RunningCommand {
  const path = fileURLToPath(new URL(`../src/${file}`, import.meta.url));
  const child = spawn(process.execPath, ["--conditions=source", "--import", "tsx", path, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  let text = "";
  const add = (chunk: string): void => {
    text += chunk;
  };
  child.stdout.setEncoding("utf8").on("data", add);
  child.stderr.setEncoding("utf8").on("data", add);
  const ended = new Promise<number | string>((resolve) => {
    child.on("close", (code, signal) => resolve(code ?? signal ?? "?"));
  });
  return {
    process: child,
    output: () => text,
    ended,
    until: async (pattern) => {
      const by = Date.now() + 20_000;
      for (;;) {
        const match = pattern.exec(text);
        if (match !== null) return match;
        if (Date.now() > by || child.exitCode !== null)
          throw new Error(`no ${pattern} in: ${text}`);
        await sleep(5);
      }
    },
  };
}
