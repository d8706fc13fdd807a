/** A trace that grows in a file, up to a bound. */
import { closeSync, constants, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { encodeEnd, encodeHead, type TraceEnd, type TraceHead } from "./trace.ts";

/** Takes packets in the bytes of a trace. */
export interface TraceSink {
  /** Whether it takes more. */
  readonly isOpen: boolean;
  /** A packet; the memory is the sink's. */
  packet(bytes: Uint8Array): void;
  /** An upstream connection cannot be read any further. */
  unread(): void;
}

/** See the module. What was in the file is kept until the first packet or {@link TraceFile.begin}. */
export class TraceFile implements TraceSink {
  /** When the trace began, Unix milliseconds. */
  readonly began: number;
  /** Called once, when no more is taken: the bound is reached, or the file cannot be written. */
  full: () => void = () => {};
  /** Why the file could not be written to its end, null = it could. */
  failure: Error | null = null;
  #file: number | null;
  /** Bytes left, but for the end. */
  #left: number;
  #head: Uint8Array | null;
  #packets = 0;
  #unread = 0;

  /** Opens the file, which its owner alone may read. Throws the system's error. */
  constructor(file: string, bytes: number, head: TraceHead) {
    const { O_CREAT, O_WRONLY } = constants;
    this.#file = openSync(file, O_CREAT | O_WRONLY, 0o600);
    this.#left = bytes - endSize;
    this.#head = encodeHead(head);
    this.began = head.began;
  }

  get isOpen(): boolean {
    return this.#file !== null;
  }

  /** Throws away what was in the file, and writes the head. */
  begin(): void {
    if (this.#file === null || this.#head === null) return;
    if (fstatSync(this.#file).isFile()) ftruncateSync(this.#file);
    const head = this.#head;
    this.#head = null;
    this.#write(head);
  }

  packet(bytes: Uint8Array): void {
    if (this.#file === null) return;
    this.begin();
    if (bytes.length > this.#left) {
      this.close(true);
      this.full();
      return;
    }
    this.#packets += 1;
    this.#write(bytes);
  }

  unread(): void {
    this.#unread += 1;
  }

  /** Writes the end. Returns it, null when it had been reached already. */
  close(full = false): TraceEnd | null {
    if (this.#file === null) return null;
    this.begin();
    const end = { packets: this.#packets, unread: this.#unread, full };
    this.#write(encodeEnd(end));
    if (this.#file === null) return null;
    closeSync(this.#file);
    this.#file = null;
    return end;
  }

  /** All of it, or nothing more ever: a full disk must not end a server. */
  #write(bytes: Uint8Array): void {
    this.#left -= bytes.length;
    if (this.#file === null) return;
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      closeSync(this.#file);
      this.#file = null;
      this.failure = error instanceof Error ? error : new Error(String(error));
      this.full();
    }
  }
}

/** Bytes of the end at most. */
const endSize = 64;
