/**
 * Sessions that one process has, in memory and, where there is a folder, in a
 * file of the process's own.
 *
 * ```
 *   granted ──begin──▶ in use ──rest──▶ resting ──until──▶ forgotten
 *                        └──────────────┴──taken by another process──▶ gone: records of it are not heeded
 * ```
 * A file that cannot be written does not stop who is connected; it is written anew as soon as that
 * works again. Until then nobody new gets a session: what is promised to a client must be kept.
 */
import type { KeptSession, SessionRecord } from "@echarde/core";
import type { AppendLog } from "../state/append-log.ts";
import {
  applyRecord,
  encodeRecord,
  encodeWhole,
  type LiveSession,
  type StoredSession,
} from "./stored-session.ts";

/** What becomes of a session in a process that others ask about it. */
export interface SessionEvents {
  /** A connection of this process has it. */
  begun(session: string, epoch: number): void;
  /** It is forgotten. */
  forgotten(session: string): void;
  /** The file cannot be written (any more), null = it can again. */
  failing(error: Error | null): void;
}

/** See the module. */
export class SessionStore {
  readonly #log: AppendLog | null;
  readonly #events: SessionEvents;
  readonly #now: () => number;
  readonly #sessions = new Map<string, LiveSession>();
  /** Rights to sessions that no connection has begun yet, by the epoch. */
  readonly #granted = new Map<string, number>();
  /** Those that have begun in this process. */
  readonly #here = new Set<string>();
  /** Those that rest, the longest first. */
  readonly #resting = new Set<string>();
  #sweepAt = leastSwept;
  #failing = false;
  #triedAt = 0;

  constructor(log: AppendLog | null, events: SessionEvents, now: () => number) {
    this.#log = log;
    this.#events = events;
    this.#now = now;
  }

  /** Whether what happens now cannot be kept. */
  get failing(): boolean {
    return this.#failing;
  }

  /** Whether a connection of this process had it last. */
  isHere(session: string): boolean {
    return this.#here.has(session);
  }

  /** What there is, by session. */
  get sessions(): ReadonlyMap<string, StoredSession> {
    return this.#sessions;
  }

  /** Sessions of files; those in use were lost with their process. */
  load(sessions: ReadonlyMap<string, StoredSession>): void {
    const now = this.#now();
    for (const [session, each] of sessions) {
      const until = each.inUse ? now + each.idle : each.until;
      if (until <= now) continue;
      this.#sessions.set(session, { ...each, until, inUse: false, items: new Map(each.items) });
      this.#resting.add(session);
    }
    this.#write(() => this.#rewrite());
  }

  /** Records of a router: in the file when it returns. */
  keep(records: readonly SessionRecord[]): void {
    const lines: Uint8Array[] = [];
    for (const record of records) {
      const { session } = record;
      const epoch = this.#granted.get(session) ?? this.#sessions.get(session)?.epoch;
      if (epoch === undefined) continue; // another process has it now
      this.#granted.delete(session);
      const begins = record.type === "begin" && !this.#here.has(session);
      if (record.type !== "begin" && !this.#sessions.has(session)) continue;
      applyRecord(this.#sessions, record);
      const known = this.#sessions.get(session);
      if (known !== undefined) known.epoch = epoch;
      lines.push(encodeRecord(record, epoch));
      this.#place(session, known);
      if (begins) {
        this.#here.add(session);
        this.#events.begun(session, epoch);
      }
    }
    this.#append(lines);
  }

  /** What a connection of this process gets of a session that this process has; undefined when it has none. */
  claim(session: string, anew: boolean): KeptSession | null | undefined {
    const known = this.#sessions.get(session);
    if (known === undefined) return undefined;
    if (!anew && known.until > this.#now()) {
      return { current: this.#here.has(session), items: known.items };
    }
    const { epoch } = known;
    this.forget(session);
    this.grant(session, epoch, null);
    return null;
  }

  /** This process has the right to a session from now on, and what another had kept of it. */
  grant(session: string, epoch: number, stored: StoredSession | null): void {
    if (stored === null) {
      this.#granted.set(session, epoch);
      // A right that is never used is let go of: who asks again gets another.
      const [oldest] = this.#granted.keys();
      if (this.#granted.size > mostGranted && oldest !== undefined) this.#granted.delete(oldest);
      return;
    }
    const taken = { ...stored, epoch, items: new Map(stored.items) };
    this.#sessions.set(session, taken);
    this.#place(session, taken);
    this.#append([encodeWhole(session, taken)]);
  }

  /** Another process gets it: what this one still says of it is not heeded. */
  take(session: string): StoredSession | null {
    const known = this.#sessions.get(session) ?? null;
    this.#leave(session);
    return known;
  }

  /** It is not wanted any more, or another process has it for good. */
  forget(session: string): void {
    const known = this.#sessions.has(session);
    this.#leave(session);
    this.#append([encodeRecord({ type: "rest", session, until: 0 }, 0)]);
    if (known) this.#events.forgotten(session);
  }

  #leave(session: string): void {
    this.#sessions.delete(session);
    this.#granted.delete(session);
    this.#here.delete(session);
    this.#resting.delete(session);
  }

  #place(session: string, known: LiveSession | undefined): void {
    this.#resting.delete(session);
    if (known === undefined) {
      this.#here.delete(session);
      this.#events.forgotten(session);
    } else if (!known.inUse) {
      this.#resting.add(session);
      if (this.#resting.size > this.#sweepAt) this.#sweep();
    }
  }

  /** Forgets those whose time is over, and of too many a sixteenth: those that rest longest. */
  #sweep(): void {
    const now = this.#now();
    const most = this.#resting.size > mostResting ? (mostResting / 16) * 15 : mostResting;
    for (const session of [...this.#resting]) {
      const over = (this.#sessions.get(session)?.until ?? 0) <= now;
      if (over || this.#resting.size > most) this.forget(session);
    }
    this.#sweepAt = Math.min(mostResting, Math.max(leastSwept, 2 * this.#resting.size));
  }

  #append(lines: readonly Uint8Array[]): void {
    const log = this.#log;
    if (log === null || lines.length === 0) return;
    if (this.#failing) {
      if (this.#now() - this.#triedAt >= retryEvery) this.#write(() => this.#rewrite());
    } else {
      this.#write(() => (log.isLong ? this.#rewrite() : log.append(lines)));
    }
  }

  #rewrite(): void {
    const lines = [...this.#sessions].map(([session, each]) => encodeWhole(session, each));
    this.#log?.rewrite(lines);
  }

  #write(write: () => void): void {
    const before = this.#failing;
    this.#triedAt = this.#now();
    try {
      write();
      this.#failing = false;
      if (before) this.#events.failing(null);
    } catch (error) {
      this.#failing = true;
      if (!before) this.#events.failing(error as Error);
    }
  }
}

/** Sessions kept without a connection: some 100 MB at a thousand bytes and ten subscriptions each. */
const mostResting = 100_000;
const leastSwept = 1_024;
/** Clients that may be between the brokers' word and their CONNACK. */
const mostGranted = 100_000;
/** Milliseconds until a file that cannot be written is tried again. */
const retryEvery = 1_000;
