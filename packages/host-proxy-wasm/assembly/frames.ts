/** Frames of the bridge, as in src/wire/frame.ts; those of one event stand in a list: u32 link, u32 from, u32 to each. */

import { notWhole, odd } from "./resp";
import { scratch } from "./shim";

/** Most that are looked at in one event. */
export const mostFrames: u32 = 64;
/** Bytes of one that is waited for. */
const mostFrame: u32 = 128 << 10;
const list: usize = 64;

export function frameAt(index: u32): usize {
  return scratch + list + index * 12;
}

export function indexOf(frame: usize): u32 {
  return <u32>((frame - scratch - list) / 12);
}

/** Writes what stands before `length` bytes of a link; the address behind it. */
export function frameHead(at: usize, link: u32, length: u32): usize {
  store<u8>(at, 0);
  store<u32>(at, bswap(2 + varintSize(link) + varintSize(length) + length), 1);
  store<u8>(at, 0x08, 5);
  const next: usize = putVarint(at + 6, link);
  store<u8>(next, 0x12);
  return putVarint(next + 1, length);
}

function varintSize(value: u32): u32 {
  let size: u32 = 1;
  for (let rest: u32 = value >>> 7; rest != 0; rest >>>= 7) size += 1;
  return size;
}

function putVarint(at: usize, value: u32): usize {
  let rest: u32 = value;
  let to: usize = at;
  for (; rest > 0x7f; rest >>>= 7) {
    store<u8>(to, (rest & 0x7f) | 0x80);
    to += 1;
  }
  store<u8>(to, rest);
  return to + 1;
}

/** Reads a frame of data into `entry`; the address behind it, {@link notWhole}, or {@link odd} for all else. */
export function readFrame(from: usize, end: usize, entry: usize): usize {
  if (end - from < 5) return notWhole;
  if (load<u8>(from) != 0) return odd;
  const length: u32 = bswap(load<u32>(from, 1));
  if (length > mostFrame) return odd;
  const to: usize = from + 5 + length;
  if (to > end) return notWhole;
  let at: usize = from + 5;
  if (length < 5 || load<u8>(at) != 0x08) return odd;
  let link: u32 = 0;
  let shift: u32 = 0;
  do {
    at += 1;
    link |= (load<u8>(at) & 0x7f) << shift;
    shift += 7;
  } while (load<u8>(at) > 0x7f && shift < 35 && at < to);
  if (at + 2 > to || load<u8>(at + 1) != 0x12 || link == 0) return odd;
  at += 1;
  let size: u32 = 0;
  shift = 0;
  do {
    at += 1;
    size |= (load<u8>(at) & 0x7f) << shift;
    shift += 7;
  } while (load<u8>(at) > 0x7f && shift < 35 && at < to);
  at += 1;
  if (size == 0 || at + size != to) return odd;
  store<u32>(entry, link);
  store<u32>(entry, <u32>at, 4);
  store<u32>(entry, <u32>to, 8);
  return to;
}

/** The first frame from `index` on with bytes left of a link (0 = of any); 0 = there is none. */
export function frameOf(link: u32, index: u32, count: u32): usize {
  for (let i: u32 = index; i < count; i++) {
    const frame: usize = frameAt(i);
    if (link != 0 && load<u32>(frame) != link) continue;
    if (load<u32>(frame, 4) < load<u32>(frame, 8)) return frame;
  }
  return 0;
}
