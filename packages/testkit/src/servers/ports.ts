import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";

/**
 * Below the ephemeral range of Linux (32768 on) and of the BSDs (49152 on): the kernel never gives
 * these to an outgoing connection, so a server that restarts finds its port still free.
 */
const FIRST_PORT = 12_000;
const LAST_PORT = 31_999;

/**
 * Finds a TCP port of 127.0.0.1 on which nothing listens.
 *
 * It can be taken by another process before the caller binds it: be ready to ask again.
 *
 * @returns a port between 12000 and 31999
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT + 1));
    if (await canBind(port)) return port;
  }
}

/**
 * Tells whether a process holds the listening socket of a TCP port, which tells our server from a
 * stranger that was quicker.
 *
 * @returns null where the system has no /proc to look it up
 */
export function ownsPort(pid: number, port: number): boolean | null {
  const inodes = listeningInodes(port);
  if (inodes === null) return null;
  try {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).some((fd) => {
      try {
        return inodes.has(readlinkSync(`${folder}/${fd}`));
      } catch {
        return false; // closed since it was listed
      }
    });
  } catch {
    return false; // the process has ended
  }
}

/** Rows of /proc/net/tcp: number, local address, remote address, state, …, inode as tenth. */
function listeningInodes(port: number): Set<string> | null {
  const LISTEN = "0A";
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const inodes = new Set<string>();
  let readable = false;
  for (const file of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    let text: string;
    try {
      text = readFileSync(file, "latin1");
    } catch {
      continue;
    }
    readable = true;
    for (const line of text.split("\n")) {
      const fields = line.trim().split(/\s+/);
      if (fields[3] === LISTEN && fields[1]?.endsWith(suffix) === true) {
        inodes.add(`socket:[${fields[9]}]`);
      }
    }
  }
  return readable ? inodes : null;
}

function canBind(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      probe.close(() => resolve(true));
    });
  });
}
