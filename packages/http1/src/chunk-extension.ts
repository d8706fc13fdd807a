/**
 * Checks the extensions of a chunk, byte by byte (RFC 9112 §7.1.1, without its
 * optional blanks, in which parsers differ):
 *
 * ```
 * extensions = *( ";" name [ "=" ( token / quoted-string ) ] )
 * ```
 */
import { classes, HIGH, TEXT, TOKEN } from "./bytes.ts";

/** See the module. The first ";" is passed before {@link begin}. */
export class ChunkExtension {
  #state: State = "name-first";

  /** A ";" was met. */
  begin(): void {
    this.#state = "name-first";
  }

  /** Whether a CR may come now. */
  get canEnd(): boolean {
    return this.#state === "name" || this.#state === "value" || this.#state === "quoted-end";
  }

  /** Takes a byte that is no CR; false when it cannot stand here. */
  take(byte: number): boolean {
    const mask = classes[byte] as number;
    switch (this.#state) {
      case "quoted":
        if (byte === QUOTE) this.#state = "quoted-end";
        else if (byte === BACKSLASH) this.#state = "escaped";
        return (mask & (TEXT | HIGH)) !== 0;
      case "escaped":
        this.#state = "quoted";
        return (mask & (TEXT | HIGH)) !== 0;
      case "value-first":
        if (byte === QUOTE) {
          this.#state = "quoted";
          return true;
        }
        this.#state = "value";
        return (mask & TOKEN) !== 0;
      case "name-first":
        this.#state = "name";
        return (mask & TOKEN) !== 0;
      default:
        if (byte === SEMICOLON) {
          this.#state = "name-first";
          return true;
        }
        if (this.#state === "name" && byte === EQUALS) {
          this.#state = "value-first";
          return true;
        }
        return this.#state !== "quoted-end" && (mask & TOKEN) !== 0;
    }
  }
}

type State = "name-first" | "name" | "value-first" | "value" | "quoted" | "escaped" | "quoted-end";

const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
