/**
 * What other clusters have given for a client's producer id, and how it is kept by the host.
 *
 * ```
 *   version int8 = 1 · recovered bool · count int16 · (cluster string, id int64) …
 * ```
 */
import { join } from "@echarde/core";
import { Malformed, Reader } from "./wire/reader.ts";
import { Writer } from "./wire/writer.ts";

/** See the module. */
export interface Producer {
  /** Nothing was known of it when it sent a batch: which batches clusters have of it is not known. */
  readonly recovered: boolean;
  /** Ids by cluster, but for the one that the client holds. */
  readonly ids: ReadonlyMap<string, bigint>;
}

/** With more ids; those that it has stay. */
export function withIds(producer: Producer, more: ReadonlyMap<string, bigint>): Producer {
  return { ...producer, ids: new Map([...more, ...producer.ids]) };
}

/** As bytes: equal ones for equal producers. */
export function encodeProducer({ recovered, ids }: Producer): Uint8Array {
  const writer = new Writer();
  writer.int8(version);
  writer.bool(recovered);
  writer.int16(ids.size);
  for (const [cluster, id] of [...ids].sort(([a], [b]) => (a < b ? -1 : 1))) {
    writer.string(cluster, false);
    writer.int64(id);
  }
  return join(writer.finish());
}

/** The other way; null when they are not of this version. */
export function decodeProducer(bytes: Uint8Array): Producer | null {
  try {
    const reader = new Reader(bytes);
    if (reader.int8() !== version) return null;
    const recovered = reader.bool();
    const ids = new Map<string, bigint>();
    for (let left = reader.int16(); left > 0; left--) ids.set(reader.string(false), reader.int64());
    reader.finish();
    return { recovered, ids };
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

const version = 1;
