/** Text of one byte a character: what HTTP heads and line protocol are read as where bytes must not be lost. */

/** `bytes[from, to)` as text, one character a byte. */
export function latin1Text(bytes: Uint8Array, from = 0, to: number = bytes.length): string {
  let text = "";
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i] as number);
  return text;
}

/** Text of code points below 256 as bytes, one a character. */
export function latin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
