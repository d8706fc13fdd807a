/**
 * A session as it is kept, and the records of a file that it is kept in: MessagePack, one array each.
 *
 * ```
 *   [0, session, epoch, anew, idle]                  a connection has it
 *   [1, session, item, value]   [2, session, item]   put, removed
 *   [3, session, until]                              rests; 0 = forgotten
 *   [4, session, epoch, idle, until, [item, value, …]]   all of it; until -1 = a connection has it
 * ```
 */
import type { SessionRecord } from "@echarde/core";
import { decode, encode } from "@msgpack/msgpack";

/** See the module. */
export interface StoredSession {
  /** Grows each time that a process gets it from another: the greatest one counts. */
  readonly epoch: number;
  /** Milliseconds that it outlives its connection. */
  readonly idle: number;
  /** When it is forgotten, Unix milliseconds; Infinity while a connection has it, or for ever. */
  readonly until: number;
  /** Whether a connection has it. */
  readonly inUse: boolean;
  /** What was put. */
  readonly items: ReadonlyMap<string, Uint8Array>;
}

/** A session that changes. */
export interface LiveSession extends StoredSession {
  epoch: number;
  idle: number;
  until: number;
  inUse: boolean;
  readonly items: Map<string, Uint8Array>;
}

/** For the file. `epoch` = of the process's right to the session. */
export function encodeRecord(record: SessionRecord, epoch: number): Uint8Array {
  const { session } = record;
  switch (record.type) {
    case "begin":
      return encode([BEGIN, session, epoch, record.anew, record.idle]);
    case "put":
      return encode([PUT, session, record.item, record.value]);
    case "remove":
      return encode([REMOVE, session, record.item]);
    case "rest":
      return encode([REST, session, record.until]);
  }
}

/** All of a session, for the file. */
export function encodeWhole(
  session: string,
  { epoch, idle, until, inUse, items }: StoredSession,
): Uint8Array {
  return encode([WHOLE, session, epoch, idle, inUse ? -1 : until, [...items].flat()]);
}

/** Applies a record to what is known. */
export function applyRecord(sessions: Map<string, LiveSession>, record: SessionRecord): void {
  const { session } = record;
  const known = sessions.get(session);
  if (record.type === "begin") {
    const items = record.anew ? new Map<string, Uint8Array>() : (known?.items ?? new Map());
    const { idle } = record;
    const epoch = known?.epoch ?? 0;
    sessions.set(session, { epoch, idle, until: Number.POSITIVE_INFINITY, inUse: true, items });
  } else if (known === undefined) return;
  else if (record.type === "put") known.items.set(record.item, record.value);
  else if (record.type === "remove") known.items.delete(record.item);
  else if (record.until <= 0) sessions.delete(session);
  else {
    known.until = record.until;
    known.inUse = false;
  }
}

/** What the records of one file say. A record that cannot be read is passed over: it is of another version. */
export function readSessions(records: readonly Uint8Array[]): Map<string, LiveSession> {
  const sessions = new Map<string, LiveSession>();
  for (const bytes of records) {
    const fields = decode(bytes);
    if (Array.isArray(fields)) readRecord(sessions, fields);
  }
  return sessions;
}

function readRecord(sessions: Map<string, LiveSession>, fields: readonly unknown[]): void {
  const [type, session, a, b, c, d] = fields;
  if (typeof session !== "string") return;
  if (type === BEGIN) {
    applyRecord(sessions, { type: "begin", session, anew: b === true, idle: Number(c) });
    const known = sessions.get(session);
    if (known !== undefined) known.epoch = Number(a);
  } else if (type === PUT && b instanceof Uint8Array) {
    applyRecord(sessions, { type: "put", session, item: String(a), value: b.slice() });
  } else if (type === REMOVE) {
    applyRecord(sessions, { type: "remove", session, item: String(a) });
  } else if (type === REST) {
    applyRecord(sessions, { type: "rest", session, until: Number(a) });
  } else if (type === WHOLE) {
    const items = new Map<string, Uint8Array>();
    const list: readonly unknown[] = Array.isArray(d) ? d : [];
    for (let i = 0; i + 1 < list.length; i += 2) {
      const value = list[i + 1];
      if (value instanceof Uint8Array) items.set(String(list[i]), value.slice());
    }
    const inUse = c === -1;
    const until = inUse ? Number.POSITIVE_INFINITY : Number(c);
    sessions.set(session, { epoch: Number(a), idle: Number(b), until, inUse, items });
  }
}

const BEGIN = 0;
const PUT = 1;
const REMOVE = 2;
const REST = 3;
const WHOLE = 4;
