/**
 * Puts answers to one client in their order.
 *
 * ```
 *   in-order:  only the oldest open exchange writes; the others collect until it is their turn.
 *              A push goes between whole answers, never inside one.
 *   as-ready:  each answer is written when it is whole.
 * ```
 */
import { view } from "./bytes/join.ts";
import { type Core, keep } from "./core.ts";
import type { Exchange } from "./exchange.ts";

/** The client as answers see it. */
export interface AnswerSink {
  sendView(bytes: Uint8Array, from: number, to: number): void;
  /** Bytes waiting in the host since it said "full", -1 while it takes all. */
  unsent: number;
  /** More bytes are held for the client than before. */
  holdsMore(): void;
}

/** See the module. */
export class Answers {
  /** Exchanges not written yet. */
  count = 0;
  /** Bytes that wait for their turn. */
  held = 0;
  readonly #core: Core;
  readonly #sink: AnswerSink;
  readonly #ordered: boolean;
  readonly #unordered = new Set<Exchange>();
  #head: Exchange | null = null;
  /** As ready: the answer that ends the connection waits for those before it. */
  #last: Exchange | null = null;
  #tail: Exchange | null = null;
  #pushes: Uint8Array[] = [];

  constructor(core: Core, sink: AnswerSink, ordered: boolean) {
    this.#core = core;
    this.#sink = sink;
    this.#ordered = ordered;
  }

  /** Whether all before this exchange is answered; null = one that is still to be opened. */
  isNext(exchange: Exchange | null): boolean {
    if (exchange === null || exchange.detached) return this.count === 0;
    return this.#ordered ? this.#head === exchange : this.count === 1;
  }

  /** Opens the newest exchange. */
  add(exchange: Exchange): void {
    this.count += 1;
    if (!this.#ordered) this.#unordered.add(exchange);
    else if (this.#tail === null) {
      this.#head = exchange;
      this.#tail = exchange;
    } else {
      this.#tail.next = exchange;
      this.#tail = exchange;
    }
  }

  /** Bytes of an answer, as they come; a view of the input. */
  piece(exchange: Exchange, bytes: Uint8Array, from: number, to: number): void {
    if (exchange.silent || from === to) return;
    if (this.#head === exchange) {
      exchange.cut = true;
      this.#emit(bytes, from, to);
    } else this.#collect(exchange, bytes, from, to);
  }

  /** Bytes of an answer that are the router's own. */
  chunks(exchange: Exchange, chunks: readonly Uint8Array[]): void {
    if (exchange.silent) return;
    for (const chunk of chunks) {
      if (chunk.length === 0) continue;
      if (this.#head === exchange) {
        exchange.cut = true;
        this.#emit(chunk, 0, chunk.length);
      } else this.#collect(exchange, chunk, 0, chunk.length);
    }
  }

  /** The answer is whole. Returns true when an answer that ends the connection was written. */
  finish(exchange: Exchange): boolean {
    exchange.done = true;
    if (exchange.detached) {
      const collected = chunksOf(exchange);
      this.discard(exchange);
      this.push(collected);
      return exchange.end;
    }
    if (!this.#ordered) {
      this.#unordered.delete(exchange);
      this.count -= 1;
      if (exchange.end) this.#last = exchange;
      else this.#release(exchange);
      if (this.#last === null || this.count > 0) return false;
      this.#release(this.#last);
      return true;
    }
    let head = this.#head;
    while (head !== null) {
      this.#release(head);
      if (!head.done) break;
      this.count -= 1;
      this.#head = head.next;
      if (this.#head === null) this.#tail = null;
      if (head.end) return true;
      this.#core.exchanges.written(head);
      this.#flushPushes();
      head = this.#head;
    }
    return false;
  }

  /** Forgets what has been collected of an answer that failed. */
  discard(exchange: Exchange): void {
    this.#count(-this.#dropRun(exchange));
    for (const chunk of exchange.chunks ?? []) this.#count(-chunk.length);
    exchange.chunks = null;
  }

  /** A packet that answers nothing. */
  push(chunks: readonly Uint8Array[]): void {
    if (this.#head?.cut === true) {
      for (const chunk of chunks) {
        this.#pushes.push(keep(this.#core, chunk));
        this.#count(chunk.length);
      }
      this.#sink.holdsMore();
    } else for (const chunk of chunks) this.#emit(chunk, 0, chunk.length);
  }

  /** All exchanges not written yet, oldest first; forgets them. */
  drain(): Exchange[] {
    const all = [...this.#unordered];
    for (let at = this.#head; at !== null; at = at.next) all.push(at);
    for (const exchange of all) this.#dropRun(exchange);
    this.#unordered.clear();
    this.#head = null;
    this.#tail = null;
    this.#last = null;
    this.#pushes = [];
    this.count = 0;
    this.#count(-this.held);
    return all;
  }

  /** Writes what an exchange has collected: its turn has come. */
  #release(exchange: Exchange): void {
    const { run, runFrom, runTo, chunks } = exchange;
    if (run === null) return; // nor chunks: these come behind a run
    exchange.cut = true;
    this.#emit(run, runFrom, runTo);
    this.#count(-this.#dropRun(exchange));
    if (chunks === null) return;
    for (const chunk of chunks) {
      this.#count(-chunk.length);
      this.#emit(chunk, 0, chunk.length);
    }
    exchange.chunks = null;
  }

  #collect(exchange: Exchange, bytes: Uint8Array, from: number, to: number): void {
    this.#count(to - from);
    if (exchange.run !== null) {
      const chunk = keep(this.#core, bytes, from, to);
      if (exchange.chunks === null) exchange.chunks = [chunk];
      else exchange.chunks.push(chunk);
    } else if (this.#core.reusesInput) this.#copyRun(exchange, bytes, from, to);
    else {
      exchange.run = bytes;
      exchange.runFrom = from;
      exchange.runTo = to;
    }
    this.#sink.holdsMore();
  }

  #copyRun(exchange: Exchange, bytes: Uint8Array, from: number, to: number): void {
    const { arena } = this.#core;
    const block = arena.copy(bytes, from, to);
    exchange.block = block;
    exchange.run = block === null ? bytes.slice(from, to) : block.bytes;
    exchange.runFrom = block === null ? 0 : arena.from;
    exchange.runTo = exchange.runFrom + to - from;
  }

  /** Forgets the run. Returns its length. */
  #dropRun(exchange: Exchange): number {
    const { run, block } = exchange;
    if (run === null) return 0;
    exchange.run = null;
    exchange.block = null;
    if (block !== null) this.#core.arena.release(block); // views of it last until the next input
    return exchange.runTo - exchange.runFrom;
  }

  #flushPushes(): void {
    if (this.#pushes.length === 0) return;
    for (const chunk of this.#pushes) {
      this.#count(-chunk.length);
      this.#emit(chunk, 0, chunk.length);
    }
    this.#pushes = [];
  }

  #emit(bytes: Uint8Array, from: number, to: number): void {
    if (this.#sink.unsent >= 0) this.#sink.unsent += to - from;
    this.#sink.sendView(bytes, from, to);
  }

  #count(bytes: number): void {
    this.held += bytes;
    this.#core.held += bytes;
  }
}

/** What an exchange has collected, as views. */
function chunksOf({ run, runFrom, runTo, chunks }: Exchange): Uint8Array[] {
  if (run === null) return [];
  return [view(run, runFrom, runTo), ...(chunks ?? [])];
}
