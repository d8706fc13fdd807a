/** Sessions of a router that is one process, kept in a folder. */
import type { SessionQuestion, SessionRecord } from "@echarde/core";
import { AppendLog } from "../state/append-log.ts";
import { openStateFolder, type StateFolder } from "../state/state-folder.ts";
import type { HostSessions, SessionAnswer } from "./host-sessions.ts";
import { firstFile, readSessionFiles, removeFile } from "./session-files.ts";
import { SessionStore } from "./session-store.ts";

/** What it is made of. */
export interface LocalSessionsOptions {
  /** Path of the folder. */
  readonly path: string;
  /** Hears when the file cannot be written, and when it can again (null). */
  readonly failing: (error: Error | null) => void;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** See the module. */
export class LocalSessions implements HostSessions {
  readonly #options: LocalSessionsOptions;
  #folder: StateFolder | null = null;
  #log: AppendLog | null = null;
  #store: SessionStore | null = null;
  #epoch = 0;

  constructor(options: LocalSessionsOptions) {
    this.#options = options;
  }

  get folder(): StateFolder | null {
    return this.#folder;
  }

  async open(): Promise<void> {
    const { path, failing, now } = this.#options;
    this.#folder = await openStateFolder(path);
    const { sessions, spent, epoch } = readSessionFiles(this.#folder);
    this.#log = new AppendLog(this.#folder.file(firstFile));
    const nobody = (): void => {};
    const events = { begun: nobody, forgotten: nobody, failing };
    this.#store = new SessionStore(this.#log, events, now);
    this.#store.load(sessions);
    for (const file of spent) removeFile(file);
    this.#epoch = epoch;
  }

  keep(records: readonly SessionRecord[]): void {
    this.#store?.keep(records);
  }

  answer({ session, anew }: SessionQuestion): SessionAnswer {
    const store = this.#store;
    if (store === null || store.failing) return undefined;
    const kept = store.claim(session, anew);
    if (kept === undefined) store.grant(session, ++this.#epoch, null);
    return kept ?? null;
  }

  close(): void {
    this.#log?.close();
    this.#folder?.release();
    this.#store = null;
    this.#log = null;
    this.#folder = null;
  }
}
