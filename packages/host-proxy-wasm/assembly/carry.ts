/**
 * The short way of the frame route: plain requests of a connection go to the bridge, and their replies to
 * the client, without the router. JS says for which connections (it sets the first word of a lane) and
 * which link a key goes to; the shim keeps what is in flight.
 *
 *   off ──JS: plain requests are open──▶ hold ──nothing is open, links are known──▶ on ──a request is carried──▶ in flight ─┐
 *    ▲         (those behind them wait here)                                        ▲ ──────────all replies are carried─────┘
 *    └─ adopt: JS hears the requests as if they came now, sends nothing, then what has come for them
 *
 * Adopted at anything that is not a plain request or a whole plain reply, after a second, and before
 * another table comes into force. So JS has the same state as if it had carried them itself.
 */

import { proxy_close_stream, proxy_continue_stream, proxy_set_buffer_bytes, proxy_set_effective_context } from "./envoy";
import { frameAt, frameHead, frameOf, indexOf, mostFrames, readFrame } from "./frames";
import { wasm_free, wasm_malloc } from "./quickjs";
import { notWhole, odd, plainRequest, replyEnd } from "./resp";
import { slotCount, slotOf } from "./slots";
import {
  adopt, call, downstream, eventAdoptAlone, eventKey, give, input, inputAt, keyFrom, keyTo, lanes, newTurns, output, upstream,
} from "./shim";

/** A lane: u32 words, then the ring of what is in flight (u32 link, u32 length of the request). */
const owner: usize = 0; // context = on, with `holding` = hold, 0 = off
const inFlight: usize = 4;
const age: usize = 8; // ticks without an answer
const requests: usize = 12; // address of the bytes of what is in flight; when nothing is, of what is held back
const requestsSize: usize = 16;
const requestsRoom: usize = 20;
const held: usize = 24; // address of frames that wait for others
const heldSize: usize = 28;
const heldRoom: usize = 32;
const first: usize = 36; // index of the oldest in the ring
const who: usize = 40; // whose requests are held back
const slotMap: usize = 44; // which map of slots the connection goes by, from 1; 0 = keys are JS' business
const links: usize = 48; // link of each cluster, 0 = not known
const mostClusters: u32 = 16;
const ring: usize = 112;
const ringSize: u32 = 32;
const holding: u32 = 0x80000000;
export const laneSize: u32 = 112 + ringSize * 8;
/** A power of 2; of two connections with the same low bits one has no short way. */
export const laneSlots: u32 = 4096;
/** Behind the lanes: maps of slots, a byte each: index of the cluster + 1, 0 = JS has not said yet. */
export const slotMaps: u32 = 4;

/** Bytes of requests in flight, and of frames that wait: what is more is for the router, which has limits. */
const mostRequests: u32 = 64 << 10;
const mostHeld: u32 = 128 << 10;
/** Memory that a lane keeps when nothing is in flight. */
const mostKept: u32 = 4 << 10;

export function laneOf(id: i32): usize {
  return lanes + (<u32>id & (laneSlots - 1)) * laneSize;
}

/** Whether the connection's plain requests are carried. */
export function owns(id: i32): bool {
  return load<u32>(laneOf(id), owner) == <u32>id;
}

/** Whether something is in flight that JS does not know of. */
export function waits(id: i32): bool {
  return load<u32>(laneOf(id), inFlight) != 0;
}

/** Whether plain requests are held back until JS is done with those before them. */
export function holds(id: i32): bool {
  return load<u32>(laneOf(id), owner) == (<u32>id | holding);
}

/** Holds requests back; false = they are too many. */
export function hold(id: i32, count: u32): bool {
  const lane: usize = laneOf(id);
  const size: u32 = load<u32>(lane, requestsSize);
  if (size + count > mostRequests) return false;
  reserve(lane + requests, size + count);
  memory.copy(load<u32>(lane, requests) + size, input + inputAt, count);
  store<u32>(lane, size + count, requestsSize);
  store<u32>(lane, id, who);
  return true;
}

/** Puts what is held back into the input; its size. */
export function release(id: i32): u32 {
  const lane: usize = laneOf(id);
  const size: u32 = load<u32>(lane, requestsSize);
  if (size == 0 || load<u32>(lane, inFlight) != 0 || load<u32>(lane, who) != <u32>id) return 0;
  memory.copy(input + inputAt, load<u32>(lane, requests), size);
  store<u32>(lane, 0, requestsSize);
  return size;
}

/** After an event of JS: what was held back goes on when it may. */
export function follow(id: i32): void {
  while (!holds(id)) {
    const size: u32 = release(id);
    if (size == 0 || (owns(id) && carry(id, size, 0)) || give(id, size) < 0) return;
  }
}

/** The same for all connections. */
export function followAll(): void {
  for (let slot: u32 = 0; slot < laneSlots; slot++) {
    const lane: usize = lanes + slot * laneSize;
    if (load<u32>(lane, requestsSize) == 0 || load<u32>(lane, inFlight) != 0) continue;
    const id: i32 = load<i32>(lane, who);
    if (holds(id)) continue;
    proxy_set_effective_context(id);
    follow(id);
  }
}

/** The connection goes. */
export function drop(id: i32): void {
  const lane: usize = laneOf(id);
  const left: bool = load<u32>(lane, owner) == 0 && load<u32>(lane, who) == <u32>id;
  if (!owns(id) && !holds(id) && !left) return;
  clear(lane);
  store<u32>(lane, 0, owner);
}

/** Adopts what is in flight on all connections that had no answer for `ticks` calls of this; 0 = all of it. */
export function adoptAll(ticks: u32): void {
  for (let slot: u32 = 0; slot < laneSlots; slot++) {
    const lane: usize = lanes + slot * laneSize;
    const id: u32 = load<u32>(lane, owner);
    if (load<u32>(lane, inFlight) == 0) continue;
    const older: u32 = load<u32>(lane, age) + 1;
    store<u32>(lane, older, age);
    if (older < ticks) continue;
    proxy_set_effective_context(id);
    adopt(id, eventAdoptAlone);
  }
}

/** Puts requests, then frames, into the input, and turns the lane off; both sizes. */
export function unload(id: i32): u64 {
  const lane: usize = laneOf(id);
  const asked: u32 = load<u32>(lane, requestsSize);
  const answered: u32 = load<u32>(lane, heldSize);
  memory.copy(input + inputAt, load<u32>(lane, requests), asked);
  memory.copy(input + inputAt + asked, load<u32>(lane, held), answered);
  clear(lane);
  store<u32>(lane, 0, owner);
  return (<u64>asked << 32) | answered;
}

/** Nothing is in flight any more. */
function clear(lane: usize): void {
  store<u32>(lane, 0, inFlight);
  store<u32>(lane, 0, first);
  store<u32>(lane, 0, requestsSize);
  store<u32>(lane, 0, heldSize);
  shrink(lane + requests);
  shrink(lane + held);
}

/** `at` = an address, its size, its room. */
function shrink(at: usize): void {
  if (load<u32>(at, 8) <= mostKept) return;
  wasm_free(load<u32>(at));
  store<u32>(at, 0);
  store<u32>(at, 0, 8);
}

/** Makes room for `size` bytes; what is there stays. */
function reserve(at: usize, size: u32): void {
  const room: u32 = load<u32>(at, 8);
  if (size <= room) return;
  const larger: u32 = max(size, max(1024, room * 2));
  const next: usize = wasm_malloc(larger);
  const before: usize = load<u32>(at);
  memory.copy(next, before, load<u32>(at, 4));
  if (before != 0) wasm_free(before);
  store<u32>(at, <u32>next);
  store<u32>(at, larger, 8);
}

function entryOf(lane: usize, index: u32): usize {
  return lane + ring + ((load<u32>(lane, first) + index) & (ringSize - 1)) * 8;
}

// ---- to the bridge ----------------------------------------------------------

/** The client's bytes, all of them plain requests: they leave as frames, in place of `drained` bytes in the buffer. False = nothing was done. */
export function carry(id: i32, count: u32, drained: u32): bool {
  const lane: usize = laneOf(id);
  const start: usize = input + inputAt;
  const end: usize = start + count;
  const before: u32 = load<u32>(lane, inFlight);
  const size: u32 = load<u32>(lane, requestsSize);
  if (size + count > mostRequests) return false;
  newTurns();
  let n: u32 = 0;
  for (let at: usize = start; at < end; n++) {
    if (before + n == ringSize) return false;
    const next: usize = plainRequest(at, end);
    if (next == 0) return false;
    const link: i32 = linkOf(id, lane, start);
    if (link <= 0) return false;
    const entry: usize = entryOf(lane, before + n);
    store<u32>(entry, link);
    store<u32>(entry, <u32>(next - at), 4);
    at = next;
  }
  const alone: bool = drained == count && sameLink(lane, before, n);
  // The bytes stand in the buffer already: a head before them makes them a frame.
  const to: usize = alone ? frameHead(output, load<u32>(entryOf(lane, before)), count) : framed(lane, before, n, start);
  reserve(lane + requests, size + count);
  memory.copy(load<u32>(lane, requests) + size, start, count);
  store<u32>(lane, size + count, requestsSize);
  store<u32>(lane, before + n, inFlight);
  if (before == 0) store<u32>(lane, 0, age);
  const status: i32 = proxy_set_buffer_bytes(downstream, 0, alone ? 0 : drained, output, to - output);
  if (status != 0) proxy_close_stream(downstream);
  else proxy_continue_stream(downstream);
  return true;
}

function sameLink(lane: usize, from: u32, n: u32): bool {
  const link: u32 = load<u32>(entryOf(lane, from));
  for (let i: u32 = 1; i < n; i++) if (load<u32>(entryOf(lane, from + i)) != link) return false;
  return true;
}

/** Link of the key at hand; not positive = it is not known. */
function linkOf(id: i32, lane: usize, start: usize): i32 {
  const map: u32 = load<u32>(lane, slotMap);
  if (map == 0) return call(eventKey, id, <i32>(keyFrom - start), <i32>(keyTo - start));
  const entry: usize = lanes + laneSlots * laneSize + (map - 1) * slotCount + slotOf(keyFrom, keyTo);
  let cluster: i32 = load<u8>(entry);
  if (cluster == 0) {
    cluster = call(eventKey, id, <i32>(keyFrom - start), <i32>(keyTo - start));
    if (cluster <= 0 || <u32>cluster > mostClusters) return 0;
    store<u8>(entry, cluster);
  }
  return load<i32>(lane + (cluster - 1) * 4, links);
}

/** Writes the requests `[from, from + n)` of the ring, whose bytes follow each other at `start`: one frame for each link. */
function framed(lane: usize, from: u32, n: u32, start: usize): usize {
  let to: usize = output;
  let done: u32 = 0;
  for (let i: u32 = 0; i < n; i++) {
    if ((done & (1 << i)) != 0) continue;
    const link: u32 = load<u32>(entryOf(lane, from + i));
    let total: u32 = 0;
    for (let j: u32 = i; j < n; j++) {
      const entry: usize = entryOf(lane, from + j);
      if (load<u32>(entry) == link) total += load<u32>(entry, 4);
    }
    to = frameHead(to, link, total);
    let at: usize = start;
    for (let j: u32 = 0; j < n; j++) {
      const entry: usize = entryOf(lane, from + j);
      const length: u32 = load<u32>(entry, 4);
      if (load<u32>(entry) == link) {
        memory.copy(to, at, length);
        to += length;
        done |= 1 << j;
      }
      at += length;
    }
  }
  return to;
}

// ---- to the client ----------------------------------------------------------

/** The bridge's bytes, all of them replies to what is in flight: the client gets those whose turn it is. False = nothing was done. */
export function carryBack(id: i32, count: u32): bool {
  const lane: usize = laneOf(id);
  const waiting: u32 = load<u32>(lane, inFlight);
  const before: u32 = load<u32>(lane, heldSize);
  if (waiting == 0 || before + count > mostHeld) return false;
  let at: usize = input + inputAt;
  let end: usize = at + count;
  if (before != 0) {
    reserve(lane + held, before + count);
    memory.copy(load<u32>(lane, held) + before, at, count);
    at = load<u32>(lane, held);
    end = at + before + count;
  }
  let found: u32 = 0;
  for (;;) {
    const next: usize = readFrame(at, end, frameAt(found));
    if (next == notWhole) break;
    found += 1;
    if (next == odd || found == mostFrames) return false;
    at = next;
  }
  // `[at, end)` is the beginning of another frame.
  let to: usize = output;
  let answered: u32 = 0;
  let bytes: u32 = 0;
  for (; answered < waiting; answered++) {
    const entry: usize = entryOf(lane, answered);
    const link: u32 = load<u32>(entry);
    const frame: usize = frameOf(link, 0, found);
    if (frame == 0) break;
    const from: usize = load<u32>(frame, 4);
    const next: usize = replyEnd(from, load<u32>(frame, 8));
    if (next == odd) return false;
    if (next == notWhole) {
      // Its rest comes in a frame of its own.
      if (frameOf(link, indexOf(frame) + 1, found) != 0) return false;
      break;
    }
    memory.copy(to, from, next - from);
    to += next - from;
    store<u32>(frame, <u32>next, 4);
    bytes += load<u32>(entry, 4);
  }
  if (answered == waiting && (frameOf(0, 0, found) != 0 || at != end)) return false;
  keepRest(lane, found, at, end);
  const asked: u32 = load<u32>(lane, requestsSize) - bytes;
  const memoryOf: usize = load<u32>(lane, requests);
  memory.copy(memoryOf, memoryOf + bytes, asked);
  store<u32>(lane, asked, requestsSize);
  store<u32>(lane, (load<u32>(lane, first) + answered) & (ringSize - 1), first);
  store<u32>(lane, waiting - answered, inFlight);
  if (answered != 0) store<u32>(lane, 0, age);
  if (answered == waiting) clear(lane);
  if (proxy_set_buffer_bytes(upstream, 0, count, output, to - output) != 0) proxy_close_stream(downstream);
  return true;
}

/** Keeps what is left of the frames, and `[at, end)` behind them. They move towards the front, or into memory of their own. */
function keepRest(lane: usize, count: u32, at: usize, end: usize): void {
  const isHeld: bool = load<u32>(lane, heldSize) != 0;
  if (!isHeld && frameOf(0, 0, count) == 0 && at == end) return;
  // What was held already has room for itself and for what has come.
  if (!isHeld) reserve(lane + held, <u32>(end - input - inputAt));
  let to: usize = load<u32>(lane, held);
  for (let i: u32 = 0; i < count; i++) {
    const frame: usize = frameAt(i);
    const from: usize = load<u32>(frame, 4);
    const size: u32 = load<u32>(frame, 8) - <u32>from;
    if (size == 0) continue;
    to = frameHead(to, load<u32>(frame), size);
    memory.copy(to, from, size);
    to += size;
  }
  memory.copy(to, at, end - at);
  to += end - at;
  store<u32>(lane, <u32>(to - load<u32>(lane, held)), heldSize);
}
