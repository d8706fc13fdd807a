/**
 * Whom a router speaks to: a client (downstream) or a link (one upstream
 * connection). A peer collects what is to be sent to it while an input is
 * handled; adjacent pieces of one buffer become one view, small ones that lie
 * apart one copy.
 */
import { gather, gathered, smallPiece } from "./bytes/gather.ts";
import { view } from "./bytes/join.ts";
import type { Effect, Open } from "./effects.ts";

/** The public face of a client or a link. */
export interface Peer {
  /** Which of the two. */
  readonly kind: "client" | "link";
  /** Unique in the router at any time: `client 7`, `east`, `east/private 7`. Holds no secret. */
  readonly key: string;
  /** Name of a link's cluster, "" for a client. */
  readonly cluster: string;
  /** The host's own: its socket, say. Core never looks at it. */
  host: unknown;
}

/** Peers touched by the input that is being handled. */
export interface Dirty {
  /** Registers a peer that has something for the host. */
  touch(endpoint: Endpoint): void;
}

/** What clients and links have in common. */
export abstract class Endpoint implements Peer {
  abstract readonly kind: "client" | "link";
  abstract readonly key: string;
  abstract readonly cluster: string;
  host: unknown = undefined;
  /** Set while registered as touched. */
  touched = false;
  readonly #dirty: Dirty;
  #open: Open | null = null;
  /** Null = nothing but the run: most inputs write one view to a peer, and an array that grows costs more than it. */
  #write: Uint8Array[] | null = null;
  #read: boolean | null = null;
  #end: "flush" | "abort" | null = null;
  // The run: adjacent bytes of one buffer that will leave as one view.
  #run: Uint8Array | null = null;
  #runFrom = 0;
  #runTo = 0;

  constructor(dirty: Dirty) {
    this.#dirty = dirty;
  }

  /** Sends `bytes[from, to)`. */
  sendView(bytes: Uint8Array, from: number, to: number): void {
    if (this.#run === bytes && this.#runTo === from) {
      this.#runTo = to;
      return;
    }
    if (this.#run !== null) {
      if (to - from <= smallPiece && this.#gather(this.#run, bytes, from, to)) return;
      const before = view(this.#run, this.#runFrom, this.#runTo);
      if (this.#write === null) this.#write = [before];
      else this.#write.push(before);
    }
    this.#run = bytes;
    this.#runFrom = from;
    this.#runTo = to;
    if (!this.touched) this.#touch();
  }

  /** Sends a whole chunk. */
  send(chunk: Uint8Array): void {
    if (chunk.length > 0) this.sendView(chunk, 0, chunk.length);
  }

  /** Asks the host to connect. */
  askOpen(open: Open): void {
    this.#open = open;
    if (!this.touched) this.#touch();
  }

  /** Asks the host to read or to stop reading. */
  askRead(read: boolean): void {
    this.#read = read;
    if (!this.touched) this.#touch();
  }

  /** Asks the host to close. */
  askEnd(end: "flush" | "abort"): void {
    if (this.#end !== "abort") this.#end = end;
    if (!this.touched) this.#touch();
  }

  /** What logs and inspection show: its settings may hold passwords. */
  toJSON(): { readonly kind: string; readonly key: string; readonly cluster: string } {
    return { kind: this.kind, key: this.key, cluster: this.cluster };
  }

  /** What has been collected since the last call. */
  take(): Effect {
    let write: readonly Uint8Array[] = nothing;
    if (this.#run !== null) {
      const last = view(this.#run, this.#runFrom, this.#runTo);
      if (this.#write === null) write = [last];
      else {
        this.#write.push(last);
        write = this.#write;
      }
      this.#run = null;
      this.#write = null;
    }
    const effect = {
      peer: this,
      open: this.#open,
      write,
      read: this.#read,
      end: this.#end,
    };
    this.#open = null;
    this.#read = null;
    this.#end = null;
    this.touched = false;
    return effect;
  }

  /** Makes a small piece part of the run by copying it; false when that is not cheaper. */
  #gather(run: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
    const start = gather(run, this.#runFrom, this.#runTo, bytes, from, to);
    if (start < 0) return false;
    this.#runTo += start - this.#runFrom + to - from;
    this.#runFrom = start;
    this.#run = gathered;
    return true;
  }

  #touch(): void {
    this.touched = true;
    this.#dirty.touch(this);
  }
}

/** Shared by all effects that write nothing. */
const nothing: readonly Uint8Array[] = Object.freeze([]);

/** As JSON, wherever Node prints a peer. */
Object.defineProperty(Endpoint.prototype, Symbol.for("nodejs.util.inspect.custom"), {
  value(this: Endpoint): unknown {
    return this.toJSON();
  },
});
