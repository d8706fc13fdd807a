/** The slot of a key: CRC-16/XMODEM modulo 16,384 of what stands in its first braces, or of all of it. */

import { crcTable } from "./shim";

export const slotCount: u32 = 16384;

/** Fills 512 bytes: what a byte adds to the register. */
export function fillCrcTable(at: usize): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let crc: u32 = byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ ((crc & 0x8000) != 0 ? 0x1021 : 0);
    store<u16>(at + byte * 2, crc);
  }
}

/** See the module. */
export function slotOf(from: usize, to: usize): u32 {
  let open: usize = from;
  while (open < to && load<u8>(open) != 0x7b) open += 1;
  let close: usize = open + 1;
  while (close < to && load<u8>(close) != 0x7d) close += 1;
  const tagged: bool = close < to && close > open + 1;
  const end: usize = tagged ? close : to;
  let crc: u32 = 0;
  for (let at: usize = tagged ? open + 1 : from; at < end; at++) {
    crc = ((crc << 8) & 0xffff) ^ load<u16>(crcTable + (((crc >> 8) ^ load<u8>(at)) << 1));
  }
  return crc & (slotCount - 1);
}
