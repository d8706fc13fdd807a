/**
 * Values as they are kept, and the records of the file that they are kept in: MessagePack, one array each.
 *
 * ```
 *   [0, name, value, at]   put, Unix milliseconds      [1, name, at]   asked for
 * ```
 */
import { decode, encode } from "@msgpack/msgpack";

/** See the module. */
export interface StoredValue {
  /** What stands. */
  readonly value: Uint8Array;
  /** When it was last asked for, Unix milliseconds. */
  readonly usedAt: number;
}

/** For the file. */
export function encodePut(name: string, { value, usedAt }: StoredValue): Uint8Array {
  return encode([PUT, name, value, usedAt]);
}

/** Likewise. */
export function encodeUse(name: string, usedAt: number): Uint8Array {
  return encode([USE, name, usedAt]);
}

/** What the records of a file say, the longest unused first. A record that cannot be read is passed over: it is of another version. */
export function readValues(records: readonly Uint8Array[]): Map<string, StoredValue> {
  const values = new Map<string, StoredValue>();
  for (const bytes of records) {
    const fields = decode(bytes);
    if (!Array.isArray(fields)) continue;
    const [type, name, a, b] = fields as readonly unknown[];
    if (typeof name !== "string") continue;
    const known = values.get(name);
    if (type === PUT && a instanceof Uint8Array) {
      values.set(name, { value: a.slice(), usedAt: Number(b) });
    } else if (type === USE && known !== undefined) {
      values.set(name, { value: known.value, usedAt: Number(a) });
    }
  }
  return new Map([...values].sort(([, a], [, b]) => a.usedAt - b.usedAt));
}

const PUT = 0;
const USE = 1;
