import { formatHex } from "../bytes/hex.ts";
import { decodeUtf8, isUtf8 } from "../bytes/utf8.ts";

/** Bytes for people: a quoted text where they are one, else `hex 00ff`. Long ones are cut. */
export function quote(bytes: Uint8Array): string {
  if (isUtf8(bytes)) {
    const text = decodeUtf8(bytes);
    if (!/\p{Cc}/u.test(text)) {
      return JSON.stringify(text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);
    }
  }
  return `hex ${formatHex(bytes.subarray(0, MAX_SHOWN))}${bytes.length > MAX_SHOWN ? "…" : ""}`;
}

const MAX_SHOWN = 64;
