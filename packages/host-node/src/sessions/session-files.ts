/** Files of sessions in the folder: one for each process that had any, read into one at the start. */
import { readdirSync, unlinkSync } from "node:fs";
import { AppendLog } from "../state/append-log.ts";
import type { StateFolder } from "../state/state-folder.ts";
import { readSessions, type StoredSession } from "./stored-session.ts";

/** The file of a router's first process. */
export const firstFile = "sessions.log";

/** The file of a worker. */
export function workerFile(number: number): string {
  return `sessions-${number}.log`;
}

/** Reads all files that are there, whatever their process came to. Of a session in several the last one's word counts. */
export function readSessionFiles(folder: StateFolder): {
  readonly sessions: Map<string, StoredSession>;
  /** Files that are of no use once `sessions` is kept elsewhere. */
  readonly spent: readonly string[];
  /** The greatest there is. */
  readonly epoch: number;
} {
  const names = readdirSync(folder.path).filter((name) => /^sessions(-\d+)?\.log$/.test(name));
  const sessions = new Map<string, StoredSession>();
  for (const name of names) merge(sessions, readSessionFile(folder.file(name)));
  let greatest = 0;
  for (const { epoch } of sessions.values()) greatest = Math.max(greatest, epoch);
  return {
    sessions,
    epoch: greatest,
    spent: names.filter((name) => name !== firstFile).map((name) => folder.file(name)),
  };
}

/** Reads one. */
export function readSessionFile(path: string): Map<string, StoredSession> {
  const log = new AppendLog(path);
  try {
    return readSessions(log.read());
  } finally {
    log.close();
  }
}

/** Removes a file, if it is there. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

function merge(into: Map<string, StoredSession>, from: ReadonlyMap<string, StoredSession>): void {
  for (const [session, each] of from) {
    if ((into.get(session)?.epoch ?? -1) < each.epoch) into.set(session, each);
  }
}
