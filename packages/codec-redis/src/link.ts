/**
 * Frames what a server sends. On a session's own link a frame may answer
 * nothing: messages of subscriptions. In RESP3 these are pushes, but so are
 * the acknowledgements of SUBSCRIBE, which do answer; in RESP2 both are plain
 * arrays. The first element tells them apart, so it is read before the frame
 * is given a meaning:
 *
 * ```
 *   first element            oldest in flight is a subscription    otherwise
 *   message, pmessage, …     push                                  RESP3: push    RESP2: push if nothing is in flight, else reply
 *   subscribe, …             reply                                 push (the session drops it)
 *   anything else            reply                                 reply
 * ```
 */
import type { LinkCodec, LinkContext, ScanEvent, Security, Slot } from "@echarde/core";
import { encodeUtf8 } from "@echarde/core";
import type { Admission } from "./plans/admission.ts";
import { expects } from "./plans/sending.ts";
import { latin1, latin1Text } from "./wire/ascii.ts";
import { isError } from "./wire/reply-reader.ts";
import { ReplyScanner } from "./wire/reply-scanner.ts";
import { error } from "./wire/reply-writer.ts";
import { encodeRequest } from "./wire/request-writer.ts";

/** See the module. */
export class RedisLink implements LinkCodec {
  event: ScanEvent = "need";
  readonly id = 0;
  errors = 0;
  readonly closing: boolean = false;
  readonly #scanner = new ReplyScanner();
  readonly #own: boolean;
  readonly #cluster: string;
  readonly #security: Security;
  readonly #admission: Admission;
  #inFrame = false;
  #push = false;
  #error = false;

  constructor(
    { shared, cluster }: Pick<LinkContext, "shared" | "cluster">,
    security: Security,
    admission: Admission,
  ) {
    this.#admission = admission;
    this.#own = !shared;
    this.#cluster = cluster;
    this.#security = security;
  }

  greeting(): readonly Slot[] {
    const credentials = this.#security.credentials(this.#cluster);
    if (credentials === null) return [];
    const { user, password } = credentials;
    const words = user === "" ? [latin1("AUTH")] : [latin1("AUTH"), encodeUtf8(user)];
    const packet = encodeRequest([...words, password.reveal()]);
    return [{ name: greetingName, rank: 0, identity: true, initial: false, packet, packets: null }];
  }

  scan(bytes: Uint8Array, from: number, expect: number): number {
    if (!this.#inFrame) {
      const first = bytes[from];
      this.#push = false;
      this.#error = first === minus || first === bang;
      if (this.#error && startsWith(bytes, from, noAuth)) this.#admission.refused();
      if (this.#own && (first === greater || first === star)) {
        const kind = kindOf(bytes, from);
        if (kind === null) {
          this.event = "need";
          return from;
        }
        const subscription = expect === expects.subscription;
        if (acknowledgements.has(kind))
          this.#push = !subscription && (first === greater || expect < 0);
        else if (messages.has(kind)) this.#push = first === greater || subscription || expect < 0;
      }
      this.#inFrame = true;
    }
    const end = this.#scanner.scan(bytes, from);
    const met = this.#scanner.event;
    if (met === "garbage" || met === "need") {
      this.event = met;
      return end;
    }
    const whole = met === "reply" || met === "push";
    if (whole) {
      this.#inFrame = false;
      if (this.#error) this.errors += 1;
    }
    if (this.#push || (!this.#own && (met === "push" || met === "push-piece")))
      this.event = whole ? "push" : "push-piece";
    else if (whole) this.event = this.#error && expect === expects.subscription ? "last" : "reply";
    else this.event = "piece";
    return end;
  }

  ended(): boolean {
    return false;
  }

  replayed(slot: Slot, frame: Uint8Array): Uint8Array | null {
    // Its words are not for clients: they are about the router, and some servers repeat what they refuse.
    if (slot.name === greetingName) {
      return isError(frame)
        ? error(`ERR upstream authentication failed (cluster ${this.#cluster})`)
        : null;
    }
    return isError(frame) && !slot.name.startsWith("client-") ? frame : null;
  }

  numberRequest(chunk: Uint8Array): readonly Uint8Array[] {
    return [chunk];
  }

  numberReply(chunk: Uint8Array): readonly Uint8Array[] {
    return [chunk];
  }
}

const greetingName = "credentials";

/** First element of an array or push as text, "" when it is no short bulk, null when too few bytes are there. */
export function kindOf(bytes: Uint8Array, from: number): string | null {
  if (bytes[from + 1] === zero || bytes[from + 1] === minus) return ""; // empty, or null
  const header = bytes.indexOf(lineFeed, from);
  if (header < 0) return bytes.length - from > 24 ? "" : null;
  const length = header + 1;
  if (length >= bytes.length) return null;
  if (bytes[length] !== dollar) return "";
  const line = bytes.indexOf(lineFeed, length);
  if (line < 0) return bytes.length - length > 24 ? "" : null;
  const size = Number(latin1Text(bytes, length + 1, line - 1));
  if (!(size >= 7 && size <= 12)) return "";
  return line + 1 + size > bytes.length ? null : latin1Text(bytes, line + 1, line + 1 + size);
}

/** Kinds of frames that carry a message. */
const messages: ReadonlySet<string> = new Set(["message", "pmessage", "smessage"]);

/** Kinds of frames that acknowledge a change of subscriptions. */
export const acknowledgements: ReadonlySet<string> = new Set([
  "subscribe",
  "unsubscribe",
  "psubscribe",
  "punsubscribe",
  "ssubscribe",
  "sunsubscribe",
]);

function startsWith(bytes: Uint8Array, from: number, word: Uint8Array): boolean {
  return word.every((byte, i) => bytes[from + i] === byte);
}

/** What a server says that wants a password. Seen in one piece or not at all: it is but a hint. */
const noAuth = latin1("-NOAUTH ");
const minus = 45;
const bang = 33;
const greater = 62;
const star = 42;
const dollar = 36;
const zero = 48;
const lineFeed = 10;
