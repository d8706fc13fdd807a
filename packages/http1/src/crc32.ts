/** CRC-32 (ISO-HDLC) over pieces. */
export class Crc32 {
  #crc = -1;

  /** Of all bytes added, unsigned. */
  get value(): number {
    return ~this.#crc >>> 0;
  }

  /** Begins anew. */
  clear(): void {
    this.#crc = -1;
  }

  /** Adds one byte. */
  addByte(byte: number): void {
    this.#crc = (this.#crc >>> 8) ^ (table[(this.#crc ^ byte) & 0xff] as number);
  }

  /** Adds `bytes[from, to)`: four bytes a step, which is about twice as fast as one. */
  add(bytes: Uint8Array, from: number, to: number): void {
    let crc = this.#crc;
    let at = from;
    for (; at + 4 <= to; at += 4) {
      crc ^=
        (bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24);
      crc =
        (table[768 + (crc & 0xff)] as number) ^
        (table[512 + ((crc >>> 8) & 0xff)] as number) ^
        (table[256 + ((crc >>> 16) & 0xff)] as number) ^
        (table[crc >>> 24] as number);
    }
    for (; at < to; at++)
      crc = (crc >>> 8) ^ (table[(crc ^ (bytes[at] as number)) & 0xff] as number);
    this.#crc = crc;
  }
}

/** Entry `256 * k + b`: effect of byte `b` after `k` further zero bytes. */
const table: Int32Array = makeTable();

function makeTable(): Int32Array {
  const all = new Int32Array(1024);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    all[byte] = crc;
  }
  for (let i = 256; i < 1024; i++) {
    const before = all[i - 256] as number;
    all[i] = (before >>> 8) ^ (all[before & 0xff] as number);
  }
  return all;
}
