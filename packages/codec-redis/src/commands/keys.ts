/**
 * Finds the keys of a request: offsets of arguments, no copies. The number of
 * keys that a client claims is bounded by its arguments before it is used.
 */
import { equalsFolded, latin1, parseInteger } from "../wire/ascii.ts";
import type { Command, KeySpec } from "./command.ts";
import { numkeysError } from "./errors.ts";

/** All keys are found (there may be none). */
export const FOUND = 0;
/** An argument that tells where keys are, or a key, has not arrived. */
export const PARTIAL = 1;
/** The number of keys is bad: every server answers `error` and does nothing. */
export const BAD_NUMKEYS = 2;
/** The arguments make no sense: every server answers an error and does nothing. */
export const BAD_SYNTAX = 3;

/** What {@link KeyFinder.find} returns. */
export type KeyStatus = typeof FOUND | typeof PARTIAL | typeof BAD_NUMKEYS | typeof BAD_SYNTAX;

/** See the module. Reuse it: a find overwrites the one before. */
export class KeyFinder {
  /** Argument index of each key, the order as in COMMAND GETKEYS. Replaced when it grows. */
  indexes: Int32Array = new Int32Array(16);
  /** Keys in `indexes`. */
  count = 0;
  /** After BAD_NUMKEYS: Redis's words, without the leading `-`. */
  error = "";
  /** XREAD, XREADGROUP: argument that holds BLOCK's milliseconds, -1 without BLOCK. */
  block = -1;
  /** SORT: BY is followed by a pattern that names other keys. */
  sortBy = false;
  /** SORT: a GET is followed by a pattern that names other keys. */
  sortGet = false;

  #bytes: Uint8Array = NONE;
  #start: ArrayLike<number> = NONE;
  #end: ArrayLike<number> = NONE;
  #argc = 0;
  #read = 0;

  /**
   * Finds the keys of a request of `argc` arguments, of which the first
   * `argsRead` are there. The arity has been checked. After anything but
   * FOUND, `count` is 0.
   */
  find(
    command: Command,
    bytes: Uint8Array,
    argStart: ArrayLike<number>,
    argEnd: ArrayLike<number>,
    argc: number,
    argsRead: number = argc,
  ): KeyStatus {
    this.count = 0;
    this.block = -1;
    this.sortBy = false;
    this.sortGet = false;
    if (command.grammar === "none") return FOUND;
    this.#bytes = bytes;
    this.#start = argStart;
    this.#end = argEnd;
    this.#argc = argc;
    this.#read = argsRead;
    const status = this.#walk(command);
    if (status !== FOUND) this.count = 0;
    return status;
  }

  #walk(command: Command): KeyStatus {
    switch (command.grammar) {
      case "specs":
        for (const spec of command.specs) {
          const status = spec[0] === 0 ? this.#range(spec) : this.#numkeys(spec, command);
          if (status !== FOUND) return status;
        }
        return FOUND;
      case "sort":
        return this.#sort(command.name === "sort");
      case "xread":
        return this.#xread();
      case "georadius":
        return this.#georadius(command.name === "georadius" ? 6 : 5);
      default:
        return this.#migrate();
    }
  }

  #range([, begin, lastKey, step, limit]: KeySpec): KeyStatus {
    const argc = this.#argc;
    let last = begin + lastKey;
    if (lastKey < 0) {
      last = limit > 0 ? begin + Math.floor((argc - begin) / limit) + lastKey : argc + lastKey;
    }
    // UNSUBSCRIBE and PUBSUB NUMSUB may name nothing.
    if (begin >= argc) return FOUND;
    if (last >= argc || last < begin) return BAD_SYNTAX;
    return this.#add(begin, last, step);
  }

  #numkeys([, begin, count, first, step]: KeySpec, command: Command): KeyStatus {
    const at = begin + count;
    if (at >= this.#argc) return BAD_SYNTAX;
    if (at >= this.#read) return PARTIAL;
    const number = parseInteger(this.#bytes, this.#start[at] as number, this.#end[at] as number);
    const from = begin + first;
    const room = Math.floor((this.#argc - from + step - 1) / step);
    const least = command.numkeys === "script" || command.numkeys === "function" ? 0 : 1;
    if (!(number >= least && number <= room)) {
      this.error = numkeysError(command, number, this.#argc);
      return BAD_NUMKEYS;
    }
    return number === 0 ? FOUND : this.#add(from, from + (number - 1) * step, step);
  }

  /** SORT key [BY p] [LIMIT o n] [GET p]... [ASC|DESC] [ALPHA] [STORE dst]; of several STORE the last counts. */
  #sort(mayStore: boolean): KeyStatus {
    let store = -1;
    for (let i = 2; i < this.#argc; i++) {
      if (i >= this.#read) return PARTIAL;
      const left = this.#argc - i - 1;
      if (this.#is(i, ASC) || this.#is(i, DESC) || this.#is(i, ALPHA)) continue;
      if (this.#is(i, LIMIT) && left >= 2) i += 2;
      else if (mayStore && this.#is(i, STORE) && left >= 1) store = ++i;
      else if (this.#is(i, BY) && left >= 1) {
        if (++i >= this.#read) return PARTIAL;
        this.sortBy = this.#hasStar(i);
      } else if (this.#is(i, GET) && left >= 1) {
        if (++i >= this.#read) return PARTIAL;
        this.sortGet ||= this.#hasStar(i);
      } else return BAD_SYNTAX;
    }
    this.#add(1, 1, 1);
    return store < 0 ? this.#checked() : this.#add(store, store, 1);
  }

  /** XREAD [COUNT n] [BLOCK ms] [GROUP g c] [NOACK] STREAMS key... id... */
  #xread(): KeyStatus {
    for (let i = 1; i < this.#argc; i++) {
      if (i >= this.#read) return PARTIAL;
      if (this.#is(i, BLOCK)) this.block = ++i;
      else if (this.#is(i, COUNT)) i++;
      else if (this.#is(i, GROUP)) i += 2;
      else if (this.#is(i, NOACK)) continue;
      else if (this.#is(i, STREAMS)) {
        const behind = this.#argc - i - 1;
        if (behind === 0 || behind % 2 !== 0) return BAD_SYNTAX;
        return this.#add(i + 1, i + behind / 2, 1);
      } else return BAD_SYNTAX;
    }
    return BAD_SYNTAX;
  }

  /** GEORADIUS key ... [STORE key] [STOREDIST key]; the last of the two counts. */
  #georadius(options: number): KeyStatus {
    let store = -1;
    for (let i = options; i < this.#argc; i++) {
      if (i >= this.#read) return PARTIAL;
      const stores = this.#is(i, STORE) || this.#is(i, STOREDIST);
      if (stores && i + 1 < this.#argc) store = ++i;
    }
    this.#add(1, 1, 1);
    return store < 0 ? this.#checked() : this.#add(store, store, 1);
  }

  /** MIGRATE host port key|"" db timeout [COPY] [REPLACE] [AUTH p | AUTH2 u p] [KEYS key...] */
  #migrate(): KeyStatus {
    for (let i = 6; i < this.#argc; i++) {
      if (i >= this.#read) return PARTIAL;
      if (this.#is(i, KEYS)) {
        if ((this.#start[3] as number) < (this.#end[3] as number)) return BAD_SYNTAX;
        return i + 1 < this.#argc ? this.#add(i + 1, this.#argc - 1, 1) : BAD_SYNTAX;
      }
      if (this.#is(i, AUTH)) i++;
      else if (this.#is(i, AUTH2)) i += 2;
    }
    return this.#add(3, 3, 1);
  }

  #add(first: number, last: number, step: number): KeyStatus {
    const more = Math.floor((last - first) / step) + 1;
    if (this.count + more > this.indexes.length) {
      const room = new Int32Array(Math.max(this.count + more, this.indexes.length * 2));
      room.set(this.indexes);
      this.indexes = room;
    }
    for (let i = first; i <= last; i += step) this.indexes[this.count++] = i;
    return this.#checked();
  }

  /** Whether the keys so far have arrived. They stand in ascending runs: the last of a run is its largest. */
  #checked(): KeyStatus {
    return (this.indexes[this.count - 1] as number) < this.#read ? FOUND : PARTIAL;
  }

  #is(i: number, word: Uint8Array): boolean {
    return equalsFolded(this.#bytes, this.#start[i] as number, this.#end[i] as number, word);
  }

  #hasStar(i: number): boolean {
    const at = this.#bytes.indexOf(42, this.#start[i] as number);
    return at >= 0 && at < (this.#end[i] as number);
  }
}

const NONE: Uint8Array = new Uint8Array(0);
const ASC: Uint8Array = latin1("asc");
const DESC: Uint8Array = latin1("desc");
const ALPHA: Uint8Array = latin1("alpha");
const LIMIT: Uint8Array = latin1("limit");
const STORE: Uint8Array = latin1("store");
const STOREDIST: Uint8Array = latin1("storedist");
const BY: Uint8Array = latin1("by");
const GET: Uint8Array = latin1("get");
const BLOCK: Uint8Array = latin1("block");
const COUNT: Uint8Array = latin1("count");
const GROUP: Uint8Array = latin1("group");
const NOACK: Uint8Array = latin1("noack");
const STREAMS: Uint8Array = latin1("streams");
const KEYS: Uint8Array = latin1("keys");
const AUTH: Uint8Array = latin1("auth");
const AUTH2: Uint8Array = latin1("auth2");
