/**
 * Sessions of one of several processes: those that its own clients have or had
 * last. The first process knows who has which.
 *
 * ```
 *   a client's CONNECT ──▶ had here ──▶ answered here
 *                           └──not──▶ claim ──▶ first process ──give──▶ who has it
 *   it stands ──begun──▶ first process ──over──▶ who had it
 * ```
 */
import type { SessionQuestion, SessionRecord } from "@echarde/core";
import { AppendLog } from "../state/append-log.ts";
import type { HostSessions, SessionAnswer } from "./host-sessions.ts";
import { removeFile } from "./session-files.ts";
import { SessionStore } from "./session-store.ts";
import type { StoredSession } from "./stored-session.ts";

/** The right to a session. */
export interface Granted {
  /** The one of this right. */
  readonly epoch: number;
  /** What was kept; null = nothing. */
  readonly stored: StoredSession | null;
}

/** What a worker tells or asks the first process. */
export type SessionMessage =
  /** Answered by {@link Granted}, undefined = not now. */
  | { readonly what: "claim"; readonly session: string; readonly anew: boolean }
  | { readonly what: "begun"; readonly session: string; readonly epoch: number }
  | { readonly what: "forgotten"; readonly session: string };

/** The way to the first process. */
export interface FirstProcess {
  /** Asks; undefined when it does not answer. */
  claim(message: SessionMessage & { readonly what: "claim" }): Promise<Granted | undefined>;
  /** Tells. */
  tell(message: SessionMessage): void;
  /** The file cannot be written (any more), null = it can again. */
  failing(error: Error | null): void;
}

/** See the module. */
export class WorkerSessions implements HostSessions {
  readonly folder: null = null; // the first process has it
  readonly #first: FirstProcess;
  readonly #log: AppendLog | null;
  readonly #store: SessionStore;
  #closed = false;

  /** `file` = its own, null = in memory only. Throws the system's error. */
  constructor(first: FirstProcess, file: string | null, now: () => number) {
    this.#first = first;
    if (file !== null) removeFile(file); // of an earlier life: the first process has read it
    this.#log = file === null ? null : new AppendLog(file);
    const events = {
      begun: (session: string, epoch: number): void => {
        first.tell({ what: "begun", session, epoch });
      },
      forgotten: (session: string): void => first.tell({ what: "forgotten", session }),
      failing: (error: Error | null): void => first.failing(error),
    };
    this.#store = new SessionStore(this.#log, events, now);
  }

  async open(): Promise<void> {}

  keep(records: readonly SessionRecord[]): void {
    if (!this.#closed) this.#store.keep(records);
  }

  async answer({ session, anew }: SessionQuestion): Promise<SessionAnswer> {
    if (this.#store.failing) return undefined;
    // What was granted and never begun here may be another's by now.
    const own = this.#store.isHere(session) ? this.#store.claim(session, anew) : undefined;
    if (own !== undefined) return own;
    const granted = await this.#first.claim({ what: "claim", session, anew });
    if (granted === undefined) return undefined;
    const { epoch, stored } = granted;
    this.#store.take(session);
    this.#store.grant(session, epoch, stored);
    return stored === null ? null : { current: false, items: stored.items };
  }

  /** Another worker gets the session. */
  give(session: string): StoredSession | null {
    return this.#store.take(session);
  }

  /** Another worker has it for good. */
  over(session: string): void {
    this.#store.forget(session);
  }

  close(): void {
    this.#closed = true;
    this.#log?.close();
  }
}
