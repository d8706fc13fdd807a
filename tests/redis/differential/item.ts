/** One command of the random traffic, with what the run must know to judge the replies. */

/** How the replies of the two sides are held against each other; errors are always compared byte for byte. */
export type Comparison =
  /** Byte for byte. */
  | "exact"
  /** Elements in any order. */
  | "multiset"
  /** Elements in any order, at every depth. */
  | "deep"
  /** Pairs (of a map, of a flat array, or nested) in any order. */
  | "pairs"
  /** Cursor byte for byte, elements in any order. */
  | "scan-elements"
  /** Cursor byte for byte, pairs in any order. */
  | "scan-pairs"
  /** Same types and counts all the way down: what is random. */
  | "shape"
  /** Same type: what depends on the process. */
  | "type"
  /** Integers at most 10,000 apart: what hangs on the clock. */
  | "near"
  /** Byte for byte, or bulk strings of one length: serialized hash tables have no order. */
  | "length"
  /** Byte for byte but for the numbers behind idle, id and the like. */
  | "no-clock";

/** What the model of the session must do with a command. */
export type Role =
  /** It has keys: the owner's cluster runs it. */
  | "keyed"
  /** It has keys and is split over their owners. */
  | "split"
  /** A message: its owner's cluster gets it, whichever a transaction is on. */
  | "message"
  /** No keys, one cluster or the router answers; may be queued. */
  | "keyless"
  /** About the connection, or over all clusters: not inside a transaction. */
  | "outside"
  /** Answered with an error whatever the state, also while queueing. */
  | "bad"
  /** Its keys cannot be told for sure: not inside a transaction. */
  | "vague"
  /** Refused by the router alone. */
  | "refused";

/** One command. */
export interface Item {
  /** `GET`, `OBJECT ENCODING`. */
  readonly label: string;
  /** Name and arguments. */
  readonly args: readonly Buffer[];
  /** All keys. */
  readonly keys: readonly Buffer[];
  /** See {@link Comparison}. */
  readonly compare: Comparison;
  /** See {@link Role}. */
  readonly role: Role;
  /** Bytes to send in place of the arguments as RESP: inline commands, broken requests. */
  readonly raw?: Buffer;
  /** Replies that come: 1 unless given. */
  readonly replies?: number;
  /** The connection ends behind the last reply. */
  readonly closes?: boolean;
}

/** Commands of one connection that belong together: a counter-example keeps all or none of them. */
export interface Unit {
  /** Index of the connection. */
  readonly connection: number;
  /** Units of one round are sent at once, on one connection in one pipeline. */
  readonly round: number;
  /** Commands in order. */
  readonly items: readonly Item[];
  /** Left out while a transaction queues; matters when a counter-example shrinks. */
  readonly free?: boolean;
  /** A task that asks several times; the round has no other unit then. */
  readonly task?: "scan" | "randomkey" | "wake" | "compare";
}

/** Bytes of a request. */
export function bytesOf(item: Item): Buffer {
  return item.raw ?? encode(item.args);
}

/** A request as an array of bulk strings. */
export function encode(args: readonly Uint8Array[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const arg of args) parts.push(Buffer.from(`$${arg.length}\r\n`), arg, Buffer.from("\r\n"));
  return Buffer.concat(parts);
}

/** A command in words, cut to what fits a line. */
export function show(item: Item): string {
  if (item.raw !== undefined)
    return `raw ${JSON.stringify(item.raw.toString("latin1").slice(0, 200))}`;
  const words = item.args.map((arg) =>
    arg.length > 80
      ? `<${arg.length} bytes ${JSON.stringify(arg.toString("latin1", 0, 12))}…>`
      : /^[\w.:*\-[(+{}]+$/.test(arg.toString("latin1"))
        ? arg.toString("latin1")
        : JSON.stringify(arg.toString("latin1")),
  );
  return words.join(" ");
}
