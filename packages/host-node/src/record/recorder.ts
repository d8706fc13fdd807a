/**
 * Writes what goes to the clusters into a trace, up to a bound. It reads the
 * bytes of each upstream connection beside the router; what it cannot read it
 * leaves alone, and the traffic never waits for it.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import Parser from "redis-parser";
import { now } from "../clock.ts";
import type { Socket } from "../sockets.ts";
import { type Explain, masked } from "./mask.ts";
import { encodeEnd, encodeHead, encodeTracePacket, type TraceEnd, type Word } from "./trace.ts";

/** What is recorded, and where. */
export interface RecordOptions {
  /** The file; it is replaced, and only its owner may read it. */
  readonly file: string;
  /** Bytes that the trace may have. */
  readonly bytes: number;
  /** Whether values are recorded, too. */
  readonly values: boolean;
}

/** See the module. */
export class Recorder {
  readonly #values: boolean;
  readonly #explain: Explain;
  readonly #began = now();
  #file: number | null;
  /** Bytes left, but for the end. */
  #left: number;
  #packets = 0;
  #unread = 0;

  /** Opens the file. Throws the system's error. */
  constructor(
    { file, bytes, values }: RecordOptions,
    of: { readonly protocol: string; readonly table: string; readonly explain: Explain },
  ) {
    const { protocol, table } = of;
    this.#values = values;
    this.#explain = of.explain;
    this.#left = bytes - endSize;
    this.#file = openSync(file, "w", 0o600);
    this.#write(encodeHead({ protocol, table, values, began: this.#began }));
  }

  /** The socket of an upstream connection, with all that is sent on it read. */
  tap(cluster: string, socket: Socket): Socket {
    if (this.#file === null) return socket;
    let pending = 0;
    let reads = true;
    const stop = (): void => {
      if (reads) this.#unread += 1;
      reads = false;
    };
    const parser = new Parser({
      returnBuffers: true,
      returnReply: (reply: unknown) => {
        pending = 0;
        if (Array.isArray(reply)) this.#packet(cluster, reply as Buffer[]);
      },
      returnError: stop,
      returnFatalError: stop,
    });
    return {
      write: (chunks) => {
        for (const chunk of this.#file === null ? [] : chunks) {
          if (!reads) break;
          pending += chunk.length;
          if (pending > largest) stop();
          else parser.execute(Buffer.from(chunk)); // a copy: it keeps what is not whole yet
        }
        return socket.write(chunks);
      },
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      end: () => socket.end(),
      destroy: () => socket.destroy(),
    };
  }

  /** Writes the end. Returns it, null when it had been reached already. */
  close(full = false): TraceEnd | null {
    if (this.#file === null) return null;
    const end = { packets: this.#packets, unread: this.#unread, full };
    writeSync(this.#file, encodeEnd(end));
    closeSync(this.#file);
    this.#file = null;
    return end;
  }

  #packet(cluster: string, words: readonly Buffer[]): void {
    if (this.#file === null) return;
    const left = masked(words, this.#explain);
    if (left === null) return;
    const kept: readonly Word[] = this.#values ? words : left;
    const at = Math.round((now() - this.#began) * 1_000) / 1_000;
    const bytes = encodeTracePacket({ at, cluster, words: kept });
    if (bytes.length > this.#left) this.close(true);
    else {
      this.#packets += 1;
      this.#write(bytes);
    }
  }

  #write(bytes: Uint8Array): void {
    this.#left -= bytes.length;
    if (this.#file !== null) writeSync(this.#file, bytes);
  }
}

/** Bytes of the end at most. */
const endSize = 64;
/** Bytes of one packet at most: a larger one is not held, and nothing behind it on its connection is read. */
const largest = 16 << 20;
