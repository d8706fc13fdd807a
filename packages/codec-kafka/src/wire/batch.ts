/**
 * Heads of record batches, format v2; what follows them (compressed, as a rule) is never read.
 *
 * ```
 *   0 baseOffset int64 · 8 batchLength int32 · 12 partitionLeaderEpoch int32 · 16 magic int8 · 17 crc uint32
 *   21 attributes int16 · 23 lastOffsetDelta int32 · 27, 35 timestamps int64 · 43 producerId int64
 *   51 producerEpoch int16 · 53 baseSequence int32 · 57 count int32 · 61 records
 * ```
 * The CRC-32C is of byte 21 to the end. Formats 0 and 1 have no producer id.
 */
import { copyOf } from "./copy.ts";
import { patchedCrc32c } from "./crc32c.ts";

/** Producer id of the first batch, -1n when it has none. */
export function producerIdOf(records: Uint8Array): bigint {
  if (records.length < headLength || records[16] !== 2) return -1n;
  return viewOf(records).getBigInt64(43);
}

/** What tells a batch of a producer from the others of its partition. */
export interface BatchHead {
  /** Rises each time that the producer begins its sequence anew. */
  readonly epoch: number;
  /** Number of its first record in the partition. */
  readonly sequence: number;
  /** CRC-32C. */
  readonly crc: number;
}

/** The head of the first batch, of one that has a producer id. */
export function batchHead(records: Uint8Array): BatchHead {
  const view = viewOf(records);
  return { epoch: view.getInt16(51), sequence: view.getInt32(53), crc: view.getUint32(17) };
}

/**
 * The records with another producer id in every batch that has one: copies of the heads and views of the
 * rest. Null when the lengths of the batches do not fit.
 */
export function withProducerId(records: Uint8Array, id: bigint): readonly Uint8Array[] | null {
  const pieces: Uint8Array[] = [];
  const source = viewOf(records);
  const high = Number(id >> 32n) | 0;
  const low = Number(id & 0xffffffffn) | 0;
  for (let from = 0; from < records.length; ) {
    if (records.length - from < headLength) return null;
    const size = 12 + source.getInt32(from + 8);
    const to = from + size;
    if (size < headLength || to > records.length) return null;
    const oldHigh = source.getInt32(from + 43);
    if (records[from + 16] !== 2 || oldHigh < 0) {
      pieces.push(records.subarray(from, to));
    } else {
      const head = copyOf(records, from, from + headLength);
      difference.setInt32(0, oldHigh ^ high);
      difference.setInt32(4, source.getInt32(from + 47) ^ low);
      putInt32(head, 43, high);
      putInt32(head, 47, low);
      putInt32(head, 17, patchedCrc32c(source.getUint32(from + 17), differenceBytes, size - 51));
      pieces.push(head);
      if (size > headLength) pieces.push(records.subarray(from + headLength, to));
    }
    from = to;
  }
  return pieces;
}

/** Old producer id XOR the new one, of the batch at hand. */
const differenceBytes = new Uint8Array(8);
const difference: DataView = viewOf(differenceBytes);

/** Cheaper than a view of its own for three numbers. */
function putInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const headLength = 61;
