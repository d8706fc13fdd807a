/** One request as the plans see it: arguments in place, the command found, keys located. */
import type { Command } from "./commands/command.ts";
import { view } from "./views.ts";
import { equalsFolded, latin1, latin1Text } from "./wire/ascii.ts";
import type { RequestReader } from "./wire/request-reader.ts";
import { bulkStart } from "./wire/request-writer.ts";

/** See the module. Reused for each request of a session: take what must last. */
export class Request {
  /** The bytes that the offsets point into; RESP to the letter. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Start of the request in `bytes`. */
  from = 0;
  /** Offset after the request. */
  to = 0;
  /** Arguments, the name included. */
  argc = 0;
  /** Offset of each argument. */
  start: Int32Array = new Int32Array(0);
  /** Offset after each argument. */
  end: Int32Array = new Int32Array(0);
  /** The command, once found. */
  command: Command | null = null;
  /** The client's own bytes are these, so they may be forwarded. */
  untouched = true;

  /** Takes over what a reader has read. */
  set(bytes: Uint8Array, from: number, reader: RequestReader, untouched: boolean): void {
    this.bytes = bytes;
    this.from = from;
    this.to = reader.end;
    this.argc = reader.argc;
    this.start = reader.argStart;
    this.end = reader.argEnd;
    this.untouched = untouched;
  }

  /** A copy that outlives the input. It is never forwarded by its place there. */
  kept(): Request {
    const copy = new Request();
    copy.bytes = this.bytes.slice(this.from, this.to);
    copy.to = copy.bytes.length;
    copy.argc = this.argc;
    copy.start = this.start.slice(0, this.argc).map((offset) => offset - this.from);
    copy.end = this.end.slice(0, this.argc).map((offset) => offset - this.from);
    copy.command = this.command;
    copy.untouched = false;
    return copy;
  }

  /** A view of argument `i`. */
  arg(i: number): Uint8Array {
    return this.bytes.subarray(this.start[i], this.end[i]);
  }

  /** Argument `i` as text, one character a byte. */
  text(i: number): string {
    return latin1Text(this.bytes, this.start[i] as number, this.end[i] as number);
  }

  /** Whether argument `i` is this word in any case. `word` is lower-case. */
  is(i: number, word: string): boolean {
    return (
      i < this.argc &&
      equalsFolded(this.bytes, this.start[i] as number, this.end[i] as number, bytesOf(word))
    );
  }

  /** The whole request. */
  whole(): Uint8Array {
    return view(this.bytes, this.from, this.to);
  }

  /** Arguments `[first, last)` with headers and line ends, as they stand on the wire. */
  bulks(first: number, last: number): Uint8Array {
    const from = bulkStart(this.start[first] as number, this.end[first] as number);
    return this.bytes.subarray(from, (this.end[last - 1] as number) + 2);
  }
}

const words = new Map<string, Uint8Array>();

function bytesOf(word: string): Uint8Array {
  let bytes = words.get(word);
  if (bytes === undefined) {
    bytes = latin1(word);
    words.set(word, bytes);
  }
  return bytes;
}
