import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** What a process has used. */
export interface Usage {
  /** User and system CPU seconds of all its threads since it started. */
  readonly cpuSeconds: number;
  /** Memory that it holds now, in MiB. */
  readonly rssMiB: number;
}

let ticksPerSecond = 0;

/**
 * Reads what processes have used: from /proc/PID/task/THREAD/schedstat in nanoseconds where the
 * kernel has it, else from /proc/PID/stat (resolution: a clock tick, mostly 10 ms), and
 * /proc/PID/status. Threads that have ended count only in the latter.
 *
 * @returns their sum, or null where there is no /proc or no process is given
 * @throws Error when one of them has ended
 */
export function usageOf(pids: readonly number[]): Usage | null {
  if (pids.length === 0 || process.platform !== "linux") return null;
  let cpuSeconds = 0;
  let rssMiB = 0;
  for (const pid of pids) {
    cpuSeconds += scheduled(pid) ?? ticks(pid);
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    rssMiB += Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
  }
  return { cpuSeconds, rssMiB };
}

/** Seconds that the scheduler gave to the threads that there are; null = it does not say. */
function scheduled(pid: number): number | null {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      const text = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1");
      nanoseconds += Number(text.split(" ")[0]);
    } catch {
      // it has ended, or the kernel keeps no such figures
    }
  }
  return nanoseconds === 0 ? null : nanoseconds / 1e9;
}

function ticks(pid: number): number {
  ticksPerSecond ||= Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  // the second field is the name, in brackets, and may hold anything; utime and stime are 14, 15
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
