/**
 * The way out of a link: requests queue until it is ready, get their number
 * where replies are matched by one, and are in flight from then on.
 */
import { total, view } from "./bytes/join.ts";
import type { Core } from "./core.ts";
import { LocalProtocolError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import type { Link } from "./link.ts";

/** A packet that waits for its link. */
export interface Queued {
  /** Its request; null = nothing comes back. */
  readonly exchange: Exchange | null;
  /** The packet; memory that outlives the input. */
  readonly chunks: readonly Uint8Array[];
}

/** See the module. */
export class LinkSender {
  /** Bytes that wait. */
  bytes = 0;
  readonly #core: Core;
  readonly #link: Link;
  readonly #numbered: boolean;
  #queue: Queued[] = [];
  #nextId = 1;

  constructor(core: Core, link: Link) {
    this.#core = core;
    this.#link = link;
    this.#numbered = core.codec.matching === "id";
  }

  /** Packets that wait. */
  get queued(): readonly Queued[] {
    return this.#queue;
  }

  /** Sends a request whose bytes are `bytes[from, to)`. A null exchange expects nothing. */
  submitView(exchange: Exchange | null, bytes: Uint8Array, from: number, to: number): void {
    const link = this.#link;
    if (link.state !== "ready" || (exchange !== null && this.#numbered)) {
      this.submit(exchange, [view(bytes, from, to)]);
      return;
    }
    if (exchange !== null) {
      this.#register(exchange);
      if (exchange.counts !== null) exchange.counts.bytesOut += to - from;
    }
    link.upstream.stats.bytesOut += to - from;
    link.sendView(bytes, from, to);
  }

  /** Sends a request in chunks. */
  submit(exchange: Exchange | null, chunks: readonly Uint8Array[]): void {
    const link = this.#link;
    if (link.state === "gone") return;
    if (exchange !== null) exchange.link = link;
    if (link.state !== "ready") {
      this.#enqueue(exchange, chunks);
      return;
    }
    let packet = chunks;
    if (exchange !== null) {
      if (this.#numbered) packet = this.#number(exchange, chunks);
      this.#register(exchange);
    }
    const counts = exchange === null ? null : exchange.counts;
    for (const chunk of packet) {
      link.upstream.stats.bytesOut += chunk.length;
      if (counts !== null) counts.bytesOut += chunk.length;
      link.send(chunk);
    }
  }

  /** Forgets what waits and returns it, oldest first. */
  take(): readonly Queued[] {
    const queue = this.#queue;
    this.#queue = [];
    this.#core.held -= this.bytes;
    this.bytes = 0;
    return queue;
  }

  #enqueue(exchange: Exchange | null, chunks: readonly Uint8Array[]): void {
    const kept = this.#core.reusesInput ? chunks.map((chunk) => chunk.slice()) : chunks;
    const bytes = total(kept);
    this.#queue.push({ exchange, chunks: kept });
    this.bytes += bytes;
    this.#core.held += bytes;
  }

  /** Gives the request a number that is free on the link, unless the codec gave it one. */
  #number(exchange: Exchange, chunks: readonly Uint8Array[]): readonly Uint8Array[] {
    const { inFlight, codec } = this.#link;
    if (exchange.linkId >= 0) {
      if (inFlight.match(exchange.linkId) === undefined) return chunks;
      throw new LocalProtocolError("bad-codec", `id ${exchange.linkId} is in flight already`);
    }
    do {
      exchange.linkId = this.#nextId;
      this.#nextId = this.#nextId === 0x7fffffff ? 1 : this.#nextId + 1;
    } while (inFlight.match(exchange.linkId) !== undefined);
    const [first, ...rest] = chunks;
    return first === undefined ? chunks : [...codec.numberRequest(first, exchange.linkId), ...rest];
  }

  #register(exchange: Exchange): void {
    const link = this.#link;
    const { now } = this.#core;
    exchange.link = link;
    exchange.sentAt = now;
    exchange.deadline = exchange.timeout > 0 ? now + exchange.timeout : Number.POSITIVE_INFINITY;
    link.inFlight.push(exchange);
    link.upstream.stats.requests += 1;
    if (exchange.counts !== null) exchange.counts.requests += 1;
    link.timer.used(exchange.deadline);
  }
}
