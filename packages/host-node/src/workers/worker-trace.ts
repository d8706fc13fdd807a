/**
 * What a worker records on its way to the first process, which writes the one trace: gathered for some
 * milliseconds, since a message for each packet would cost more than the packet.
 */
import type { TraceSink } from "../record/trace-file.ts";

/** Packets in the bytes of a trace, and connections that could not be read any further since the last message. */
export interface TraceMessage {
  /** In the order in which they were sent. */
  readonly packets: readonly Uint8Array[];
  /** How many. */
  readonly unread: number;
}

/** See the module. */
export class WorkerTrace implements TraceSink {
  isOpen = true;
  readonly #tell: (message: TraceMessage) => void;
  /** Bytes that the trace may have: no more are sent, whatever the others have. */
  #left: number;
  #packets: Uint8Array[] = [];
  #unread = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(bytes: number, tell: (message: TraceMessage) => void) {
    this.#left = bytes;
    this.#tell = tell;
  }

  packet(bytes: Uint8Array): void {
    if (!this.isOpen) return;
    this.#left -= bytes.length;
    this.#packets.push(bytes);
    if (this.#left < 0) {
      this.flush();
      this.isOpen = false;
    } else this.#later();
  }

  unread(): void {
    this.#unread += 1;
    this.#later();
  }

  /** Sends what is gathered. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#packets.length === 0 && this.#unread === 0) return;
    this.#tell({ packets: this.#packets, unread: this.#unread });
    this.#packets = [];
    this.#unread = 0;
  }

  #later(): void {
    this.#timer ??= setTimeout(() => this.flush(), gatherTime);
  }
}

/** Milliseconds. */
const gatherTime = 20;
