/** What a server needs of the place where sessions are kept. */
import type { KeptSession, SessionQuestion, SessionRecord } from "@echarde/core";
import type { Log } from "../operate/log.ts";
import type { StateFolder } from "../state/state-folder.ts";

/** Says in the log when sessions cannot be kept, and when they can again (null). */
export function logFailing(log: Log): (error: Error | null) => void {
  return (error) => {
    if (error === null) log.info({ event: "sessions-kept" }, "sessions can be kept again");
    else {
      const fields = { event: "sessions-not-kept", reason: error.message };
      log.error(fields, "sessions cannot be kept; new ones are refused");
    }
  };
}

/** What comes of a {@link SessionQuestion}. */
export type SessionAnswer = KeptSession | null | undefined;

/** See the module. */
export interface HostSessions {
  /** Before the server listens. Rejects when what is kept cannot be had. */
  open(): Promise<void>;
  /** The folder for what outlives the process, once it is open and this process has it. */
  readonly folder: StateFolder | null;
  /** Records of the router: kept when it returns. */
  keep(records: readonly SessionRecord[]): void;
  /** Who has the session, and what was kept of it. */
  answer(question: SessionQuestion): SessionAnswer | Promise<SessionAnswer>;
  /** After the last connection. */
  close(): void;
}
