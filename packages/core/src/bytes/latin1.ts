/** Text and bytes one to one, for protocols in ASCII and for bytes as keys of maps. No text codec is needed. */

/** One byte a character; of characters above U+00FF the low eight bits. */
export function latin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** One character a byte of `bytes[from, to)`. */
export function textOf(bytes: Uint8Array, from = 0, to: number = bytes.length): string {
  let text = "";
  for (let at = from; at < to; at++) text += String.fromCharCode(bytes[at] as number);
  return text;
}
