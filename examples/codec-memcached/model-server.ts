/** A memcached without a clock, for runs in virtual time: nothing expires, and uniques count from 1 for each key. */

import { latin1, textOf } from "@echarde/core";
import type { ModelServer, ServerOutput } from "@echarde/testkit";

interface Item {
  readonly flags: string;
  readonly data: string;
}

/** See the module. */
export class MemcachedModel implements ModelServer {
  readonly #items = new Map<string, Item>();
  readonly #uniques = new Map<string, number>();
  readonly #unread = new Map<number, string>();

  /** Has a value for each of these keys. */
  constructor(keys: readonly string[]) {
    for (const key of keys) this.#put(key, { flags: "0", data: "fixed" });
  }

  opened(connection: number): readonly ServerOutput[] {
    this.#unread.set(connection, "");
    return [];
  }

  closed(connection: number): readonly ServerOutput[] {
    this.#unread.delete(connection);
    return [];
  }

  handle(connection: number, bytes: Uint8Array): readonly ServerOutput[] {
    let text = this.#unread.get(connection);
    if (text === undefined) return [];
    text += textOf(bytes);
    let said = "";
    let end = false;
    for (let at = text.indexOf("\n"); at >= 0 && !end; at = text.indexOf("\n")) {
      const words = text.slice(0, at).trim().split(/ +/);
      const stores = /^(set|add|replace|append|prepend|cas)$/.test(words[0] ?? "");
      const behind = at + 1 + (stores ? Number(words[4]) + 2 : 0);
      if (text.length < behind) break;
      const reply = stores
        ? this.#store(words, text.slice(at + 1, behind))
        : this.#run(words, words[1] ?? "");
      said += words.at(-1) === "noreply" ? "" : reply;
      text = text.slice(behind);
      end = words[0] === "quit";
    }
    this.#unread.set(connection, text);
    if (end) this.#unread.delete(connection);
    return said === "" && !end ? [] : [{ connection, bytes: latin1(said), end }];
  }

  #store([name, key = "", flags = "", , , unique]: readonly string[], block: string): string {
    if (!block.endsWith("\r\n")) return "CLIENT_ERROR bad data chunk\r\n";
    const data = block.slice(0, -2);
    const old = this.#items.get(key);
    if (name === "cas" && old === undefined) return "NOT_FOUND\r\n";
    if (name === "cas" && Number(unique) !== this.#uniques.get(key)) return "EXISTS\r\n";
    if (name === "add" && old !== undefined) return "NOT_STORED\r\n";
    if (/replace|append|prepend/.test(name ?? "") && old === undefined) return "NOT_STORED\r\n";
    if (name === "append" && old) this.#put(key, { ...old, data: old.data + data });
    else if (name === "prepend" && old) this.#put(key, { ...old, data: data + old.data });
    else this.#put(key, { flags, data });
    return "STORED\r\n";
  }

  #put(key: string, item: Item): void {
    this.#items.set(key, item);
    this.#uniques.set(key, (this.#uniques.get(key) ?? 0) + 1);
  }

  #run(words: readonly string[], key: string): string {
    const old = this.#items.get(key);
    switch (words[0]) {
      case "get":
      case "gets":
        return this.#values(words.slice(1), words[0] === "gets");
      case "gat":
      case "gats":
        return this.#values(words.slice(2), words[0] === "gats");
      case "touch":
        return old === undefined ? "NOT_FOUND\r\n" : "TOUCHED\r\n";
      case "delete":
        return this.#items.delete(key) ? "DELETED\r\n" : "NOT_FOUND\r\n";
      case "incr":
      case "decr":
        return this.#add(key, old, BigInt(words[2] ?? 0) * (words[0] === "incr" ? 1n : -1n));
      case "flush_all":
        this.#items.clear();
        return "OK\r\n";
      case "verbosity":
        return "OK\r\n";
      case "version":
        return "VERSION 1.6\r\n";
      case "stats":
        return `STAT pid 1\r\nSTAT curr_items ${this.#items.size}\r\nEND\r\n`;
      case "quit":
        return "";
      default:
        return "ERROR\r\n";
    }
  }

  #add(key: string, old: Item | undefined, delta: bigint): string {
    if (old === undefined) return "NOT_FOUND\r\n";
    if (!/^\d+$/.test(old.data)) {
      return "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n";
    }
    const sum = BigInt(old.data) + delta;
    const data = String(sum < 0n ? 0n : BigInt.asUintN(64, sum));
    this.#put(key, { ...old, data });
    return `${data}\r\n`;
  }

  #values(keys: readonly string[], withUnique: boolean): string {
    const blocks = keys.map((key) => {
      const item = this.#items.get(key);
      if (item === undefined) return "";
      const unique = withUnique ? ` ${this.#uniques.get(key)}` : "";
      return `VALUE ${key} ${item.flags} ${item.data.length}${unique}\r\n${item.data}\r\n`;
    });
    return `${blocks.join("")}END\r\n`;
  }
}
