/** Reads RESP where a message is whole and to the letter; says no when in doubt. */

import { names, namesSize, setKey, setValue, value } from "./shim";

/** A reply goes on behind the bytes that are there. */
export const notWhole: usize = 0;
/** Of a reply; what has more is for the router. */
const mostParts: u32 = 1 << 20;
/** It is no plain reply. */
export const odd: usize = 1;

/**
 * Reads a request of a known command with one key, which is `[keyFrom, keyTo)` then; the address
 * behind it, 0 = it is something else.
 */
export function plainRequest(from: usize, end: usize): usize {
  if (load<u8>(from) != 0x2a) return 0;
  let at: usize = number(from + 1, end);
  if (at == 0 || value < 2) return 0;
  const words: u32 = value;
  for (let i: u32 = 0; i < words; i++) {
    if (at >= end || load<u8>(at) != 0x24) return 0;
    at = number(at + 1, end);
    if (at == 0) return 0;
    const next: usize = at + value;
    if (next + 2 > end || load<u16>(next) != 0x0a0d) return 0;
    if (i == 0 && !isName(at, value)) return 0;
    if (i == 1) setKey(at, next);
    at = next + 2;
  }
  return at;
}

/** The address behind the reply at `from`, {@link notWhole}, or {@link odd} for a push, an attribute and what is no reply. */
export function replyEnd(from: usize, end: usize): usize {
  let at: usize = from;
  for (let left: u32 = 1; left > 0; left--) {
    if (at >= end) return notWhole;
    const type: u32 = load<u8>(at);
    switch (type) {
      case 0x2b: // + - : _ # , (
      case 0x2d:
      case 0x3a:
      case 0x5f:
      case 0x23:
      case 0x2c:
      case 0x28:
        at = lineEnd(at + 1, end);
        if (at == 0) return notWhole;
        break;
      case 0x24: // $ * = ! ~ %
      case 0x2a:
      case 0x3d:
      case 0x21:
      case 0x7e:
      case 0x25: {
        if (at + 5 <= end && load<u32>(at + 1) == 0x0a0d312d) {
          at += 5; // null
          break;
        }
        const next: usize = number(at + 1, end);
        if (next == 0) return lineEnd(at + 1, end) == 0 && end - at < 16 ? notWhole : odd;
        at = next;
        if (type == 0x2a || type == 0x7e || type == 0x25) {
          left += type == 0x25 ? 2 * value : value;
          if (left > mostParts) return odd;
        } else {
          at += value + 2;
          if (at > end) return notWhole;
        }
        break;
      }
      default:
        return odd;
    }
  }
  return at;
}

function lineEnd(from: usize, end: usize): usize {
  for (let at: usize = from; at + 1 < end; at++) if (load<u16>(at) == 0x0a0d) return at + 2;
  return 0;
}

/** Reads `digits CRLF` into `value`; the address behind it, 0 = it is something else. */
function number(from: usize, end: usize): usize {
  let at: usize = from;
  let read: u32 = 0;
  while (at < end && at - from < 9) {
    const digit: u32 = <u32>load<u8>(at) - 0x30;
    if (digit > 9) break;
    read = read * 10 + digit;
    at += 1;
  }
  setValue(read);
  const wrong: bool = at == from || (load<u8>(from) == 0x30 && at - from > 1);
  return wrong || at + 2 > end || load<u16>(at) != 0x0a0d ? 0 : at + 2;
}

function isName(at: usize, length: u32): bool {
  let name: usize = names;
  const end: usize = names + namesSize;
  while (name < end) {
    const size: u32 = load<u8>(name);
    if (size == length) {
      let i: u32 = 0;
      while (i < size && (load<u8>(at + i) | 0x20) == load<u8>(name + 1 + i)) i += 1;
      if (i == size) return true;
    }
    name += 1 + size;
  }
  return false;
}
