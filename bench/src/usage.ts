import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** What a process has used. */
export interface Usage {
  /** User and system CPU seconds of all its threads since it started. */
  readonly cpuSeconds: number;
  /** Memory that it holds now, in MiB. */
  readonly rssMiB: number;
}

let ticksPerSecond = 0;

/**
 * Reads what processes have used, from /proc/PID/stat (resolution: a clock tick, mostly 10 ms) and
 * /proc/PID/status.
 *
 * @returns their sum, or null where there is no /proc or no process is given
 * @throws Error when one of them has ended
 */
export function usageOf(pids: readonly number[]): Usage | null {
  if (pids.length === 0 || process.platform !== "linux") return null;
  ticksPerSecond ||= Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
  let cpuSeconds = 0;
  let rssMiB = 0;
  for (const pid of pids) {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // the second field is the name, in brackets, and may hold anything; utime and stime are 14, 15
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    cpuSeconds += (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    rssMiB += Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
  }
  return { cpuSeconds, rssMiB };
}
