import { mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, ownsPort } from "./ports.ts";
import { launch, type Supervised } from "./supervised.ts";

const HOST = "127.0.0.1";
const ATTEMPTS = 20;
const READY_TIMEOUT_MS = 15_000;
const GRACE_MS = 3_000;
const POLL_MS = 10;

/** How to start one kind of server. */
export interface ProgramSpec {
  /** What messages call it. */
  readonly name: string;
  /** Path of the program. */
  readonly program: string;
  /** Writes what the program reads into `dir`, and returns its arguments. Called for each start. */
  prepare(port: number, dir: string): readonly string[] | Promise<readonly string[]>;
  /** Says whether it answers. May reject: that counts as no. Default: it accepts a connection. */
  ready?(port: number, host: string): Promise<boolean>;
  /** Port on 127.0.0.1. Default: a free one, chosen again when another process is quicker. */
  readonly port?: number;
  /** Folder for its data, which is left in place. Default: a temporary one, removed at the end. */
  readonly dir?: string;
  /** A file inside the folder that has its log, when that is not on standard output. */
  readonly logFile?: string;
  /** Milliseconds until it must be ready. Default: 15 s. */
  readonly readyTimeout?: number;
  /** Variables added to our own environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A server under test, in a process that cannot outlive this one. */
export interface RunningProgram {
  /** 127.0.0.1 */
  readonly host: string;
  /** Its TCP port, the same after `restart`. */
  readonly port: number;
  /** Its process id now: another one after `restart`. */
  readonly pid: number;
  /** Its folder. */
  readonly dir: string;
  /** Whether its process has not been seen to end. */
  readonly running: boolean;
  /** The end of what it logged. */
  output(): string;
  /** Ends it (SIGTERM, after 3 s SIGKILL) and removes its folder if that was temporary. */
  stop(): Promise<void>;
  /** SIGKILL: as a crash. Its folder stays, for `restart`. */
  kill(): Promise<void>;
  /** SIGSTOP: it hangs, while the system still accepts connections in its name. */
  suspend(): void;
  /** SIGCONT: goes on after `suspend`. */
  resume(): void;
  /** Kills it if it runs, and starts it again on the same port and folder; returns when it answers. */
  restart(): Promise<void>;
}

/**
 * Starts a server and waits until it answers.
 *
 * @throws Error with the end of its log, when it ends early, is not ready in time, or when the
 * port that was asked for is in use
 */
export async function startProgram(spec: ProgramSpec): Promise<RunningProgram> {
  const dir = spec.dir ?? mkdtempSync(join(tmpdir(), `echarde-${spec.name}-`));
  for (let attempt = 1; ; attempt++) {
    const port = spec.port ?? (await freePort());
    try {
      return new Program(spec, port, dir, await startOn(spec, port, dir));
    } catch (error) {
      const mayRetry = error instanceof PortInUse && spec.port === undefined;
      if (!mayRetry || attempt === ATTEMPTS) throw error;
      mkdirSync(dir, { recursive: true });
    }
  }
}

class PortInUse extends Error {}

class Program implements RunningProgram {
  readonly host: string = HOST;
  readonly port: number;
  readonly dir: string;
  #spec: ProgramSpec;
  #child: Supervised;
  #stopped = false;

  constructor(spec: ProgramSpec, port: number, dir: string, child: Supervised) {
    this.#spec = spec;
    this.port = port;
    this.dir = dir;
    this.#child = child;
  }

  get pid(): number {
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#child.running;
  }

  output(): string {
    return logOf(this.#spec, this.#child, this.dir);
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#child.signal("SIGTERM");
    this.#child.signal("SIGCONT");
    const grace = setTimeout(() => this.#child.signal("SIGKILL"), GRACE_MS);
    await this.#child.ended();
    clearTimeout(grace);
    await this.#child.release();
  }

  async kill(): Promise<void> {
    this.#child.signal("SIGKILL");
    await this.#child.ended();
  }

  suspend(): void {
    this.#child.signal("SIGSTOP");
  }

  resume(): void {
    this.#child.signal("SIGCONT");
  }

  async restart(): Promise<void> {
    const old = this.#child;
    await this.kill();
    if (this.#stopped) mkdirSync(this.dir, { recursive: true });
    for (let attempt = 1; ; attempt++) {
      try {
        this.#child = await startOn(this.#spec, this.port, this.dir, !this.#stopped);
        break;
      } catch (error) {
        if (!(error instanceof PortInUse) || attempt === ATTEMPTS) throw error;
        await sleep(POLL_MS * attempt);
      }
    }
    if (!this.#stopped) await old.release({ keepDir: true });
    this.#stopped = false;
  }
}

/** One try on one port. What fails leaves nothing behind but, for a restart, the folder. */
async function startOn(
  spec: ProgramSpec,
  port: number,
  dir: string,
  keepDir = false,
): Promise<Supervised> {
  const child = await launch(spec.program, await spec.prepare(port, dir), {
    ...(spec.dir === undefined ? { ownedDir: dir } : {}),
    ...(spec.env === undefined ? {} : { env: spec.env }),
  });
  const { readyTimeout = READY_TIMEOUT_MS } = spec;
  const deadline = Date.now() + readyTimeout;
  let reason = `is not ready after ${readyTimeout / 1000} s`;
  while (Date.now() < deadline) {
    if (!child.running) {
      reason = `ended with status ${await child.ended()}`;
      break;
    }
    if (ownsPort(child.pid, port) !== false && (await answers(spec, port)) && child.running) {
      return child;
    }
    await sleep(POLL_MS);
  }
  const log = logOf(spec, child, dir);
  await child.release({ keepDir });
  const message = `${spec.name} on port ${port} ${reason}:\n${log}`;
  if (/address (is )?already in use|EADDRINUSE/i.test(log)) throw new PortInUse(message);
  throw new Error(message);
}

async function answers(spec: ProgramSpec, port: number): Promise<boolean> {
  try {
    return await (spec.ready ?? accepts)(port, HOST);
  } catch {
    return false;
  }
}

function accepts(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

function logOf(spec: ProgramSpec, child: Supervised, dir: string): string {
  let file = "";
  try {
    if (spec.logFile !== undefined) file = readFileSync(join(dir, spec.logFile), "utf8");
  } catch {
    // it had nothing to log yet
  }
  return child.output() + file.slice(-64 * 1024);
}
