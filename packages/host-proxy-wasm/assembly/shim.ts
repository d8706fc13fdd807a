/**
 * Speaks Proxy-Wasm ABI 0.2.1 on the one side and QuickJS' C API on the other. AssemblyScript.
 *
 * It shares the memory of QuickJS, so it may have no data segment: numbers, loads and stores only,
 * no strings, arrays or objects. Every mutable global is exported, or the snapshot would lose it.
 * Host calls in a batch give nothing back to JS but the first that failed.
 *
 *   JS:   dispatch(event, context, a, b) -> action | more << 8 | taken << 9 | records << 10
 *         taken = the bytes of the event are drained from their buffer
 *   in:   [0, 8) time in ms as f64, [64, …) bytes of the event
 *   out:  records: u32 op, u32 length, payload, padded to 4
 */

import {
  proxy_log,
  proxy_get_buffer_bytes,
  proxy_get_buffer_status,
  proxy_set_buffer_bytes,
  proxy_continue_stream,
  proxy_close_stream,
  proxy_set_effective_context,
  proxy_call_foreign_function,
  proxy_set_tick_period_milliseconds,
  proxy_get_current_time_nanoseconds,
  proxy_define_metric,
  proxy_increment_metric,
} from "./envoy";
import {
  qjs_init,
  qjs_eval_bytecode,
  qjs_get_context_ptr,
  qjs_set_max_stack_size,
  qjs_set_memory_limit,
  qjs_set_interrupt_handler,
  qjs_run_gc,
  JS_GetPropertyUint32,
  JS_GetArrayBuffer,
  JS_Call,
  JS_FreeValue,
  JS_GetException,
  wasm_malloc,
  wasm_free,
} from "./quickjs";
import {
  adoptAll, carry, carryBack, drop, follow, followAll, hold, holds, laneSize, laneSlots, owns, release, slotMaps, unload,
  waits,
} from "./carry";
import { fillCrcTable, slotCount } from "./slots";
import { plainRequest } from "./resp";

// ---- state ------------------------------------------------------------------

export let context: usize = 0;
export let dispatch: i64 = 0;
export let input: usize = 0;
export let inputSize: u32 = 0;
export let output: usize = 0;
export let argv: usize = 0;
/** 64 bytes: out pointers of host calls; 768 for the frames of an event. */
export let scratch: usize = 0;
/** Ids of metrics by slot. */
export let metrics: usize = 0;
/** The host copies the bytes of an event into `input`. */
export let reading: i32 = 0;
/** Turns of the interpreter that the present call has left. */
export let patience: i32 = 0;
/** First host call of the batch that failed: op << 8 | status. */
export let failed: i32 = 0;
/** Ids of contexts that JS has nothing to do with but what {@link passes} asks, by their low bits. */
export let plain: usize = 0;
/** Names of commands with one key, their first argument: u8 length, lower-case bytes. */
export let names: usize = 0;
export let namesSize: u32 = 0;
/** What {@link number} has read. */
export let value: u32 = 0;
/** Key of the request that was read last. */
export let keyFrom: usize = 0;
export let keyTo: usize = 0;
/** Connections whose plain requests go without JS: see carry.ts. JS sees the first two words of each. */
export let lanes: usize = 0;
/** See slots.ts. */
export let crcTable: usize = 0;
/** Context whose DOWNSTREAM_DATA JS wants to have after the batch, 0 = none. */
export let wanted: i32 = 0;

export const inputAt: u32 = 64;
const metricSlots: u32 = 64;
/** A power of 2; two connections with the same low bits cost the older one its short way. */
const plainSlots: u32 = 4096;
export const downstream: i32 = 2;
export const upstream: i32 = 3;
/** The interpreter asks every 10,000 branches or calls: about a second, and ten for a configuration. */
export const turns: i32 = 600;
const manyTurns: i32 = 6000;

/** Ticks after which JS looks after what is in flight: it knows the deadlines. */
const agedTicks: u32 = 10;

const eventConfigure: i32 = 1;
const eventDownstream: i32 = 4;
const eventUpstream: i32 = 5;
const eventMore: i32 = 10;
const eventFailed: i32 = 11;
const eventStatus: i32 = 12;
const eventFetched: i32 = 13;
export const eventKey: i32 = 14;
/** Requests that were sent without JS, and what has come for them; another event of the connection follows. */
export const eventAdopt: i32 = 15;
/** The same, and nothing follows. */
export const eventAdoptAlone: i32 = 16;
/** Requests that were held back. */
const eventHeld: i32 = 17;

// ---- snapshot ---------------------------------------------------------------

/** Starts QuickJS and returns room for the bytecode. */
export function pre_alloc(length: u32): usize {
  qjs_init();
  context = qjs_get_context_ptr();
  scratch = wasm_malloc(64 + 768);
  argv = wasm_malloc(32);
  metrics = wasm_malloc(metricSlots * 4);
  plain = wasm_malloc(plainSlots * 4);
  memory.fill(plain, 0, plainSlots * 4);
  crcTable = wasm_malloc(512);
  fillCrcTable(crcTable);
  return wasm_malloc(length);
}

/** Evaluates the bytecode; its completion value is `[dispatch, input, output, lanes]`. 0 = done. */
export function pre_init(bytes: usize, length: u32, stack: i32, memory: i32): i32 {
  const contract: i64 = load<i64>(qjs_eval_bytecode(bytes, length));
  if (tagOf(contract) == 6) return 1;
  wasm_free(bytes);
  dispatch = JS_GetPropertyUint32(context, contract, 0);
  input = JS_GetArrayBuffer(context, scratch, JS_GetPropertyUint32(context, contract, 1));
  inputSize = load<u32>(scratch) - inputAt;
  output = JS_GetArrayBuffer(context, scratch, JS_GetPropertyUint32(context, contract, 2));
  lanes = JS_GetArrayBuffer(context, scratch, JS_GetPropertyUint32(context, contract, 3));
  if (input == 0 || output == 0 || lanes == 0 || load<u32>(scratch) != laneSize * laneSlots + slotCount * slotMaps) return 2;
  qjs_run_gc();
  qjs_set_max_stack_size(stack);
  qjs_set_memory_limit(memory);
  qjs_set_interrupt_handler(1);
  return 0;
}

// ---- what QuickJS imports ---------------------------------------------------

export function host_get_timezone_offset(_low: i32, _high: i32): i32 { return 0; }
export function host_interrupt(): i32 {
  patience -= 1;
  return patience < 0 ? 1 : 0;
}
export function host_promise_rejection(_promise: i32, _reason: i32, _handled: i32): void {}
export function host_module_normalize(_a: i32, _b: i32): i32 { return 0; }
export function host_module_load(_a: i32, _b: i32): i32 { return 0; }
export function host_call(_a: i32, _b: i32, _c: i32, _d: i32, _e: i32): i32 { return 0; }

// ---- what Envoy calls -------------------------------------------------------

export function proxy_abi_version_0_2_1(): void {}

export function proxy_on_memory_allocate(size: usize): usize {
  return reading != 0 && <u32>size <= inputSize ? input + inputAt : wasm_malloc(size);
}

export function proxy_on_context_create(id: i32, parent: i32): void {
  run(2, id, parent, 0, turns);
}

export function proxy_on_vm_start(_root: i32, _length: i32): i32 { return 1; }

export function proxy_on_configure(root: i32, length: i32): i32 {
  adoptAll(0);
  proxy_set_effective_context(root); // it alone has the configuration
  const result: i32 = feed(eventConfigure, root, 7, length, 0, manyTurns) & 1;
  followAll();
  return result;
}

export function proxy_on_tick(root: i32): void {
  adoptAll(agedTicks);
  proxy_set_effective_context(root);
  run(8, root, 0, 0, turns);
  followAll();
}

export function proxy_on_new_connection(id: i32): i32 {
  const result: i32 = run(3, id, 0, 0, turns);
  return result < 0 ? 1 : result & 255;
}

export function proxy_on_downstream_data(id: i32, length: i32, end: i32): i32 {
  return feed(eventDownstream, id, downstream, length, end, turns);
}

export function proxy_on_upstream_data(id: i32, length: i32, end: i32): i32 {
  return isPlain(id) ? 0 : feed(eventUpstream, id, upstream, length, end, turns);
}

export function proxy_on_downstream_connection_close(id: i32, peer: i32): void {
  drop(id);
  run(6, id, peer, 0, turns);
}

export function proxy_on_upstream_connection_close(id: i32, peer: i32): void {
  drop(id);
  run(7, id, peer, 0, turns);
}

export function proxy_on_done(_id: i32): i32 { return 1; }

export function proxy_on_log(_id: i32): void {}

export function proxy_on_delete(id: i32): void {
  if (isPlain(id)) store<u32>(plainSlot(id), 0);
  drop(id);
  run(9, id, 0, 0, turns);
}

// ---- how it works -----------------------------------------------------------

/** For resp.ts: a module may not write another one's globals. */
export function setKey(from: usize, to: usize): void {
  keyFrom = from;
  keyTo = to;
}
export function setValue(read: u32): void {
  value = read;
}
export function newTurns(): void {
  patience = turns;
}

function tagOf(value: i64): i32 {
  return <i32>(value >> 32);
}

/** Gives JS the bytes of a buffer in pieces of at most `inputSize`; `b` = plain requests << 2 | last << 1 | end of stream. */
function feed(event: i32, id: i32, buffer: i32, length: u32, end: i32, limit: i32): i32 {
  let left: u32 = length;
  let from: u32 = 0;
  let result: i32 = 0;
  let last: i32 = 0;
  let short: bool = event == eventDownstream || event == eventUpstream;
  while (last == 0) {
    let count: u32 = min(left, inputSize);
    if (count > 0) {
      store<u32>(scratch + 4, 0);
      reading = 1;
      proxy_get_buffer_bytes(buffer, from, count, scratch, scratch + 4);
      reading = 0;
      count = load<u32>(scratch + 4);
    }
    const whole: bool = count == length && end == 0 && count > 0;
    if (short) {
      short = false;
      if (owns(id)) {
        if (whole && event == eventDownstream && carry(id, count, count)) return 1;
        if (whole && event == eventUpstream && carryBack(id, count)) return 0;
        if (waits(id)) {
          adopt(id, eventAdopt);
          continue; // what was read has been overwritten
        }
      } else if (event == eventDownstream && holds(id)) {
        if (whole && isPlainChunk(count) && hold(id, count)) {
          proxy_set_buffer_bytes(buffer, 0, count, scratch, 0);
          return 1;
        }
        const size: u32 = release(id);
        if (size != 0) {
          if (give(id, size) < 0) return 1;
          continue;
        }
      }
    }
    let flags: i32 = end;
    if (event == eventDownstream && whole) {
      if (isPlain(id)) {
        if (passes(id, count)) return 0;
      } else if (isPlainChunk(count)) flags |= 4;
    }
    left -= count;
    last = left == 0 || count == 0 ? 1 : 0;
    result = run(event, id, count, (last << 1) | flags, limit);
    if (result < 0) return 1;
    if ((result & 512) == 0) from += count;
    else if (count > 0) note(4, proxy_set_buffer_bytes(buffer, 0, count, scratch, 0));
  }
  if (event != eventConfigure) follow(id);
  return result & 255;
}

function plainSlot(id: i32): usize {
  return plain + ((<u32>id & (plainSlots - 1)) << 2);
}

function isPlain(id: i32): bool {
  return load<u32>(plainSlot(id)) == <u32>id;
}

/**
 * Whether the bytes are whole requests, to the letter of RESP, of known commands whose keys JS lets
 * pass. Says no when in doubt: JS then looks at all of them.
 */
function passes(id: i32, count: u32): bool {
  const start: usize = input + inputAt;
  const end: usize = start + count;
  patience = turns;
  for (let at: usize = start; at < end; ) {
    at = plainRequest(at, end);
    if (at == 0 || call(eventKey, id, <i32>(keyFrom - start), <i32>(keyTo - start)) != 1) return false;
  }
  return true;
}

/** Whether the bytes are whole requests, each with one key. */
function isPlainChunk(count: u32): bool {
  const end: usize = input + inputAt + count;
  let at: usize = input + inputAt;
  while (at != 0 && at < end) at = plainRequest(at, end);
  return at != 0 && namesSize != 0;
}

/** Gives JS requests that were held back; they lie in the input, and in no buffer. */
export function give(id: i32, count: u32): i32 {
  return run(eventHeld, id, count, 0, turns);
}

/** Has JS take over what is in flight on a connection. */
export function adopt(id: i32, event: i32): void {
  const sizes: u64 = unload(id);
  run(event, id, <i32>(sizes >> 32), <i32>sizes, turns);
}

/** One event with all its batches; the first result. Negative = it failed and its stream was closed. */
function run(event: i32, id: i32, a: i32, b: i32, limit: i32): i32 {
  proxy_get_current_time_nanoseconds(scratch + 8);
  store<f64>(input, <f64>load<u64>(scratch + 8) / 1000000.0);
  patience = limit;
  failed = 0;
  let result: i32 = call(event, id, a, b);
  const first: i32 = result;
  while (result >= 0) {
    execute(result >> 10);
    if ((result & 256) == 0) break;
    result = call(eventMore, id, 0, 0);
  }
  if (result < 0) return recover(event, id);
  if (failed != 0) {
    result = call(eventStatus, id, failed >> 8, failed & 255);
    failed = 0;
    if (result < 0) return recover(event, id);
    execute(result >> 10);
  }
  if (wanted != 0) {
    const whose: i32 = wanted;
    wanted = 0;
    store<u32>(scratch + 24, 0);
    proxy_set_effective_context(whose);
    proxy_get_buffer_status(downstream, scratch + 24, scratch + 28);
    feed(eventFetched, whose, downstream, load<u32>(scratch + 24), 0, limit);
  }
  return first;
}

/** No clean result: this stream goes, the others stay. A configuration is refused. */
function recover(event: i32, id: i32): i32 {
  patience = turns;
  wanted = 0;
  const result: i32 = call(eventFailed, id, event, 0);
  if (result >= 0) execute(result >> 10);
  if (event == eventConfigure) return 0;
  if (event >= 3 && event <= 5 || event == eventFetched || event >= eventAdopt) {
    proxy_set_effective_context(id);
    proxy_close_stream(downstream);
  }
  return -1;
}

/** Calls JS. Negative = an exception, or not what was agreed on. */
export function call(event: i32, id: i32, a: i32, b: i32): i32 {
  store<i64>(argv, <i64>event);
  store<i64>(argv + 8, <i64>id);
  store<i64>(argv + 16, <i64>a);
  store<i64>(argv + 24, <i64>b & 0xffffffff);
  const value: i64 = JS_Call(context, dispatch, <i64>3 << 32, 4, argv);
  if (tagOf(value) == 0) return <i32>value;
  if (tagOf(value) == 6) JS_FreeValue(context, JS_GetException(context));
  else JS_FreeValue(context, value);
  return -1;
}

function note(op: u32, status: i32): void {
  if (status != 0 && failed == 0) failed = <i32>((op << 8) | <u32>status);
}

function execute(count: i32): void {
  let at: usize = output;
  for (; count > 0; count--) {
    const op: u32 = load<u32>(at);
    const length: u32 = load<u32>(at + 4);
    const payload: usize = at + 8;
    at = payload + ((length + 3) & ~3);
    switch (op) {
      case 1: // u32 level, text
        proxy_log(load<u32>(payload), payload + 4, length - 4);
        break;
      case 2: // append to DOWNSTREAM_DATA
        note(op, proxy_set_buffer_bytes(downstream, 0xffffffff, 0, payload, length));
        break;
      case 3: // append to UPSTREAM_DATA
        note(op, proxy_set_buffer_bytes(upstream, 0xffffffff, 0, payload, length));
        break;
      case 5: // u32 name length, name, argument
        store<u32>(scratch + 16, 0);
        note(op, proxy_call_foreign_function(
          payload + 4, load<u32>(payload), payload + 4 + load<u32>(payload),
          length - 4 - load<u32>(payload), scratch + 16, scratch + 20,
        ));
        if (load<u32>(scratch + 16) != 0) wasm_free(load<u32>(scratch + 16));
        break;
      case 6: // u32 stream
        note(op, proxy_continue_stream(load<u32>(payload)));
        break;
      case 7: // u32 stream
        note(op, proxy_close_stream(load<u32>(payload)));
        break;
      case 8: // u32 context
        note(op, proxy_set_effective_context(load<u32>(payload)));
        break;
      case 9: // u32 milliseconds
        note(op, proxy_set_tick_period_milliseconds(load<u32>(payload)));
        break;
      case 10: { // u32 slot, u32 type, name
        const slot: u32 = load<u32>(payload);
        if (slot < metricSlots)
          note(op, proxy_define_metric(load<u32>(payload + 4), payload + 8, length - 8, metrics + slot * 4));
        break;
      }
      case 11: { // u32 slot, i32 by
        const slot: u32 = load<u32>(payload);
        if (slot < metricSlots)
          note(op, proxy_increment_metric(load<u32>(metrics + slot * 4), <i64>load<i32>(payload + 4)));
        break;
      }
      case 12: // u32 context: JS gets what lies in its DOWNSTREAM_DATA
        wanted = load<u32>(payload);
        break;
      case 13: // u32 context: from now on only its keys are JS' business
        store<u32>(plainSlot(load<i32>(payload)), load<u32>(payload));
        break;
      case 14: // names
        if (names != 0) wasm_free(names);
        names = wasm_malloc(length);
        namesSize = length;
        memory.copy(names, payload, length);
        break;
    }
  }
}
