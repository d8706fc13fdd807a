import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";

/**
 * Stands between us and the program, and ends it when its own standard input closes: that happens
 * however this process ends, SIGKILL and a failed test included, so nothing is ever orphaned.
 *
 *     $1      a folder to remove when we are gone without having said "keep", or empty
 *     rest    the program and its arguments
 *     fd 3    to us: the program's pid, then "exit STATUS"
 *     fd 4    a copy of standard input, which sh replaces for what it puts in the background
 *
 * PIPE is ignored only after the program has started, because it would inherit that.
 */
const SUPERVISOR = `
exec 4<&0
dir=$1; shift
"$@" </dev/null 3>&- 4<&- &
child=$!
trap '' PIPE
(read -r _ <&4; kill -KILL "$child") 3>&- >/dev/null 2>&1 &
watcher=$!
echo "$child" >&3
wait "$child"
echo "exit $?" >&3
kill "$watcher" 2>/dev/null
exec >/dev/null 2>&1
answer=
read -r answer <&4
[ "$answer" = keep ] || [ -z "$dir" ] || rm -rf -- "$dir"
`;

/** Enough to see why a server did not start; a chatty one must not fill our memory. */
const KEPT_OUTPUT = 64 * 1024;

/** How a program is started under the supervisor. */
export interface LaunchOptions {
  /** A folder that is removed when the program is released or when this process is gone. */
  readonly ownedDir?: string;
  /** The program's working folder. Default: ours. */
  readonly cwd?: string;
  /** Variables added to our own environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A child process that cannot outlive this one. It never keeps this process running. */
export interface Supervised {
  /** Process id of the program itself, not of its supervisor. */
  readonly pid: number;
  /** Whether the program has not been seen to end. */
  readonly running: boolean;
  /** The last 64 KiB of what it wrote on standard output and standard error. */
  output(): string;
  /** Sends a signal, if it still runs. */
  signal(name: NodeJS.Signals): void;
  /** Waits for the program's end; gives its exit status as sh counts (128 + signal number). */
  ended(): Promise<number>;
  /** Ends the program at once if it runs, ends its supervisor, and removes the owned folder unless it is to be kept. */
  release(options?: { readonly keepDir?: boolean }): Promise<void>;
}

/**
 * Starts a program that ends when this process does, however this process ends.
 *
 * The program is in a session of its own: Ctrl-C at a terminal reaches us alone.
 *
 * @throws Error when the supervisor itself cannot be started; a program that cannot be executed
 * ends with status 126 or 127
 */
export async function launch(
  program: string,
  args: readonly string[],
  options: LaunchOptions = {},
): Promise<Supervised> {
  const shell = spawn(
    "/bin/sh",
    ["-c", SUPERVISOR, "supervisor", options.ownedDir ?? "", program, ...args],
    {
      stdio: ["pipe", "pipe", "pipe", "pipe"],
      detached: true,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...process.env, ...options.env },
    },
  );
  const gone = new Promise<void>((resolve) => shell.once("exit", () => resolve()));
  const child = new SupervisedProgram(shell, gone);
  await new Promise<void>((resolve, reject) => {
    shell.once("error", reject);
    child.onPid = resolve;
    shell.once("exit", () => reject(new Error(`the supervisor of ${program} ended early`)));
  });
  child.hold(false);
  return child;
}

class SupervisedProgram implements Supervised {
  pid = 0;
  running = true;
  onPid: () => void = () => {};
  #shell: ChildProcess;
  #gone: Promise<void>;
  #report = "";
  #output = "";
  #status: Promise<number>;
  #setStatus: (status: number) => void = () => {};

  constructor(shell: ChildProcess, gone: Promise<void>) {
    this.#shell = shell;
    this.#gone = gone;
    this.#status = new Promise((resolve) => {
      this.#setStatus = resolve;
    });
    const keep = (text: string): void => {
      this.#output = (this.#output + text).slice(-KEPT_OUTPUT);
    };
    shell.stdout?.setEncoding("utf8").on("data", keep);
    shell.stderr?.setEncoding("utf8").on("data", keep);
    (shell.stdio[3] as Readable).setEncoding("latin1").on("data", (text: string) => {
      this.#report += text;
      this.#readReport();
    });
    shell.stdin?.on("error", () => {}); // the supervisor was killed: there is nobody to tell
    shell.once("exit", () => this.#end(137));
  }

  output(): string {
    return this.#output;
  }

  signal(name: NodeJS.Signals): void {
    if (!this.running) return;
    try {
      process.kill(this.pid, name);
    } catch {
      // it ended before its supervisor could say so
    }
  }

  async ended(): Promise<number> {
    this.hold(true);
    const status = await this.#status;
    this.hold(false);
    return status;
  }

  async release(options: { readonly keepDir?: boolean } = {}): Promise<void> {
    this.signal("SIGKILL");
    await this.ended();
    this.hold(true);
    this.#shell.stdin?.end(options.keepDir === true ? "keep\n" : "");
    await this.#gone;
  }

  /** Says whether the child keeps this process's event loop alive. */
  hold(on: boolean): void {
    const word = on ? "ref" : "unref";
    this.#shell[word]();
    for (const stream of this.#shell.stdio as readonly (Readable | Writable | null)[]) {
      // each is a socket underneath, which the declared types do not say
      (stream as unknown as { ref?(): void; unref?(): void } | null)?.[word]?.();
    }
  }

  #readReport(): void {
    for (;;) {
      const end = this.#report.indexOf("\n");
      if (end < 0) return;
      const line = this.#report.slice(0, end);
      this.#report = this.#report.slice(end + 1);
      if (line.startsWith("exit ")) {
        this.#end(Number(line.slice(5)));
      } else {
        this.pid = Number(line);
        this.onPid();
      }
    }
  }

  #end(status: number): void {
    this.running = false;
    this.#setStatus(status);
  }
}
