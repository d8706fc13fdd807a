/**
 * The way into a link: frames what its upstream sends and gives every frame
 * to the exchange that it answers, or to the link's session as a push.
 */
import { Inbox } from "./bytes/inbox.ts";
import { join, view } from "./bytes/join.ts";
import { type Core, keep } from "./core.ts";
import { LocalProtocolError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import type { Link } from "./link.ts";

/** See the module. */
export class LinkReader {
  readonly #core: Core;
  readonly #link: Link;
  readonly #inbox: Inbox;
  /** Whose reply is half here. */
  #current: Exchange | null = null;
  #push: Uint8Array[] | null = null;
  #pushBytes = 0;
  /** Error replies that are counted with their requests. */
  #errors = 0;

  constructor(core: Core, link: Link) {
    this.#core = core;
    this.#inbox = new Inbox(core.spares);
    this.#link = link;
  }

  /** Bytes that it holds. */
  get held(): number {
    return this.#pushBytes + this.#inbox.length;
  }

  /** The upstream sent `chunk`. */
  read(chunk: Uint8Array): void {
    const link = this.#link;
    const box = this.#inbox;
    box.append(chunk, 0);
    const bytes = view(box.bytes, 0, box.to);
    const { codec } = link;
    while (box.from < box.to && link.state !== "gone") {
      const from = box.from;
      const head = this.#current ?? link.inFlight.head();
      const end = codec.scan(bytes, from, head === undefined ? -1 : head.expect);
      const event = codec.event;
      if (event === "need") break;
      if (event === "garbage") {
        link.fail("garbage");
        return;
      }
      if (end <= from || end > box.to) {
        throw new LocalProtocolError("bad-codec", `scan went from ${from} to ${end} of ${box.to}`);
      }
      box.from = end;
      if (event === "push" || event === "push-piece") {
        this.#pushed(bytes, from, end, event === "push");
        continue;
      }
      const exchange = this.#current ?? this.#match(codec.id);
      if (exchange === undefined) {
        link.fail("garbage");
        return;
      }
      const whole = event !== "piece";
      this.#current = whole ? null : exchange;
      if (event === "last") exchange.frames = 1;
      const done = whole && exchange.frames === 1;
      this.#deliver(exchange, bytes, from, end, whole);
      if (done && codec.closing) {
        link.fail("closed");
        return;
      }
    }
    if (box.from === box.to) box.clear();
    else if (box.length > this.#core.limits.maxRequest) link.fail("garbage");
    else if (this.#core.reusesInput) box.own(0);
  }

  /** The upstream sends no more: where the protocol says so, that ends the reply at hand. */
  ended(): void {
    const exchange = this.#current;
    if (exchange === null || !this.#link.codec.ended()) return;
    this.#current = null;
    this.#deliver(exchange, nothing, 0, 0, true);
  }

  /** The link is gone. */
  close(): void {
    this.#inbox.clear();
    this.#push = null;
    this.#countPush(-this.#pushBytes);
  }

  /** Whose reply this is. A replayed slot has no number: its reply is the one that no request waits for. */
  #match(id: number): Exchange | undefined {
    const { inFlight, state } = this.#link;
    const found = inFlight.match(id);
    if (found !== undefined || state !== "replaying") return found;
    for (const exchange of inFlight) if (exchange.slot !== null) return exchange;
    return undefined;
  }

  #deliver(exchange: Exchange, bytes: Uint8Array, from: number, to: number, whole: boolean): void {
    const link = this.#link;
    const { session, counts } = exchange;
    if (session === null) {
      if (exchange.chunks === null) exchange.chunks = [];
      exchange.chunks.push(keep(this.#core, bytes, from, to));
    } else if (!exchange.dead) {
      if (exchange.clientId >= 0 && !exchange.inFrame) {
        const chunks = link.codec.numberReply(view(bytes, from, to), exchange.clientId);
        session.execution.replyChunks(exchange, chunks);
      } else session.execution.reply(exchange, bytes, from, to, whole);
    }
    if (counts !== null) counts.bytesIn += to - from;
    if (!whole) {
      exchange.inFrame = true;
      if (exchange.timeout > 0) exchange.deadline = this.#core.now + exchange.timeout;
      return;
    }
    exchange.inFrame = false;
    const { errors } = link.codec;
    if (errors !== this.#errors) {
      if (counts !== null) counts.errors += errors - this.#errors;
      this.#errors = errors;
    }
    exchange.frames -= 1;
    if (exchange.frames > 0) return;
    link.inFlight.remove(exchange);
    if (session === null) link.heard(exchange);
    else link.answered(exchange, session);
  }

  #pushed(bytes: Uint8Array, from: number, to: number, whole: boolean): void {
    const { session, released } = this.#link;
    if (session === null || released) return; // nobody subscribed here
    const piece = view(bytes, from, to);
    if (!whole) {
      if (this.#push === null) this.#push = [];
      this.#push.push(keep(this.#core, piece));
      this.#countPush(piece.length);
      if (this.#pushBytes > this.#core.limits.maxRequest) this.#link.fail("garbage");
      return;
    }
    const frame = this.#push === null ? piece : join([...this.#push, piece]);
    this.#push = null;
    this.#countPush(-this.#pushBytes);
    session.pushed(frame, this.#link);
  }

  #countPush(bytes: number): void {
    this.#pushBytes += bytes;
    this.#core.held += bytes;
  }
}

const nothing = new Uint8Array(0);
