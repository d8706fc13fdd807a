/**
 * The frame route: a router for one client, its links carried as frames over
 * the one connection that Envoy's tcp_proxy has to the bridge.
 *
 * ```
 *   client ─bytes▶ router ─▶ frames ─▶ DOWNSTREAM_DATA ─tcp_proxy▶ bridge ─▶ servers
 *   client ◀─ UPSTREAM_DATA ◀─ router ◀─ frames ◀──────────────── bridge ◀─ servers
 * ```
 * The ABI lets a filter write to its client only while the bridge says
 * something. Bytes that come at another time wait, and a `nudge` has the
 * bridge say something. Envoy is never told to go on by itself: bytes move when
 * the stream says so, since only then the buffer may be written to later.
 */
import {
  type Capability,
  createRouter,
  type Effects,
  type Peer,
  type Router,
  type RoutingTable,
} from "@echarde/core";
import { type Control, decodeControl, encodeControl } from "../wire/control.ts";
import { FrameReader, headSize, maxData, writeHead } from "../wire/frame.ts";
import type { Lanes } from "./lanes.ts";
import { PlainLinks } from "./plain-links.ts";
import { downstream, operations, type Records } from "./records.ts";
import type { Settings } from "./settings.ts";
import { leave, type Stream, taken, type Verdict } from "./stream.ts";

/** See the module. */
export class FrameStream implements Stream {
  deadline: number = Number.POSITIVE_INFINITY;
  readonly #id: number;
  readonly #records: Records;
  readonly #lanes: Lanes;
  readonly #router: Router;
  readonly #client: Peer;
  readonly #reader = new FrameReader();
  readonly #links = new Map<number, Peer>();
  readonly #opening = new Set<Peer>();
  #nextLink = 1;
  /** Bytes for the client that wait for a word of the bridge. */
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #nudged = false;
  /** Bytes of the client that wait in memory, or in Envoy's buffer. */
  #unread: Uint8Array[] = [];
  #unreadBytes = 0;
  #inBuffer = false;
  #paused = false;
  #clientEnded = false;
  #endSaid = false;
  /** Frames for the bridge while the client's bytes lie in the buffer. */
  #frames: Uint8Array[] = [];
  /** Something was written for the bridge in this event. */
  #wrote = false;
  /** The bridge is told to close, or has closed. */
  #over = false;
  /** In an event of the bridge, so that the client can be written to. */
  #speaking = false;
  /** The client's end has gone to the bridge: nothing can follow it. */
  #silent = false;
  /** It goes with this event. */
  #ending = false;
  /** Those that the shim may know of. */
  readonly #plain = new PlainLinks();
  /** See {@link Lanes.mapOf}. */
  readonly #name: string;
  #map: number;
  /** What is sent now has been sent by the shim. */
  #adopting = false;
  /** The next tick closes the client: not in an event that writes to it, or what it wrote is lost. */
  #closing = false;

  constructor(id: number, records: Records, lanes: Lanes, settings: Settings, now: number) {
    this.#id = id;
    this.#records = records;
    this.#lanes = lanes;
    this.#name = lanesOf(settings);
    this.#map = lanes.mapOf(this.#name, settings.table);
    this.#router = createRouter({
      codec: settings.codec,
      table: settings.table,
      limits: settings.limits,
      capabilities,
      reusesInput: true,
    });
    this.#client = this.#router.open(now);
  }

  get closing(): boolean {
    return this.#closing;
  }

  get held(): number {
    return this.#router.heldBytes + this.#waitingBytes + this.#unreadBytes + this.#reader.held;
  }

  // ---- events -------------------------------------------------------------

  downstream(bytes: Uint8Array, last: boolean, end: boolean, now: number, plain: boolean): Verdict {
    if (this.#over) return taken;
    if (!plain) this.#plain.forget();
    else if (this.#isIdle()) this.#plain.begin();
    if (this.#paused) return this.#putBy(bytes, last, end);
    if (bytes.length > 0) this.#carryOut(this.#router.bytes(this.#client, bytes, now), now);
    if (end && last) this.#clientEnd(now);
    if (last) this.#flush();
    this.#turnLane();
    return taken;
  }

  carried(bytes: Uint8Array, from: number, to: number): number {
    const cluster = this.#router.table.route(bytes, from, to);
    return this.#map > 0 ? cluster + 1 : (this.#plain.known[cluster] ?? 0);
  }

  adopt(requests: Uint8Array, frames: Uint8Array, alone: boolean, now: number): void {
    this.#adopting = true;
    this.#carryOut(this.#router.bytes(this.#client, requests, now), now);
    this.#adopting = false;
    if (frames.length > 0) this.#read(frames, now);
    if (alone) this.#flush();
  }

  /** What comes while the client is not read: it stays in Envoy's buffer, which then reads no further. */
  #putBy(bytes: Uint8Array, last: boolean, end: boolean): Verdict {
    this.#clientEnded = end;
    if (!this.#wrote && this.#unread.length === 0) {
      this.#inBuffer = true;
      return leave;
    }
    if (bytes.length > 0) this.#keepUnread(bytes);
    if (last) this.#flush();
    return taken;
  }

  late(bytes: Uint8Array, now: number): void {
    if (this.#over) return;
    if (this.#paused || this.#unread.length > 0) {
      this.#keepUnread(bytes);
      return;
    }
    if (this.#isIdle()) this.#plain.begin();
    this.#carryOut(this.#router.bytes(this.#client, bytes, now), now);
    this.#flush();
    this.#turnLane();
  }

  upstream(bytes: Uint8Array, last: boolean, end: boolean, now: number): Verdict {
    this.#speaking = true;
    if (bytes.length > 0) {
      this.#nudged = false;
      this.#read(bytes, now);
    }
    if (end && last) this.upstreamClosed(now);
    if (last) {
      this.#sayWaiting();
      this.#readOn(now);
      this.#flush();
      if (this.#isIdle()) this.#plain.settle();
      this.#turnLane();
    }
    this.#speaking = false;
    return { pass: true, taken: true };
  }

  fetched(bytes: Uint8Array, last: boolean, now: number): void {
    this.#inBuffer = false;
    if (bytes.length > 0) this.#keepUnread(bytes);
    if (!last) return;
    const frames = this.#frames;
    this.#frames = [];
    for (const chunk of frames) this.#write(chunk);
    this.#readOn(now);
    this.#flush();
    this.#turnLane();
  }

  upstreamClosed(now: number): void {
    if (this.#over) return;
    this.#over = true;
    this.deadline = Number.POSITIVE_INFINITY;
    this.#router.lost(this.#client, now);
    this.#links.clear();
  }

  tick(now: number): void {
    if (this.#closing) this.#records.number(operations.close, downstream);
    this.#closing = false;
    if (this.#over) {
      this.deadline = Number.POSITIVE_INFINITY;
      return;
    }
    this.deadline = Number.POSITIVE_INFINITY;
    this.#carryOut(this.#router.tick(now), now);
    this.#readOn(now);
    this.#flush();
    this.#turnLane();
  }

  swap(table: RoutingTable, now: number): void {
    if (this.#over) return;
    this.#plain.forget();
    this.#turnLane();
    this.#map = this.#lanes.mapOf(this.#name, table);
    this.#carryOut(this.#router.swap(table, now), now);
    this.#flush();
  }

  closed(now: number): void {
    if (!this.#over) this.#router.lost(this.#client, now);
    this.#over = true;
    this.deadline = Number.POSITIVE_INFINITY;
  }

  // ---- from the bridge ----------------------------------------------------

  #read(bytes: Uint8Array, now: number): void {
    this.#reader.append(bytes);
    while (this.#reader.next()) this.#frame(now);
    this.#reader.keep();
    if (this.#reader.fault !== "") this.#broken(`the bridge sent ${this.#reader.fault}`);
  }

  #frame(now: number): void {
    const { link, data, control } = this.#reader;
    if (this.#over) return;
    const peer = this.#links.get(link);
    if (data.length > 0) {
      if (peer !== undefined) this.#carryOut(this.#router.bytes(peer, data, now), now);
      return;
    }
    const message = control.length > 0 ? decodeControl(control) : null;
    if (message === null) this.#broken("the bridge sent no message");
    else if (peer !== undefined) this.#heard(peer, link, message, now);
  }

  #heard(peer: Peer, link: number, [word, value]: Control, now: number): void {
    const router = this.#router;
    switch (word) {
      case "opened":
        if (this.#opening.delete(peer)) this.#carryOut(router.opened(peer, now), now);
        return;
      case "ended":
        this.#carryOut(router.halfClosed(peer, now), now);
        return;
      case "lost":
        this.#plain.forget();
        this.#links.delete(link);
        this.#opening.delete(peer);
        if (peer.host === link) peer.host = undefined;
        this.#carryOut(router.lost(peer, now), now);
        return;
      case "full":
        this.#plain.forget(); // the router has to know what it sends
        this.#carryOut(router.full(peer, Number(value), now), now);
        return;
      case "drained":
        this.#carryOut(router.drained(peer, now), now);
        return;
      default:
        this.#broken(`the bridge said ${word}`);
    }
  }

  #broken(why: string): void {
    if (this.#over) return;
    this.#records.log(3, `echarde: ${why}; the connection is closed`);
    this.#say(0, ["bye"]);
    this.#over = true;
  }

  // ---- effects ------------------------------------------------------------

  #carryOut(effects: Effects, now: number): void {
    for (const { peer, open, write, read, end } of effects.list) {
      if (this.#adopting) {
        // It has gone, to the links that the router means as well.
        if (peer.kind === "client" || open !== null || end !== null) this.#broken(misread);
        continue;
      }
      if (peer.kind === "client") {
        for (const chunk of write) this.#toClient(chunk);
        if (read !== null) this.#paused = !read;
        if (end !== null) this.#endSaid = true;
        continue;
      }
      if (open !== null) this.#open(peer, open.cluster, open.endpoint);
      const link = peer.host;
      if (typeof link !== "number") continue;
      for (const chunk of write) this.#data(link, chunk);
      if (write.length > 0) this.#sent(peer, link);
      if (read !== null) this.#say(link, ["read", read]);
      if (end === null) continue;
      this.#say(link, [end === "flush" ? "end" : "abort"]);
      this.#plain.forget();
      this.#links.delete(link);
      this.#opening.delete(peer);
      peer.host = undefined;
    }
    if (effects.deadline < this.deadline) this.deadline = effects.deadline;
    // Nobody here knows an answer.
    for (const ask of effects.asks) this.#carryOut(this.#router.answer(ask, undefined, now), now);
  }

  #open(peer: Peer, cluster: string, endpoint: string): void {
    if (typeof peer.host === "number") {
      this.#say(peer.host, ["abort"]);
      this.#links.delete(peer.host);
    }
    const link = this.#nextLink++;
    peer.host = link;
    this.#links.set(link, peer);
    this.#opening.add(peer);
    this.#say(link, ["open", cluster, endpoint]);
  }

  #toClient(chunk: Uint8Array): void {
    this.#plain.answered();
    if (this.#speaking && this.#waiting.length === 0) {
      this.#records.append(operations.toClient, chunk);
      return;
    }
    this.#waiting.push(chunk.slice());
    this.#waitingBytes += chunk.length;
  }

  #sayWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const chunk of waiting) this.#records.append(operations.toClient, chunk);
  }

  /**
   * The client sends no more. Its end leaves with the next bytes for the bridge, and nothing can
   * follow: what waits for a connection goes at once, the bridge holds it until that stands.
   */
  #clientEnd(now: number): void {
    for (const peer of [...this.#opening]) {
      if (this.#opening.delete(peer)) this.#carryOut(this.#router.opened(peer, now), now);
    }
    this.#carryOut(this.#router.halfClosed(this.#client, now), now);
    if (this.#waiting.length > 0 || this.#endSaid) this.#nudge();
    this.#wrote = true;
    this.#ending = true;
  }

  #keepUnread(bytes: Uint8Array): void {
    this.#unread.push(bytes.slice());
    this.#unreadBytes += bytes.length;
    if (this.#unreadBytes > mostUnread) this.#broken("the client sent more than may wait");
  }

  /** Reads on in what the client has sent while it was not read. */
  #readOn(now: number): void {
    while (!this.#paused && !this.#over && !this.#endSaid && this.#unread.length > 0) {
      const chunk = this.#unread.shift() as Uint8Array;
      this.#unreadBytes -= chunk.length;
      this.#carryOut(this.#router.bytes(this.#client, chunk, now), now);
    }
    if (this.#paused || this.#over || this.#unread.length > 0) return;
    if (this.#inBuffer) this.#records.number(operations.fetch, this.#id);
    else if (this.#clientEnded) {
      this.#clientEnded = false;
      this.#clientEnd(now);
    }
  }

  // ---- what the shim carries ----------------------------------------------

  /** The client is read, and nothing of it waits here. */
  #isReading(): boolean {
    if (this.#over || this.#paused || this.#inBuffer || this.#endSaid || this.#closing)
      return false;
    if (this.#clientEnded || this.#silent || this.#ending) return false;
    return this.#unread.length + this.#frames.length === 0;
  }

  /** Nothing is open, and nothing waits anywhere. */
  #isIdle(): boolean {
    if (!this.#isReading() || this.#reader.held > 0 || this.#waiting.length > 0) return false;
    const [client] = this.#router.clients;
    return client?.state === "reading" && client.inFlight === 0 && client.heldBytes === 0;
  }

  #sent({ cluster, key }: Peer, link: number): void {
    if (!this.#plain.learning) return;
    const { clusters } = this.#router.table;
    const index = clusters.findIndex(({ name }) => name === cluster);
    this.#plain.sent(index, link, !key.includes("/private "));
  }

  #turnLane(): void {
    const idle = this.#isIdle();
    const on = idle && this.#plain.known.length > 0;
    // What is open now is answered, or fails: there will be another turn.
    const hold = !idle && this.#plain.learning && this.#isReading();
    this.#lanes.turn(this.#id, on ? "on" : hold ? "hold" : "off", this.#map, this.#plain.known);
  }

  // ---- to the bridge ------------------------------------------------------

  #data(link: number, chunk: Uint8Array): void {
    // A further round of a request, which can no longer be sent: the client sees its connection close.
    if (this.#silent) this.#endSaid = true;
    for (let from = 0; from < chunk.length; from += maxData) {
      const piece = chunk.subarray(from, Math.min(chunk.length, from + maxData));
      this.#write(headOf(link, piece.length, false));
      this.#write(piece);
    }
  }

  #say(link: number, message: Control): void {
    const words = encodeControl(message);
    this.#write(headOf(link, words.length, true));
    this.#write(words);
  }

  #nudge(): void {
    if (this.#nudged) return;
    this.#nudged = true;
    this.#say(0, ["nudge"]);
  }

  #write(bytes: Uint8Array): void {
    if (this.#over || this.#silent) return;
    if (this.#inBuffer) {
      this.#frames.push(bytes.slice());
      return;
    }
    this.#wrote = true;
    this.#records.append(operations.toUpstream, bytes);
  }

  /** Ends the event: what was written moves on. */
  #flush(): void {
    if (!this.#over) {
      if (this.#waiting.length > 0) this.#nudge();
      if (this.#endSaid) this.#leave();
    }
    if (this.#inBuffer && this.#frames.length > 0) {
      this.#records.number(operations.fetch, this.#id);
      return;
    }
    if (!this.#wrote) return;
    this.#wrote = false;
    if (this.#ending) this.#silent = true;
    this.#records.number(operations.resume, downstream);
  }

  /** The client is to be closed: by the bridge, which lets it have all that was written first, or by a tick. */
  #leave(): void {
    if (this.#silent || this.#ending) {
      this.#closing = true;
      this.deadline = 0;
    } else {
      this.#say(0, ["bye"]);
      this.deadline = Number.POSITIVE_INFINITY;
    }
    this.#over = true;
  }
}

/** What the route can do for a codec. */
export const capabilities: readonly Capability[] = [
  "fanOut",
  "unsolicitedReply",
  "timers",
  "privateLinks",
];

/** Connections that get another table at the same time have this in common. */
export function lanesOf({ name, codec }: Settings): string {
  return `${name} ${codec.name}`;
}

const misread = "requests that have been sent are not what was sent";
/** Above what Envoy's buffers let a client send ahead. */
const mostUnread = 4 << 20;
const scratch = new Uint8Array(headSize);

function headOf(link: number, length: number, control: boolean): Uint8Array {
  return scratch.subarray(0, writeHead(scratch, 0, link, length, control));
}
