/**
 * Who has which session, of several processes; and those that nobody has: of
 * workers that are gone, and of the time before.
 *
 * ```
 *   nobody's ──claim──▶ granted (a copy stays here) ──begun──▶ the worker's
 *       ▲                                                        │ claim by another: given back
 *       └────────────────────────────────────────────────────────┘ the worker ends: its file is read
 * ```
 */
import { AppendLog } from "../state/append-log.ts";
import { openStateFolder, type StateFolder } from "../state/state-folder.ts";
import {
  firstFile,
  readSessionFile,
  readSessionFiles,
  removeFile,
  workerFile,
} from "./session-files.ts";
import { SessionStore } from "./session-store.ts";
import type { StoredSession } from "./stored-session.ts";
import type { Granted } from "./worker-sessions.ts";

/** A worker, as far as sessions go. */
export interface SessionWorker {
  /** It gives up a session; null = it does not have it. Rejects when it is gone or does not answer. */
  give(session: string): Promise<StoredSession | null>;
  /** Another one has the session for good. */
  over(session: string): void;
}

/** What it is made of. */
export interface FleetSessionsOptions {
  /** Path of the folder, null = in memory only. */
  readonly path: string | null;
  /** Hears when the file cannot be written, and when it can again (null). */
  readonly failing: (error: Error | null) => void;
  /** Unix milliseconds. */
  readonly now: () => number;
}

interface Owner {
  readonly worker: SessionWorker;
  readonly epoch: number;
}

/** See the module. */
export class FleetSessions {
  readonly #options: FleetSessionsOptions;
  #folder: StateFolder | null = null;
  #log: AppendLog | null = null;
  #store: SessionStore;
  readonly #owners = new Map<string, Owner>();
  readonly #files = new Map<SessionWorker, string>();
  #epoch = 0;
  #workers = 0;

  constructor(options: FleetSessionsOptions) {
    this.#options = options;
    this.#store = this.#makeStore();
  }

  /** The folder for what outlives the process, once it is open. */
  get folder(): StateFolder | null {
    return this.#folder;
  }

  /** Before the first worker. Rejects when what is kept cannot be had. */
  async open(): Promise<void> {
    const { path } = this.#options;
    if (path === null) return;
    this.#folder = await openStateFolder(path);
    const { sessions, spent, epoch } = readSessionFiles(this.#folder);
    this.#log = new AppendLog(this.#folder.file(firstFile));
    this.#store = this.#makeStore();
    this.#store.load(sessions);
    for (const file of spent) removeFile(file);
    this.#epoch = epoch;
  }

  /** The file of a new worker, null = none. */
  newFile(): string | null {
    this.#workers += 1;
    return this.#folder?.file(workerFile(this.#workers)) ?? null;
  }

  /** A worker with its file. */
  started(worker: SessionWorker, file: string | null): void {
    if (file !== null) this.#files.set(worker, file);
  }

  /** Answers `claim`. */
  async claim(worker: SessionWorker, session: string, anew: boolean): Promise<Granted | undefined> {
    const owner = this.#owners.get(session);
    if (owner !== undefined && owner.worker !== worker) {
      const given = await owner.worker.give(session).catch(() => undefined);
      // A worker that is gone has left its sessions here; one that does not answer may still use it.
      if (given === undefined && this.#owners.get(session) === owner) return undefined;
      if (given !== undefined && given !== null) this.#rest(session, given);
    }
    if (anew) this.#store.forget(session);
    if (this.#store.failing) return undefined;
    const stored = this.#store.sessions.get(session) ?? null;
    this.#epoch += 1;
    const lives = stored !== null && stored.until > this.#options.now();
    return { epoch: this.#epoch, stored: lives ? stored : null };
  }

  /** A connection of the worker has the session. */
  begun(worker: SessionWorker, session: string, epoch: number): void {
    const owner = this.#owners.get(session);
    if (owner !== undefined && owner.worker !== worker) {
      if (owner.epoch > epoch) {
        worker.over(session);
        return;
      }
      owner.worker.over(session);
    }
    this.#owners.set(session, { worker, epoch });
    if (this.#store.sessions.has(session)) this.#store.forget(session);
  }

  /** The worker has it no more. */
  forgotten(worker: SessionWorker, session: string): void {
    if (this.#owners.get(session)?.worker === worker) this.#owners.delete(session);
  }

  /** The worker has ended: what it had is nobody's. */
  ended(worker: SessionWorker): void {
    const file = this.#files.get(worker);
    this.#files.delete(worker);
    const left = file === undefined ? null : readSessionFile(file);
    for (const [session, owner] of this.#owners) {
      if (owner.worker !== worker) continue;
      this.#owners.delete(session);
      const stored = left?.get(session);
      if (stored !== undefined) this.#rest(session, stored);
    }
    if (file !== undefined) removeFile(file);
  }

  /** After the last worker. */
  close(): void {
    this.#log?.close();
    this.#folder?.release();
    this.#log = null;
    this.#folder = null;
  }

  /** Keeps what nobody has. */
  #rest(session: string, stored: StoredSession): void {
    const until = stored.inUse ? this.#options.now() + stored.idle : stored.until;
    this.#store.grant(session, stored.epoch, { ...stored, until, inUse: false });
  }

  #makeStore(): SessionStore {
    const { failing, now } = this.#options;
    const nobody = (): void => {};
    return new SessionStore(this.#log, { begun: nobody, forgotten: nobody, failing }, now);
  }
}
