/** What is in flight on a link, oldest first. Two disciplines of matching, one shape. */
import type { Exchange } from "./exchange.ts";

/** See the module. */
export interface InFlight extends Iterable<Exchange> {
  /** How many. */
  readonly size: number;
  /** The oldest, if any. */
  head(): Exchange | undefined;
  /** Whose reply carries this id (matching by order: the oldest). */
  match(id: number): Exchange | undefined;
  /** Adds the newest. */
  push(exchange: Exchange): void;
  /** Takes out one whose last frame came. */
  remove(exchange: Exchange): void;
  /** Takes out all. */
  clear(): Exchange[];
}

/** Replies come in request order: a ring. */
export class OrderedInFlight implements InFlight {
  size = 0;
  #ring: (Exchange | undefined)[] = new Array<Exchange | undefined>(16).fill(undefined);
  #first = 0;

  head(): Exchange | undefined {
    return this.#ring[this.#first];
  }

  match(_id: number): Exchange | undefined {
    return this.#ring[this.#first];
  }

  push(exchange: Exchange): void {
    if (this.size === this.#ring.length) this.#grow();
    this.#ring[(this.#first + this.size) & (this.#ring.length - 1)] = exchange;
    this.size += 1;
  }

  remove(_exchange: Exchange): void {
    this.#ring[this.#first] = undefined;
    this.#first = (this.#first + 1) & (this.#ring.length - 1);
    this.size -= 1;
  }

  clear(): Exchange[] {
    const all = [...this];
    this.#ring.fill(undefined);
    this.#first = 0;
    this.size = 0;
    return all;
  }

  *[Symbol.iterator](): Iterator<Exchange> {
    for (let i = 0; i < this.size; i++) {
      const exchange = this.#ring[(this.#first + i) & (this.#ring.length - 1)];
      if (exchange !== undefined) yield exchange;
    }
  }

  #grow(): void {
    const all = [...this];
    const ring = new Array<Exchange | undefined>(this.#ring.length * 2).fill(undefined);
    for (let i = 0; i < all.length; i++) ring[i] = all[i];
    this.#ring = ring;
    this.#first = 0;
  }
}

/** Replies carry the id of their request. A Map iterates in insertion order, so the oldest comes first. */
export class NumberedInFlight implements InFlight {
  readonly #byId = new Map<number, Exchange>();

  get size(): number {
    return this.#byId.size;
  }

  head(): Exchange | undefined {
    return this.#byId.values().next().value;
  }

  match(id: number): Exchange | undefined {
    return this.#byId.get(id);
  }

  push(exchange: Exchange): void {
    this.#byId.set(exchange.linkId, exchange);
  }

  remove(exchange: Exchange): void {
    this.#byId.delete(exchange.linkId);
  }

  clear(): Exchange[] {
    const all = [...this.#byId.values()];
    this.#byId.clear();
    return all;
  }

  [Symbol.iterator](): Iterator<Exchange> {
    return this.#byId.values();
  }
}
