// Child processes: run one to its end, and be a transparent parent to a long-lived one.
import { spawn, spawnSync } from "node:child_process";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "./paths.mjs";

/** Prints one line of progress to stderr, so that stdout stays the program's own. @param {string} line */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Prints the lines and ends the process with status 1. @param {...string} lines @returns {never} */
export function fail(...lines) {
  for (const line of lines) say(line);
  process.exit(1);
}

/**
 * Runs a command to its end with our own stdio.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined> }} [options]
 * @returns {number} its exit status, 127 when it could not be started
 */
export function runInherited(command, args, options = {}) {
  const result = spawnSync(command, args, {
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (result.error) {
    say(`cannot run ${command}: ${result.error.message}`);
    return 127;
  }
  return result.status ?? signalStatus(result.signal);
}

/**
 * Runs a command to its end and keeps what it prints.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined> }} [options]
 * @returns {{ status: number, output: string }} stdout and stderr together
 */
export function runCaptured(command, args, options = {}) {
  const result = spawnSync(command, args, {
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.error) return { status: 127, output: result.error.message };
  return {
    status: result.status ?? signalStatus(result.signal),
    output: result.stdout + result.stderr,
  };
}

/** The status a shell gives to a process that died of a signal. @param {NodeJS.Signals | null} signal */
function signalStatus(signal) {
  return signal ? 128 + (constants.signals[signal] ?? 0) : 1;
}

/**
 * Runs Node as a child and becomes transparent: stdio is shared, each kind of signal reaches the
 * child once, its exit status is ours, and the child ends when we do.
 *
 * The child leads a process group of its own. In ours, it would have a Ctrl-C from the terminal,
 * once more from npm, and once more from us, and programs take a second one as "now, at once".
 *
 * @param {readonly string[]} args arguments to node
 * @param {{ env?: Record<string, string | undefined>, wholeGroup?: boolean }} [options]
 *   wholeGroup: signals go to everything that the child started, and what it leaves behind is ended
 * @returns {Promise<number>} the exit status to give
 */
export function runForeground(args, options = {}) {
  const child = spawn(process.execPath, ["--import", endWithParent, ...args], {
    cwd: root,
    env: { ...process.env, ...options.env },
    stdio: "inherit",
    detached: true,
  });
  /** @type {(signal: NodeJS.Signals) => boolean} whether there was someone to get it */
  const send = (signal) => {
    if (child.pid === undefined) return false;
    try {
      return process.kill(options.wholeGroup ? -child.pid : child.pid, signal);
    } catch {
      return false;
    }
  };
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    let isSent = false;
    process.on(signal, () => {
      if (!isSent) send(signal);
      isSent = true;
    });
  }
  process.on("SIGWINCH", () => child.kill("SIGWINCH"));
  if (process.env["npm_lifecycle_event"]) watchParent();
  return new Promise((resolve) => {
    child.on("error", (error) => {
      say(`cannot run node: ${error.message}`);
      resolve(127);
    });
    child.on("exit", async (code, signal) => {
      if (options.wholeGroup) await sweep(/** @type {number} */ (child.pid));
      resolve(code ?? signalStatus(signal));
    });
  });
}

/**
 * Ends what is left of a process group. The compiler service of a test that has just ended needs a
 * moment to notice, so only what is there after a second is worth a word.
 * @param {number} group
 */
async function sweep(group) {
  let left = processesOf(group);
  for (let waited = 0; left.length > 0 && waited < 1000; waited += 50) {
    await sleep(50);
    left = processesOf(group);
  }
  if (left.length > 0) say(`Left running, ended now:\n${left.join("\n")}`);
  try {
    process.kill(-group, "SIGTERM");
  } catch {
    // Nobody is left.
  }
}

/** @param {number} group @returns {string[]} a line for each process of the group that is
 * no zombie; none where there is no ps */
function processesOf(group) {
  return runCaptured("ps", ["-A", "-o", "pgid=,stat=,pid=,args="])
    .output.split("\n")
    .map((line) => /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null && Number(match[1]) === group && !match[2]?.startsWith("Z"))
    .map((match) => `  ${match?.[3]}`);
}

const endWithParent = new URL("./end-with-parent.mjs", import.meta.url).href;

/**
 * Sends ourselves SIGTERM when the parent dies: nothing that we started may outlive what started us,
 * even when that was killed outright.
 */
export function watchParent() {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, "SIGTERM");
  }, 250);
  timer.unref();
}
