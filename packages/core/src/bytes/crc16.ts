/** CRC-16/XMODEM (polynomial 0x1021, start 0, not reflected). */

/** CRC-16/XMODEM of `bytes[from, to)`. */
export function crc16(bytes: Uint8Array, from: number, to: number): number {
  return crc16Wide(bytes, from, to) & 0xffff;
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
