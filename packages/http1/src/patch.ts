import { equalsWord, latin1 } from "./bytes.ts";
import { HttpMisuseError } from "./faults.ts";
import { type HeaderFields, MARK_CONTROL, TokenList } from "./header-fields.ts";
import { type HeaderLine, writeHeader } from "./writer.ts";

/** A head as {@link patchHead} takes it: a `RequestHead` or a `ResponseHead`. */
export interface ReadHead {
  /** Offset of the start line. */
  readonly start: number;
  /** Offset after the blank line. */
  readonly end: number;
  /** The header lines. */
  readonly fields: HeaderFields;
}

/** What {@link patchHead} changes. */
export interface HeadPatch {
  /** Names of headers to leave out, in lower case. */
  readonly drop?: readonly Uint8Array[];
  /** Headers to add at the end; those of the same name are left out. */
  readonly set?: readonly HeaderLine[];
  /** Another start line, with its CRLF; not checked. */
  readonly startLine?: Uint8Array;
  /** Leaves out what is meant for one connection alone (RFC 9110 §7.6.1): the headers that Connection names, and Connection, Keep-Alive, Proxy-Connection, TE, Upgrade. Framing headers stay. */
  readonly hopByHop?: boolean;
}

/**
 * A head with some headers changed and all other bytes as they were: views of
 * `bytes` (the array that the head was read from), with new memory for what is
 * added. Lines with control bytes are always left out.
 */
export function patchHead(bytes: Uint8Array, head: ReadHead, patch: HeadPatch): Uint8Array[] {
  const { fields } = head;
  const drop = [...(patch.drop ?? [])];
  const added: Uint8Array[] = [];
  for (const line of patch.set ?? []) {
    added.push(writeHeader(line));
    drop.push(latin1(line[0].toLowerCase()));
  }
  if (patch.hopByHop === true) addHopByHop(bytes, fields, drop);
  const pieces: Uint8Array[] = [];
  const blank = head.end - 2;
  const first = fields.count > 0 ? fields.nameFrom(0) : blank;
  let from = head.start;
  if (patch.startLine !== undefined) {
    if (patch.startLine.length === 0) throw new HttpMisuseError("an empty start line");
    pieces.push(patch.startLine);
    from = first;
  }
  for (let i = 0; i < fields.count; i++) {
    if (!isDropped(bytes, fields, i, drop)) continue;
    const line = fields.nameFrom(i);
    if (line > from) pieces.push(bytes.subarray(from, line));
    from = i + 1 < fields.count ? fields.nameFrom(i + 1) : blank;
  }
  if (added.length === 0) pieces.push(bytes.subarray(from, head.end));
  else {
    if (blank > from) pieces.push(bytes.subarray(from, blank));
    pieces.push(...added, bytes.subarray(blank, head.end));
  }
  return pieces;
}

function isDropped(
  bytes: Uint8Array,
  fields: HeaderFields,
  i: number,
  drop: readonly Uint8Array[],
): boolean {
  if ((fields.marks(i) & MARK_CONTROL) !== 0) return true;
  const from = fields.nameFrom(i);
  const to = fields.nameTo(i);
  for (const name of drop) if (equalsWord(bytes, from, to, name)) return true;
  return false;
}

/** A peer must not make us drop what tells the next hop where the message ends, or whom it is for. */
function addHopByHop(bytes: Uint8Array, fields: HeaderFields, drop: Uint8Array[]): void {
  drop.push(...hopByHop);
  for (let i = fields.find(bytes, connection); i >= 0; i = fields.find(bytes, connection, i + 1)) {
    const list = new TokenList(bytes, fields.valueFrom(i), fields.valueTo(i));
    while (list.next()) {
      const { from, to } = list;
      if (kept.some((name) => equalsWord(bytes, from, to, name))) continue;
      const name = bytes.slice(from, to);
      for (let at = 0; at < name.length; at++) {
        const byte = name[at] as number;
        if (byte >= 0x41 && byte <= 0x5a) name[at] = byte | 0x20;
      }
      drop.push(name);
    }
  }
}

const connection = latin1("connection");
const hopByHop = ["connection", "keep-alive", "proxy-connection", "te", "upgrade"].map(latin1);
const kept = [
  "content-length",
  "transfer-encoding",
  "host",
  "authorization",
  "content-encoding",
].map(latin1);
