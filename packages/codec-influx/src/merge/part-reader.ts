/** Reads one server's chunked answer to one statement while it comes. */
import { join } from "@echarde/core";
import { ResponseReader } from "@echarde/http1";
import { errorOf, versionOf } from "../http/answer.ts";
import { type Piece, readPieces } from "./read-json.ts";

/** See the module. */
export class PartReader {
  /** Status of the response, 0 before its head. */
  status = 0;
  /** The server's version as it names it, "" when it does not. */
  version = "";
  /** Why the answer is none, "" = it is one so far. */
  error = "";
  /** Bytes that wait for the rest of their object. */
  held = 0;
  readonly #reader = new ResponseReader();
  /** The end of the last bytes, which the reader wants with more behind them. */
  #unread: Uint8Array | null = null;
  /** Pieces of an object that is not whole. */
  #object: Uint8Array[] = [];

  /** Reads on in the response; `end` with its last bytes. Null = it is no answer, see `error` and `status`. */
  read(bytes: Uint8Array, end: boolean): readonly Piece[] | null {
    const input = this.#unread === null ? bytes : join([this.#unread, bytes]);
    this.#unread = null;
    const pieces: Piece[] = [];
    const reader = this.#reader;
    let at = 0;
    while (at < input.length) {
      const next = reader.read(input, at, "other");
      if (reader.event === "head" && !reader.head.interim) {
        this.status = reader.head.status;
        this.version = versionOf(input, reader.head);
      } else if (reader.event === "body") {
        this.#data(input.subarray(reader.body.dataFrom, reader.body.dataTo), pieces);
      }
      if (next === at && reader.event === "need") {
        this.#unread = input.slice(at);
        break;
      }
      if (reader.event === "fault") this.error ||= unreadable;
      at = reader.event === "fault" ? input.length : next;
    }
    if (end) this.#parse(pieces);
    return this.error === "" ? pieces : null;
  }

  /** Objects end with a line feed; strings have none. */
  #data(data: Uint8Array, pieces: Piece[]): void {
    const last = data.lastIndexOf(LF);
    if (last >= 0 && this.status === 200) {
      this.#keep(data.subarray(0, last + 1));
      this.#parse(pieces);
    }
    if (last + 1 < data.length || this.status !== 200) {
      // A copy: what is held must not keep a larger buffer alive, and inputs may be reused.
      this.#keep(data.slice(this.status === 200 ? last + 1 : 0));
    }
  }

  #keep(data: Uint8Array): void {
    if (this.status !== 200 && this.held > MAX_ERROR) return;
    this.#object.push(data);
    this.held += data.length;
  }

  #parse(pieces: Piece[]): void {
    if (this.held === 0 && this.status === 200) return;
    const whole = join(this.#object);
    this.#object = [];
    this.held = 0;
    const read = this.status === 200 ? readPieces(whole) : null;
    if (read === null) this.error ||= errorOf(whole) || unreadable;
    else for (const piece of read) pieces.push(piece);
  }
}

const LF = 10;
/** Bytes of a body that is no answer. */
const MAX_ERROR = 1 << 16;
/** Words for an answer that is none. */
const unreadable = "an upstream's answer cannot be read";
