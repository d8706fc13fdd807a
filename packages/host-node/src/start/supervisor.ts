import { type ChildProcess, spawn } from "node:child_process";

/**
 * Stands between us and a server. Its standard input is a pipe from us: when that closes, however we
 * ended, SIGKILL included, it ends the server and removes its folder.
 *
 *     $1    the server's folder, for its log too
 *     rest  the server and its arguments
 *
 * fd 4 keeps standard input, which sh replaces for what it puts in the background.
 */
const script = `
dir=$1; shift
exec 4<&0
trap '' INT TERM HUP
"$@" </dev/null >"$dir/log" 2>&1 4<&- &
server=$!
(read -r _ <&4; kill -KILL "$server" 2>/dev/null) >/dev/null 2>&1 &
watch=$!
exec >/dev/null 2>&1
wait "$server"
kill -KILL "$watch"
wait "$watch" 2>/dev/null
rm -rf -- "$dir"
`;

/** A server that cannot outlive us. */
export interface Supervised {
  /** Whether it (or what watches it) has ended. */
  readonly ended: boolean;
  /** Ends it, and removes its folder; resolves when both are done. */
  end(): Promise<void>;
}

/**
 * Starts a server in a session of its own, so that Ctrl-C at a terminal reaches us alone.
 *
 * @param dir - a folder that goes when the server goes
 */
export function supervise(dir: string, program: string, args: readonly string[]): Supervised {
  const shell: ChildProcess = spawn(
    "/bin/sh",
    ["-c", script, "supervisor", dir, program, ...args],
    {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
      cwd: dir,
    },
  );
  shell.stdin?.on("error", () => {}); // it ended before we did
  const gone = new Promise<void>((resolve) => {
    shell.once("exit", () => resolve());
    shell.once("error", () => resolve());
  });
  let ended = false;
  void gone.then(() => {
    ended = true;
  });
  return {
    get ended(): boolean {
      return ended;
    },
    end: async (): Promise<void> => {
      shell.stdin?.end();
      await gone;
    },
  };
}
