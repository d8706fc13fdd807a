/** Which cluster owns a key, computed apart from the library so that the two can be held against each other. */

/** CRC16 XMODEM, bit by bit. */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
    crc &= 0xffff;
  }
  return crc;
}

/** Hash slot of a key. */
export function slotOf(key: Buffer): number {
  const open = key.indexOf("{");
  const close = open < 0 ? -1 : key.indexOf("}", open + 1);
  const tag = close > open + 1 ? key.subarray(open + 1, close) : key;
  return crc16(tag) % 16384;
}

/** Slots of each cluster, as the table in these tests gives them; uneven on purpose. */
export const slotRanges: readonly (readonly [first: number, last: number])[] = [
  [0, 5000],
  [5001, 11000],
  [11001, 16383],
];

/** Index of the cluster that owns a key. */
export function clusterOf(key: Buffer): number {
  const slot = slotOf(key);
  return slotRanges.findIndex(([first, last]) => slot >= first && slot <= last);
}
