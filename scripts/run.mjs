// Child processes: run one to its end, and be a transparent parent to a long-lived one.
import { spawn, spawnSync } from "node:child_process";
import { constants } from "node:os";
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
 * Runs Node as a child and becomes transparent: stdio is shared, signals reach the child once, its
 * exit status is ours, and the child ends when we do.
 *
 * @param {readonly string[]} args arguments to node
 * @param {{ env?: Record<string, string | undefined> }} [options]
 * @returns {Promise<number>} the exit status to give
 */
export function runForeground(args, options = {}) {
  const child = spawn(process.execPath, ["--import", endWithParent, ...args], {
    cwd: root,
    env: { ...process.env, ...options.env },
    stdio: "inherit",
  });
  /** @type {(signal: NodeJS.Signals) => void} */
  const forward = (signal) => {
    // A terminal sends Ctrl-C to the whole group, the child included: passing it on would be a
    // second one, which programs take as "now, at once".
    if (signal === "SIGINT" && process.stdin.isTTY) return;
    child.kill(signal);
  };
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    // npm passes on a signal that the group has had already: each kind is forwarded once.
    let forwarded = false;
    process.on(signal, () => {
      if (!forwarded) forward(signal);
      forwarded = true;
    });
  }
  const guard = process.env["npm_lifecycle_event"] ? watchParent() : undefined;
  return new Promise((resolve) => {
    child.on("error", (error) => {
      say(`cannot run node: ${error.message}`);
      resolve(127);
    });
    child.on("exit", (code, signal) => {
      clearInterval(guard);
      resolve(code ?? signalStatus(signal));
    });
  });
}

const endWithParent = new URL("./end-with-parent.mjs", import.meta.url).href;

/**
 * Sends ourselves SIGTERM when the parent dies. A shell between npm and us may die of a signal
 * without passing it on; nothing that we started may outlive that.
 */
export function watchParent() {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, "SIGTERM");
  }, 250);
  timer.unref();
  return timer;
}
