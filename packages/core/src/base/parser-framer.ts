/** Framing with a parser that was not written for it. */

/** A parser that takes a stream in any cut: one of an existing library, say, behind this face. */
export interface IncrementalParser {
  /**
   * Takes the next bytes of the stream.
   *
   * @returns how many messages have become whole with them
   * @throws anything when they are not the protocol
   */
  push(bytes: Uint8Array): number;
}

/**
 * Finds where messages end with a parser that does not say it: the parser gets
 * the stream in pieces that stop wherever a message may end, so that a message
 * which became whole has ended with its piece. Costs a call of the parser for
 * each such place: a scanner of one's own is several times as fast.
 */
export class ParserFramer {
  readonly #parser: IncrementalParser;
  readonly #mark: number;
  /** Bytes of the current message that the parser has. */
  #fed = 0;
  #failed = false;

  /** `mark` = the byte that every message ends with (10 for lines and for RESP). */
  constructor(parser: IncrementalParser, mark: number) {
    this.#parser = parser;
    this.#mark = mark;
  }

  /**
   * Reads on in the message that starts at `bytes[from]`; for more of the same
   * message call again with the same bytes and more, which may have moved.
   *
   * @returns the offset after the message, 0 = it is not whole, -1 = not the protocol, now and from here on
   */
  end(bytes: Uint8Array, from: number): number {
    let at = from + this.#fed;
    while (at < bytes.length && !this.#failed) {
      const mark = bytes.indexOf(this.#mark, at);
      const to = mark < 0 ? bytes.length : mark + 1;
      const whole = this.#push(bytes.subarray(at, to));
      at = to;
      if (whole === 0) continue;
      this.#fed = 0;
      this.#failed ||= whole > 1;
      return this.#failed ? -1 : at;
    }
    this.#fed = at - from;
    return this.#failed ? -1 : 0;
  }

  #push(bytes: Uint8Array): number {
    try {
      return this.#parser.push(bytes);
    } catch {
      this.#failed = true;
      return 0;
    }
  }
}
