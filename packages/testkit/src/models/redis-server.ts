/**
 * A Redis without a clock, for runs in virtual time: strings, lists, transactions, settings of a
 * connection, and subscriptions to nobody's messages. RESP2. Says what Redis 7.0 says.
 */
import type { ModelServer, ServerOutput } from "../model-server.ts";
import { textOf } from "../text.ts";

type Value = string | string[];

interface Connection {
  unread: string;
  database: number;
  name: string;
  queue: string[][] | null;
  aborted: boolean;
  replies: "on" | "off" | "skip" | "skipping";
  readonly watched: Map<string, number>;
  readonly channels: Set<string>;
}

const nil = "$-1\r\n";
const ok = "+OK\r\n";
const wrongType = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";
const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;
const integer = (value: number): string => `:${value}\r\n`;
const array = (items: readonly string[]): string => `*${items.length}\r\n${items.join("")}`;

/** See the module. */
export class RedisModel implements ModelServer {
  readonly #connections = new Map<number, Connection>();
  readonly #values = new Map<string, Value>();
  readonly #changes = new Map<string, number>();

  /** Starts with these strings in the databases 0 and 1. */
  constructor(strings: Iterable<readonly [string, string]> = []) {
    for (const [key, value] of strings) {
      this.#values.set(`0 ${key}`, value);
      this.#values.set(`1 ${key}`, value);
    }
  }

  opened(connection: number): readonly ServerOutput[] {
    this.#connections.set(connection, fresh());
    return [];
  }

  closed(connection: number): readonly ServerOutput[] {
    this.#connections.delete(connection);
    return [];
  }

  handle(connection: number, bytes: Uint8Array): readonly ServerOutput[] {
    const state = this.#connections.get(connection);
    if (state === undefined) return [];
    state.unread += textOf(bytes);
    let said = "";
    let end = false;
    for (let words = take(state); words !== null && !end; words = end ? null : take(state)) {
      const reply = this.#answer(state, words);
      if (state.replies === "on") said += reply;
      if (state.replies === "skipping") state.replies = "on";
      if (state.replies === "skip") state.replies = "skipping";
      end = words[0]?.toLowerCase() === "quit";
    }
    if (end) this.#connections.delete(connection);
    return said === "" && !end
      ? []
      : [{ connection, bytes: Uint8Array.from(said, (char) => char.charCodeAt(0)), end }];
  }

  #answer(state: Connection, words: string[]): string {
    const name = (words[0] ?? "").toLowerCase();
    if (state.queue === null) return this.#run(state, words);
    switch (name) {
      case "exec":
        return this.#exec(state);
      case "discard":
        state.queue = null;
        state.watched.clear();
        return ok;
      case "multi":
        return "-ERR MULTI calls can not be nested\r\n";
      case "watch":
        return "-ERR WATCH inside MULTI is not allowed\r\n";
      case "quit":
      case "reset":
        return this.#run(state, words);
      default:
        if (!known.has(name)) {
          state.aborted = true;
          return unknown(words);
        }
        state.queue.push(words);
        return "+QUEUED\r\n";
    }
  }

  #exec(state: Connection): string {
    const queue = state.queue ?? [];
    const touched = [...state.watched].some(([key, then]) => this.#version(key) !== then);
    state.queue = null;
    state.watched.clear();
    if (state.aborted) return "-EXECABORT Transaction discarded because of previous errors.\r\n";
    if (touched) return "*-1\r\n";
    return array(queue.map((words) => this.#run(state, words)));
  }

  #run(state: Connection, words: readonly string[]): string {
    const [name = "", ...args] = words;
    const at = (key = ""): string => `${state.database} ${key}`;
    const get = (key: string | undefined): Value | undefined => this.#values.get(at(key));
    const [key = "", value = ""] = args;
    switch (name.toLowerCase()) {
      case "ping":
        return state.channels.size > 0 ? array([bulk("pong"), bulk(key)]) : "+PONG\r\n";
      case "echo":
        return bulk(key);
      case "get": {
        const held = get(key);
        return held === undefined ? nil : typeof held === "string" ? bulk(held) : wrongType;
      }
      case "set":
        return this.#put(at(key), value);
      case "append": {
        const held = get(key) ?? "";
        if (typeof held !== "string") return wrongType;
        this.#put(at(key), held + value);
        return integer(held.length + value.length);
      }
      case "mget": {
        const found = args.map(get);
        return array(found.map((held) => (typeof held === "string" ? bulk(held) : nil)));
      }
      case "mset":
        for (let i = 0; i < args.length; i += 2) this.#put(at(args[i]), args[i + 1] ?? "");
        return ok;
      case "del":
      case "unlink":
        return integer(args.filter((each) => this.#remove(at(each))).length);
      case "exists":
      case "touch":
        return integer(args.filter((each) => get(each) !== undefined).length);
      case "rpush": {
        const held = get(key) ?? [];
        if (typeof held === "string") return wrongType;
        this.#put(at(key), [...held, ...args.slice(1)]);
        return integer(held.length + args.length - 1);
      }
      case "blpop": {
        const held = get(key);
        if (typeof held === "string") return wrongType;
        const [first, ...rest] = held ?? [];
        if (first === undefined) return "*-1\r\n"; // as when its time is over
        if (rest.length > 0) this.#put(at(key), rest);
        else this.#remove(at(key));
        return array([bulk(key), bulk(first)]);
      }
      case "dbsize":
        return integer([...this.#values.keys()].filter((each) => each.startsWith(at())).length);
      case "flushall":
        for (const each of [...this.#values.keys()]) this.#remove(each);
        return ok;
      default:
        return this.#runConnection(state, words);
    }
  }

  #runConnection(state: Connection, words: readonly string[]): string {
    const name = (words[0] ?? "").toLowerCase();
    const args = words.slice(1);
    const [first = "", second = ""] = args;
    switch (name) {
      case "select":
        if (!/^\d+$/.test(first)) return "-ERR value is not an integer or out of range\r\n";
        if (Number(first) > 15) return "-ERR DB index is out of range\r\n";
        state.database = Number(first);
        return ok;
      case "client":
        if (first.toLowerCase() === "setname") state.name = second;
        if (first.toLowerCase() === "reply") state.replies = second.toLowerCase() as "on";
        return first.toLowerCase() === "getname" ? (state.name ? bulk(state.name) : nil) : ok;
      case "multi":
        state.queue = [];
        state.aborted = false;
        return ok;
      case "exec":
        return "-ERR EXEC without MULTI\r\n";
      case "discard":
        return "-ERR DISCARD without MULTI\r\n";
      case "watch":
        for (const key of args) {
          const place = `${state.database} ${key}`;
          if (!state.watched.has(place)) state.watched.set(place, this.#version(place));
        }
        return ok;
      case "unwatch":
        state.watched.clear();
        return ok;
      case "subscribe":
      case "unsubscribe":
        return this.#subscribe(state, name, args);
      case "reset":
        Object.assign(state, { ...fresh(), unread: state.unread });
        return "+RESET\r\n";
      case "quit":
        return ok;
      default:
        return unknown(words);
    }
  }

  #subscribe(state: Connection, name: string, channels: readonly string[]): string {
    const { channels: set } = state;
    const named = channels.length > 0 ? channels : [...set];
    if (named.length === 0) return array([bulk(name), nil, integer(0)]);
    return named
      .map((channel) => {
        if (name === "subscribe") set.add(channel);
        else set.delete(channel);
        return array([bulk(name), bulk(channel), integer(set.size)]);
      })
      .join("");
  }

  #put(place: string, value: Value): string {
    this.#values.set(place, value);
    this.#changes.set(place, this.#version(place) + 1);
    return ok;
  }

  #remove(place: string): boolean {
    this.#changes.set(place, this.#version(place) + 1);
    return this.#values.delete(place);
  }

  #version(place: string): number {
    return this.#changes.get(place) ?? 0;
  }
}

function fresh(): Connection {
  return {
    ...{ unread: "", database: 0, name: "", queue: null, aborted: false, replies: "on" as const },
    watched: new Map<string, number>(),
    channels: new Set<string>(),
  };
}

/** The next whole request, null when there is none. */
function take(state: Connection): string[] | null {
  const header = /^\*(\d+)\r\n/.exec(state.unread);
  if (header === null) return null;
  let at = header[0].length;
  const words: string[] = [];
  for (let left = Number(header[1]); left > 0; left--) {
    const line = /^\$(\d+)\r\n/.exec(state.unread.slice(at, at + 20));
    if (line === null) return null;
    const from = at + line[0].length;
    const to = from + Number(line[1]);
    if (state.unread.length < to + 2) return null;
    words.push(state.unread.slice(from, to));
    at = to + 2;
  }
  state.unread = state.unread.slice(at);
  return words;
}

function unknown([name = "", ...args]: readonly string[]): string {
  const words = args.map((arg) => `'${arg}' `).join("");
  return `-ERR unknown command '${name}', with args beginning with: ${words}\r\n`;
}

const known: ReadonlySet<string> = new Set(
  `ping echo get set append mget mset del unlink exists touch rpush blpop dbsize flushall select
   client unwatch`.split(/\s+/),
);
