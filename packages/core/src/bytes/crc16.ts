/** CRC-16/XMODEM (polynomial 0x1021, start 0, not reflected). */

/** CRC-16/XMODEM of `bytes[from, to)`. */
export function crc16(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0;
  let at = from;
  // Four bytes a step: what each adds does not hang on the others, so the look-ups need not wait for each other.
  for (; at + 4 <= to; at += 4) {
    crc =
      (far[512 + ((crc >> 8) ^ (bytes[at] as number))] as number) ^
      (far[256 + ((crc & 0xff) ^ (bytes[at + 1] as number))] as number) ^
      (far[bytes[at + 2] as number] as number) ^
      (table[bytes[at + 3] as number] as number);
  }
  for (; at < to; at++) {
    crc = ((crc << 8) & 0xffff) ^ (table[(crc >> 8) ^ (bytes[at] as number)] as number);
  }
  return crc;
}

/**
 * The same shift register without a cut to 16 bits, as some programs have it:
 * its low half is {@link crc16}, its upper half holds what was shifted out.
 * Unsigned, 32 bits.
 */
export function crc16Wide(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0;
  for (let i = from; i < to; i++) {
    crc = (crc << 8) ^ (table[((crc >> 8) ^ (bytes[i] as number)) & 0xff] as number);
  }
  return crc >>> 0;
}

const table = new Uint16Array(256);
for (let i = 0; i < 256; i++) {
  let crc = i << 8;
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0);
  table[i] = crc;
}

/** As `table`, of a byte with one, two and three zero bytes behind it. */
const far = new Uint16Array(3 * 256);
for (let i = 0; i < 3 * 256; i++) {
  const crc = (i < 256 ? table[i] : far[i - 256]) as number;
  far[i] = (crc << 8) ^ (table[crc >> 8] as number);
}
