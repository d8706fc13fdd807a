/**
 * Reads client requests in place: finds where each argument stands and where
 * the request ends, and touches no payload.
 *
 * ```
 * request = "*" count CRLF count*("$" length CRLF bytes CRLF) / inline line
 * ```
 * Follows Redis 7.0 byte by byte, also in what it lets pass: the byte behind
 * a header's CR and the two bytes behind an argument are not checked. Such a
 * request is read, but is not {@link RequestReader.exact}: forward
 * `encodeRequest(...)` of it instead of its bytes, since other servers on a
 * shared link may be stricter. Lines are limited where Redis may limit them,
 * whatever the cut, so that segmentation never changes the outcome.
 */
import { CR, DOLLAR, equalsFolded, LF, latin1, parseInteger, STAR, ZERO } from "./ascii.ts";
import { growArguments, splitInline } from "./inline.ts";
import { readPlain } from "./plain-request.ts";
import { RequestBody } from "./request-body.ts";
import * as errors from "./request-errors.ts";
import { LINE_LIMIT } from "./request-errors.ts";

/** Too few bytes: see `need`. */
export const NEED = 0;
/** A whole request, up to `end`. */
export const REQUEST = 1;
/** Something that asks nothing (`*0`, a blank line), up to `end`. */
export const EMPTY = 2;
/** No request: see `error`. The reader stays failed. */
export const ERROR = 3;
/** As NEED, of a request that is worth sending on before it is whole: see {@link RequestReader.beginBody}. */
export const HEAD = 4;

/** The request is above what strangers may send: find out whether the client is one (see `doubtful`), then read again. */
export const DOUBT = 5;

/** What {@link RequestReader.read} returns. */
export type ReadStatus =
  | typeof NEED
  | typeof REQUEST
  | typeof EMPTY
  | typeof ERROR
  | typeof HEAD
  | typeof DOUBT;

/** Bounds of a request. */
export interface RequestLimits {
  /** Arguments of one request. Default 2^31 - 1, as Redis 7.0 (1024 * 1024 before); room is taken only as they arrive. */
  readonly maxArgs: number;
  /** Bytes of one argument. Default 512 MiB, as Redis's `proto-max-bulk-len`. */
  readonly maxBulk: number;
  /** Known size in bytes above which an incomplete request is reported as HEAD. Default 64 KiB; Infinity = never. */
  readonly cutThrough: number;
}

/** See {@link RequestLimits}. */
export const defaultRequestLimits: RequestLimits = {
  maxArgs: 2147483647,
  maxBulk: 512 * 1024 * 1024,
  cutThrough: 64 * 1024,
};

/** See the module. One for each client; reads one request at a time. */
export class RequestReader {
  /** Offset after the last REQUEST or EMPTY, or after the bytes that `beginBody` took. */
  end = 0;
  /** After NEED or HEAD: the least number of bytes from `from` worth another call. */
  need = 1;
  /** Arguments of the request, the command's name included. */
  argc = 0;
  /** Arguments that are there as a whole; equals `argc` after REQUEST. */
  argsRead = 0;
  /** Offset of each argument in `source(bytes)`. Overwritten by the next read, and replaced when it grows: read it anew. */
  argStart: Int32Array = new Int32Array(INITIAL_ARGS);
  /** Offset after each argument. As `argStart`. */
  argEnd: Int32Array = new Int32Array(INITIAL_ARGS);
  /** After ERROR: what to say behind `-ERR ` before closing; "" = close without a word (a request of another protocol). */
  error = "";
  /** The request is an inline line: its arguments stand in `scratch`, and its bytes are not RESP. */
  inline = false;
  /** Arguments of an inline request; overwritten by the next one. */
  scratch: Uint8Array = EMPTY_BYTES;
  /** The bytes up to `end` are RESP to the letter and may be forwarded as they are. */
  exact = true;
  /** Length of the argument that is incomplete, -1 when none has begun. */
  pending = -1;
  /** Set while the client must still authenticate: Redis's limits for strangers apply. */
  unauthenticated = false;
  /** Set while nobody knows whether it must: above those limits `read` gives DOUBT. */
  doubtful = false;

  readonly #limits: RequestLimits;
  readonly #body: RequestBody = new RequestBody();
  /** In the middle of the request at `#from`. */
  #active = false;
  #from = 0;
  /** Start of the header or payload at hand. */
  #at = 0;
  /** Bytes of the line at `#at` up to here hold no line end. */
  #scan = 0;
  #counted = false;
  /** `argsRead` at the last HEAD. */
  #head = 0;
  /** Failed without a text. */
  #refused = false;

  constructor(limits: RequestLimits = defaultRequestLimits) {
    this.#limits = limits;
  }

  /** Where the offsets of the arguments point into. */
  source(bytes: Uint8Array): Uint8Array {
    return this.inline ? this.scratch : bytes;
  }

  /**
   * Reads the request that starts at `bytes[from]`. After NEED or HEAD call
   * again with the same bytes and more; they may have moved to another buffer
   * or offset. What was walked is not walked again.
   */
  read(bytes: Uint8Array, from: number): ReadStatus {
    const size = bytes.length;
    if (!this.#active) {
      if (this.error !== "" || this.#refused) return ERROR;
      if (from >= size) {
        this.need = 1;
        return NEED;
      }
      if (bytes[from] === STAR && this.#readPlain(bytes, from)) return REQUEST;
      this.#start(from, bytes[from] !== STAR);
    } else if (from !== this.#from) this.#rebase(from);
    if (this.inline) return this.#readInline(bytes);
    if (!this.#counted) {
      const status = this.#readCount(bytes);
      if (status !== REQUEST) return status;
    }
    return this.#readArguments(bytes);
  }

  /**
   * Lets the rest of the request follow piece by piece: everything up to
   * `bytes.length` belongs to its head, `end` is set, `body` walks on. Only
   * right after HEAD, when the arguments read so far tell where it goes.
   */
  beginBody(bytes: Uint8Array): void {
    const left = this.#at + this.pending + 2 - bytes.length;
    this.#body.begin(left, this.argc - this.argsRead - 1, this.#limits.maxBulk);
    this.end = bytes.length;
    this.#active = false;
  }

  /** The rest of the request of `beginBody` is still to come. */
  get more(): boolean {
    return this.#body.more;
  }

  /**
   * Offset after the bytes from `from` on that belong to the request; clears
   * `more` at its end. Bad bytes set `error` and clear `more` too; they count
   * as the request's, so the upstream sees them and answers in our place. Its
   * connection and the client's must then be closed.
   */
  body(bytes: Uint8Array, from: number): number {
    const end = this.#body.walk(bytes, from);
    this.error = this.#body.error;
    return end;
  }

  /** The short way; false when the careful one must be gone, and nothing is changed then. */
  #readPlain(bytes: Uint8Array, from: number): boolean {
    const { argStart, argEnd } = this;
    if (argStart.length > KEPT_ARGS) return false;
    const argc = readPlain(bytes, from, this.#longest, argStart, argEnd);
    if (argc === 0 || argc > this.#limits.maxArgs) return false;
    if (argc > errors.UNAUTHENTICATED_ARGS && this.#isStranger) return false;
    if (isForeign(bytes, argStart[0] as number, argEnd[0] as number)) return false;
    this.inline = false;
    this.exact = true;
    this.argc = argc;
    this.argsRead = argc;
    this.end = (argEnd[argc - 1] as number) + 2;
    return true;
  }

  /** Bytes that an argument of this client may have. */
  get #longest(): number {
    return this.#isStranger ? errors.UNAUTHENTICATED_BULK : this.#limits.maxBulk;
  }

  get #isStranger(): boolean {
    return this.unauthenticated || this.doubtful;
  }

  #start(from: number, inline: boolean): void {
    this.#active = true;
    this.#from = from;
    this.#at = from;
    this.#scan = from;
    this.#counted = false;
    this.#head = 0;
    this.inline = inline;
    this.exact = !inline;
    this.argc = 0;
    this.argsRead = 0;
    this.pending = -1;
    if (this.argStart.length > KEPT_ARGS) {
      this.argStart = new Int32Array(INITIAL_ARGS);
      this.argEnd = new Int32Array(INITIAL_ARGS);
    }
  }

  #rebase(from: number): void {
    const shift = from - this.#from;
    this.#from = from;
    this.#at += shift;
    this.#scan += shift;
    for (let i = 0; i < this.argsRead; i++) {
      this.argStart[i] = (this.argStart[i] as number) + shift;
      this.argEnd[i] = (this.argEnd[i] as number) + shift;
    }
  }

  #readInline(bytes: Uint8Array): ReadStatus {
    const from = this.#from;
    const lf = this.#findEnd(bytes, LF);
    if (lf === UNFINISHED) return NEED;
    if (lf === OVERLONG) return this.#fail(errors.BIG_INLINE);
    const to = lf > from && bytes[lf - 1] === CR ? lf - 1 : lf;
    if (this.scratch.length < to - from) this.scratch = new Uint8Array(Math.max(256, to - from));
    const count = splitInline(bytes, from, to, this);
    if (count < 0) return this.#fail(errors.UNBALANCED);
    this.argc = count;
    this.argsRead = count;
    return this.#finish(bytes, lf + 1);
  }

  /** REQUEST = the count is known and above zero. */
  #readCount(bytes: Uint8Array): ReadStatus {
    const from = this.#from;
    const cr = this.#findEnd(bytes, CR);
    if (cr === UNFINISHED) return NEED;
    if (cr === OVERLONG) return this.#fail(errors.BIG_MULTIBULK_COUNT);
    const count = parseInteger(bytes, from + 1, cr);
    if (!(count <= this.#limits.maxArgs)) return this.#fail(errors.MULTIBULK_LENGTH);
    if (count > errors.UNAUTHENTICATED_ARGS) {
      if (this.unauthenticated) return this.#fail(errors.UNAUTHENTICATED_MULTIBULK);
      if (this.doubtful) return this.#doubt(bytes);
    }
    if (count <= 0) return this.#finish(bytes, cr + 2);
    if (bytes[cr + 1] !== LF) this.exact = false;
    this.argc = count;
    this.#counted = true;
    this.#at = cr + 2;
    this.#scan = this.#at;
    return REQUEST;
  }

  #readArguments(bytes: Uint8Array): ReadStatus {
    const size = bytes.length;
    const argc = this.argc;
    const longest = this.#longest;
    let at = this.#at;
    let count = this.argsRead;
    while (count < argc) {
      let length = this.pending;
      if (length < 0) {
        // Nearly every header is whole and plain; all others take the careful way below.
        let digits = at + 1;
        if (digits < size && bytes[at] === DOLLAR) {
          let value = 0;
          while (digits < size && digits < at + 9) {
            const digit = (bytes[digits] as number) - ZERO;
            if (!(digit >= 0 && digit <= 9)) break;
            value = value * 10 + digit;
            digits++;
          }
          const plain = digits > at + 1 && (bytes[at + 1] !== ZERO || digits === at + 2);
          if (plain && digits + 1 < size && bytes[digits] === CR && value <= longest) {
            length = value;
            if (bytes[digits + 1] !== LF) this.exact = false;
            at = digits + 2;
          }
        }
        if (length < 0) {
          this.argsRead = count;
          if (this.#scan < at) this.#scan = at;
          this.#at = at;
          const status = this.#readLength(bytes, longest);
          if (status !== REQUEST) return status;
          length = this.pending;
          at = this.#at;
        }
      }
      const end = at + length;
      if (end + 2 > size) {
        this.argsRead = count;
        this.pending = length;
        this.#at = at;
        return this.#wait(end + 2 - this.#from);
      }
      if (count === this.argStart.length) growArguments(this);
      this.argStart[count] = at;
      this.argEnd[count] = end;
      count++;
      if (bytes[end] !== CR || bytes[end + 1] !== LF) this.exact = false;
      this.pending = -1;
      at = end + 2;
    }
    this.argsRead = count;
    return this.#finish(bytes, at);
  }

  /** The careful way to an argument's length: REQUEST = it is in `pending`. */
  #readLength(bytes: Uint8Array, longest: number): ReadStatus {
    const at = this.#at;
    const cr = this.#findEnd(bytes, CR);
    if (cr === UNFINISHED) return NEED;
    if (cr === OVERLONG) return this.#fail(errors.BIG_BULK_COUNT);
    if (bytes[at] !== DOLLAR) return this.#fail(errors.expectedDollar(bytes[at] as number));
    const length = parseInteger(bytes, at + 1, cr);
    if (!(length >= 0 && length <= this.#limits.maxBulk)) return this.#fail(errors.BULK_LENGTH);
    if (length > longest) {
      return this.doubtful ? this.#doubt(bytes) : this.#fail(errors.UNAUTHENTICATED_BULK_LENGTH);
    }
    if (bytes[cr + 1] !== LF) this.exact = false;
    this.pending = length;
    this.#at = cr + 2;
    this.#scan = this.#at;
    return REQUEST;
  }

  /** Finds the byte that ends the line at `#at`; a CR only when one more byte is there. Redis's search stops for good at a NUL. */
  #findEnd(bytes: Uint8Array, end: number): number {
    const size = bytes.length;
    const stop = Math.min(size, this.#at + LINE_LIMIT + 1);
    let at = this.#scan;
    while (at < stop && bytes[at] !== end && bytes[at] !== 0) at++;
    this.#scan = at;
    if (at < stop && bytes[at] === end) {
      if (end === LF || at + 1 < size) return at;
      this.need = at + 2 - this.#from;
      return UNFINISHED;
    }
    if (size - this.#at > LINE_LIMIT) return OVERLONG;
    this.need = size + 1 - this.#from;
    return UNFINISHED;
  }

  /** The request is known to have at least `known` bytes. */
  #wait(known: number): ReadStatus {
    this.need = known;
    if (known <= this.#limits.cutThrough || this.argsRead === this.#head) return NEED;
    this.#head = this.argsRead;
    return HEAD;
  }

  #finish(bytes: Uint8Array, end: number): ReadStatus {
    this.#active = false;
    this.end = end;
    if (this.argc === 0) return EMPTY;
    if (isForeign(this.source(bytes), this.argStart[0] as number, this.argEnd[0] as number)) {
      this.#refused = true;
      return this.#fail("");
    }
    return REQUEST;
  }

  #doubt(bytes: Uint8Array): ReadStatus {
    this.need = bytes.length - this.#from;
    return DOUBT;
  }

  #fail(text: string): ReadStatus {
    this.#active = false;
    this.error = text;
    return ERROR;
  }
}

const INITIAL_ARGS = 16;
/** Room for more arguments than this is given back. */
const KEPT_ARGS = 4096;
const EMPTY_BYTES: Uint8Array = new Uint8Array(0);
const UNFINISHED = -1;
const OVERLONG = -2;

/** `POST` or `Host:`: a browser was made to speak HTTP to us. Redis closes without a word. */
function isForeign(bytes: Uint8Array, from: number, to: number): boolean {
  const length = to - from;
  if (length !== 4 && length !== 5) return false;
  return equalsFolded(bytes, from, to, length === 4 ? POST : HOST);
}

const POST: Uint8Array = latin1("post");
const HOST: Uint8Array = latin1("host:");
