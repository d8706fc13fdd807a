/**
 * One stream of frames and the links that it carries.
 *
 * ```
 *   peer ──frames──▶ session ──bytes──▶ servers         one write for each link and turn
 *   peer ◀─frames─── session ◀─bytes─── servers         one write for the peer and turn
 * ```
 * Only addresses of the configuration are dialled. A peer that does not read
 * stops the reading from its servers; a server that does not read is told of
 * to the peer, which then stops its client.
 */
import {
  type Control,
  decodeControl,
  encodeControl,
  FrameReader,
  frameHead,
  maxData,
} from "@echarde/host-proxy-wasm";
import { parseAddress } from "../address.ts";
import { Outbox, recycle } from "../outbox.ts";
import { fullAt, type Socket, type SocketEvents } from "../sockets.ts";
import type { BridgeCore } from "./bridge-core.ts";
import type { Dial } from "./dial-queue.ts";

/** Links of one session: more than any protocol opens for one client. */
const mostLinks = 1_024;
/** Bytes that may wait for one server: above what Envoy sends on before it hears that the link is full. */
const mostWaiting = 64 << 20;

/** See the module. */
export class BridgeSession implements SocketEvents {
  readonly #core: BridgeCore;
  readonly #reader = new FrameReader();
  readonly #links = new Map<number, BridgeLink>();
  readonly #outbox = new Outbox();
  #peer: Socket | null = null;
  #scheduled = false;
  #full = false;
  #peerEnded = false;
  #ending = false;

  constructor(core: BridgeCore) {
    this.#core = core;
  }

  /** Gives it the connection that the frames come on. */
  attach(peer: Socket): void {
    this.#peer = peer;
  }

  // ---- events of the peer ---------------------------------------------------

  opened(): void {}

  bytes(chunk: Uint8Array): void {
    if (this.#ending) return;
    const reader = this.#reader;
    reader.append(chunk);
    while (!this.#ending && reader.next()) {
      const { link, data, control } = reader;
      if (data.length > 0) this.#links.get(link)?.write(data);
      if (control.length > 0) this.#control(link, decodeControl(control));
    }
    reader.keep();
    if (reader.fault !== "") this.close();
  }

  drained(waiting: number): void {
    if (!this.#full || waiting > 0) return;
    this.#full = false;
    for (const link of this.#links.values()) link.read();
  }

  halfClosed(): void {
    this.#peerEnded = true;
    this.#maybeEnd();
  }

  lost(): void {
    this.#peer = null;
    this.close();
  }

  // ---- commands -------------------------------------------------------------

  /** Whether the peer takes no more for now. */
  get full(): boolean {
    return this.#full;
  }

  /** What counts what happens. */
  get core(): BridgeCore {
    return this.#core;
  }

  /** Says something about a link. */
  say(link: number, ...message: Control): void {
    const words = encodeControl(message);
    this.#outbox.append(frameHead(link, words.length, true));
    this.#outbox.append(words);
    this.#schedule();
  }

  /** Bytes of a server. */
  data(link: number, chunk: Uint8Array): void {
    for (let from = 0; from < chunk.length; from += maxData) {
      const piece = chunk.subarray(from, from + maxData);
      this.#outbox.append(frameHead(link, piece.length, false));
      this.#outbox.append(piece);
    }
    this.#core.count("to-peer", chunk.length);
    this.#schedule();
  }

  /** A link is no more. */
  forget(link: number): void {
    if (this.#links.delete(link)) this.#core.linkClosed();
    this.#maybeEnd();
  }

  /** Ends all at once. */
  close(): void {
    for (const [id, link] of [...this.#links]) {
      link.destroy();
      this.forget(id);
    }
    this.#peer?.destroy();
    this.#peer = null;
    this.#outbox.take();
    this.#ending = true;
    this.#core.forget(this);
  }

  // ---- private --------------------------------------------------------------

  #control(id: number, message: Control | null): void {
    const [word, first, second] = message ?? [""];
    const link = this.#links.get(id);
    switch (word) {
      case "open":
        this.#open(id, String(first), String(second));
        return;
      case "read":
        link?.wanted(first === true);
        return;
      case "end":
        link?.end();
        return;
      case "abort":
        link?.destroy();
        this.forget(id);
        return;
      case "nudge":
        this.say(0, "nudge");
        return;
      case "bye":
        this.say(0, "nudge"); // the filter may write once more
        this.#end();
        return;
      default:
        this.close(); // not one of ours
    }
  }

  #open(id: number, cluster: string, endpoint: string): void {
    if (id === 0 || this.#links.has(id) || this.#links.size >= mostLinks) {
      this.close();
      return;
    }
    const address = this.#core.allows(cluster, endpoint) ? parseAddress(endpoint) : null;
    if (address === null) {
      this.#core.count("refused", 1);
      this.say(id, "lost", "not configured");
      return;
    }
    const link = new BridgeLink(this, id);
    this.#links.set(id, link);
    this.#core.linkOpened();
    link.dial(() => this.#core.dial(address, link, cluster));
  }

  /** After the client's end nothing more is asked: without links there is nothing to wait for. */
  #maybeEnd(): void {
    if (this.#peerEnded && this.#links.size === 0) this.#end();
  }

  #end(): void {
    if (this.#ending) return;
    for (const [id, link] of [...this.#links]) {
      link.end();
      this.forget(id);
    }
    this.#ending = true;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    const peer = this.#peer;
    if (peer === null) return;
    if (!this.#outbox.empty) {
      const chunks = this.#outbox.take();
      const waiting = peer.write(chunks);
      if (waiting === 0) recycle(chunks);
      else if (waiting >= fullAt && !this.#full) {
        this.#full = true;
        for (const link of this.#links.values()) link.read();
      }
    }
    if (!this.#ending) return;
    this.#peer = null;
    peer.end();
    this.#core.forget(this);
  }
}

/** One connection to a server. */
class BridgeLink implements SocketEvents {
  readonly #session: BridgeSession;
  readonly #id: number;
  readonly #outbox = new Outbox();
  #socket: Socket | null = null;
  #dial: Dial | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** Bytes that came before it was its turn to connect. */
  #early = 0;
  #scheduled = false;
  #ending = false;
  #full = false;
  #wanted = true;
  #reads = true;

  constructor(session: BridgeSession, id: number) {
    this.#session = session;
    this.#id = id;
  }

  /** Connects when it is its turn; what is written before waits. */
  dial(connect: () => Socket): void {
    const { dials, connectTimeout } = this.#session.core;
    this.#dial = dials.add(() => {
      this.#socket = connect();
      if (!this.#reads) this.#socket.pause();
      this.#timer = setTimeout(() => setImmediate(() => this.#late()), connectTimeout);
      this.#schedule();
    });
  }

  opened(): void {
    this.#settled();
    if (!this.#ending) this.#session.say(this.#id, "opened");
  }

  bytes(chunk: Uint8Array): void {
    if (!this.#ending) this.#session.data(this.#id, chunk);
  }

  drained(waiting: number): void {
    if (!this.#full || this.#ending) return;
    this.#full = waiting > 0;
    if (this.#full) this.#session.say(this.#id, "full", waiting);
    else this.#session.say(this.#id, "drained");
  }

  halfClosed(): void {
    if (!this.#ending) this.#session.say(this.#id, "ended");
  }

  lost(error: Error | null): void {
    this.#settled();
    this.#socket = null;
    if (this.#ending) return;
    this.#ending = true;
    const { code = "closed" } = (error ?? {}) as NodeJS.ErrnoException;
    this.#session.say(this.#id, "lost", code);
    this.#session.forget(this.#id);
  }

  /** Sends at the end of the turn. */
  write(data: Uint8Array): void {
    if (this.#ending) return;
    this.#session.core.count("to-servers", data.length);
    this.#outbox.append(data);
    this.#schedule();
    if (this.#socket !== null) return;
    this.#early += data.length;
    if (this.#early > mostWaiting) this.#flood();
  }

  /** Whether the peer wants its bytes. */
  wanted(on: boolean): void {
    this.#wanted = on;
    this.read();
  }

  /** Reads, or not: as the peer wants it, and while it takes it. */
  read(): void {
    const reads = this.#wanted && !this.#session.full;
    if (reads === this.#reads) return;
    this.#reads = reads;
    if (reads) this.#socket?.resume();
    else this.#socket?.pause();
  }

  /** Closes it when all is sent. */
  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#schedule();
  }

  /** Closes it at once. */
  destroy(): void {
    this.#settled();
    this.#ending = true;
    this.#outbox.take();
    this.#socket?.destroy();
    this.#socket = null;
  }

  /** The connect is over, well or badly. */
  #settled(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#dial?.settle();
    this.#dial = null;
  }

  /** A turn after its time was up: a loop that is behind hears of connections before. */
  #late(): void {
    if (this.#dial === null) return;
    this.#socket?.destroy();
    this.lost(Object.assign(new Error("the server did not take it"), { code: "ETIMEDOUT" }));
  }

  #flood(): void {
    this.destroy();
    this.#session.say(this.#id, "lost", "too much waits for it");
    this.#session.forget(this.#id);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    const socket = this.#socket;
    if (socket === null) return;
    if (!this.#outbox.empty) {
      const chunks = this.#outbox.take();
      const waiting = socket.write(chunks);
      if (waiting === 0) recycle(chunks);
      else if (waiting > mostWaiting) {
        this.#flood();
        return;
      } else if (waiting >= fullAt && !this.#full && !this.#ending) {
        this.#full = true;
        this.#session.say(this.#id, "full", waiting);
      }
    }
    if (!this.#ending) return;
    this.#settled(); // nobody hears of the connect any more
    this.#socket = null;
    socket.end();
    this.#session.forget(this.#id);
  }
}
