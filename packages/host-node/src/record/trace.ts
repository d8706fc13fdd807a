/**
 * A trace of routed packets: MessagePack values one behind the other.
 *
 * ```
 * head    { format: "echarde-trace", version: 1, protocol, table, values, began }
 * packet  [ milliseconds since began, cluster, words ]        any number
 * end     { packets, unread, full }
 * ```
 * A word of a packet is its bytes, or its length alone where it was left out.
 * The end tells a whole trace from one that was cut.
 */
import { decodeMulti, encode } from "@msgpack/msgpack";

/** What a trace begins with. */
export interface TraceHead {
  /** Name of the protocol. */
  readonly protocol: string;
  /** Version of the table in force when it began. */
  readonly table: string;
  /** Whether values are in it. */
  readonly values: boolean;
  /** Unix milliseconds. */
  readonly began: number;
}

/** Bytes, or how many of them were left out. */
export type Word = Uint8Array | number;

/** One packet as it went to a cluster. */
export interface TracePacket {
  /** Milliseconds since the trace began. */
  readonly at: number;
  /** Where it went. */
  readonly cluster: string;
  /** Its parts. */
  readonly words: readonly Word[];
}

/** What a trace ends with. */
export interface TraceEnd {
  /** How many packets it has. */
  readonly packets: number;
  /** Upstream connections whose bytes could not be read any further. */
  readonly unread: number;
  /** Its bound was reached. */
  readonly full: boolean;
}

/** A whole trace. */
export interface Trace {
  readonly head: TraceHead;
  readonly packets: readonly TracePacket[];
  readonly end: TraceEnd;
}

/** A file that is no trace, or not all of one; the message says what and where. */
export class TraceError extends Error {
  override readonly name: string = "TraceError";
}

/** In bytes. */
export function encodeHead(head: TraceHead): Uint8Array {
  return encode({ format, version, ...head });
}

/** In bytes. */
export function encodeTracePacket({ at, cluster, words }: TracePacket): Uint8Array {
  return encode([at, cluster, words]);
}

/** In bytes. */
export function encodeEnd(end: TraceEnd): Uint8Array {
  return encode(end);
}

/** Reads a whole trace. Throws {@link TraceError}. */
export function decodeTrace(bytes: Uint8Array): Trace {
  const values = valuesOf(bytes);
  const head = headOf(values.next().value);
  const packets: TracePacket[] = [];
  for (const value of values) {
    if (Array.isArray(value)) packets.push(packetOf(value, packets.length + 1));
    else {
      const end = endOf(value, packets.length);
      if (values.next().done !== true)
        throw new TraceError("something follows the end of the trace");
      return { head, packets, end };
    }
  }
  throw cut(packets.length);
}

function* valuesOf(bytes: Uint8Array): Generator<unknown, void> {
  let count = -1;
  try {
    for (const value of decodeMulti(bytes)) {
      count += 1;
      yield value;
    }
  } catch (error) {
    if (error instanceof TraceError) throw error;
    if (count < 0) throw noTrace();
    if (error instanceof RangeError) throw cut(count);
    throw new TraceError(`what follows packet ${count} is no MessagePack`);
  }
}

function headOf(value: unknown): TraceHead {
  if (!isRecord(value) || value["format"] !== format) throw noTrace();
  if (value["version"] !== version) {
    throw new TraceError(`a trace of version ${String(value["version"])}; this reads ${version}`);
  }
  const { protocol, table, values, began } = value;
  if (typeof protocol !== "string" || typeof table !== "string") throw noTrace();
  if (typeof values !== "boolean" || typeof began !== "number") throw noTrace();
  return { protocol, table, values, began };
}

function packetOf([at, cluster, words]: readonly unknown[], number: number): TracePacket {
  const isWord = (word: unknown): word is Word =>
    word instanceof Uint8Array || (Number.isSafeInteger(word) && Number(word) >= 0);
  if (
    typeof at !== "number" ||
    typeof cluster !== "string" ||
    !Array.isArray(words) ||
    !words.every(isWord)
  )
    throw new TraceError(`packet ${number} is none`);
  return { at, cluster, words };
}

function endOf(value: unknown, count: number): TraceEnd {
  if (!isRecord(value))
    throw new TraceError(`what follows packet ${count} is neither packet nor end`);
  const { packets, unread, full } = value;
  if (packets !== count || typeof unread !== "number" || typeof full !== "boolean")
    throw new TraceError(`its end does not fit: ${String(packets)} packets, there are ${count}`);
  return { packets: count, unread, full };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function noTrace(): TraceError {
  return new TraceError("that is no trace of echarde record");
}

function cut(packets: number): TraceError {
  return new TraceError(
    `the trace is cut behind packet ${packets}: was echarde record ended before it could finish?`,
  );
}

const format = "echarde-trace";
const version = 1;
