/** The folder for what outlives the process. One router has it at a time: two that write the same files would lose what they keep. */
import { chmodSync, mkdirSync, statSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { removeAbandoned } from "../abandoned-socket.ts";

/** See the module. */
export class StateFolder {
  /** Where it is. */
  readonly path: string;
  readonly #lock: Server;

  /** @internal */
  constructor(path: string, lock: Server) {
    this.path = path;
    this.#lock = lock;
  }

  /** The path of a file in it. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** Another router may have it. */
  release(): void {
    this.#lock.close();
  }
}

/** Makes the folder if there is none, and takes it. Rejects when another process has it, and with the system's error. */
export async function openStateFolder(path: string): Promise<StateFolder> {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (!statSync(path).isDirectory()) throw new Error(`stateDir: ${path} is no folder`);
  // A socket is let go of whatever ends the process, and tells a live one from a file that was left.
  const name = join(path, "lock");
  if (Buffer.byteLength(name) > longestSocketPath) {
    const most = longestSocketPath - "/lock".length;
    throw new Error(`stateDir: the path may have ${most} bytes at most: ${path}`);
  }
  await removeAbandoned(name);
  const lock = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    lock.once("error", ({ code, message }: NodeJS.ErrnoException) =>
      reject(
        code === "EADDRINUSE"
          ? new Error(`stateDir: another router has ${path}`)
          : new Error(`stateDir: ${message}`),
      ),
    );
    lock.listen(name, resolve);
  });
  chmodSync(name, 0o600);
  lock.unref();
  return new StateFolder(path, lock);
}

/** What `sockaddr_un` can hold on every system, without its end. */
const longestSocketPath = 103;
