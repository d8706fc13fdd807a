/**
 * A file of records that are only ever added, and now and then written anew.
 *
 * ```
 *   record:  length (4 bytes) · CRC-32 of the bytes (4) · bytes
 * ```
 * A process that is killed leaves at most one torn record at the end, which is cut off when the
 * file is opened again. What was appended survives the process; the machine's failure only once the
 * system has written it out (`sync`).
 */
import {
  closeSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { crc32 } from "node:zlib";

/** See the module. */
export class AppendLog {
  /** Where it is. */
  readonly path: string;
  #file: number;
  /** Bytes that it has. */
  #size: number;
  /** Bytes that it had when it was last written anew. */
  #base: number;

  /** Opens it, or makes it. Throws the system's error. */
  constructor(path: string) {
    this.path = path;
    this.#file = openSync(path, "a+", 0o600);
    this.#size = fstatSync(this.#file).size;
    this.#base = 0;
  }

  /** What it has, oldest first; cuts off what is torn at the end. Views of one buffer. */
  read(): readonly Uint8Array[] {
    const bytes = readFileSync(this.path);
    const records: Uint8Array[] = [];
    let at = 0;
    for (;;) {
      const from = at + headLength;
      if (from > bytes.length) break;
      const to = from + bytes.readUInt32LE(at);
      if (to > bytes.length) break;
      const record = bytes.subarray(from, to);
      if (crc32(record) !== bytes.readUInt32LE(at + 4)) break;
      records.push(record);
      at = to;
    }
    if (at < bytes.length) ftruncateSync(this.#file, at);
    this.#size = at;
    return records;
  }

  /** Whether so much was added that writing it anew is worth its while. */
  get isLong(): boolean {
    return this.#size > shortest && this.#size > 2 * this.#base;
  }

  /** Adds records, all or none. Throws the system's error. */
  append(records: readonly Uint8Array[]): void {
    const bytes = framed(records);
    try {
      write(this.#file, bytes);
    } catch (error) {
      ftruncateSync(this.#file, this.#size); // half a record would hide all that follows
      throw error;
    }
    this.#size += bytes.length;
  }

  /** Has the system write it out: what was appended survives a failure of the machine, too. Rejects with the system's error. Nothing else may be asked of it meanwhile. */
  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fdatasync(this.#file, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  /** Puts these in the place of all that it has; as it was when that fails. Throws the system's error. */
  rewrite(records: readonly Uint8Array[]): void {
    const path = `${this.path}.new`;
    const bytes = framed(records);
    const file = openSync(path, "w", 0o600);
    try {
      write(file, bytes);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(path, this.path);
    const old = this.#file;
    this.#file = openSync(this.path, "a+", 0o600);
    closeSync(old);
    this.#size = bytes.length;
    this.#base = bytes.length;
  }

  /** Closes it. */
  close(): void {
    closeSync(this.#file);
  }
}

function framed(records: readonly Uint8Array[]): Buffer {
  const chunks: Uint8Array[] = [];
  for (const record of records) {
    const head = Buffer.alloc(headLength);
    head.writeUInt32LE(record.length, 0);
    head.writeUInt32LE(crc32(record), 4);
    chunks.push(head, record);
  }
  return Buffer.concat(chunks);
}

function write(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

const headLength = 8;
/** A file of so many bytes is not written anew: it costs nothing to read. */
const shortest = 1 << 20;
